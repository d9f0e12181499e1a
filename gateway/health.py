"""One story of how the gateway does: for `/readyz`, `yizhan doctor` and the page, in the same words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels.contract import Finding
from gateway.config import Config
from gateway.duty import read_plan
from gateway.health_broadcasts import stuck
from gateway.health_drill import known as drilled
from gateway.heartbeat import HELD, SENT
from gateway.watching import PASSED, TIMERS
from router.calendars import makeup_known
from router.drill import PROVEN_FOR, unproven
from router.rota import Flaw, flaws_ahead
from router.watch import LATE
from store import logins, notices, pulses, sweep
from store.db import StoreUnavailable
from store.depth import depths
from store.model import Lane, Pulse
from store.quarantine import oldest_quarantined, quarantined

if TYPE_CHECKING:
    from gateway.app import House

TROUBLED = 3
"""Failures in a row after which a loop counts as ill."""
LOW = 1 << 30
"""Bytes of free disk below which something must be done."""
SKEW = timedelta(seconds=2)
"""The clocks of a process and of its database may differ by this much."""
BARRED = timedelta(days=30)
"""How long an opt-out word of one of the staff is remembered: the carrier forgets it by itself never."""
SHOWN = 5
"""Things named in one note; the rest is counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One finding. `grave`: while it is not so, this process does not do its work."""

    group: str
    what: str
    ok: bool | None
    """None: it could not be checked, and `note` says why."""
    note: str = ""
    cure: str = ""
    grave: bool = False

    @property
    def mark(self) -> str:
        """How it stands: ok, failed, warns, or open where it could not be checked."""
        return "ok" if self.ok else "open" if self.ok is None else "failed" if self.grave else "warns"

    @property
    def rank(self) -> int:
        """What must be seen first comes first."""
        return ("failed", "warns", "open", "ok").index(self.mark)

    @property
    def said(self) -> str:
        """The finding in one line."""
        return f"{self.what}: {self.note}" if self.note else self.what


def of_finding(group: str, one: Finding, *, grave: bool = True) -> Found:
    """Take over what a part says of itself."""
    return Found(group=group, what=one.what, ok=one.ok, note=one.note, cure=one.cure, grave=grave)


def gather(house: House) -> list[Found]:
    """Return everything that is known now, the store first; asks the store, so it belongs into a thread."""
    now = house.clock.now()
    try:
        with house.database.read() as connection:
            stored = [*of_store(connection, house.config, now, works=house.works), *_unread(house, connection, now)]
    except StoreUnavailable as error:
        cure = "start the database, or make room for it"
        stored = [Found(group="store", what="the store answers", ok=False, note=str(error), cure=cure, grave=True)]
    return [*stored, *of_house(house), disk(house.config)]


def of_store(connection: Connection, config: Config, now: datetime, *, works: bool) -> Iterator[Found]:
    """Say what the store alone tells; `works`: this process itself must act on what is due."""
    yield Found(group="store", what="the store answers", ok=True)
    known = {pulse.name: pulse for pulse in pulses.pulses(connection)}
    yield _clock(connection, now)
    yield _due(connection, known, now, grave=works)
    yield from _queue(connection, now, grave=works)
    yield _aside(connection)
    yield from _silence(known, config, now)
    yield _heartbeat(known, config, now)
    yield _rota(connection, config, now)
    yield _calendar(config, now)
    yield _phones(connection, config, now)
    yield _barred(connection, now)
    yield _broadcasts(connection)
    yield _passwords(connection, config)


def _clock(connection: Connection, now: datetime) -> Found:
    theirs = pulses.server_now(connection)
    skew = abs(now - theirs) if theirs else timedelta(0)
    note = f"they differ by {skew.total_seconds():.1f} s" if skew > SKEW else ""
    what, cure = "the clock agrees with that of the database", "set both by NTP"
    return Found(group="store", what=what, ok=not note, note=note, cure=cure)


def _due(connection: Connection, known: Mapping[str, Pulse], now: datetime, *, grave: bool) -> Found:
    late = sweep.late_timers(connection, now - PASSED, limit=1)
    told = known.get(TIMERS)
    since = f", told of at {when(told.alarmed_at)}" if told and told.alarmed_at else ""
    note = f"{late[0]['kind']} of {when(late[0]['due'])}{since}" if late else ""
    cure = "is it running? its log says what fails"
    return Found(group="due", what="no due time is overdue", ok=not late, note=note, cure=cure, grave=grave)


def _queue(connection: Connection, now: datetime, *, grave: bool) -> Iterator[Found]:
    late = [depth for depth in depths(connection) if depth.oldest and now - depth.oldest > LATE]
    for lane in Lane:
        own = [depth for depth in late if depth.lane == lane]
        names = ", ".join(f"{depth.destination} {depth.waiting}" for depth in own)
        yield Found(
            group="queue",
            what=f"no {lane.name.lower()} waits longer than a minute to be sent",
            ok=not own,
            note=names,
            cure="is it running? does the account live?",
            grave=grave and lane == Lane.PAGE,
        )


def _aside(connection: Connection) -> Found:
    count = len(quarantined(connection))
    oldest = oldest_quarantined(connection) if count else None
    note = f"{count} rows, the oldest of {when(oldest)}" if count else ""
    return Found(group="quarantine", what="the quarantine is empty", ok=not count, note=note, cure="yizhan quarantine")


def _silence(known: Mapping[str, Pulse], config: Config, now: datetime) -> Iterator[Found]:
    for name, longest in config.gateway.silence.items():
        pulse = known.get(name)
        note = f"last {when(pulse.at)}, {pulse.note}" if pulse else "not heard of yet"
        ok = now - pulse.at <= longest if pulse else None
        what, cure = f"{name} gave a sign of life within {span(longest)}", "send something to it; yizhan doctor asks it"
        yield Found(group="signs of life", what=what, ok=ok, note=note, cure=cure)


def _heartbeat(known: Mapping[str, Pulse], config: Config, now: datetime) -> Found:
    settings, what = config.gateway.heartbeat, "the heartbeat leaves"
    if settings is None:
        cure = "have an outside service miss it: gateway.heartbeat"
        return Found(group="heartbeat", what=what, ok=None, note="there is none", cure=cure)
    sent, held = known.get(SENT), known.get(HELD)
    ok = sent is not None and now - sent.at <= 3 * settings.every
    last = f"last {when(sent.at)}" if sent else "none left yet"
    why = f"; held back at {when(held.at)}: {held.note}" if held and not (sent and sent.at > held.at) else ""
    return Found(group="heartbeat", what=what, ok=ok, note=last + why, cure="see why it is held back")


def _rota(connection: Connection, config: Config, now: datetime) -> Found:
    ahead = config.router.rota_check.ahead
    found = [
        one for one in flaws_ahead(read_plan(connection, config.router, now), now, ahead) if one.what != "calendar"
    ]
    what, cure = f"somebody leads, and nobody twice, in the next {span(ahead)}", "yizhan rota check"
    return Found(group="rota", what=what, ok=not found, note=some([_flaw(one) for one in found]), cure=cure)


def _flaw(flaw: Flaw) -> str:
    people = f" ({', '.join(flaw.people)})" if flaw.people else ""
    return f"{flaw.what} {flaw.role} {when(flaw.begins)} to {when(flaw.ends)}{people}"


def _calendar(config: Config, now: datetime) -> Found:
    local = now.astimezone(config.router.zone)
    years = [local.year, *([local.year + 1] if local.month == 12 else [])]
    unknown = [str(year) for year in years if not makeup_known(config.router.calendar, year)]
    what = f"the make-up working days of {' and '.join(map(str, years))} are known"
    cure = "write them under router.calendar.workdays, or upgrade the library of holidays"
    return Found(group="calendar", what=what, ok=not unknown, note=", ".join(unknown), cure=cure)


def _phones(connection: Connection, config: Config, now: datetime) -> Found:
    found = drilled(connection, config, now)
    late = unproven(found, now)
    what, cure = f"every phone was proven within {PROVEN_FOR.days} days", "yizhan drill run"
    if not found:
        note, cure = "there is no drill", "prove every phone once a week: gateway.drill"
        return Found(group="drill", what=what, ok=None, note=note, cure=cure)
    names = some([f"{one.person} {one.method} {when(one.proven_at)}" for one in late])
    return Found(group="drill", what=what, ok=not late, note=names, cure=cure)


def _barred(connection: Connection, now: datetime) -> Found:
    found = notices.alarms(connection, now - BARRED, begins="opt-out word:", limit=SHOWN)
    note = some([f"{one.actor} {when(one.at)}" for one in found])
    what, cure = "no phone of the staff sent an opt-out word", "ask the provider to lift the block, then yizhan drill"
    return Found(group="staff", what=what, ok=not found, note=note, cure=cure)


def _broadcasts(connection: Connection) -> Found:
    waiting = stuck(connection)
    notes = [f"{one.number} is {one.state}: {what}" for one, what, _ in waiting]
    cures = [f"yizhan broadcast status {one.number}: {cure}" for one, _, cure in waiting[:1]]
    what = "no broadcast stopped by itself and waits for a person"
    return Found(group="broadcasts", what=what, ok=not waiting, note=some(notes), cure="".join(cures))


def _passwords(connection: Connection, config: Config) -> Found:
    known = {login.person for login in logins.listed(connection)}
    without = [key for key, person in config.router.people.items() if person.rights and key not in known]
    what, cure = "everybody with a right has a password", f"yizhan account set {without[0] if without else 'PERSON'}"
    return Found(group="staff", what=what, ok=not without, note=some(without), cure=cure)


def of_house(house: House) -> Iterator[Found]:
    """Say what only the running process knows."""
    ill = [loop for loop in house.loops.values() if loop.failures >= TROUBLED]
    for loop in ill:
        note = f"{loop.failures} failures in a row, last good {when(loop.last_good)}"
        yield Found(group="loops", what=f"loop {loop.name}", ok=False, note=note, cure="its log says why", grave=True)
    if not ill:
        yield Found(group="loops", what="every loop goes on", ok=True, note=f"{len(house.loops)} loops", grave=True)
    for one in house.listening.values():
        lost = one.losses >= TROUBLED and one.since is None
        note = f"lost {one.losses} times in a row, last heard {when(one.heard)}" if lost else ""
        cure = "yizhan doctor asks the account"
        yield Found(group="connections", what=f"{one.name} listens", ok=not lost, note=note, cure=cure, grave=True)
    for name, probing in house.probing.items():
        last = probing.last
        ok, note = (last.ok, last.note) if last else (None, "not asked yet")
        cure = (last.cure if last else "") or "sign in again on its side"
        yield Found(group="accounts", what=f"{name} lives", ok=ok, note=note, cure=cure, grave=True)


def _unread(house: House, connection: Connection, now: datetime) -> Iterator[Found]:
    for name, one in house.polling.items():
        note = one.late(connection, now)
        cure = "yizhan poll says why; yizhan poll now tries at once"
        yield Found(
            group="mailboxes", what=f"{name} is read at its times", ok=not note, note=note, cure=cure, grave=True
        )


def disk(config: Config) -> Found:
    """Say how much room is left where the store grows."""
    scheme, _, path = config.store.address.partition(":///")
    folder = Path(path).absolute().parent if scheme == "sqlite" else Path.cwd()
    free = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists())).free
    cure = "make room; a full disk loses nothing but stops"
    note = f"{free >> 30} GiB free"
    return Found(group="disk", what="there is room on the disk", ok=free > LOW, note=note, cure=cure)


def some(names: Sequence[str]) -> str:
    """Name the first few, and count the rest."""
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def when(instant: datetime | None) -> str:
    """Write an instant."""
    return f"{instant:%Y-%m-%d %H:%M}Z" if instant else "never"


def span(length: timedelta) -> str:
    """Write a length of time as the configuration does."""
    seconds = int(length.total_seconds())
    return next(f"{seconds // n}{u}" for u, n in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)) if not seconds % n)
