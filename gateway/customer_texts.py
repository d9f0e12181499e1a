"""What is said to customers: on their own channel, not too often by itself, and rarely in a group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway import texts, wording
from gateway.files import File, Files
from gateway.post import Letter, send
from router.effects import TellCustomer
from store import linking, people
from store.model import Event, EventKind, Lane, Ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Where a customer is written to."""

    destination: str
    address: str
    language: str
    group: str | None = None
    refs: tuple[str, ...] = ()
    """Keys of what the text answers, nearest first."""


QUIET = frozenset(
    {
        "customer_taken",
        "customer_on_the_way",
        "customer_on_the_way_in",
        "customer_arrived",
        "customer_reopened",
        "customer_thanks",
        "customer_joined",
    }
)
"""What is not said in a group, where everybody hears it: there one answer a matter is enough."""


def tell_customer(files: Files, file: File, effect: TellCustomer) -> bool:
    """Say something to the customer on the customer's own channel; False when that could not be sent."""
    ticket = file.ticket
    can = files.standing.ways.can.get(ticket.channel)
    to = Recipient(
        destination=ticket.channel,
        address=ticket.reply_to,
        language=ticket.language,
        group=ticket.group,
        refs=files.thread(ticket.id) if can and (can.threads or can.chats) else (),
    )
    if ticket.group and not effect.by and effect.template in QUIET:
        return True
    return write_customer(files, file, effect, to)


def write_customer(files: Files, file: File, effect: TellCustomer, to: Recipient) -> bool:
    """Write to a customer; automatic texts are limited per address, and a machine gets none."""
    can = files.standing.ways.can.get(to.destination)
    if not to.address and not effect.by:
        return False
    if can is None or not can.sends or not to.address:
        _unsent(files, file, EventKind.FAILED, f"{to.destination} cannot send")
        return False
    if not effect.by and not allowed(files, to.address):
        _unsent(files, file, EventKind.SUPPRESSED, "too many automatic texts to this address within an hour")
        return False
    send(files, _customer_letter(files, file.ticket, effect, to))
    return True


def say_in_group(files: Files, ticket: Ticket | None, to: Recipient) -> None:
    """Answer somebody who named the bot: the state of the matter, or how to report one."""
    can = files.standing.ways.can.get(to.destination)
    if can is None or not can.sends or not allowed(files, to.address):
        return
    template = "customer_status" if ticket else "customer_named"
    state = wording.state_word(ticket.state, to.language) if ticket else ""
    variables = texts.filled(files, ticket, to.language, {"state": state})
    letter = Letter(
        destination=to.destination,
        recipient=to.address,
        text=texts.render(template, to.language, variables, short=False),
        template=template,
        variables=variables,
        language=to.language,
        lane=Lane.REPLY,
        kind=EventKind.REPLY,
        to="customer",
        ticket=ticket,
        contact_id=ticket.contact_id if ticket else None,
        group=to.group,
        refs=to.refs,
    )
    send(files, letter)


def _unsent(files: Files, file: File, kind: EventKind, why: str) -> None:
    event = Event(id=files.work.id(), at=files.tx.now, kind=kind, ticket_id=file.ticket.id, text=why)
    files.work.add(event)


def _customer_letter(files: Files, ticket: Ticket, effect: TellCustomer, to: Recipient) -> Letter:
    variables = texts.filled(files, ticket, to.language, effect.variables)
    short = files.standing.ways.method(to.destination) == "sms"
    text = (
        f"{variables['sign']}{effect.words}"
        if effect.words is not None
        else texts.render(effect.template, to.language, variables, short=short)
    )
    if effect.template.startswith("customer_receipt") and _only_way(files, ticket, to):
        text += wording.say("customer_ask_phone", to.language)
    return Letter(
        destination=to.destination,
        recipient=to.address,
        text=text,
        template=effect.template,
        variables=variables | ({"words": effect.words} if effect.words else {}),
        language=to.language,
        lane=Lane.REPLY,
        kind=EventKind.REPLY,
        to="customer",
        ticket=ticket,
        contact_id=ticket.contact_id,
        subject=texts.subject(ticket, to.language),
        group=to.group,
        refs=to.refs,
        sender=effect.by,
    )


def _only_way(files: Files, ticket: Ticket, to: Recipient) -> bool:
    """Tell whether a customer can be answered for a while only, and is known by no other address."""
    can = files.standing.ways.can.get(to.destination)
    if can is None or can.window is None or to.group or ticket.contact_id is None:
        return False
    return not linking.books_of(files.tx.connection, ticket.contact_id) & {"tel", "email"}


def allowed(files: Files, address: str) -> bool:
    """Count one automatic text to an address, and tell whether it is still within the limit of the hour."""
    if address not in files.automatic:
        since = files.tx.now - timedelta(hours=1)
        files.automatic[address] = people.automatic_since(files.tx.connection, [address], since).get(address, 0)
    files.automatic[address] += 1
    return files.automatic[address] <= files.scene.settings.receipts_per_hour
