"""When a text does not get through: it is written down, and a page takes the next way at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.contract import Status, Update
from gateway.asking import bundle, forward, page_of, ring, waiting_for
from gateway.broadcast.suppressing import many, never_again
from gateway.claiming import Held, Outdated
from gateway.demand import Call, letter
from gateway.files import File, Files
from gateway.post import Letter, send
from gateway.quotas import roomy
from gateway.standing import Standing
from router.effects import Rung
from router.quotas import ORDER
from store import linking, outbox, queue
from store.model import Event, EventKind, Lane, Message, MessageState, Page, TicketState
from store.queue import Claimed, Done
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
ANSWERED = "it was answered before this left: not sent"
ANSWERED_IN_PART = "some of what it names were answered before it left: written again without them"


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """A send that did not succeed: how it ended, and whether a person must act."""

    done: Done
    message_id: int
    alarm: bool = False
    unreachable: bool = False
    """The address itself will never take anything."""


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

    @exclusive
    def held(self, tx: Tx, items: Sequence[Held]) -> list[bool]:
        """Ask by another way where a quota holds a page back for long; False where it must wait."""
        files = Files(tx, self._standing)
        messages = outbox.by_ids(tx.connection, [one.page.message_id for one in items])
        answers = [_elsewhere(files, messages.get(one.page.message_id), one) for one in items]
        files.work.flush()
        return answers

    @exclusive
    def outdated(self, tx: Tx, items: Sequence[Outdated]) -> list[bool]:
        """Cancel pages that were answered between claim and send; a bundle of which some wait is written again."""
        kept = queue.complete(tx, [_cancelled(one.page) for one in items])
        files = Files(tx, self._standing)
        messages = outbox.by_ids(tx.connection, [one.page.message_id for one in items])
        for one, ours in zip(items, kept, strict=True):
            message = messages.get(one.page.message_id)
            if ours and message is not None:
                note(files, message, EventKind.SUPPRESSED, ANSWERED if not one.again else ANSWERED_IN_PART)
                if one.again:
                    written_again(files, message)
        files.work.flush()
        return kept


def _cancelled(page: Claimed) -> Done:
    return Done(
        delivery_id=page.delivery_id,
        owner=page.owner,
        attempt=page.attempt,
        outcome=MessageState.CANCELLED.value,
        reason=ANSWERED,
    )


def _elsewhere(files: Files, message: Message | None, held: Held) -> bool:
    if message is None or not queue.withdraw(files.tx, [held.page.delivery_id], held.quota):
        return False
    found = page_waiting(files, message)
    if found is None:
        return True
    note(files, message, EventKind.SUPPRESSED, f"quota of {message.channel} ({held.quota}) is used up when it was sent")
    if detour(files, found[0], found[1], message):
        return True
    again(files, message, held.until)
    return False


def again(files: Files, message: Message, due: datetime) -> None:
    """Put a text whose delivery was withdrawn into the queue once more, as a message of its own."""
    ticket = next((file.ticket for file in files.load([message.ticket_id or 0])), None)
    person = next((p.person for file in files.by_id.values() for p in file.pages if p.id == message.page_id), "")
    send(
        files,
        Letter(
            destination=message.channel,
            recipient=message.recipient,
            text=message.text,
            template=message.template,
            variables=message.variables or {},
            language=message.language,
            lane=Lane.PAGE,
            kind=EventKind.PAGE,
            to=person,
            ticket=ticket,
            page_id=message.page_id,
            subject=message.subject,
            due=due,
        ),
    )


def written_again(files: Files, message: Message) -> None:
    """Say once more, by the same method, what of a bundle still waits."""
    found = page_waiting(files, message)
    if found is None:
        return
    person = found[1].person
    if files.standing.ways.method(message.channel) != "voice":
        bundle(files, person)
        return
    first = waiting_for(files, person)[0]
    rung = Rung(after=0.0, person=person, by="voice")
    reach = (message.channel, message.recipient)
    ring(files, Call(file=first, page=page_of(files, first, person), rung=rung, reach=reach))


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
            if message is not None and outbox.progress(tx, message, STATES[update.status], _why(update)):
                self._note(files, message, update)
        files.work.flush()
        return [None] * len(items)

    def _note(self, files: Files, message: Message, update: Update) -> None:
        can = files.standing.ways.can.get(message.channel)
        if update.status is Status.FAILED and not (can and can.speaks):
            failed(files, message, _why(update) or "")
            if update.unreachable and many(message.template):
                never_again(files.tx, files.standing.ways, [(message, _why(update) or "", None)])
            return
        note(files, message, EventKind.RECEIPT, update.reason or update.status)


def _why(update: Update) -> str | None:
    """Return why a text did not arrive; None for any other news without words."""
    told = update.reason or update.code
    return (told or "not delivered") if update.status is Status.FAILED else update.reason


def note(files: Files, message: Message, kind: EventKind, text: str) -> None:
    """Write a line of history about a text of ours."""
    event = Event(
        id=files.work.id(),
        at=files.tx.now,
        kind=kind,
        ticket_id=message.ticket_id,
        message_id=message.id,
        text=text,
        more={"to": message.recipient, "by": files.standing.ways.method(message.channel)},
    )
    files.work.add(event)


def failed(files: Files, message: Message, reason: str, *, alarm: bool = False, final: bool = True) -> None:
    """Write a failure down; a page that still waits goes another way, or to the next person.

    A customer's text goes another way only when the failure is `final`: nobody is told twice what may still arrive.
    """
    for kind in (EventKind.FAILED, EventKind.ALARM) if alarm else (EventKind.FAILED,):
        note(files, message, kind, reason)
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


def unconfirmed(files: Files, message_id: int) -> None:
    """Go on with a page whose receipt did not come in time, unless it reached its phone by another text."""
    message = outbox.by_ids(files.tx.connection, [message_id]).get(message_id)
    if message is None or message.page_id is None or message.state != MessageState.SENT:
        return
    found = page_waiting(files, message)
    if found is None or outbox.confirmed(files.tx.connection, message.page_id):
        return
    after = files.standing.config.gateway.receipt_after[files.standing.ways.method(message.channel)]
    note(files, message, EventKind.FAILED, f"no receipt within {after.total_seconds():g} s: nobody knows if it arrived")
    # A call rings, and what confirms is watched itself; a mail says nothing of whether it woke anybody.
    loud = [name for name, can in files.standing.ways.can.items() if can.confirms or can.speaks]
    if not outbox.newer_out(files.tx.connection, message.page_id, message.id, loud):
        detour(files, found[0], found[1], message)


def detour(files: Files, file: File, page: Page, message: Message) -> bool:
    """Ask the same person by a way not tried for this page yet; when there is none, ask the next person now.

    False when there is nobody to ask.
    """
    files.work.flush()
    tried = outbox.destinations(files.tx.connection, page.id)
    first = files.standing.ways.method(message.channel)
    for method in (first, *(m for m in ORDER if m != first)):
        reach = roomy(files, page.person, method, but=tried)
        if reach is None:
            continue
        call = Call(file=file, page=page, rung=Rung(after=0.0, person=page.person, by=method), reach=reach)
        if method == "voice":
            ring(files, call)
        else:
            send(files, letter(files, call, "page"))
        return True
    return forward(files, file)


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
            elif message is not None and one.lane != Lane.BROADCAST:
                # Of a broadcast the recipients say it; thousands of lines of history would not.
                failed(files, message, "the process ended while sending: nobody knows if it arrived", final=False)
        files.work.flush()
        return [len(found)] * len(owners)


def resend(lane: int) -> bool:
    """Tell whether a text whose outcome nobody knows is sent again: a second ring is better than none."""
    return lane in RESENT
