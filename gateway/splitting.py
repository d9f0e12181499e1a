"""Takes what somebody said out of a ticket into one of its own, from a page: it needs a message to be pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway import customers
from gateway.files import File, Files
from gateway.gather import address, gather
from gateway.moves import STALE, Made
from gateway.perform import perform
from gateway.reading import about_of, read
from gateway.standing import Standing
from router import matter
from router.effects import Change, Note
from router.opening import opened
from store import tickets
from store.model import EventKind, Kind, Message, Ticket
from store.writer import Tx, exclusive


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """One person wants a message in a ticket of its own; `version` is the one that the person was looking at."""

    person: str
    number: int
    message_id: int
    following: bool = False
    """What the same sender said on the ticket after it goes along."""
    receipt: bool = False
    """The customer is told the new number; else nobody outside hears of it."""
    version: int | None = None


class Splitting:
    """The move that splits."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def split(self, tx: Tx, wishes: Sequence[Split]) -> list[Made]:
        """Split; a repeated wish finds the message gone and does nothing."""
        files = Files(tx, self._standing)
        made = [_split(files, wish) for wish in wishes]
        files.numbers.flush()
        files.work.flush()
        return made


def _split(files: Files, wish: Split) -> Made:
    found = files.load_numbers([wish.number])
    if not found:
        return Made(ok=False, answer="unknown_ticket")
    file = found[0]
    if wish.version not in (None, file.ticket.version):
        return Made(ok=False, answer=STALE)
    said = customer_words(files, file)
    gone = chosen(said, wish)
    if not gone:
        return Made(ok=False, answer="no_message")
    if len(gone) == len(said):
        return Made(ok=False, answer="split_whole")
    ticket = taken_out(files, file, gone, wish)
    return Made(ok=True, answer="split", variables={"number": str(wish.number), "other": str(ticket.number)})


def customer_words(files: Files, file: File) -> list[Message]:
    """Return what came in on a ticket from outside, oldest first."""
    files.work.flush()
    found = files.work.load(Message, tickets.messages_of(files.tx.connection, file.ticket.id))
    return [one for one in found if one.direction == "in" and not (one.verdict or {}).get("staff")]


def chosen(said: Sequence[Message], wish: Split) -> list[Message]:
    """Return the message, and what its sender said after it where that is wished."""
    first = next((one for one in said if one.id == wish.message_id), None)
    if first is None:
        return []
    rest = [one for one in said if one.id > first.id and (one.channel, one.sender) == (first.channel, first.sender)]
    return [first, *(rest if wish.following else ())]


def taken_out(files: Files, file: File, gone: Sequence[Message], wish: Split) -> Ticket:
    """Open a ticket for these words, with a judgement and promises of its own that count from now."""
    first = gone[0]
    # The last of these lines opens the ticket, as where short lines come in: a correction keeps them all.
    files.hearing = gone[-1].id
    text = "\n".join(one.text for one in gone)
    found = about_of(files, first, text)
    known = gather(files, [first], [found.site or ""])
    reading = read(files, known, first, found, text)
    why = f"split from {wish.number}"
    ticket = customers.new_ticket(files, first, reading, matter.Open(why=why))
    ticket.contact_id = first.contact_id or known.contacts.get(address(files, first))
    ticket.customer_id = known.customers.get(ticket.contact_id or 0)
    files.work.add(ticket)
    new = files.new(ticket, fresh=True)
    files.heard(ticket.id, first.key)
    if ticket.kind == Kind.SITE_VISIT:
        customers.ask_visit(files, ticket, first)
    customers.mark(files, first, reading.verdict, ticket.id, why)
    for one in gone[1:]:
        files.work.change(one, ticket_id=ticket.id)
    note = Note(kind=EventKind.SPLIT, actor=wish.person, text=f"<- {wish.number}", more={"from": wish.number})
    perform(files, new, [*opened(ticket, files.scene, answerable=wish.receipt), note])
    left = Note(kind=EventKind.SPLIT, actor=wish.person, text=f"-> {ticket.number}", more={"other": ticket.number})
    perform(files, file, [Change(values={}), left])
    return ticket
