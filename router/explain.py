"""What a ladder would do at an instant, before anybody relies on it: who is asked how and when, what is wrong. Pure.

The sentences that say it stand in `router.explain_words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from router.duty import OnDuty
from router.effects import Rung
from router.ladder import hushed, plan
from router.policy_settings import URGENCIES, Choice, Policy, WhoStep
from router.settings import RouterSettings


class Trouble(StrEnum):
    """Why a person is not reached by a method, or cannot answer there."""

    NO_CHANNEL = "no channel"
    """None that is configured carries the method."""
    NO_ADDRESS = "no address"
    NOT_KNOWN = "not known"
    """No address in the configuration; one that was proved by a code stands in the store, which was not read."""
    ONE_WAY = "one way"
    """It arrives, but cannot be answered there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How a method reaches a person: what is wrong with it, if anything, and the address."""

    trouble: Trouble | None = None
    address: str = ""

    @property
    def arrives(self) -> bool:
        """Tell whether a page comes through."""
        return self.trouble in (None, Trouble.ONE_WAY)


Reaches = Mapping[tuple[str, str], Reach]
"""By person and method; what is missing is a method that no channel carries."""
UNREACHED = Reach(trouble=Trouble.NO_CHANNEL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One person asked by one method, seconds after the page began."""

    person: str
    role: str
    """lead, second or manager where the step names the role; "" where it names the person or everyone."""
    by: str
    after: float
    reach: Reach


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a ladder with those it asks."""

    number: int
    after: float
    asks: tuple[Ask, ...]

    @property
    def arrives(self) -> bool:
        """Tell whether anybody is reached."""
        return any(ask.reach.arrives for ask in self.asks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """One thing wrong with a ladder; what does not apply is empty."""

    what: str
    """nobody, step, channel, method, answer, late, phone or hole."""
    step: int = 0
    people: tuple[str, ...] = ()
    by: str = ""
    why: tuple[tuple[str, str, Trouble], ...] = ()
    """Person, method and trouble."""
    seconds: float = 0.0
    promised: float = 0.0
    fatal: bool = False
    """A page of level 1 reaches nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One ladder at an instant."""

    policy: str
    urgencies: tuple[str, ...]
    """For which it is the same."""
    choice: Choice | None = None
    """Under which condition; None: where nothing else was chosen."""
    steps: tuple[Step, ...]
    repeat: float | None
    """Seconds after which the last step comes again; None: never."""
    asleep: tuple[str, ...] = ()
    """Whom the quiet hours spare at this instant."""
    flaws: tuple[Flaw, ...] = ()


def explain(settings: RouterSettings, duty: OnDuty, reaches: Reaches, now: datetime) -> list[Explained]:
    """Explain each ladder that a ticket could get at an instant, the chosen ones first as they are asked first."""
    found: list[Explained] = []
    for choice in settings.choose:
        for urgency in filter(choice.fits, URGENCIES):
            _merge(found, _explained(settings, duty, reaches, now, (choice.policy, urgency, choice)))
    return [*found, *(_explained(settings, duty, reaches, now, (name, name, None)) for name in URGENCIES)]


def _merge(found: list[Explained], one: Explained) -> None:
    """Put a ladder with the one before it, where the same choice gives another urgency the very same one."""
    before = found[-1] if found else None
    same = before and (before.choice, before.steps, before.flaws, before.asleep)
    if before is not None and same == (one.choice, one.steps, one.flaws, one.asleep):
        found[-1] = replace(before, urgencies=(*before.urgencies, *one.urgencies))
    else:
        found.append(one)


def _explained(
    settings: RouterSettings, duty: OnDuty, reaches: Reaches, now: datetime, which: tuple[str, str, Choice | None]
) -> Explained:
    name, urgency, choice = which
    policy = settings.policies[name]
    steps, asleep = [], []
    for number, step in enumerate(policy.steps, 1):
        alone = policy.model_copy(update={"steps": [step]})
        planned = plan(alone, duty, settings.people, urgency)
        rungs = hushed(planned, urgency, settings, now)
        asleep += sorted({rung.person for rung in set(rungs) - set(planned)})
        asks = tuple(_ask(rung, step, duty, rungs, reaches) for rung in rungs)
        steps.append(Step(number=number, after=step.after.total_seconds(), asks=asks))
    return Explained(
        policy=name,
        urgencies=(urgency,),
        choice=choice,
        steps=tuple(steps),
        repeat=policy.repeat.total_seconds() if policy.repeat else None,
        asleep=tuple(dict.fromkeys(asleep)),
        flaws=tuple(flaws(policy, urgency, steps, settings, duty)),
    )


def _ask(rung: Rung, step: WhoStep, duty: OnDuty, rungs: Sequence[Rung], reaches: Reaches) -> Ask:
    roles = (role for role in step.who if role in ("lead", "second", "manager") and rung.person in duty.who(role))
    reach = reaches.get((rung.person, rung.by), UNREACHED)
    if rung.by == "sms" and not any((one.person, one.by) == (rung.person, "push") for one in rungs):
        # A text wakes the person's app as well, and does so where there is no text (gateway/asking.py).
        app = reaches.get((rung.person, "push"), UNREACHED)
        better = app.trouble is None or (app.arrives and not reach.arrives)
        reach = app if better and reach.trouble is not None else reach
    return Ask(person=rung.person, role=next(roles, ""), by=rung.by, after=rung.after, reach=reach)


def flaws(
    policy: Policy, urgency: str, steps: Sequence[Step], settings: RouterSettings, duty: OnDuty
) -> Iterator[Flaw]:
    """Find what is wrong with a ladder, the worst first."""
    asks = [ask for step in steps for ask in step.asks]
    if not any(step.arrives for step in steps):
        surely = all(ask.reach.trouble is not Trouble.NOT_KNOWN for ask in asks)
        yield Flaw(what="nobody", why=_why(asks), fatal=urgency == "fault-1" and surely)
    else:
        yield from _unreached(steps)
    if duty.hole:
        yield Flaw(what="hole", people=(duty.lead,))
    for person in dict.fromkeys(ask.person for ask in asks if ask.reach.arrives):
        ways = [ask for ask in asks if ask.person == person and ask.reach.arrives]
        if all(ask.reach.trouble is Trouble.ONE_WAY for ask in ways):
            yield Flaw(what="answer", people=(person,))
    yield from _late(policy, urgency, settings)
    yield from _one_phone(asks)


def _unreached(steps: Sequence[Step]) -> Iterator[Flaw]:
    """Find steps that reach nobody, methods that nothing carries, and people whom a method does not reach."""
    told: set[tuple[str, str]] = set()
    for step in steps:
        if not step.arrives:
            yield Flaw(what="step", step=step.number, why=_why(step.asks))
            told |= {(ask.person, ask.by) for ask in step.asks}
    broken = [ask for step in steps for ask in step.asks if not ask.reach.arrives]
    for by in dict.fromkeys(ask.by for ask in broken if ask.reach.trouble is Trouble.NO_CHANNEL):
        yield Flaw(what="channel", by=by, people=tuple(dict.fromkeys(ask.person for ask in broken if ask.by == by)))
    for ask in broken:
        if ask.reach.trouble is not Trouble.NO_CHANNEL and (ask.person, ask.by) not in told:
            told.add((ask.person, ask.by))
            yield Flaw(what="method", people=(ask.person,), by=ask.by, why=_why([ask]))


def _why(asks: Sequence[Ask]) -> tuple[tuple[str, str, Trouble], ...]:
    found = ((ask.person, ask.by, ask.reach.trouble) for ask in asks if ask.reach.trouble is not None)
    return tuple(dict.fromkeys(found))


def _late(policy: Policy, urgency: str, settings: RouterSettings) -> Iterator[Flaw]:
    """Find steps that begin after the answer was promised."""
    level = {"fault-1": 1, "fault-2": 2, "fault-3": 3, "emergency_support": 1}.get(urgency)
    if level is None:
        return
    promised = settings.contract[level].respond.total_seconds()
    for number, step in enumerate(policy.steps, 1):
        if (begins := step.after.total_seconds()) > promised:
            yield Flaw(what="late", step=number, seconds=begins, promised=promised)


def _one_phone(asks: Sequence[Ask]) -> Iterator[Flaw]:
    """Find people who are asked under one address: whoever has that phone is asked twice, and the other never."""
    known: dict[tuple[str, str], list[str]] = {}
    for ask in asks:
        if ask.reach.address:
            people = known.setdefault((ask.by, ask.reach.address), [])
            people += [ask.person] if ask.person not in people else []
    pairs = {pair: by for (by, _), people in known.items() for pair in combinations(sorted(people), 2)}
    for pair, by in sorted(pairs.items()):
        yield Flaw(what="phone", people=pair, by=by)
