"""What a text of one of the staff says, by the reply grammar: a command, a slip of the finger, or free text.

Free text is never guessed at. A question is never an order. Nothing here knows which tickets there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from router.grammar import (
    ASLEEP,
    DIGITS,
    FIRM,
    NUMBERED,
    POLITE,
    RESERVED,
    Intent,
    Line,
    Verb,
    bounded,
    courteous,
    levelled,
    number_at,
    numbers_at,
    skip,
    verb_at,
)
from router.kinds import kind_in
from router.leave_words import away_at, swap_at
from router.levels import level_in
from router.mentions import rating, ticket_numbers
from router.slips import slip_in
from router.spans import minutes_at

__all__ = ["Command", "Intent", "NotUnderstood", "rating", "read", "ticket_numbers"]

SNOOZE_MINUTES: Final = (5, 120)
"""A page is put off by no less and no more, whatever was typed."""
AWAKE_MINUTES: Final = (5, 24 * 60)
LEAVE_MINUTES: Final = (1, 24 * 60)
"""How far somebody who is on the way can be."""
SPANS: Final[Mapping[Intent, tuple[int, int]]] = {
    Intent.SNOOZE: SNOOZE_MINUTES,
    Intent.LEAVE: LEAVE_MINUTES,
}
CODE: Final = re.compile(r"\d{4}(?!\d)")
"""What a customer is told, to be told back."""
GOING: Final = re.compile(r"(?<=.)(?:过去|上门|到现场|去)$")
"""May stand behind the name of who is sent."""
LONGEST: Final = 20_000
"""Characters; no order is longer, and what is not an order is kept whole."""
WORD: Final = 12
"""Longest piece of a text that is repeated to its writer as not understood."""
ASKABLE: Final = {Intent.LIST, Intent.STATUS, Intent.DUTY, Intent.HELP, Intent.TEST}
DOUBTED: Final = {Intent.TAKE, Intent.ARRIVE}
"""Orders that stop a page or a clock; giving back needs less certainty."""
DOUBT: Final = re.compile(
    r"^的|吗|么|谁|哪|怎|何|不|没|未|别|无法|难|\?|n't|\b(?:not?|never|cannot|who|why|what|when|if|unless|unable)\b"
)
"""Makes a remark after "take" or "arrive" a sentence rather than an order."""
UNSOLVED: Final = re.compile(r"的|不了|不掉|不好|了?没有?$|了?吗|未|没解|\?")
WORDY: Final = frozenset(
    {
        Intent.RESOLVE,
        Intent.NOTE,
        Intent.RESOLVE_ALL,
        Intent.HOLD,
        Intent.WORKAROUND,
        Intent.SECOND_LINE,
        Intent.PROVE,
        Intent.LEAVE,
    }
)
"""Orders that carry words of their own after the number."""
CLAIMED: Final = frozenset({Intent.HOLD, Intent.WORKAROUND, Intent.SECOND_LINE})
"""Orders whose verb is also an ordinary word, so that words count with a ticket number only."""
SUBJECT: Final = re.compile(r"(?:我来|我|请(?!假))?")
"""May stand between a number and its verb."""
INTO: Final = re.compile(r"[\s,]*(?:到|进|入|至|给|(?:into|to|with|of|under)(?![a-z]))?[\s,]*")
"""May stand between two numbers of which the first goes to the second."""
NAME: Final = re.compile(
    r"(?!一)[\u3400-\u9fff·]{1,8}?(?=吧|谢谢|麻烦|[^\u3400-\u9fff·]|$)"
    r"|[a-z][a-z.'-]*(?: (?!please|pls|thanks|thx|to )[a-z][a-z.'-]*)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One order; what was not said is None. `number` is the first of `numbers`, the tickets that were named."""

    intent: Intent
    number: int | None = None
    numbers: tuple[int, ...] = ()
    person: str | None = None
    """A name as it was written."""
    minutes: int | None = None
    level: int | None = None
    """1, 2 or 3."""
    kind: str | None = None
    """What the ticket really is."""
    text: str | None = None
    """The writer's own words, unchanged."""
    days: tuple[str, ...] = ()
    """Days as they were written, levelled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotUnderstood:
    """It looks like a command and is none; `word` is what was not understood, short enough to repeat."""

    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """A verb with the tickets named before or after it; what follows begins at `at`."""

    line: Line
    verb: Verb
    numbers: tuple[int, ...]
    at: int
    first: bool
    """The number came before the verb."""

    @property
    def digit(self) -> bool:
        return self.verb.word in DIGITS

    def command(self, **more: object) -> Command:
        return _command(self.verb.intent, self.numbers, **more)


def read(text: str) -> Command | NotUnderstood | None:
    """Read one text; None is free text, which the caller keeps and never obeys."""
    if len(text) > LONGEST:
        return None
    line = levelled(text)
    if not line.text:
        return Command(intent=Intent.HELP) if line.asks else None
    if line.text in RESERVED:
        return Command(intent=Intent.RESERVED, text=text.strip())
    found = _level(line) or _kind(line) or _at(line, 0) or _after_courtesy(line)
    if found is None:
        slip = slip_in(line.text)
        found = NotUnderstood(word=slip[:WORD]) if slip else _words_for_customer(line, 0)
    if isinstance(found, Command) and line.asks and not found.text and found.intent not in ASKABLE:
        return None
    return found


def _command(intent: Intent, numbers: tuple[int, ...], **more: object) -> Command:
    return Command(intent=intent, number=numbers[0] if numbers else None, numbers=numbers, **more)  # type: ignore[arg-type]


def _after_courtesy(line: Line) -> Command | None:
    found = POLITE.match(line.text)
    return _at(line, found.end()) if found else None


def _at(line: Line, at: int) -> Command | None:
    before, here = numbers_at(line.text, at)
    begin = SUBJECT.match(line.text, skip(line.text, here))
    verb = verb_at(line.text, begin.end() if begin and before else skip(line.text, here))
    if verb is None:
        alone = len(before) == 1 and courteous(line.text, here)
        return _command(Intent.STATUS, before) if alone else None
    if verb.intent is Intent.REPLY:
        return None if before else _reply(line, verb)
    numbers, here = (before, verb.end) if before else _numbers_after(line.text, verb)
    if verb.word in NUMBERED and not numbers:
        return None
    said = _Said(line=line, verb=verb, numbers=numbers, at=here, first=bool(before))
    return READERS.get(verb.intent, _plain)(said)


def _numbers_after(text: str, verb: Verb) -> tuple[tuple[int, ...], int]:
    """Return the numbers after a verb; where words may follow, a second number belongs to those."""
    if verb.intent not in WORDY:
        return numbers_at(text, verb.end)
    found = number_at(text, skip(text, verb.end))
    return ((found[0],), found[1]) if found else ((), verb.end)


def _plain(said: _Said) -> Command | None:
    text = said.line.text
    if courteous(text, said.at):
        listed = said.verb.intent is Intent.LIST and said.numbers
        return _command(Intent.STATUS, said.numbers) if listed else said.command()
    rest = text[skip(text, said.at) :]
    if rest.isdigit() and len(rest) < 4 and not said.numbers and not said.digit:
        return said.command() if DIGITS.get(rest) is said.verb.intent else _command(said.verb.intent, (int(rest),))
    doubt = DOUBT.search(rest) if said.verb.intent in DOUBTED else UNSOLVED.match(rest)
    remark = said.verb.word in FIRM and said.numbers and bounded(text, said.at) and not doubt
    return said.command(text=said.line.written(said.at)) if remark and not said.line.asks else None


def _with_text(said: _Said) -> Command | None:
    text = said.line.text
    if courteous(text, said.at):
        return said.command()
    rest = text[skip(text, said.at) :]
    loose = said.digit and (said.first or not said.numbers)
    if loose or said.verb.word in NUMBERED or not bounded(text, said.at):
        return None
    if said.verb.intent in CLAIMED and not said.numbers:
        return None
    if said.verb.intent is Intent.ESCALATE and not said.numbers and rest == "2":
        return said.command()
    doubt = {Intent.RESOLVE: UNSOLVED.match(rest), Intent.ESCALATE: not said.numbers and DOUBT.search(rest)}
    return None if doubt.get(said.verb.intent) else said.command(text=said.line.written(said.at))


def _pair(said: _Said) -> Command | None:
    """Read "合并 1043 1042", "1043 合并到 1042", "merge 1043 into 1042": the first becomes a part of the second."""
    text, numbers, at = said.line.text, said.numbers, said.at
    joined = INTO.match(text, at)
    if joined and len(numbers) == 1 and (found := number_at(text, joined.end())):
        numbers, at = (*numbers, found[0]), found[1]
    return _command(said.verb.intent, numbers) if courteous(text, at) else None


def _snooze(said: _Said) -> Command | None:
    text, at, numbers = said.line.text, said.at, said.numbers
    if text[skip(text, at) :] == "3" and not said.digit and said.verb.intent is Intent.SNOOZE:
        return said.command()
    span = minutes_at(text, skip(text, at))
    if span:
        at = span[1]
        if not numbers:
            numbers, at = numbers_at(text, at)
    if not courteous(text, at):
        return None
    minutes = _within(span[0], SPANS[said.verb.intent]) if span else None
    return _command(said.verb.intent, numbers, minutes=minutes)


def _awake(said: _Said) -> Command | None:
    """Read "awake 60"; "awake 0" and "asleep" end it."""
    text, over = said.line.text, said.verb.word in ASLEEP
    span = None if over else minutes_at(text, skip(text, said.at))
    if not courteous(text, span[1] if span else said.at):
        return None
    minutes = 0 if over or (span and not span[0]) else _within(span[0], AWAKE_MINUTES) if span else None
    return _command(said.verb.intent, said.numbers, minutes=minutes)


def _within(minutes: int, limits: tuple[int, int]) -> int:
    low, high = limits
    return min(max(minutes, low), high)


def _transfer(said: _Said) -> Command | None:
    text, numbers = said.line.text, said.numbers
    glued = said.verb.word in ("转", "派") and not bounded(text, said.verb.end)
    at = skip(text, said.at)
    for word in ("给", "到", "to "):
        at = skip(text, at + len(word)) if text.startswith(word, at) else at
    name = NAME.match(text, at)
    if not name:
        return said.command() if courteous(text, at) else None
    end = name.end()
    if not numbers:
        joined = INTO.match(text, end)
        numbers, end = numbers_at(text, joined.end() if joined and number_at(text, joined.end()) else end)
    long = glued and (len(name[0]) > 3 or said.verb.intent is Intent.DISPATCH)
    loose = not numbers and (long or " " in name[0] or end < len(text))
    if loose or not courteous(text, end):
        return None
    person = said.line.written(at, name.end())
    intent = said.verb.intent
    return _command(intent, numbers, person=GOING.sub("", person) if intent is Intent.DISPATCH else person)


def _prove(said: _Said) -> Command | None:
    """Read "确认码 1042 4821"; of one number alone only the tickets can tell whether it is one or the code."""
    text = said.line.text
    code = CODE.match(text, skip(text, said.at))
    end = code.end() if code else said.at
    return said.command(text=code[0] if code else None) if courteous(text, end) else None


def _swap(said: _Said) -> Command | None:
    """Read a name and one day or two; what is no day is kept where a day should stand, and answered."""
    found = swap_at(said.line.text, said.at)
    if found is None or said.numbers:
        return said.command() if courteous(said.line.text, said.at) else None
    return said.command(person=said.line.written(*found.name), days=found.days)


def _away(said: _Said) -> Command | None:
    days, at = away_at(said.line.text, said.at)
    if courteous(said.line.text, said.at):
        return said.command()
    if not days or said.numbers:
        return None
    return said.command(days=days, text=said.line.written(at) or None)


def _unlevelled(said: _Said) -> Command | None:
    """Read "level" or "kind" alone; with a level or a kind the whole line was read before."""
    return said.command() if courteous(said.line.text, said.at) else None


def _reply(line: Line, verb: Verb) -> Command | None:
    """Read "回复 1042 …"; "回1" and "回 接单1042" are copied from our own wording and mean what follows."""
    at = skip(line.text, verb.end)
    at += 3 if line.text.startswith("to ", at) else 0
    return _words_for_customer(line, at, asked=True) or _at_once(line, verb.end)


def _at_once(line: Line, at: int) -> Command | None:
    at = skip(line.text, at)
    verb = verb_at(line.text, at)
    return _at(line, at) if verb and verb.intent is not Intent.REPLY else None


def _words_for_customer(line: Line, at: int, *, asked: bool = False) -> Command | None:
    """Read a number and then words; several numbers are nobody's customer."""
    found = number_at(line.text, at)
    if not found:
        return None
    number, end = found
    words = line.written(end) or None
    if number_at(line.text, skip(line.text, end)) or not (words or asked):
        return None
    return _command(Intent.REPLY, (number,), text=words)


def _level(line: Line) -> Command | NotUnderstood | None:
    found = level_in(line.text)
    if found is None:
        return None
    known = found.level in (1, 2, 3)
    return _command(Intent.LEVEL, found.numbers, level=found.level) if known else NotUnderstood(word=line.text[:WORD])


def _kind(line: Line) -> Command | None:
    found = kind_in(line.text)
    return _command(Intent.KIND, found.numbers, kind=found.kind, level=found.level) if found else None


READERS: Final[Mapping[Intent, Callable[[_Said], Command | None]]] = {
    Intent.ESCALATE: _with_text,
    Intent.RESOLVE: _with_text,
    Intent.NOTE: _with_text,
    Intent.RESOLVE_ALL: _with_text,
    Intent.HOLD: _with_text,
    Intent.WORKAROUND: _with_text,
    Intent.SECOND_LINE: _with_text,
    Intent.MERGE: _pair,
    Intent.CHILD: _pair,
    Intent.SNOOZE: _snooze,
    Intent.AWAKE: _awake,
    Intent.TRANSFER: _transfer,
    Intent.SWAP: _swap,
    Intent.AWAY: _away,
    Intent.DISPATCH: _transfer,
    Intent.LEAVE: _snooze,
    Intent.PROVE: _prove,
    Intent.LEVEL: _unlevelled,
    Intent.KIND: _unlevelled,
}
