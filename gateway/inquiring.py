"""Asks the staff what is no page, keeps what they answer, and lets silence have its consequence."""

from __future__ import annotations

from gateway import texts
from gateway.asking import timer, way
from gateway.files import File, Files
from gateway.perform import Line, perform
from gateway.post import Letter, send
from gateway.visiting import bring, look_around
from router.effects import Answered, Inquire
from router.inquiries import Asked, settled, stale
from store import load, rota
from store.model import Answer, EventKind, Inquiry, InquiryKind, Lane, TimerKind

METHODS = ("sms", "push", "mail")
"""By which a question goes out that names none, the first that there is."""
MOST = 10
"""Numbers of tickets that an answer may have to name."""


def inquire(files: Files, file: File | None, effect: Inquire) -> Inquiry | None:
    """Ask; None, with a line of history, when there is no way to the person."""
    person = files.scene.settings.people.get(effect.person)
    reach = _reach(files, effect)
    ticket = file.ticket if file else None
    if person is None or reach is None:
        return None
    row = Inquiry(
        id=files.work.id(),
        kind=effect.kind,
        person=effect.person,
        ticket_id=ticket.id if ticket else None,
        about=effect.about,
        round=ticket.round if ticket else 0,
        asked_at=files.tx.now,
        until=effect.until,
        method=files.standing.ways.method(reach[0]),
        destination=reach[0],
        more=dict(effect.more),
    )
    files.work.add(row)
    timer(files, TimerKind.INQUIRY, effect.until, ticket, about=str(row.id))
    variables = texts.filled(files, ticket, person.language, effect.variables)
    short = row.method == "sms"
    text = texts.render(effect.template, person.language, variables, short=short)
    letter = Letter(
        destination=reach[0],
        recipient=reach[1],
        text=texts.remarked(text, effect.remark, variables, language=person.language, short=short),
        template=effect.template,
        variables={**variables, "inquiry": str(row.id)},
        language=person.language,
        lane=Lane.NOTICE,
        kind=EventKind.INQUIRED,
        to=effect.person,
        ticket=ticket,
        subject=texts.subject(ticket, person.language),
    )
    send(files, letter)
    return row


def _reach(files: Files, effect: Inquire) -> tuple[str, str] | None:
    for method in (effect.by,) if effect.by else METHODS:
        reach = way(files, effect.person, method)
        if reach is not None and effect.destination in ("", reach[0]):
            return reach
    if not effect.destination:
        return None
    others = [name for name in files.standing.ways.can if name != effect.destination]
    return way(files, effect.person, effect.by, but=others)


def asked_of(files: Files, people: frozenset[str]) -> list[Asked]:
    """Return the open questions to these people, with their tickets."""
    rows = files.work.load(Inquiry, rota.open_inquiries(files.tx.connection, people))
    return [_asked(files, row) for row in rows if not row.answer]


def _asked(files: Files, row: Inquiry) -> Asked:
    found = files.load([row.ticket_id]) if row.ticket_id is not None else []
    if row.kind == InquiryKind.VISIT:
        bring(files, found)
        look_around(files)
    kept = load.numbers_of(files.tx.connection, row.more["before"], MOST) if row.kind == InquiryKind.HANDOVER else ()
    return Asked(inquiry=row, case=found[0].case() if found else None, kept=tuple(kept))


def answered(files: Files, effect: Answered) -> None:
    """Keep an answer; the first one counts."""
    for row in files.work.load(Inquiry, rota.inquiries_by_ids(files.tx.connection, [effect.inquiry])):
        if not row.answer:
            files.work.change(row, answer=effect.answer, answered_at=files.tx.now)


def silence(files: Files, inquiry_id: int) -> None:
    """Let a question that nobody answered have its consequence; one that no longer matters has none."""
    for row in files.work.load(Inquiry, rota.inquiries_by_ids(files.tx.connection, [inquiry_id])):
        asked = _asked(files, row)
        if row.answer:
            return
        if stale(asked):
            files.work.change(row, answer=Answer.VOID, answered_at=files.tx.now)
            return
        follow(files, asked, Answer.LAPSED)


def follow(files: Files, asked: Asked, answer: Answer, line: Line | None = None) -> None:
    """Carry out what an answer causes."""
    file = files.by_id.get(asked.inquiry.ticket_id or 0)
    perform(files, file, settled(asked, answer, files.scene), line)
