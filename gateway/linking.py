"""Ties addresses to people: a one-time code makes an identity a known person's, a number given for later is kept."""

from __future__ import annotations

from hashlib import sha256

from gateway import texts
from gateway.customer_texts import allowed
from gateway.files import Files
from gateway.gather import Known, address
from gateway.judged import Judged
from gateway.post import Letter, send
from router.linking import code_in, phone_in
from store import linking as ties
from store import people
from store.model import Address, Event, EventKind, Lane, LinkCode, Message, StaffAddress

WRONG_TRIES = 5
"""Wrong codes from one address within an hour; then none is looked at."""


def digest(code: str) -> str:
    """Return what is kept of a code."""
    return sha256(code.encode()).hexdigest()


def hear(files: Files, known: Known, message: Message) -> Judged | None:
    """Take a code or a number that a message consists of; None for any other message."""
    code = code_in(message.text)
    if code is not None and files.standing.ways.vouches(message.channel):
        return linked(files, known, message, code)
    number = phone_in(message.text)
    if number is not None and wanted(files, known, message):
        return kept(files, known, message, number)
    return None


def linked(files: Files, known: Known, message: Message, code: str) -> Judged:
    """Give the address to the person whose code it is; a wrong or used code is answered and counted."""
    files.work.flush()
    book, value = address(files, message)
    tries = ties.wrong_codes(files.tx.connection, message.channel, message.sender, files.tx.now)
    found = ties.code(files.tx.connection, digest(code), files.tx.now) if tries < WRONG_TRIES else None
    if found is None:
        _note(files, message, EventKind.IGNORED, "a code that is wrong, used or too old")
        _say(files, message, "customer_not_linked")
        return _judged(files, message, "wrong code")
    files.work.change(files.work.load(LinkCode, [found])[0], used_at=files.tx.now)
    _give(files, known, (book, value), dict(found))
    _note(files, message, EventKind.NOTED, f"{book} linked to {found['person'] or 'contact'} by a one-time code")
    _say(files, message, "customer_linked")
    return _judged(files, message, "linked")


def _give(files: Files, known: Known, where: tuple[str, str], code: dict[str, object]) -> None:
    book, value = where
    connection = files.tx.connection
    if code["person"]:
        ties.forget_address(connection, book, value, staff=True)
        row = StaffAddress(id=files.work.id(), book=book, value=value, person=str(code["person"]), at=files.tx.now)
        files.work.add(row)
        files.forget_linked()
        return
    ties.forget_address(connection, book, value, staff=False)
    contact_id = int(str(code["contact_id"]))
    files.work.add(Address(id=files.work.id(), contact_id=contact_id, book=book, value=value))
    known.contacts[book, value] = contact_id


def wanted(files: Files, known: Known, message: Message) -> bool:
    """Tell whether a number was asked for: somebody known only where answers are limited, with no number so far."""
    can = files.standing.ways.can.get(message.channel)
    contact = known.contacts.get(address(files, message))
    if can is None or can.window is None or contact is None:
        return False
    return not ties.books_of(files.tx.connection, contact) & {"tel", "email"}


def kept(files: Files, known: Known, message: Message, number: str) -> Judged:
    """Keep a number as a second way to a person; one that somebody else has is only noted."""
    contact = known.contacts[address(files, message)]
    value = texts.telephone(number)
    taken = people.contacts_at(files.tx.connection, {("tel", value)})
    if not taken:
        files.work.add(Address(id=files.work.id(), contact_id=contact, book="tel", value=value))
        files.work.flush()
    what = "a telephone number was given" + (", which another contact has" if taken else "")
    _note(files, message, EventKind.NOTED, what)
    _say(files, message, "customer_contact_kept", ties.language(files.tx.connection, contact))
    return _judged(files, message, "a second way")


def _judged(files: Files, message: Message, why: str) -> Judged:
    files.work.change(message, verdict={"placed": why})
    return Judged(message_id=message.id)


def _note(files: Files, message: Message, kind: EventKind, text: str) -> None:
    row = Event(id=files.work.id(), at=files.tx.now, kind=kind, message_id=message.id, actor="customer", text=text)
    files.work.add(row)


def _say(files: Files, message: Message, template: str, language: str = "") -> None:
    """Answer where it was said, within the limit of automatic texts; a text of digits shows no language of its own."""
    can = files.standing.ways.can.get(message.channel)
    to = message.recipient or message.sender
    if can is None or not can.sends or not allowed(files, to):
        return
    language = language or texts.language_of(message.text)
    variables = texts.filled(files, None, language, {})
    letter = Letter(
        destination=message.channel,
        recipient=to,
        text=texts.render(template, language, variables, short=False),
        template=template,
        variables=variables,
        language=language,
        lane=Lane.REPLY,
        kind=EventKind.REPLY,
        to="customer",
        group=message.group,
        refs=(message.key,),
    )
    send(files, letter)
