"""What a ticket's history alone says of its promises: every clock with its times, read from the events. Pure.

The rows of the store are what this says at any time; a test plays random moves and compares. What a merge or a great
outage brings in from another ticket stands in the history as a line of its own, so that it is read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from router.promises import DUE, LEVELLED, REPAIRS, Days, Matter, Terms, opening
from store.model import ClockKind, Event, EventKind, Kind

Contract = Callable[[str], Terms]
"""Gives the terms of a name that stands in a history; "" are those of everybody."""
NEVER = timedelta(0)


@dataclass(kw_only=True, slots=True)
class Run:
    """One promise: since when it counts, until when, and what became of it."""

    kind: ClockKind
    counts_from: datetime
    started: datetime
    due: datetime
    stopped: datetime | None = None
    broken_at: datetime | None = None
    paused_at: datetime | None = None
    paused: timedelta = NEVER
    void: bool = False
    """It ended neither kept nor broken."""
    floor: datetime | None = None
    """When its limit was last set: it cannot have been broken before."""

    @property
    def runs(self) -> bool:
        """Neither kept nor dropped yet; a broken one runs on."""
        return self.stopped is None

    def stop(self, at: datetime, *, void: bool = False) -> None:
        """End it; what stood still goes on first, so that its limit is the true one."""
        self.resume(at)
        self.stopped, self.void = at, void and self.broken_at is None

    def pause(self, at: datetime) -> None:
        """Let it stand still; a broken one does not, for it is late whatever happens."""
        if self.broken_at is None and self.paused_at is None:
            self.paused_at = at

    def resume(self, at: datetime) -> None:
        """Let it go on, with a limit later by as long as it stood."""
        if self.paused_at is not None:
            stood = at - self.paused_at
            self.due, self.paused, self.paused_at = self.due + stood, self.paused + stood, None

    def move(self, due: datetime, at: datetime, counts_from: datetime) -> None:
        """Set another limit."""
        self.due, self.floor, self.counts_from = due, at, counts_from

    def pass_time(self, until: datetime, *, reached: bool = False) -> None:
        """Break it when its limit lies before an instant; `reached`: at the instant as well."""
        if not self.runs or self.paused_at is not None or self.broken_at is not None:
            return
        at = max(self.due, self.floor or self.started)
        if at < until or (reached and at == until):
            self.broken_at = at


@dataclass(kw_only=True, slots=True)
class _Told:
    """A ticket as its history tells it, so far."""

    contract: Contract
    days: Days
    matter: Matter = field(default_factory=lambda: Matter(kind="", level=None))
    terms: Terms
    opened: datetime
    held: bool = False
    arrived: datetime | None = None
    eased: bool = False
    """There is a workaround."""
    runs: list[Run] = field(default_factory=list)

    def running(self, kind: ClockKind) -> Run | None:
        return next((run for run in self.runs if run.kind == kind and run.runs), None)

    def start(self, kind: ClockKind, at: datetime, *, since: datetime, due: datetime | None = None) -> None:
        until = due or DUE[kind](self.matter, since, self.terms, self.days)
        if until is not None:
            self.runs.append(Run(kind=kind, counts_from=since, started=at, due=until))

    def stop(self, at: datetime, *kinds: ClockKind, void: bool = False) -> None:
        for run in self.runs:
            if run.runs and run.kind in kinds:
                run.stop(at, void=void)

    def set(self, kind: ClockKind, at: datetime, *, since: datetime) -> None:
        """Set one promise anew: a running one gets another limit, a broken one is followed by a new one."""
        run, due = self.running(kind), DUE[kind](self.matter, since, self.terms, self.days)
        if due is None:
            return
        if run is not None and run.broken_at is None:
            if run.due != due + run.paused:
                run.move(due + run.paused, at, since)
            return
        self.stop(at, kind)
        self.start(kind, at, since=since)


def read(events: Iterable[Event], contract: Contract, *, days: Days, until: datetime) -> list[Run]:
    """Return every promise of a ticket, in the order in which they began, as they stand at an instant."""
    lines = list(events)
    told = _Told(contract=contract, days=days, terms=contract(""), opened=lines[0].at if lines else until)
    for event in lines:
        if event.at > until:
            break
        for run in told.runs:
            run.pass_time(event.at)
        obeyed = _OBEYED.get(EventKind(event.kind))
        if obeyed is not None:
            if "terms" in event.more and event.kind != EventKind.CLOCK:
                told.terms = contract(str(event.more["terms"]))
            obeyed(told, event)
    for run in told.runs:
        run.pass_time(until, reached=True)
    return told.runs


def _opened(told: _Told, event: Event) -> None:
    told.matter = Matter(kind=str(event.more.get("kind", "")), level=event.more.get("level"))
    _begin(told, event.at, event.at)


def _begin(told: _Told, at: datetime, since: datetime) -> None:
    for kind, due in opening(told.matter, since, told.terms, told.days).items():
        told.start(kind, at, since=since, due=due)


def _taken(told: _Told, event: Event) -> None:
    told.held = True
    if event.more.get("arrived"):
        told.arrived = event.at
    told.stop(event.at, ClockKind.RESPOND)


def _freed(told: _Told, event: Event) -> None:
    """Given back, passed on or handed over by whoever had it; said of a waiting one it changes no promise."""
    if event.more.get("freed"):
        told.held, told.arrived = False, None
        _resumed(told, event)


def _undone(told: _Told, event: Event) -> None:
    _freed(told, event)
    last = next((run for run in reversed(told.runs) if run.kind == ClockKind.RESPOND), None)
    if last is not None and last.broken_at is None and not last.runs:
        last.stopped, last.floor = None, event.at


def _arrived(told: _Told, event: Event) -> None:
    told.held, second = True, told.running(ClockKind.SECOND_ARRIVE)
    if told.arrived is None:
        told.arrived = event.at
        told.stop(event.at, ClockKind.ARRIVE)
        if told.running(ClockKind.RESOLVE) is None and not told.eased:
            told.start(ClockKind.RESOLVE, event.at, since=event.at)
    if second is not None:
        second.stop(event.at)
        if not told.eased:
            told.start(ClockKind.SECOND_RESOLVE, event.at, since=event.at)


def _held(told: _Told, event: Event) -> None:
    for run in told.runs:
        if run.runs and run.kind in REPAIRS:
            run.pause(event.at)


def _resumed(told: _Told, event: Event) -> None:
    for run in told.runs:
        if run.runs:
            run.resume(event.at)


def _eased(told: _Told, event: Event) -> None:
    told.eased = True
    told.stop(event.at, *REPAIRS)


def _second(told: _Told, event: Event) -> None:
    told.stop(event.at, ClockKind.SECOND_RESOLVE)
    told.start(ClockKind.SECOND_ARRIVE, event.at, since=event.at)


def _over(told: _Told, event: Event) -> None:
    told.held = False
    told.stop(event.at, *ClockKind)


def _closed(told: _Told, event: Event) -> None:
    told.stop(event.at, *ClockKind, void=True)


def _merged(told: _Told, event: Event) -> None:
    if "into" in event.more:
        told.stop(event.at, *ClockKind, void=True)


def _reopened(told: _Told, event: Event) -> None:
    """A customer's word counts from then; what was no false alarm after all counts from the report."""
    told.held, told.arrived, told.eased = False, None, False
    _begin(told, event.at, event.at if event.actor == "customer" else told.opened)


def _kind(told: _Told, event: Event) -> None:
    """Another kind has its own promises from the report; those that are kept already stay kept."""
    if "kind" not in event.more:
        return
    kind, at, since = str(event.more["kind"]), event.at, _reported(told, ClockKind.RESPOND)
    told.matter = Matter(kind=kind, level=None if kind != Kind.FAULT else event.more.get("level"))
    if event.more.get("settled") or kind == Kind.CHAT:
        return
    if kind == Kind.FAULT:
        told.stop(at, ClockKind.ANSWER, void=True)
        if told.held and not told.arrived and told.running(ClockKind.ARRIVE) is None:
            told.start(ClockKind.ARRIVE, at, since=told.opened)
        return
    wanted = opening(told.matter, since, told.terms, told.days)
    if told.held:
        wanted.pop(ClockKind.RESPOND, None)
    if told.arrived:
        wanted.pop(ClockKind.ARRIVE, None)
    cured = kind == Kind.EMERGENCY_SUPPORT and told.arrived is not None and not told.eased
    left = {*wanted, ClockKind.RESOLVE} if cured else set(wanted)
    told.stop(at, *(one for one in ClockKind if one not in left), void=True)
    for one in wanted:
        told.set(one, at, since=since)
    cure = told.running(ClockKind.RESOLVE)
    if cured and (cure is None or cure.broken_at is None):
        told.set(ClockKind.RESOLVE, at, since=cure.counts_from if cure else told.arrived or at)


def _reported(told: _Told, kind: ClockKind) -> datetime:
    run = told.running(kind)
    return told.opened if run is None or not told.matter.fault else run.counts_from


def _level(told: _Told, event: Event) -> None:
    if "level" not in event.more:
        return
    was = str(event.more.get("was", ""))
    counted = {kind: _reported(told, kind) for kind in (ClockKind.RESPOND, ClockKind.ARRIVE)}
    if was != Kind.FAULT:
        counted = dict.fromkeys(counted, told.opened)
    told.matter = Matter(kind=Kind.FAULT, level=int(event.more["level"]))
    if "from" in event.more:
        return
    for kind, since in counted.items():
        run = told.running(kind)
        if (run is not None and run.broken_at is None) or (was != Kind.FAULT and not told.held):
            told.set(kind, event.at, since=event.at if event.actor == "customer" else since)
    cure = told.running(ClockKind.RESOLVE)
    if cure is not None and cure.broken_at is None:
        told.set(ClockKind.RESOLVE, event.at, since=cure.counts_from)


def _clock(told: _Told, event: Event) -> None:
    """A line that only tells of a change changes nothing; one that brings in a limit from elsewhere does."""
    if "terms" in event.more:
        told.terms = told.contract(str(event.more["terms"]))
        for run in [run for run in told.runs if run.runs and run.kind in LEVELLED and run.broken_at is None]:
            told.set(run.kind, event.at, since=run.counts_from)
    if "from" not in event.more:
        return
    kind = ClockKind(str(event.more["clock"]))
    told.stop(event.at, kind, void=bool(event.more.get("due")))
    if event.more.get("due"):
        due, since = (datetime.fromisoformat(str(event.more[name])) for name in ("due", "since"))
        told.start(kind, event.at, since=since, due=due)
        if event.more.get("broken"):
            told.runs[-1].broken_at = event.at


_OBEYED: Final[Mapping[EventKind, Callable[[_Told, Event], None]]] = {
    EventKind.OPENED: _opened,
    EventKind.TAKEN: _taken,
    EventKind.RELEASED: _freed,
    EventKind.ESCALATED: _freed,
    EventKind.TRANSFERRED: _freed,
    EventKind.UNDONE: _undone,
    EventKind.ARRIVED: _arrived,
    EventKind.HELD: _held,
    EventKind.RESUMED: _resumed,
    EventKind.WORKAROUND: _eased,
    EventKind.SECOND_LINE: _second,
    EventKind.RESOLVED: _over,
    EventKind.CLOSED: _closed,
    EventKind.MERGED: _merged,
    EventKind.REOPENED: _reopened,
    EventKind.KIND: _kind,
    EventKind.LEVEL: _level,
    EventKind.CLOCK: _clock,
}
