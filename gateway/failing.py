"""When a text does not get through: it is written down, and a page takes the next way at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from channels.contract import Status, Update
from gateway.asking import Call, climb, letter, ring, way
from gateway.files import File, Files
from gateway.post import Letter, send
from gateway.standing import Standing
from router.effects import Climb, Rung
from router.ladder import first_new
from store import linking, outbox, queue
from store.model import Event, EventKind, Lane, Message, MessageState, Page, TicketState
from store.queue import Done
from store.writer import Tx, exclusive

STATES = {
    Status.ACCEPTED: MessageState.SENT,
    Status.SENT: MessageState.SENT,
    Status.RINGING: MessageState.RINGING,
    Status.ANSWERED: MessageState.ANSWERED,
    Status.DELIVERED: MessageState.DELIVERED,
    Status.FAILED: MessageState.FAILED,
}
RESENT = frozenset({int(Lane.PAGE)})
ORDER = ("push", "sms", "voice", "mail")
"""In which order the methods are tried when one fails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """A send that did not succeed: how it ended, and whether a person must act."""

    done: Done
    message_id: int
    alarm: bool = False


class Failing:
    """The moves for sends that failed."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def take(self, tx: Tx, missed: Sequence[Missed]) -> list[bool]:
        """Close the attempts, write the failures down, and ask by another way where it was a page."""
        kept = queue.complete(tx, [one.done for one in missed])
        files = Files(tx, self._standing)
        messages = outbox.by_ids(tx.connection, [one.message_id for one in missed])
        for one, ours in zip(missed, kept, strict=True):
            message = messages.get(one.message_id)
            if not ours or message is None:
                continue
            if one.done.attempt == 1 or one.done.outcome != "later":
                failed(files, message, one.done.reason or "", alarm=one.alarm, final=one.done.outcome == "failed")
            if one.done.outcome == "later":
                settled(files, message)
        files.work.flush()
        return kept


class Receipts:
    """The move for what providers say later."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def take(self, tx: Tx, items: Sequence[tuple[str, Update]]) -> list[None]:
        """Note receipts; one that says that a page was not delivered sends it another way."""
        files = Files(tx, self._standing)
        for channel, update in items:
            message = outbox.find(tx.connection, channel, key=update.key, provider_id=update.provider_id)
            if message is not None and outbox.progress(tx, message, STATES[update.status], update.reason):
                self._note(files, message, update)
        files.work.flush()
        return [None] * len(items)

    def _note(self, files: Files, message: Message, update: Update) -> None:
        can = files.standing.ways.can.get(message.channel)
        if update.status is Status.FAILED and not (can and can.speaks):
            failed(files, message, update.reason or update.code or "not delivered")
            return
        event = Event(
            id=files.work.id(),
            at=files.tx.now,
            kind=EventKind.RECEIPT,
            ticket_id=message.ticket_id,
            message_id=message.id,
            text=update.reason or update.status,
            more={"to": message.recipient, "by": files.standing.ways.method(message.channel)},
        )
        files.work.add(event)


def failed(files: Files, message: Message, reason: str, *, alarm: bool = False, final: bool = True) -> None:
    """Write a failure down; a page that still waits goes another way, or to the next person.

    A customer's text goes another way only when the failure is `final`: nobody is told twice what may still arrive.
    """
    for kind in (EventKind.FAILED, EventKind.ALARM) if alarm else (EventKind.FAILED,):
        event = Event(
            id=files.work.id(),
            at=files.tx.now,
            kind=kind,
            ticket_id=message.ticket_id,
            message_id=message.id,
            text=reason,
            more={"to": message.recipient, "by": files.standing.ways.method(message.channel)},
        )
        files.work.add(event)
    if final and message.page_id is None and message.contact_id is not None and message.ticket_id is not None:
        second_way(files, message)
    if message.page_id is None or message.ticket_id is None:
        return
    found = page_waiting(files, message)
    if found is not None and not only_the_app(files, message):
        detour(files, found[0], found[1], message)


def only_the_app(files: Files, message: Message) -> bool:
    """Tell whether just the copy in an app failed, while another copy of the same page is out or about to go."""
    if files.standing.ways.method(message.channel) != "push" or message.page_id is None:
        return False
    files.work.flush()
    return outbox.another_out(files.tx.connection, message.page_id, but=message.id)


SECOND = (("tel", "sms"), ("email", "mail"))
"""Address books in which a customer may have a second way, and the methods that use them."""


def second_way(files: Files, message: Message) -> None:
    """Send a text that did not reach a customer to another address of theirs, once."""
    before = message.variables or {}
    if before.get("instead_of"):
        return
    for book, method in SECOND:
        address = linking.address_in(files.tx.connection, message.contact_id or 0, book)
        for destination in files.standing.carrying(method, address or "") if address else ():
            if (destination, address) == (message.channel, message.recipient):
                continue
            letter = Letter(
                destination=destination,
                recipient=address or "",
                text=message.text,
                template=message.template,
                variables={**before, "instead_of": message.channel},
                language=message.language,
                lane=Lane.REPLY,
                kind=EventKind.REPLY,
                to="customer",
                ticket=next((file.ticket for file in files.load([message.ticket_id or 0])), None),
                contact_id=message.contact_id,
                subject=message.subject,
                sender=message.sender,
            )
            send(files, letter)
            return


def page_waiting(files: Files, message: Message) -> tuple[File, Page] | None:
    """Return the page that a text was for, or in a bundle the first of those that still wait for an answer."""
    first = files.load([message.ticket_id] if message.ticket_id is not None else [])
    person = next((p.person for file in first for p in file.pages if p.id == message.page_id), None)
    numbers = [int(n) for n in (message.variables or {}).get("numbers", "").split() if n.isdigit()]
    for file in (*first, *files.load_numbers(numbers)):
        page = file.case().open_page(person) if person else None
        if page is not None and file.ticket.state == TicketState.PAGING:
            return file, page
    return None


def settled(files: Files, message: Message) -> None:
    """Cancel a page that waits to be sent again although it was answered while it was being sent."""
    if message.page_id is None or page_waiting(files, message) is not None:
        return
    files.work.flush()
    queue.cancel(files.tx, page_ids=[message.page_id])


def detour(files: Files, file: File, page: Page, message: Message) -> None:
    """Ask the same person by a way not tried for this page yet; when there is none, ask the next person now."""
    files.work.flush()
    tried = outbox.destinations(files.tx.connection, page.id)
    first = files.standing.ways.method(message.channel)
    for method in (first, *(m for m in ORDER if m != first)):
        reach = way(files, page.person, method, but=tried)
        if reach is None:
            continue
        call = Call(file=file, page=page, rung=Rung(after=0.0, person=page.person, by=method), reach=reach)
        if method == "voice":
            ring(files, call)
        else:
            send(files, letter(files, call, "page"))
        return
    forward(files, file)


def forward(files: Files, file: File) -> None:
    """Go on with the ladder at once: whoever was not asked yet is asked now."""
    ticket, case = file.ticket, file.case()
    begin = ticket.plan_next
    there = (rung for rung in case.rungs[begin:] if not files.scene.absent(rung.person))
    following = first_new(there, case.asked())
    if following is not None:
        start = files.tx.now - timedelta(seconds=following.after)
        start = min(ticket.plan_from or files.tx.now, start)
        climb(files, file, Climb(plan=case.rungs, start=start, next=begin, new_round=False))


class Recovery:
    """The move that takes back what a dead process had claimed."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def take(self, tx: Tx, owners: Sequence[str | None]) -> list[int]:
        """Send pages again and report the rest; an owner given means that nobody but it can be alive."""
        files = Files(tx, self._standing)
        found = [one for owner in owners for one in queue.expired(tx, resend=RESENT, all_owners_but=owner)]
        messages = outbox.by_ids(tx.connection, [one.message_id for one in found])
        for one in found:
            message = messages.get(one.message_id)
            if message is not None and one.resent:
                settled(files, message)
            elif message is not None:
                failed(files, message, "the process ended while sending: nobody knows if it arrived", final=False)
        files.work.flush()
        return [len(found)] * len(owners)


def resend(lane: int) -> bool:
    """Tell whether a text whose outcome nobody knows is sent again: a second ring is better than none."""
    return lane in RESENT
