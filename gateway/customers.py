"""Hears a customer: judges the words, finds the matter they belong to, and opens, joins, reopens or ignores."""

from __future__ import annotations

from gateway import opinions, texts
from gateway.bouncing import came_back
from gateway.customer_texts import Recipient, say_in_group, write_customer
from gateway.files import File, Files
from gateway.gather import Known, address, mentioned, pointed
from gateway.judged import Judged
from gateway.perform import perform
from gateway.reading import Reading
from gateway.relations import follow, suggest_like
from gateway.visiting import remind
from router import matter
from router.about import numbered
from router.alerts import titled
from router.commands import Command
from router.commands import read as order
from router.effects import TellCustomer
from router.extract import TITLE, shortened, tells_of_defect
from router.goes_on import SURE, corrects, reports, vague
from router.judge import Verdict
from router.likeness import chases
from router.mentions import rating
from router.opening import joined, opened, rated, reopened, worse
from router.similar import is_still_broken
from router.visits import VisitAsked, visit_in
from store import people
from store.model import OPEN_STATES, Address, Contact, Customer, Event, EventKind, Kind, Message, Ticket, Visit
from store.windows import of_page

SHOWN = 500
"""Characters of a message that a line of history repeats."""


def settle(files: Files, known: Known, message: Message, reading: Reading, placement: matter.Placement) -> Judged:
    """Write what follows from where the message belongs."""
    match placement:
        case matter.Ignore():
            ticket_id = ignore(files, known, message, placement)
        case matter.Join():
            ticket_id = join(files, known, message, reading, placement)
        case matter.Open():
            ticket_id = open_new(files, known, message, reading, placement)
    files.work.change(message, contact_id=known.contacts.get(address(files, message)))
    if not isinstance(placement, matter.Open) and (message.variables or {}).get("named"):
        answer_named(files, known, message, ticket_id)
    mark(files, message, reading.verdict, ticket_id, placement.why)
    if ticket_id is not None and message.contact_id is not None:
        known.spoke(message.contact_id, files.by_id[ticket_id].ticket, message.key)
    return Judged(message_id=message.id)


def placed(files: Files, known: Known, message: Message, reading: Reading) -> matter.Placement:
    """Decide whose the message is; an order that nobody proved to be from the staff is neither obeyed nor a matter."""
    if message.id in known.unproved and isinstance(order(message.text), Command):
        return matter.Ignore(why="an order by mail counts only as an answer to a text of ours")
    contact_id = known.contacts.get(address(files, message))
    placement = matter.place(
        said(message, reading, contact_id, files),
        candidates(files, known, message, reading, contact_id),
        matter.Limits(reopen_within=files.scene.settings.reopen_within, burst=files.scene.settings.burst),
        rating=rating(message.text),
    )
    if isinstance(placement, matter.Open) and small_talk(message, reading):
        return matter.Ignore(why="talk in a group that names neither a fault, a site nor us")
    return placement


def small_talk(message: Message, reading: Reading) -> bool:
    """Tell whether people talk among themselves: whoever writes to us alone is looked at, a group would never rest.

    What names a site, a device by its number, or a defect is for us; so is what the judge is sure of.
    """
    if not message.group or (message.variables or {}).get("named") or reading.about.site:
        return False
    if Kind(reading.verdict.kind) is not Kind.FAULT or reading.verdict.level != 3:
        return False
    return not (numbered(message.text) or tells_of_defect(message.text))


def said(message: Message, reading: Reading, contact_id: int | None, files: Files) -> matter.Said:
    """Return the message as the placing sees it."""
    return matter.Said(
        text=message.text,
        subject=message.subject,
        kind=reading.verdict.kind,
        level=reading.verdict.level,
        site=reading.about.site or "",
        contact_id=contact_id,
        at=files.tx.now,
        group=message.group,
        automatic=message.automatic,
        alert=reading.alert,
        sure=reading.verdict.confidence,
    )


def candidates(files: Files, known: Known, message: Message, reading: Reading, contact_id: int | None) -> matter.Known:
    """Return the tickets that the message might belong to."""
    numbered = [files.alive(files.by_number[n]).ticket for n in mentioned(message) if n in files.by_number]
    pointers = [p.ticket_id for p in pointed(known, message) if p.ticket_id in files.by_id]
    referred = [files.alive(files.by_id[ticket_id]).ticket for ticket_id in pointers]
    own = known.own[contact_id] if contact_id is not None else []
    alone = of_page(message.key)  # all upgrades go wrong in the same words, and each of them is a matter
    return matter.Known(
        numbered=tuple(numbered),
        referred=tuple(referred),
        own=tuple(own),
        group=tuple(known.groups[files.standing.ways.answering(message.channel), message.group or ""]),
        nearby=() if alone else tuple(known.near[reading.about.site or ""]),
        central=() if alone else tuple(known.central),
    )


def mark(files: Files, message: Message, verdict: Verdict, ticket_id: int | None, why: str) -> None:
    """Keep on the message what was decided and why."""
    files.work.change(
        message,
        ticket_id=ticket_id,
        verdict={
            "kind": verdict.kind,
            "level": verdict.level,
            "confidence": round(verdict.confidence, 3),
            "reasons": list(verdict.reasons),
            "doubt": verdict.doubt,
            "placed": why,
        },
    )
    if ticket_id is not None:
        files.heard(ticket_id, message.key)


def ignore(files: Files, known: Known, message: Message, placement: matter.Ignore) -> int | None:
    """Write down that a message opens nothing; a bounce marks the text that bounced."""
    found = pointed(known, message)
    ticket_id = found[0].ticket_id if found and message.automatic else None
    if message.automatic == "bounce":
        came_back(files, message)
    event = Event(
        id=files.work.id(),
        at=files.tx.now,
        kind=EventKind.IGNORED,
        ticket_id=ticket_id,
        message_id=message.id,
        actor="customer",
        text=placement.why,
    )
    files.work.add(event)
    return ticket_id


def join(files: Files, known: Known, message: Message, reading: Reading, placement: matter.Join) -> int:
    """Put a message to the matter it belongs to."""
    file = files.by_id[placement.ticket.id]
    text = message.text[:SHOWN]
    if placement.rating is not None:
        perform(files, file, rated(file.case(), files.scene, placement.rating))
    elif placement.reopen:
        perform(files, file, reopened(file.case(), files.scene, text=text))
        follow(files, file)
    else:
        level = reading.verdict.level if Kind(reading.verdict.kind) is Kind.FAULT and not placement.fixed else None
        human = message.automatic is None and reading.alert is None
        effects = joined(file.case(), files.scene, text=text, level=level, fixed=placement.fixed, human=human)
        if level is not None and file.case().waiting and worse(file.ticket, level):
            retitle(files, file.ticket, message, reading)
        perform(files, file, effects)
    if vague(file.ticket) and not placement.fixed and placement.rating is None:
        retitle(files, file.ticket, message, reading)
    elif corrects(message.text):
        correct(files, file.ticket, message, reading)
    if Kind(reading.verdict.kind) is Kind.SITE_VISIT and visit_of(files, message).says_when_or_whom:
        ask_visit(files, file.ticket, message)  # what is like an earlier request may still ask for another day
    if message.automatic is None or placement.outage:
        contact_of(files, known, message)
    if placement.outage and not (message.variables or {}).get("named"):
        welcome(files, file, message)  # who named the bot is answered with where the matter stands, number and all
    return file.ticket.id


def retitle(files: Files, ticket: Ticket, message: Message, reading: Reading) -> None:
    """Let later words that make a matter worse say what it is about."""
    files.work.change(
        ticket,
        title=title(message, reading),
        site=ticket.site or reading.about.site or "",
        symptom=f"{ticket.symptom} {symptom(message, reading, None)}"[:1000],
    )


def correct(files: Files, ticket: Ticket, message: Message, reading: Reading) -> None:
    """Let a word taken back count: the matter is known by the place that was meant as well."""
    symptom = f"{ticket.symptom} {message.text}"[:1000]
    files.work.change(ticket, site=reading.about.site or ticket.site, symptom=symptom)


def answer_named(files: Files, known: Known, message: Message, ticket_id: int | None) -> None:
    """Answer somebody who spoke to the bot in a group: where the matter stands, or what to write."""
    own = [t for t in known.own.get(message.contact_id or 0, ()) if t.state in OPEN_STATES]
    files.load([ticket_id] if ticket_id is not None else [])
    ticket = files.by_id[ticket_id].ticket if ticket_id is not None else next(iter(own), None)
    to = Recipient(
        destination=message.channel,
        address=message.sender,
        language=texts.language_of(message.text),
        group=message.group,
        refs=(message.key,),
    )
    if message.automatic is None:
        say_in_group(files, ticket, to)


def welcome(files: Files, file: File, message: Message) -> None:
    """Tell somebody whose report is known already the number of that matter."""
    destination = files.standing.ways.answering(message.channel)
    address_ = message.recipient or message.sender
    if message.automatic or (destination, address_) == (file.ticket.channel, file.ticket.reply_to):
        return
    if message.group and (message.channel, message.group) == (file.ticket.channel, file.ticket.group):
        return  # the group has read the number already
    to = Recipient(
        destination=destination,
        address=address_,
        language=texts.language_of(message.text),
        group=message.group,
        refs=(message.key,),
    )
    write_customer(files, file, TellCustomer(template="customer_joined"), to)


def open_new(files: Files, known: Known, message: Message, reading: Reading, placement: matter.Open) -> int:
    """Open a ticket for a message."""
    contact_id = contact_of(files, known, message)
    ticket = new_ticket(files, message, reading, placement)
    ticket.contact_id = contact_id
    ticket.customer_id = known.customers.get(contact_id)
    files.work.add(ticket)
    file: File = files.new(ticket, fresh=True)
    files.heard(ticket.id, message.key)
    if ticket.kind == Kind.SITE_VISIT:
        ask_visit(files, ticket, message)
    perform(files, file, opened(ticket, files.scene, answerable=message.automatic is None))
    suggest_like(files, known, file, said(message, reading, contact_id, files))
    if not (message.automatic or reading.alert):  # a machine says itself how bad it is
        opinions.wanted(files, ticket)
    known.opened(ticket)
    return ticket.id


def visit_of(files: Files, message: Message) -> VisitAsked:
    """Read what a request for a visit asks for; its "tomorrow" counts from when it was said."""
    settings = files.scene.settings
    said_at = message.said_at or message.at
    return visit_in(message.subject, message.text, at=said_at, zone=settings.zone, sites=tuple(settings.sites))


def ask_visit(files: Files, ticket: Ticket, message: Message) -> None:
    """Keep with its ticket what a request for a visit asks for."""
    asked = visit_of(files, message)
    visit = Visit(
        id=files.work.id(),
        ticket_id=ticket.id,
        place=asked.place or ticket.site,
        wanted=asked.wanted,
        wanted_at=asked.wanted_at,
        contact=asked.contact,
        phone=asked.phone,
        bring=asked.bring,
        created_at=files.tx.now,
    )
    files.work.add(visit)
    remind(files, visit, ticket)


def contact_of(files: Files, known: Known, message: Message) -> int:
    """Return the contact behind a message; an address never seen becomes one."""
    book, value = address(files, message)
    found = known.contacts.get((book, value))
    if found is not None:
        of_customer(files, known, message, found)
        return found
    contact = Contact(
        id=files.work.id(),
        name=message.sender_name,
        language=texts.language_of(message.text),
        created_at=files.tx.now,
    )
    files.work.add(contact)
    files.work.add(Address(id=files.work.id(), contact_id=contact.id, book=book, value=value))
    known.contacts[book, value] = contact.id
    of_customer(files, known, message, contact.id)
    files.automatic.setdefault(message.recipient or message.sender, 0)  # nobody wrote to somebody unknown
    return contact.id


def of_customer(files: Files, known: Known, message: Message, contact_id: int) -> None:
    """Note whose person this is, where the way by which the message came proves it and nobody said so before."""
    name = (message.variables or {}).get("customer", "")
    if not name or known.customers.get(contact_id):
        return
    files.work.flush()
    customer_id = people.customer_named(files.tx.connection, name)
    if customer_id is None:
        customer_id = files.work.add(Customer(id=files.work.id(), name=name)).id
        files.work.flush()
    people.belongs(files.tx.connection, contact_id, customer_id)
    known.customers[contact_id] = customer_id
    files.know([customer_id])


def new_ticket(files: Files, message: Message, reading: Reading, placement: matter.Open) -> Ticket:
    """Fill a ticket from the message that opens it."""
    verdict, found = reading.verdict, reading.about
    kind, level = worth(message, verdict, placement)
    before = placement.linked if placement.back and chases(message.text) else None
    return Ticket(
        id=files.work.id(),
        number=files.numbers.next(),
        kind=kind,
        level=level,
        doubt=verdict.doubt,
        confidence=verdict.confidence,
        reasons=[*verdict.reasons, placement.why],
        title=before.title if before else title(message, reading),
        site=found.site or (before.site if before else ""),
        symptom=symptom(message, reading, before),
        channel=files.standing.ways.answering(message.channel),
        # A machine is never answered: nobody reads it, and two machines that answer each other never stop.
        reply_to="" if message.automatic else message.recipient or message.sender,
        group=message.group,
        language=texts.language_of(f"{message.subject or ''}{message.text}"),
        opened_at=files.tx.now,
        heard_at=files.tx.now,
        linked_id=placement.linked.id if placement.linked else None,
    )


def worth(message: Message, verdict: Verdict, placement: matter.Open) -> tuple[Kind, int | None]:
    """Return kind and level of a new ticket; words that only make sense about an earlier matter are worth what it was.

    "Still broken" about nothing that we know is a fault of level 3: a person looks at it.
    """
    kind = Kind(verdict.kind)
    before = placement.linked if placement.back else None
    if before is not None and (kind is not Kind.FAULT or chases(message.text)):
        levels = [level for level in (before.level, verdict.level) if level]
        return Kind(before.kind), min(levels, default=None)
    if kind in (Kind.FOLLOWUP, Kind.CHAT):
        return unattached(message, verdict)
    return kind, verdict.level


def unattached(message: Message, verdict: Verdict) -> tuple[Kind, int | None]:
    """Return kind and level of what was held for a follow-up or chatter and belongs to nothing known."""
    kind, level = verdict.alone or (Kind.CONSULTATION, None)
    broken = is_still_broken(message.text) or reports(message.text)
    if Kind(kind) is Kind.FAULT and (broken or verdict.confidence < SURE):
        return Kind.FAULT, level
    return (Kind.FAULT, 3) if broken else (Kind.CONSULTATION, None)


def title(message: Message, reading: Reading) -> str:
    """Return the words by which people recognise a ticket; an alert has its own."""
    alert = reading.alert
    own = shortened(titled(message.subject, message.text, alert), TITLE) if alert else ""
    return own or reading.about.title


def symptom(message: Message, reading: Reading, before: Ticket | None) -> str:
    """Return the text by which a second report is recognised; an alert keeps its host and check."""
    if reading.alert:
        return reading.alert.key[:1000]
    own = f"{matter.bare_subject(message.subject)} {message.text}".strip()
    return (f"{before.symptom} {own}" if before else own)[:1000]
