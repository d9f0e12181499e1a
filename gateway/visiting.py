"""Visits within a transaction: brings them in, sends people, announces them, ends them, reminds of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace

from gateway import texts
from gateway.asking import timer, way
from gateway.customer_texts import tell_customer
from gateway.files import File, Files
from gateway.perform import perform, tell
from gateway.post import Letter, send
from gateway.signing import Going, Seals, key_of
from router.case import Outing
from router.effects import Announce, Inquire, SendOnSite, SetVisit, Tell, TellCustomer
from router.visiting import declined, digest, overdue
from store import showing, visits
from store.model import Answer, EventKind, InquiryKind, Lane, Ticket, Timer, TimerKind, Visit, VisitState

CODE_TEMPLATE = "customer_visit_code"
LINKED = ("push", "mail")
"""By which a link may go; texts to phones carry none."""
UNREACHED = "unreached:"
OVER = (VisitState.DONE, VisitState.SECOND_LINE, VisitState.CALLED_OFF)


def bring(files: Files, some: Iterable[File] | None = None) -> None:
    """Bring in the visits of tickets in hand, once for each ticket."""
    missing = [file for file in (some or list(files.by_id.values())) if not file.visited]
    if not missing:
        return
    files.work.flush()
    by_id = {file.ticket.id: file for file in missing}
    for file in missing:
        file.visited = True
    pairs = visits.of_tickets(files.tx.connection, by_id)
    loaded = files.work.load(Visit, [row for _, row in pairs])
    for (ticket_id, _), visit in zip(pairs, loaded, strict=True):
        by_id[ticket_id].visits.append(visit)


def look_around(files: Files) -> None:
    """Gather who is out, for whoever is to send somebody."""
    files.work.flush()
    people = files.scene.settings.people
    out = tuple(Outing(person=p, number=n) for p, n in visits.out(files.tx.connection, tuple(people)))
    files.scene = replace(files.scene, out=out)


def perform_visit(files: Files, file: File, effect: SendOnSite | SetVisit | Announce) -> None:
    """Carry out what concerns a visit."""
    match effect:
        case SendOnSite():
            send_on_site(files, file, effect)
        case SetVisit():
            set_visit(files, file, effect)
        case Announce():
            announce(files, file, effect)


def send_on_site(files: Files, file: File, effect: SendOnSite) -> None:
    """Write the visit, and ask the engineer or announce them."""
    from gateway.inquiring import inquire  # noqa: PLC0415 - it performs in turn what an answer causes

    bring(files, [file])
    now, going = files.tx.now, effect.state in (VisitState.ACCEPTED, VisitState.ON_THE_WAY)
    values = {
        "state": effect.state,
        "engineer": effect.engineer,
        "by": effect.by,
        "sent_at": now,
        "accepted_at": now if going else None,
        "left_at": now if effect.state == VisitState.ON_THE_WAY else None,
    }
    visit = next((one for one in file.visits if one.id == effect.visit), None)
    if visit is None:
        visit = Visit(id=files.work.id(), ticket_id=file.ticket.id, created_at=now)
        file.visits.append(files.work.add(visit))
        files.work.change(visit, **effect.details)
    files.work.change(visit, **values)
    if effect.until is None:
        announce(files, file, Announce(visit=visit.id, person=effect.engineer))
        return
    given = {
        "contact": visit.contact or _customer(files, file.ticket, effect.engineer),
        "who": effect.by,
        "at": effect.until.isoformat(),
    }
    if visit.place:
        given["site"] = visit.place
    ask = Inquire(
        kind=InquiryKind.VISIT,
        person=effect.engineer,
        template="visit_ask",
        until=effect.until,
        variables=given,
        about=visit.id,
    )
    if inquire(files, file, ask) is None:
        # Nobody can answer for somebody whom no text reaches; whoever sent them hears it as a silence, at once.
        timer(files, TimerKind.VISIT, now, file.ticket, about=f"{UNREACHED}{visit.id}")


def _customer(files: Files, ticket: Ticket, person: str) -> str:
    """Name whom to ask for on site, where the customer did not say."""
    chinese = files.scene.settings.people[person].language == "zh"
    named = showing.contact_name(files.tx.connection, ticket.contact_id)
    return named or ("客户" if chinese else "the customer")


def set_visit(files: Files, file: File, effect: SetVisit) -> None:
    """Change a visit; once it is over its code need not be known to anybody."""
    bring(files, [file])
    visit = next((one for one in file.visits if one.id == effect.visit), None)
    if visit is None:
        return
    files.work.change(visit, **effect.values)
    if visit.code_digest and (visit.proof or visit.state in OVER):
        files.work.flush()
        visits.forget_code(files.tx, [file.ticket.id], CODE_TEMPLATE, since=visit.created_at)


def announce(files: Files, file: File, effect: Announce) -> None:
    """Tell the customer who comes, with a code where only the customer reads it; give the engineer the page."""
    visit = next((one for one in file.visits if one.id == effect.visit), None)
    if visit is None:
        return
    code = str(1000 + secrets.randbelow(9000))
    given = {"who": effect.person, "code": code}
    if file.ticket.group is None and tell_customer(files, file, TellCustomer(template=CODE_TEMPLATE, variables=given)):
        files.work.change(visit, code_digest=digest(visit.id, code))
    key = key_of(files.standing.config)
    if key is not None:
        _let_in(files, file, visit, Seals(key))


def _let_in(files: Files, file: File, visit: Visit, seals: Seals) -> None:
    """Give the engineer the address of their page, by an app or a mail; without either the digits for a site's code."""
    ticket, person = file.ticket, visit.engineer or ""
    reach = next((found for method in LINKED if (found := way(files, person, method))), None)
    if reach is None:
        if files.scene.settings.dispatch.site_codes:
            given = {"code": seals.digits(visit.id)}
            tell(files, file, Tell(person=person, template="visit_digits", variables=given), None)
        return
    language = files.scene.settings.people[person].language
    signed = seals.page(Going(person=person, number=ticket.number), files.tx.now)
    link = f"{files.standing.config.gateway.public_url}/e/{signed}"
    variables = texts.filled(files, ticket, language, {"link": link})
    letter = Letter(
        destination=reach[0],
        recipient=reach[1],
        text=texts.render("visit_page", language, variables, short=False),
        template="visit_page",
        variables=variables,
        language=language,
        lane=Lane.NOTICE,
        kind=EventKind.REPLY,
        to=person,
        ticket=ticket,
        subject=texts.subject(ticket, language),
    )
    send(files, letter)


def remind(files: Files, visit: Visit, ticket: Ticket) -> None:
    """Plan to bring a wish to mind: the configured time before it, or half-way where that is over."""
    wanted, now = visit.wanted_at, files.tx.now
    if wanted is None or wanted <= now:
        return
    before = wanted - files.scene.settings.dispatch.remind_before
    at = before if before > now else now + (wanted - now) / 2
    timer(files, TimerKind.VISIT, at, ticket, about=str(visit.id))


def came_due(files: Files, file: File, due: Timer) -> None:
    """Remind of a wish whose time is near; take somebody whom no text reaches for one who cannot go."""
    file = files.alive(file)
    bring(files, [file])
    unreached = due.about.startswith(UNREACHED)
    ident = int(due.about.removeprefix(UNREACHED))
    visit = next((one for one in file.visits if one.id == ident), None)
    if not unreached:
        perform(files, file, overdue(file.case(), ident, files.scene))
    elif visit is not None and visit.state == VisitState.SENT:
        look_around(files)
        perform(files, file, declined(file.case(), visit, Answer.LAPSED, files.scene))
