"""Performs what a decision asked for, on one ticket, within the transaction that decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gateway import clocks, texts, touching, wording
from gateway.asking import bundle_at, climb, timer, way
from gateway.correcting import keep
from gateway.customer_texts import tell_customer
from gateway.files import File, Files
from gateway.post import Letter, remember, send
from router.effects import (
    Announce,
    Answered,
    Change,
    Climb,
    CloseLater,
    Correct,
    Effect,
    EndPresence,
    EndSuggestion,
    EndTimers,
    Excuse,
    Halt,
    Inquire,
    List,
    MoveClock,
    Note,
    PauseClock,
    PutPresence,
    PutShifts,
    ResumeClock,
    SendOnSite,
    SetShift,
    SetVisit,
    StartClock,
    StopClock,
    Tell,
    TellCustomer,
    TellOthers,
    Wait,
)
from store import matters, outbox, tickets, timers
from store.model import Event, EventKind, Lane, Listing, Page, PageState, Ticket, TimerKind
from store.queue import cancel


@dataclass(kw_only=True, slots=True)
class Line:
    """The way by which somebody spoke, so that an answer goes back the same way."""

    destination: str
    address: str
    language: str = "zh"
    subject: str | None = None
    refs: tuple[str, ...] = ()
    group: str | None = None
    spoken: list[str] = field(default_factory=list)
    """What to say in a live call instead of a text of its own."""
    more: bool = False
    """The call goes on: the caller may press again."""


def perform(files: Files, file: File | None, effects: Iterable[Effect], line: Line | None = None) -> None:
    """Carry out effects in their order; `file` is None for what concerns no ticket."""
    unsent = False
    for effect in effects:
        match effect:
            case Change():
                _change(files, file, effect)
            case Note():
                _note(files, file, effect)
            case Tell():
                tell(files, file, corrected(effect) if unsent else effect, line)
            case List():
                files.work.add(
                    Listing(id=files.work.id(), person=effect.person, at=files.tx.now, numbers=list(effect.numbers))
                )
            case TellCustomer() if file is not None:
                touching.touched(files, file, effect)
                unsent = not tell_customer(files, file, effect)
            case TellOthers() | Inquire() | Answered() | SetShift() | PutShifts() | PutPresence() | EndPresence():
                on_call(files, file, effect)
            case SendOnSite() | SetVisit() | Announce() if file is not None:
                _visit(files, file, effect)
            case _ if file is not None:
                _on_ticket(files, file, effect)


def _visit(files: Files, file: File, effect: SendOnSite | SetVisit | Announce) -> None:
    from gateway.visiting import perform_visit  # noqa: PLC0415 - it performs in turn what an answer causes

    perform_visit(files, file, effect)


def corrected(effect: Tell) -> Tell:
    """Say that words did not go to the customer, where it would have been said that they did."""
    return replace(effect, template="reply_failed") if effect.template == "reply_sent" else effect


OnCall = TellOthers | Inquire | Answered | SetShift | PutShifts | PutPresence | EndPresence


def on_call(files: Files, file: File | None, effect: OnCall) -> None:
    """Perform what concerns the staff themselves."""
    from gateway import inquiring, presence  # noqa: PLC0415 - these perform in turn what an answer causes

    match effect:
        case TellOthers():
            tell_others(files, effect)
        case Inquire():
            inquiring.inquire(files, file, effect)
        case Answered():
            inquiring.answered(files, effect)
        case SetShift():
            presence.set_shift(files, effect)
        case PutShifts():
            presence.put_shifts(files, effect)
        case PutPresence():
            presence.put(files, effect)
        case EndPresence():
            presence.end(files, effect)


def _on_ticket(files: Files, file: File, effect: Effect) -> None:
    match effect:
        case StartClock() | StopClock() | MoveClock() | PauseClock() | ResumeClock():
            clocks.turn(files, file, effect)
        case Wait():
            clocks.wait(files, file, effect)
        case Climb():
            climb(files, file, effect)
        case Halt():
            halt(files, file, effect)
        case Excuse():
            excuse(files, file, effect)
        case Correct():
            keep(files, file, effect)
            # What a person says of it is proposed against no more and touched by no second opinion.
            files.work.change(file.ticket, level_by=effect.by, proposed=None)
        case CloseLater():
            timer(files, TimerKind.CLOSE, effect.at, file.ticket)
        case EndTimers():
            files.work.flush()
            timers.drop(files.tx, [file.ticket.id])
        case EndSuggestion():
            files.work.flush()
            matters.end_suggestion(files.tx, (file.ticket.id, effect.other), effect.state, effect.by)


def _change(files: Files, file: File | None, effect: Change) -> None:
    if file is not None:
        before = file.ticket.state
        files.work.change(file.ticket, version=file.ticket.version + 1, **effect.values)
        touching.watched(files, file, effect, before=before)


def _note(files: Files, file: File | None, effect: Note) -> None:
    if file is not None and effect.kind == EventKind.UNDONE:
        file.undone = True
    if file is not None:
        touching.touched(files, file, effect)
    files.work.add(
        Event(
            id=files.work.id(),
            at=files.tx.now,
            kind=effect.kind,
            ticket_id=file.ticket.id if file else None,
            message_id=files.hearing,
            actor=effect.actor,
            text=effect.text,
            more=dict(effect.more),
        )
    )


def tell(files: Files, file: File | None, effect: Tell, line: Line | None) -> None:
    """Say something to one of the staff; an answer goes back the way they spoke, other words by text or mail."""
    person = files.scene.settings.people.get(effect.person)
    if person is None:
        return
    ticket = file.ticket if file else None
    if effect.answer and line and speaks(files, line):
        _speak(files, ticket, effect, line, person.language)
        return
    called = files.standing.ways.can.get(line.destination) if line else None
    reach = (line.destination, line.address) if effect.answer and line and not (called and called.speaks) else None
    for method in ("sms", "push", "mail"):
        reach = reach or way(files, effect.person, method)
    if reach is None:
        return
    short = files.standing.ways.method(reach[0]) == "sms"
    variables = texts.filled(files, ticket, person.language, effect.variables)
    send(
        files,
        Letter(
            destination=reach[0],
            recipient=reach[1],
            text=texts.render(effect.template, person.language, variables, short=short),
            template=effect.template,
            variables=variables,
            language=person.language,
            lane=Lane.REPLY if effect.answer else Lane.NOTICE,
            kind=EventKind.REPLY,
            to=effect.person,
            ticket=ticket,
            subject=line.subject if line and effect.answer else texts.subject(ticket, person.language),
            refs=line.refs if line and effect.answer else (),
            group=line.group if line and effect.answer else None,
        ),
    )


def speaks(files: Files, line: Line) -> bool:
    """Tell whether somebody is on the line who hears the answer at once."""
    can = files.standing.ways.can.get(line.destination)
    return bool(can and can.speaks and can.live)


SPOKEN = {
    "taken": "voice_taken",
    "taken_all": "voice_taken_all",
    "already_settled": "voice_settled",
    "not_snoozed": "voice_not_snoozed",
    "escalated": "voice_escalated",
    "snoozed": "voice_snoozed",
    "too_late": "voice_too_late",
    "not_understood": "voice_not_understood",
    "help": "voice_not_understood",
}
GO_ON = ("which_one", "not_understood", "help", "listing", "nothing_open", "not_snoozed")


def _speak(files: Files, ticket: Ticket | None, effect: Tell, line: Line, language: str) -> None:
    variables = texts.filled(files, ticket, language, effect.variables)
    if ticket:
        variables["number"] = wording.spelled(ticket.number, language)
    text = wording.say(SPOKEN.get(effect.template, effect.template), language, **variables)
    line.spoken.append(text)
    line.more = line.more or effect.template in GO_ON
    remember(
        files,
        Letter(
            destination=line.destination,
            recipient=line.address,
            text=text,
            template=effect.template,
            language=language,
            lane=Lane.REPLY,
            kind=EventKind.REPLY,
            to=effect.person,
            ticket=ticket,
        ),
        None,
    )


def halt(files: Files, file: File, effect: Halt) -> None:
    """End the pages of the round, cancel what was not sent, and tell the others who has it."""
    open_pages = [
        p for p in file.pages if p.round == file.ticket.round and p.state in (PageState.OPEN, PageState.SNOOZED)
    ]
    asked = [page for page in open_pages if page.state == PageState.OPEN]
    for page in open_pages:
        state = effect.state if page.person == effect.by else PageState.CANCELLED
        files.work.change(page, state=state, ended_at=files.tx.now, ended_by=effect.by)
    unsend(files, open_pages)
    rewrite(files, file, effect)
    if effect.inform:
        _inform(files, file, effect, asked)


def rewrite(files: Files, file: File, effect: Halt) -> None:
    """Change every copy of a page that can still be changed, so that no button asks for what is settled."""
    editing = [name for name, can in files.standing.ways.can.items() if can.edits]
    pages = [page.id for page in file.pages if page.round == file.ticket.round]
    if not editing or not pages:
        return
    template = "page_done" if effect.by and effect.state == PageState.ACKED else "page_gone"
    for sent in outbox.of_pages(files.tx.connection, pages, editing):
        given = {"who": effect.by, "at": files.tx.now.isoformat()}
        variables = texts.filled(files, file.ticket, sent.language, given)
        letter = Letter(
            destination=sent.channel,
            recipient=sent.recipient,
            text=texts.render(template, sent.language, variables, short=False),
            template=template,
            variables=variables,
            language=sent.language,
            lane=Lane.REPLY,
            kind=EventKind.NOTED,
            to=next((p.person for p in file.pages if p.id == sent.page_id), ""),
            ticket=file.ticket,
            replaces=sent.provider_id,
        )
        send(files, letter)


def excuse(files: Files, file: File, effect: Excuse) -> None:
    """End one person's page; the others are asked on."""
    page = file.case().open_page(effect.person)
    if page is None:
        return
    files.work.change(page, state=effect.state, ended_at=files.tx.now, ended_by=effect.person)
    unsend(files, [page])


def unsend(files: Files, pages: Sequence[Page]) -> None:
    """Cancel what was not sent of these pages; a bundle that was cancelled with them is planned again."""
    if not pages:
        return
    files.work.flush()
    gone = cancel(files.tx, page_ids=[page.id for page in pages])
    for person in tickets.bundled(files.tx.connection, gone, [page.id for page in pages]) if gone else ():
        bundle_at(files, person, files.tx.now)


def _inform(files: Files, file: File, effect: Halt, pages: Sequence[Page]) -> None:
    reached = tickets.reached(files.tx.connection, [page.id for page in pages])
    for page in pages:
        if page.person != effect.by and page.id in reached:
            tell(files, file, Tell(person=page.person, template=effect.inform or "", variables=effect.variables), None)


def tell_others(files: Files, effect: TellOthers) -> None:
    """Tell each of the others once about all the tickets whose pages just ended."""
    ended: dict[str, list[int]] = {}
    for file in files.load_numbers(effect.numbers):
        pages = [p for p in file.pages if p.ended_at == files.tx.now and p.ended_by == effect.by]
        others = [page for page in pages if page.person != effect.by and page.state == PageState.CANCELLED]
        reached = tickets.reached(files.tx.connection, [page.id for page in others])
        for page in others:
            if page.id in reached:
                ended.setdefault(page.person, []).append(file.ticket.number)
    for person, numbers in ended.items():
        variables = {**effect.variables, "number": " ".join(str(number) for number in numbers)}
        tell(files, None, Tell(person=person, template=effect.template, variables=variables), None)
