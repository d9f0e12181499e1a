"""Gathers, for a batch of messages at once, everything that judging them may look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.files import Files
from router.likeness import is_central
from router.mentions import ticket_numbers
from router.policies import Client
from store import matters, people, tickets
from store.model import Message, Question, Ticket
from store.windows import of_page

SPOKE = timedelta(days=30)
"""How long somebody who spoke on the matter of another is remembered as a party to it."""

UNSITED = 20
"""Matters without a recognised site that a report is compared with; only the newest can be the same outage."""
ONE_MATTER = timedelta(hours=72)
"""How far back a report is compared with those of others (reference: libraries, 6.4)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """What one of our or their messages was about."""

    ticket_id: int
    numbers: tuple[int, ...] = ()
    """The tickets that a bundle named."""


@dataclass(slots=True)
class Known:
    """What is known around a batch; it grows while the batch opens tickets."""

    staff: dict[int, str] = field(default_factory=dict)
    """Message id to staff key."""
    unproved: set[int] = field(default_factory=set)
    """Messages that claim to come from one of the staff on a channel where anybody can claim that."""
    contacts: dict[tuple[str, str], int] = field(default_factory=dict)
    customers: dict[int, int] = field(default_factory=dict)
    people: dict[int, people.Person] = field(default_factory=dict)
    """Contact to name and customer, as they were before the batch."""
    pointers: dict[str, Pointer] = field(default_factory=dict)
    own: dict[int, list[Ticket]] = field(default_factory=lambda: defaultdict(list))
    """Contact to the matters that are theirs or that they spoke on, newest first."""
    near: dict[str, list[Ticket]] = field(default_factory=lambda: defaultdict(list))
    """Site to the matters heard of there within the time of one outage, newest first."""
    groups: dict[tuple[str, str], list[Ticket]] = field(default_factory=lambda: defaultdict(list))
    """(Destination, group) to the open matters that people brought up there, newest first."""
    lately: list[Ticket] = field(default_factory=list)
    """Open matters of the last days from the same people, customers or sites, newest first: what may be one matter."""
    questions: dict[int, Question] = field(default_factory=dict)
    """Contact to the question that they have not answered yet."""
    inquiries: dict[str, int] = field(default_factory=dict)
    """Key of one of our texts to the question to one of the staff that it asked."""
    central: list[Ticket] = field(default_factory=list)
    """Such matters of any site that are about what serves several sites, newest first."""

    def opened(self, ticket: Ticket) -> None:
        """Let the next messages of the batch see a ticket that this one opened."""
        self.lately.insert(0, ticket)
        if ticket.contact_id is not None:
            self.own[ticket.contact_id].insert(0, ticket)
        if ticket.group:
            self.groups[ticket.channel, ticket.group].insert(0, ticket)
        self.near[ticket.site].insert(0, ticket)
        if ticket.site and is_central(ticket.symptom):
            self.central.insert(0, ticket)

    def spoke(self, contact_id: int, ticket: Ticket, key: str) -> None:
        """Let the next messages of the batch see that this one belongs to a ticket."""
        if ticket not in self.own[contact_id]:
            self.own[contact_id].insert(0, ticket)
        self.pointers.setdefault(key, Pointer(ticket_id=ticket.id))


def address(files: Files, message: Message) -> tuple[str, str]:
    """Return (book, value) of who sent a message."""
    return files.standing.ways.book(message.channel), message.sender.lower()


def gather(files: Files, messages: Sequence[Message], sites: Iterable[str]) -> Known:
    """Read everything around these messages with a handful of statements."""
    known = Known()
    connection = files.tx.connection
    _staff(files, known, messages, _pointers(files, known, messages))
    outside = [message for message in messages if message.id not in known.staff]
    known.contacts.update(people.contacts_at(connection, {address(files, m) for m in outside}))
    ids = set(known.contacts.values())
    if ids:
        known.people.update(people.persons(connection, ids))
        known.customers.update({key: one.customer_id for key, one in known.people.items() if one.customer_id})
        for one in known.people.values():
            if one.customer_id:
                files.clients[one.customer_id] = Client(name=one.customer, grade=one.grade, contract=one.contract)
        _own(files, known, ids)
    named = {site for site in sites if site}
    _near(files, known, outside, named)
    _lately(files, known, named)
    _groups(files, known, outside)
    files.load_numbers(number for m in messages for number in mentioned(m))
    return known


def _staff(files: Files, known: Known, messages: Sequence[Message], sent: dict[str, str]) -> None:
    """Find who of the staff speaks; where the channel does not vouch for it, the text must answer one sent there."""
    for message in messages:
        if of_page(message.key):
            continue  # one of the staff who got a package like a customer reports like one; nothing there is an order
        book, value = address(files, message)
        person = files.standing.staff(book, value) or files.linked(book, value=value)
        proved = any(sent.get(key) == message.sender.lower() for key in message.answers)
        if person and (proved or files.standing.ways.vouches(message.channel)):
            known.staff[message.id] = person
        elif person:
            known.unproved.add(message.id)


def _own(files: Files, known: Known, contacts: set[int]) -> None:
    connection, now = files.tx.connection, files.tx.now
    files.keep(files.work.load(Ticket, tickets.of_contacts(connection, contacts, now)))
    spoken = tickets.joined_by(connection, contacts, now - SPOKE)
    files.load(ticket_id for _, ticket_id in spoken)
    pairs = {(contact, files.by_id[ticket_id].ticket.id) for contact, ticket_id in spoken if ticket_id in files.by_id}
    pairs |= {(f.ticket.contact_id, i) for i, f in files.by_id.items() if f.ticket.contact_id in contacts}
    whole = {(contact, files.alive(files.by_id[ticket_id]).ticket.id) for contact, ticket_id in pairs}
    for contact, ticket_id in sorted(whole, key=lambda pair: -pair[1]):
        known.own[contact].append(files.by_id[ticket_id].ticket)


def _lately(files: Files, known: Known, sites: set[str]) -> None:
    contacts = set(known.contacts.values())
    if not contacts and not sites:
        return
    rows = matters.lately(
        files.tx.connection,
        files.tx.now - ONE_MATTER,
        contacts=contacts,
        customers=set(known.customers.values()),
        sites=sites,
    )
    known.lately = files.work.load(Ticket, rows)
    for row in files.work.load(Question, matters.questions(files.tx.connection, contacts)) if contacts else ():
        known.questions[row.contact_id] = row


def _near(files: Files, known: Known, messages: Sequence[Message], sites: set[str]) -> None:
    since = files.tx.now - files.scene.settings.same_outage_within
    nowhere = files.work.load(Ticket, tickets.heard_since(files.tx.connection, since, [""], limit=UNSITED))
    files.keep(nowhere)
    known.near[""] = list(nowhere)
    if not sites:
        return
    near = files.work.load(Ticket, tickets.heard_since(files.tx.connection, since, sites))
    files.keep(near)
    for ticket in near:
        known.near[ticket.site].append(ticket)
    if any(is_central(f"{message.subject or ''} {message.text}") for message in messages):
        recent = files.work.load(Ticket, tickets.heard_since(files.tx.connection, since, None))
        known.central = [ticket for ticket in recent if ticket.site and is_central(ticket.symptom)]
        files.keep(known.central)


def _groups(files: Files, known: Known, messages: Sequence[Message]) -> None:
    groups = {(files.standing.ways.answering(m.channel), m.group) for m in messages if m.group}
    if not groups:
        return
    found = files.work.load(Ticket, tickets.of_groups(files.tx.connection, groups))
    files.keep(found)
    for ticket in found:
        known.groups[ticket.channel, ticket.group or ""].append(ticket)


def _pointers(files: Files, known: Known, messages: Sequence[Message]) -> dict[str, str]:
    """Find what the messages answer; returns the keys of our own texts with the addresses that they went to."""
    keys = {key for message in messages for key in (*message.refs, *message.answers)}
    if not keys:
        return {}
    sent: dict[str, str] = {}
    for one in people.said(files.tx.connection, {m.channel for m in messages}, keys):
        if one.ours:
            sent[one.key] = one.recipient.lower()
            known.inquiries |= {key: one.inquiry for key in (one.key, one.provider_id) if key and one.inquiry}
        if one.ticket_id is not None:
            pointer = Pointer(ticket_id=one.ticket_id, numbers=tuple(int(n) for n in one.numbers.split()))
            known.pointers[one.key] = pointer
            if one.provider_id:
                known.pointers[one.provider_id] = pointer
    files.load(pointer.ticket_id for pointer in known.pointers.values())
    files.load_numbers(number for pointer in known.pointers.values() for number in pointer.numbers)
    return sent


def mentioned(message: Message) -> tuple[int, ...]:
    """Return the ticket numbers that subject and text name."""
    return ticket_numbers(f"{message.subject or ''}\n{message.text}")


def inquired(known: Known, message: Message) -> int | None:
    """Return the question to one of the staff that the message answers."""
    keys = (*message.answers, *message.refs)
    return next((known.inquiries[key] for key in keys if key in known.inquiries), None)


def pointed(known: Known, message: Message) -> list[Pointer]:
    """Return what the message answers, nearest first."""
    return [known.pointers[key] for key in (*message.answers, *message.refs) if key in known.pointers]
