"""The conditions of a rule beside its words: who writes, for whom, and what a machine's alert is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

from router.alerts import Alert, State
from router.monitors import SEVERITIES, severity_named
from router.plain import plain

if TYPE_CHECKING:
    from router.reading import Reading
    from router.rules import Rule, Source

Pattern = re.Pattern[str]
ANY_CRITICAL = "*"
"""Among the systems of a rule: any that the site or the customer called critical."""
STATES = tuple(state.value for state in State)


class RuleError(ValueError):
    """A rule that cannot be used: which one, which key, what is wrong with it, and the cure."""

    def __init__(self, rule: str, key: str, what: str, cure: str) -> None:
        super().__init__(f"rule {rule!r}: {key}: {what}; {cure}")
        self.rule, self.key, self.what, self.cure = rule, key, what, cure


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Conditions made ready; all that are given must hold."""

    senders: tuple[Pattern, ...] = ()
    systems: tuple[str, ...] = ()
    customers: tuple[Pattern, ...] = ()
    grades: frozenset[str] = frozenset()
    contract: str = ""
    source: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()
    """Field of an alert and what it may be."""

    def holds(self, reading: Reading) -> tuple[str, ...] | None:
        """Return what held, in words for the reasons; None when something did not."""
        said: list[str] = []
        for look in (self._source, self._sender, self._customer, self._system):
            found = look(reading)
            if found is None:
                return None
            said.extend(found)
        return tuple(said)

    def _sender(self, reading: Reading) -> tuple[str, ...] | None:
        if not self.senders:
            return ()
        for pattern in self.senders:
            for value in (reading.who.address.lower(), plain(reading.who.name)):
                if value and pattern.match(value):
                    return (f"sender {value}",)
        return None

    def _customer(self, reading: Reading) -> tuple[str, ...] | None:
        who, said = reading.who, []
        if self.customers:
            if not any(pattern.match(plain(who.customer)) for pattern in self.customers if who.customer):
                return None
            said.append(f"customer {who.customer}")
        if self.grades:
            if plain(who.grade) not in self.grades:
                return None
            said.append(f"grade {who.grade}")
        if self.contract:
            if who.contract != self.contract:
                return None
            said.append(f"contract {who.contract}")
        return tuple(said)

    def _source(self, reading: Reading) -> tuple[str, ...] | None:
        if not self.source:
            return ()
        alert = reading.alert
        if alert is None:
            return None
        said = []
        for name, patterns in self.source:
            value = field_of(alert, name)
            if not any(pattern.match(value) for pattern in patterns):
                return None
            said.append(f"{name} {value}")
        return tuple(said)

    def _system(self, reading: Reading) -> tuple[str, ...] | None:
        if not self.systems:
            return ()
        wanted = [one for name in self.systems for one in (reading.critical if name == ANY_CRITICAL else (name,))]
        named = named_in(reading, wanted)
        return (f"system {named}",) if named else None


def field_of(alert: Alert, name: str) -> str:
    """Return one field of an alert as rules name it."""
    return plain(str(getattr(alert, name)))


def named_in(reading: Reading, systems: Iterable[str]) -> str:
    """Return the first of these systems that the text names; a Latin name stands as a whole word."""
    whole = reading.part("anywhere")
    return next(
        (name for name in systems if plain(name) and next(whole.places(plain(name), open_ended=False), None)), ""
    )


def where(rule: Rule) -> Where | None:
    """Make the conditions of a rule ready, None when it has none; raises RuleError with key and cure."""
    check(rule)
    if not (rule.senders or rule.systems or rule.customers or rule.grades or rule.contract or rule.source):
        return None
    return Where(
        senders=tuple(_sender(one) for one in _given(rule, "senders", rule.senders)),
        systems=tuple(_given(rule, "systems", rule.systems)),
        customers=tuple(_glob(plain(one)) for one in _given(rule, "customers", rule.customers)),
        grades=frozenset(plain(one) for one in _given(rule, "grades", rule.grades)),
        contract=rule.contract or "",
        source=_source(rule, rule.source) if rule.source else (),
    )


def check(rule: Rule) -> None:
    """Refuse a rule that contradicts itself."""
    if rule.force and rule.forbid:
        raise RuleError(rule.name, "forbid", "stands beside force", "keep one of them")
    for key, set_ in (("force", rule.force), ("forbid", rule.forbid)):
        if set_ and rule.kind is None and rule.level is None:
            raise RuleError(rule.name, key, "says of no kind and no level", "add kind or level")
    if rule.forbid and rule.kind is not None and rule.level is not None:
        raise RuleError(rule.name, "forbid", "names a kind and a level", "write one rule for each")
    if rule.force and rule.level is not None and rule.kind not in (None, "fault"):
        raise RuleError(rule.name, "level", f"is forced for {rule.kind}, and only a fault has one", "take it away")


def _given(rule: Rule, key: str, words: Iterable[str]) -> list[str]:
    found = list(words)
    if any(not one.strip() for one in found):
        raise RuleError(rule.name, key, "holds an empty text", "take it away or fill it in")
    return found


def _glob(pattern: str) -> Pattern:
    return re.compile(translate(pattern))


def _sender(pattern: str) -> Pattern:
    """`@example.com` is everybody of that domain; else an address or a name, with `*` for any characters."""
    return _glob(f"*{pattern.lower()}" if pattern.startswith("@") else plain(pattern))


def _source(rule: Rule, source: Source) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    found = []
    for name in ("system", "host", "check", "severity", "state"):
        words = _given(rule, f"source.{name}", getattr(source, name))
        if words:
            found.append((name, tuple(_field(rule, name, word) for word in words)))
    if not found:
        raise RuleError(rule.name, "source", "is empty", "add system, host, check, severity or state")
    return tuple(found)


def _field(rule: Rule, name: str, word: str) -> Pattern:
    if name == "state" and word not in STATES:
        raise RuleError(rule.name, "source.state", f"{word!r} is no state", f"write one of {', '.join(STATES)}")
    if name == "severity":
        known = severity_named(plain(word))
        if not known:
            cure = f"write one of {', '.join(SEVERITIES)}, or the word of your monitoring system for it"
            raise RuleError(rule.name, "source.severity", f"{word!r} is no severity", cure)
        word = known
    return _glob(plain(word))
