"""The judgement of a message: what kind it is and how bad, with the reasons; the evidence of all judges is added up.

Two decisions stand behind the numbers. A text that speaks for nothing is a fault of level 3: a person looks at it. A
greeting that was not recognised costs one look, a lost matter costs a customer. And where a worse level is nearly as
likely as a milder one it acts, and the Verdict says that there was doubt.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import exp, inf, log
from typing import Protocol, TypeVar, get_args

from router.alerts import Alert, alert_in
from router.reading import NOBODY, Reading, Who, read
from router.rules import Hit, Kind, Level, Table
from router.rulings import Ruling, ruled_kinds, ruled_levels, ruling
from router.where import named_in

_Choice = TypeVar("_Choice", Kind, Level)
KINDS: tuple[Kind, ...] = get_args(Kind)
LEVELS: tuple[Level, ...] = get_args(Level)
# Between two levels in doubt the worse acts: how much heavier a milder level must be to win over each. Measured on the
# corpus: a missed outage costs more than a needless page, and beyond this the pages that are needless outgrow the
# outages gained.
_BENEFIT_OF_DOUBT: Mapping[Level, float] = {1: 0.6, 2: 0.4, 3: 0.0}
# The same between a fault of level 1 and something that is no fault at all.
_BENEFIT_OF_OUTAGE = 0.5
# Within this distance another level was near enough to be shown.
_NEAR = 1.0
# Kinds that open no matter: they belong to one that is known, or to none.
_ATTACHED: tuple[Kind, ...] = ("followup", "praise_or_chat")
# Beyond this distance a fault is clearly small, whatever system it names: some fifty to one.
_CLEARLY = 4.0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that a judge may look at, gathered beforehand."""

    channel: str
    text: str
    subject: str | None = None
    sender_known: bool = True
    automatic: str | None = None
    """`auto-reply`, `bounce` or `bulk`, as the channel found; None for a person."""
    has_open: bool = False
    """The sender has an open matter."""
    who: Who = NOBODY
    """Who writes, and for which customer of which grade and contract."""
    critical_systems: tuple[str, ...] = ()
    """Systems that are vital here: a fault that names one is at least level 2, unless clearly small."""

    @cached_property
    def alert(self) -> Alert | None:
        """What a machine's alert is about, where the words look like one."""
        return alert_in(self.subject, self.text)

    @cached_property
    def reading(self) -> Reading:
        """The text as rules read it, with the facts around it; prepared once for all judges."""
        words = read(
            channel=self.channel,
            subject=self.subject,
            text=self.text,
            automatic=self.automatic,
            has_open=self.has_open,
            sender_known=self.sender_known,
        )
        return replace(words, who=self.who, alert=self.alert, critical=self.critical_systems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One thing that spoke for a kind or a level, in words that a person can check."""

    speaks_for: Kind | Level
    weight: float
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What one judge found; weights are natural logarithms of odds, so several judges can be added up."""

    kinds: Mapping[Kind, float] = field(default_factory=dict)
    levels: Mapping[Level, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    """What is forced or forbidden, whatever the weights say."""


class Judge(Protocol):
    """Anything that can look at the facts and give evidence: the rules, or something that learned."""

    def evidence(self, facts: Facts) -> Evidence:
        """Weigh the facts; the same facts always give the same evidence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a message is, how bad, how sure, and why. Only a fault has a level."""

    kind: Kind
    level: Level | None
    confidence: float
    """Between 0 and 1: the share of the kind, and for a fault the share of the level, whichever is less."""
    reasons: tuple[str, ...]
    doubt: Level | None = None
    """Another level that was near."""
    alone: tuple[Kind, Level | None] | None = None
    """What it is when it goes on with nothing and is no chatter: kind and level; only of `followup` and chatter."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The judge that reads the rule table."""

    table: Table

    def evidence(self, facts: Facts) -> Evidence:
        """Add up the weights of the rules that hold."""
        kinds: defaultdict[Kind, float] = defaultdict(float)
        levels: defaultdict[Level, float] = defaultdict(float)
        reasons, rulings = [], []
        for hit in self.table.hits(facts.reading):
            if hit.rule.force or hit.rule.forbid:
                rulings.append(ruling(hit, _named(hit)))
                continue
            if hit.rule.kind is not None:
                kinds[hit.rule.kind] += hit.rule.weight
                reasons.append(_reason(hit, hit.rule.kind))
            if hit.rule.level is not None:
                levels[hit.rule.level] += hit.rule.weight
                reasons.append(_reason(hit, hit.rule.level))
        return Evidence(kinds=kinds, levels=levels, reasons=tuple(reasons), rulings=tuple(rulings))


def judge(facts: Facts, table: Table, *others: Judge) -> Verdict:
    """The verdict of the rules, and of other judges where there are any."""
    return decide(facts, [each.evidence(facts) for each in (Rules(table), *others)])


def decide(facts: Facts, evidence: Sequence[Evidence]) -> Verdict:
    """Add up what the judges found and choose."""
    rulings = [one for each in evidence for one in each.rulings]
    kinds = ruled_kinds({kind: sum(each.kinds.get(kind, 0.0) for each in evidence) for kind in KINDS}, rulings)
    levels = ruled_levels({level: sum(each.levels.get(level, 0.0) for each in evidence) for level in LEVELS}, rulings)
    kind = _kind(kinds, levels)
    reasons = [reason for each in evidence for reason in each.reasons]
    why = (*(one.words for one in rulings), *_why(reasons, kind))
    if kind != "fault":
        alone = _alone(kinds, levels) if kind in _ATTACHED else None
        return Verdict(kind=kind, level=None, confidence=_share(kinds, kind), reasons=why, alone=alone)
    level = _level(levels)
    vital = _vital(facts, level, levels)
    chosen = 2 if vital else level
    return Verdict(
        kind=kind,
        level=chosen,
        confidence=min(_share(kinds, kind), _share(levels, chosen)),
        reasons=(*why, *_why(reasons, level), *vital),
        doubt=_doubt(levels, chosen),
    )


def _reason(hit: Hit, speaks_for: Kind | Level) -> Reason:
    return Reason(speaks_for=speaks_for, weight=hit.rule.weight, words=_named(hit))


def _named(hit: Hit) -> str:
    """Name a rule with the words and the facts that made it hold."""
    said = ", ".join((*hit.facts, *(f"“{word}”" for word in hit.words)))
    return f"{hit.rule.name}: {said}" if said else hit.rule.name


def _why(reasons: Iterable[Reason], speaks_for: Kind | Level) -> tuple[str, ...]:
    """What spoke for the choice, the heaviest first."""
    spoke = [reason for reason in reasons if reason.speaks_for == speaks_for and reason.weight > 0]
    return tuple(reason.words for reason in sorted(spoke, key=lambda reason: -reason.weight))


def _kind(kinds: Mapping[Kind, float], levels: Mapping[Level, float]) -> Kind:
    """The heaviest kind; a fault of level 1 wins already when it is nearly as heavy as something that is no fault."""
    heaviest = max(KINDS, key=kinds.__getitem__)
    if levels[1] == -inf or kinds["fault"] == -inf:
        return heaviest
    outage = kinds["fault"] + log(_share(levels, 1))
    return "fault" if outage >= kinds[heaviest] - _BENEFIT_OF_OUTAGE else heaviest


def _alone(kinds: Mapping[Kind, float], levels: Mapping[Level, float]) -> tuple[Kind, Level | None]:
    """The heaviest kind among those that open a matter; a level only of a fault."""
    kind = max((kind for kind in KINDS if kind not in _ATTACHED), key=kinds.__getitem__)
    return kind, _level(levels) if kind == "fault" else None


def _level(levels: Mapping[Level, float]) -> Level:
    """The heaviest level, or a worse one that is nearly as heavy; where nothing speaks for any, the mildest."""
    heaviest = max(levels.values())
    if heaviest == min(levels.values()):
        return 3
    return next(level for level in LEVELS if levels[level] >= heaviest - _BENEFIT_OF_DOUBT[level])


def _doubt(levels: Mapping[Level, float], chosen: Level) -> Level | None:
    rest = [level for level in LEVELS if level != chosen and levels[level] >= levels[chosen] - _NEAR]
    return max(rest, key=levels.__getitem__, default=None)


def _vital(facts: Facts, level: Level, levels: Mapping[Level, float]) -> tuple[str, ...]:
    """The reason why a fault of level 3 is one of level 2 after all, if there is one."""
    if level != 3 or levels[3] - levels[2] > _CLEARLY:
        return ()
    named = named_in(facts.reading, facts.critical_systems)
    return (f"the customer's vital system: “{named}”",) if named else ()


def _share(weights: Mapping[_Choice, float], chosen: _Choice) -> float:
    """The share of one choice, from 0 to 1."""
    return 1.0 / sum(exp(weight - weights[chosen]) for weight in weights.values())
