"""The typed rule table: what words say about a message. Checked once, compiled once, and then quick. No I/O.

How a word is written (in any script or width; it is compared in the plain form of `router.plain`):

- `瘫痪` stands anywhere; `down` or `not working` stands as whole words; `restor*` begins a word.
- `全部..打不开`: the first, then the second, close together in one sentence; `...` for farther apart in it.
- `{all}..{broken}`: any word of the named lists under `words`.
- `/regex/`: as it is, for the plain form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from router.reading import Reading
from router.where import RuleError, Where, where
from router.words import Compiler, Words

Kind = Literal[
    "fault",
    "consultation",
    "complaint",
    "site_visit",
    "change_request",
    "emergency_support",
    "praise_or_chat",
    "followup",
]
Level = Literal[1, 2, 3]
Contract = Literal["in force", "ended"]
Part = Literal["anywhere", "subject", "start", "end"]


class Source(BaseModel):
    """What a machine's alert must be; each key is a list of which one must fit, with `*` for any characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: tuple[str, ...] = ()
    """zabbix, nagios, icinga, prometheus, grafana, or a cloud by its Chinese name."""
    host: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    """disaster, critical, high, average, info, or the monitoring system's own word."""
    state: tuple[str, ...] = ()
    """fires, recovered, acknowledged, flapping."""


class Rule(BaseModel):
    """One thing to look for and what it speaks for; without words it looks at the other conditions only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    kind: Kind | None = None
    level: Level | None = None
    weight: float = 1.0
    """How strongly it speaks for its kind or level; below zero, against."""
    any: tuple[str, ...] = ()
    """One of these is there."""
    all: tuple[str, ...] = ()
    """Each of these is there."""
    none: tuple[str, ...] = ()
    """None of these is there."""
    part: Part = "anywhere"
    """Where `any` is looked for; `start` and `end` are 40 characters of the body."""
    channels: frozenset[str] = frozenset()
    """Only on these channels; empty means all."""
    shorter: int | None = None
    """Only when subject and text have fewer characters."""
    longer: int | None = None
    """Only when subject and text have at least so many characters."""
    automatic: frozenset[str] = frozenset()
    """Only for these kinds of automatic mail: auto-reply, bounce, bulk."""
    open: bool | None = None
    """Only when the sender has (or has not) an open matter."""
    known: bool | None = None
    """Only when the sender is (or is not) known to us."""
    senders: tuple[str, ...] = ()
    """Only from these: an address, `@domain`, or a contact's name; `*` stands for any characters."""
    systems: tuple[str, ...] = ()
    """Only when the text names one of these systems; `*` is any that is called critical."""
    customers: tuple[str, ...] = ()
    """Only for these customers, by name; `*` stands for any characters."""
    grades: tuple[str, ...] = ()
    """Only for customers of these grades."""
    contract: Contract | None = None
    """Only for customers whose contract is in force, or has ended."""
    source: Source | None = None
    """Only for a machine's alert that is like this."""
    force: bool = False
    """It decides its kind and its level alone, whatever else speaks for another."""
    forbid: bool = False
    """Its kind, or its level, can not be chosen."""


class Rulebook(BaseModel):
    """What the file of rules holds: named lists of words, and rules that may use them as `{name}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


def load(mapping: Mapping[str, Any]) -> Rulebook:
    """Check a mapping read from YAML; raises pydantic.ValidationError that names the wrong key."""
    return Rulebook.model_validate(mapping)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A rule that holds for a message, with the words that decided (none for a rule without words)."""

    rule: Rule
    words: tuple[str, ...]
    facts: tuple[str, ...] = ()
    """What held beside the words: sender grade system state."""


@dataclass(frozen=True, slots=True)
class _Ready:
    rule: Rule
    any: Words
    all: tuple[Words, ...]
    none: Words
    where: Where | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rules compiled for use; the same table serves every message."""

    ready: tuple[_Ready, ...] = field(repr=False)

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """The rules that hold, in the order of the table."""
        for one in self.ready:
            if _conditions_hold(one.rule, reading):
                facts = one.where.holds(reading) if one.where else ()
                words = _words(one, reading) if facts is not None else None
                if words is not None:
                    yield Hit(rule=one.rule, words=words, facts=(*(facts or ()), *_known(one.rule)))


def compile_rules(*books: Rulebook) -> Table:
    """One table of several books; the site's own comes first, and its rules replace later ones of the same name.

    Raises RuleError, which names rule, key and cure.
    """
    lists: dict[str, tuple[str, ...]] = {}
    for book in reversed(books):
        lists.update(book.words)
    compiler, taken, ready = Compiler(lists), set[str](), list[_Ready]()
    for book in books:
        ready += [_compile(rule, compiler) for rule in book.rules if rule.name not in taken]
        taken.update(rule.name for rule in book.rules)
    return Table(tuple(ready))


def _compile(rule: Rule, compiler: Compiler) -> _Ready:
    made = []
    for key, words in (("any", [rule.any]), ("all", [[word] for word in rule.all]), ("none", [rule.none])):
        try:
            made.append(tuple(compiler.words(some) for some in words))
        except ValueError as wrong:
            raise RuleError(rule.name, key, str(wrong), "correct that word; docs/judging.md shows how") from wrong
    (any_,), all_, (none,) = made
    return _Ready(rule, any_, all_, none, where(rule))


def _conditions_hold(rule: Rule, reading: Reading) -> bool:
    return (
        (not rule.channels or reading.channel in rule.channels)
        and (rule.shorter is None or reading.length < rule.shorter)
        and (rule.longer is None or reading.length >= rule.longer)
        and (not rule.automatic or reading.automatic in rule.automatic)
        and (rule.open is None or rule.open == reading.has_open)
        and (rule.known is None or rule.known == reading.sender_known)
    )


def _known(rule: Rule) -> tuple[str, ...]:
    """Say which facts about the sender a rule looked at."""
    open_ = () if rule.open is None else ("an open matter" if rule.open else "no open matter",)
    return open_ if rule.known is None else (*open_, "sender known" if rule.known else "sender unknown")


def _words(one: _Ready, reading: Reading) -> tuple[str, ...] | None:
    """The words that decide, up to three of each list, or None when the rule does not hold."""
    found = list(islice(one.any.found(reading.part(one.rule.part)), 3))
    if one.any and not found:
        return None
    whole = reading.part("anywhere")
    for needed in one.all:
        first = next(needed.found(whole), None)
        if first is None:
            return None
        found.append(first)
    if next(one.none.found(whole), None) is not None:
        return None
    return tuple(dict.fromkeys(found))
