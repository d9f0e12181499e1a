"""How many texts a provider takes: when the next one may go, and a ladder laid so that none of its pages is swallowed.

Providers refuse or silently drop what is above their quotas (for one phone, one template, one group, one account), so
a ladder looks at them before it begins, and every ask once more at its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from router.blocks import Hours
from router.effects import Rung

PATIENCE = timedelta(seconds=15)
"""A page waits this long for room by its own way; it takes another one when there is none before."""
CLOSE = 120.0
"""Seconds after a text to one person by one method in which another adds nothing."""
APART = 60.0
"""Seconds after it that the next one by the same method must at least be."""
ORDER = ("push", "sms", "voice", "mail")
"""In which order other methods are tried."""
VOICE = "voice"
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """At most so many texts within a sliding window."""

    most: int
    within: timedelta
    per: str = "number"
    """number: one recipient; template: one recipient and one template; group: one group; account: all together."""
    hours: Hours | None = None
    """It holds, and counts, only in this part of the day."""

    def __str__(self) -> str:
        seconds = self.within.total_seconds()
        size, unit = next((pair for pair in UNITS if seconds >= pair[0] and seconds % pair[0] == 0), (1, "s"))
        night = f" from {self.hours.begin:%H:%M} to {self.hours.end:%H:%M}" if self.hours else ""
        return f"{self.most} in {seconds / size:g} {unit} per {self.per}{night}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """One text that went by an account, or is about to go."""

    at: datetime
    to: str
    """The recipient, or the group."""
    template: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """A text that somebody wants to send."""

    to: str
    template: str = ""
    group: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """When a text may go, and which quota holds it back until then."""

    at: datetime
    quota: Quota | None = None


def room(quotas: Iterable[Quota], uses: Sequence[Use], sending: Sending, now: datetime, zone: ZoneInfo) -> Room:
    """Return the first instant from `now` on at which one more text breaks no quota, planned ones counted in."""
    known = [(quota, _counted(quota, uses, sending, zone)) for quota in quotas if sending.group or quota.per != "group"]
    found = Room(at=now)
    moved = True
    while moved:
        moved = False
        for quota, instants in known:
            at = _free(quota, instants, found.at, zone)
            if at > found.at:
                found, moved = Room(at=at, quota=quota), True
    return found


def used(quota: Quota, uses: Sequence[Use], sending: Sending, now: datetime, zone: ZoneInfo) -> int:
    """Count what a quota has let through within its window."""
    return sum(1 for at in _counted(quota, uses, sending, zone) if at > now - quota.within)


def _counted(quota: Quota, uses: Sequence[Use], sending: Sending, zone: ZoneInfo) -> list[datetime]:
    return sorted(use.at for use in uses if _same(quota, use, sending) and _holds(quota, use.at, zone))


def _same(quota: Quota, use: Use, sending: Sending) -> bool:
    if quota.per == "account":
        return True
    return use.to == sending.to and (quota.per != "template" or use.template == sending.template)


def _holds(quota: Quota, at: datetime, zone: ZoneInfo) -> bool:
    return quota.hours is None or quota.hours.holds(at.astimezone(zone).time())


def _free(quota: Quota, instants: Sequence[datetime], at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant from `at` on that this quota bears; after the last one's window it bears any."""
    later = [instant + quota.within for instant in instants if instant + quota.within > at]
    if quota.hours is not None:
        later.append(_ends(quota.hours, at, zone))
    return next(one for one in (at, *sorted(later)) if _bears(quota, instants, one, zone))


def _bears(quota: Quota, instants: Sequence[datetime], at: datetime, zone: ZoneInfo) -> bool:
    if not _holds(quota, at, zone):
        return True
    near = sorted([at, *(one for one in instants if abs(one - at) < quota.within)])
    return all(near[last] - near[last - quota.most] >= quota.within for last in range(quota.most, len(near)))


def _ends(hours: Hours, at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    end = local.replace(hour=hours.end.hour, minute=hours.end.minute, second=0, microsecond=0)
    if end <= local:
        end = (end + timedelta(days=1)).replace(hour=hours.end.hour, minute=hours.end.minute)
    return end.astimezone(at.tzinfo)


Reach = tuple[str, str]
"""An account and an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prospect:
    """What a plan may look at: the quotas of each account, the ways to each person, and what went by them lately."""

    quotas: Mapping[str, Sequence[Quota]]
    ways: Mapping[tuple[str, str], Sequence[Reach]]
    """(person, method) to accounts and addresses, the first choice first."""
    uses: Mapping[str, Sequence[Use]]
    """Account to what went by it."""
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A rung that would have been swallowed, and what is done instead."""

    rung: Rung
    instead: Rung
    quota: Quota
    account: str


@dataclass(slots=True)
class _Walk:
    prospect: Prospect
    asked: list[Rung]
    """The ladder as it is laid so far."""
    planned: dict[str, list[Use]] = field(default_factory=dict)

    def take(self, rung: Rung, at: datetime) -> Quota | None:
        """Reserve a place for a rung; the quota that leaves none, or None when it has one or needs none."""
        held: Quota | None = None
        for account, to in self.prospect.ways.get((rung.person, rung.by), ()):
            sending = Sending(to=to, template="voice_page" if rung.by == VOICE else "page")
            uses = [*self.prospect.uses.get(account, ()), *self.planned.get(account, ())]
            found = room(self.prospect.quotas.get(account, ()), uses, sending, at, self.prospect.zone)
            if found.at - at <= PATIENCE:
                self.planned.setdefault(account, []).append(Use(at=found.at, to=to, template=sending.template))
                return None
            held = held or found.quota
        return held

    def new(self, rung: Rung) -> bool:
        """Tell whether a rung adds something: a way, and nothing by the same method at about the same time."""
        if not self.prospect.ways.get((rung.person, rung.by)):
            return False
        near = [one.after - rung.after for one in self.asked if (one.person, one.by) == (rung.person, rung.by)]
        return not any(-CLOSE < ahead < APART for ahead in near)


def foresee(
    rungs: Sequence[Rung], start: datetime, now: datetime, prospect: Prospect
) -> tuple[tuple[Rung, ...], tuple[Moved, ...]]:
    """Walk a ladder along time, and move each rung that a quota would swallow to where there is room.

    Another account of the method needs no move, since the account is chosen when the person is asked. Else it is
    another method of the person, then the next person on the ladder. What has no room anywhere stays, and waits when
    its time comes. Rungs that have room where they are keep it: a moved one takes nobody's place.
    """
    walk = _Walk(prospect, list(rungs))
    times = [max(now, start + timedelta(seconds=rung.after)) for rung in rungs]
    full = {place: quota for place, rung in enumerate(rungs) if (quota := walk.take(rung, times[place])) is not None}
    moves: list[Moved] = []
    for place, quota in full.items():
        rung = rungs[place]
        following = [one.person for one in (*rungs[place + 1 :], *rungs[:place])]
        instead = _instead(walk, rung, times[place], following)
        if instead is not None:
            walk.asked[place] = instead
            account = prospect.ways[rung.person, rung.by][0][0]
            moves.append(Moved(rung=rung, instead=instead, quota=quota, account=account))
    return tuple(walk.asked), tuple(moves)


def _instead(walk: _Walk, rung: Rung, at: datetime, people: Iterable[str]) -> Rung | None:
    others = dict.fromkeys(person for person in people if person != rung.person)
    methods = (rung.by, *(by for by in ORDER if by != rung.by))
    own = [replace(rung, by=by) for by in methods if by != rung.by]
    for one in (*own, *(replace(rung, person=person, by=by) for person in others for by in methods)):
        if walk.new(one) and walk.take(one, at) is None:
            return one
    return None
