"""Hears one of the staff: a digit or a command acts on tickets, other words become a note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from gateway.asking import way
from gateway.files import File, Files
from gateway.gather import Known, inquired, mentioned, pointed
from gateway.inquiring import asked_of
from gateway.judged import Judged
from gateway.perform import Line, perform, speaks
from gateway.relations import became, carry_out, relatives, spelled_out
from gateway.visiting import bring, look_around
from router.commands import Command, read
from router.effects import Effect
from router.grammar import Intent
from router.moves import note, told
from router.orders import LATE, Speaker, obey, which
from store import outbox, tickets
from store.model import Message

LISTS_LAST = timedelta(hours=12)
HINTS = ("not_understood", "help", "which_one")
HELP_PER_HOUR = 3
"""How often an hour somebody whose words are no command is told the commands (reference: reply grammar)."""


def gather_speakers(files: Files, people: Iterable[str]) -> None:
    """Bring in what the staff who speak in this batch may be talking about."""
    names = set(people)
    if names:
        files.load(tickets.of_staff(files.tx.connection, names, files.tx.now - LATE))


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """One of the staff speaking: what, from where."""

    person: str
    message: Message
    known: Known
    line: Line


def hear(files: Files, known: Known, message: Message, person: str) -> Judged:
    """Obey a command, or keep the words."""
    settings = files.scene.settings.people[person]
    line = Line(
        destination=message.channel,
        address=message.recipient or message.sender,
        language=settings.language,
        subject=message.subject,
        refs=(message.key, *message.refs),
        group=message.group,
    )
    voice = Voice(person=person, message=message, known=known, line=line)
    command = read(message.text)
    if isinstance(command, Command):
        ticket_id = obeyed(files, voice, command)
    else:
        ticket_id = unclear(files, voice, command.word if command else "")
    name = command.intent.value if isinstance(command, Command) else ""
    spoken = " ".join(line.spoken) or None
    verdict = {"staff": person, "command": name, "spoken": spoken, "more": line.more, "language": settings.language}
    files.work.change(message, ticket_id=ticket_id, verdict=verdict)
    return Judged(message_id=message.id, spoken=spoken, language=settings.language, more=line.more)


def speaker(files: Files, voice: Voice) -> Speaker:
    """Gather what this person may be talking about."""
    files.work.flush()
    connection, now = files.tx.connection, files.tx.now
    files.load(tickets.of_staff(connection, [voice.person], now - LATE))
    numbers: tuple[int, ...] = ()
    pointers = pointed(voice.known, voice.message)
    if pointers:
        numbers = pointers[0].numbers or (files.by_id[pointers[0].ticket_id].ticket.number,)
    listed = tickets.last_listing(connection, voice.person, now - LISTS_LAST)
    files.load_numbers((*numbers, *listed, *mentioned(voice.message)))
    relatives(files)
    bring(files)
    inquiries = asked_of(files, frozenset([voice.person]))
    cases = {number: file.case() for number, file in sorted(files.by_number.items())}
    return Speaker(
        person=voice.person,
        cases=cases,
        pointed=numbers,
        listed=listed,
        became=became(files),
        inquiries=tuple(inquiries),
        pushes=way(files, voice.person, "push") is not None,
        inquired=inquired(voice.known, voice.message),
        method=files.standing.ways.method(voice.message.channel),
    )


def obeyed(files: Files, voice: Voice, command: Command) -> int | None:
    """Carry out a command; returns the first ticket that it touched."""
    files.load_numbers(command.numbers)
    who = speaker(files, voice)
    if said_again(files, voice, who, command):
        return files.by_number[who.pointed[0]].ticket.id if who.pointed else None
    if command.intent in (Intent.DISPATCH, Intent.DECLINE):
        look_around(files)
    ordered = obey(spelled_out(files, command), who, files.scene)
    first = next((files.by_number[number].ticket.id for number, _ in ordered.on), None)
    carry_out(files, ordered, voice.line)
    return first


def said_again(files: Files, voice: Voice, who: Speaker, command: Command) -> bool:
    """Say a call's words again: 0 asks for it, and a digit for one ticket is no answer to a call about several."""
    asks = command.intent in (Intent.LIST, Intent.HELP)
    unclear_ = command.intent in (Intent.TAKE, Intent.SNOOZE) and len(who.pointed) > 1
    waits = any(who.cases[n].waiting for n in who.pointed if n in who.cases)
    waits = waits or any(one.inquiry.id == who.inquired for one in who.inquiries)
    if not (speaks(files, voice.line) and waits and (asks or unclear_)):
        return False
    found = outbox.find(files.tx.connection, voice.message.channel, key=voice.message.answers[0], provider_id=None)
    if found is None:
        return False
    voice.line.spoken.append(found.text)
    voice.line.more = True
    return True


def unclear(files: Files, voice: Voice, word: str) -> int | None:
    """Keep words that are no command as a note on the newest ticket, and say what can be said, not too often."""
    who = speaker(files, voice)
    file = newest(files, who)
    if speaks(files, voice.line):
        perform(files, file, [told(voice.person, "not_understood", word=word)], voice.line)
        return file.ticket.id if file else None
    effects: list[Effect] = []
    if file is not None and not word and voice.message.text.strip():
        effects += note(voice.person, voice.message.text)[:1]
    said = tickets.told_since(files.tx.connection, voice.line.address, HINTS, files.tx.now)
    if said < HELP_PER_HOUR:
        effects += hint(who, word)
    perform(files, file, effects, voice.line)
    return file.ticket.id if file else None


def hint(who: Speaker, word: str) -> list[Effect]:
    """Say what was not understood, which tickets wait, or what can be said at all."""
    if word:
        return [told(who.person, "not_understood", word=word)]
    waiting = [number for number, case in who.cases.items() if case.waiting and case.open_page(who.person)]
    return list(which(who, waiting).said) if len(waiting) > 1 else [told(who.person, "help")]


def newest(files: Files, who: Speaker) -> File | None:
    """Return the ticket that free words most likely concern."""
    numbers = who.pointed or tuple(
        n for n, case in who.cases.items() if case.open_page(who.person) or (case.held and case.has(who.person))
    )
    return files.by_number.get(numbers[-1]) if numbers else None
