"""Lets a broadcast go: a few recipients at a time into the queue, wave after wave, and stops it when it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.broadcast.lately import against
from gateway.broadcast.letters import allowed, queue
from gateway.broadcast.links import leaving, token
from gateway.broadcast.moves import begin, changed, links_hold, note, pause
from gateway.broadcast.outcomes import trouble
from gateway.broadcast.render import Composer
from gateway.standing import Standing
from router.broadcast_plan import Plan
from router.broadcasts import Counts, gate, missed
from store import broadcast_rows, broadcasts
from store.db import DatabaseTrouble
from store.model import Broadcast, BroadcastState, Recipient
from store.work import Work
from store.writer import Tx

log = structlog.get_logger()
AGAIN: Final = timedelta(minutes=1)
"""Until one is tried again that could not be taken further, so that it stops no other."""
STEP: Final = timedelta(seconds=0.5)
"""How often a running broadcast is looked at."""
AHEAD: Final = 2.0
"""Seconds of sending that may lie in the queue: enough that no sender idles, few enough to be taken back at once."""
MOST: Final = 100
"""Texts put into the queue in one transaction, which a page then has to wait for."""
MANY: Final = 2_000
"""So many texts of one channel may be put off, by a provider that is busy or by a quota, before it gets no more."""
LEAST: Final = 10
"""Less room than this in a queue is not worth a transaction."""
CHUNK: Final = 1_000
"""Recipients cancelled in one transaction."""


class Feeding:
    """The move that looks after the broadcasts that have something to do."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._settings = standing.config.gateway.broadcasts
        self._turn = 0
        """Which channel is the next to be fed."""
        self._composers: dict[tuple[int, int], Composer] = {}

    def step(self, tx: Tx, items: Sequence[None]) -> list[datetime | None]:
        """Take every broadcast that is due one step further; returns when the next one is."""
        for ident in broadcasts.at_work(tx.connection, tx.now):
            savepoint = tx.connection.begin_nested()
            try:
                self._further(tx, ident)
            except DatabaseTrouble:
                raise
            except Exception:
                log.exception("a broadcast could not be taken further", broadcast=ident)
                savepoint.rollback()
                broadcasts.put_off(tx, ident, tx.now + AGAIN)
            else:
                savepoint.commit()
        return [broadcasts.next_due(tx.connection)] * len(items)

    def _further(self, tx: Tx, ident: int) -> None:
        work = Work(tx)
        found = broadcasts.locked(tx, ident=ident)
        if found is not None and found.due is not None and found.due <= tx.now:
            self._one(work, found)
        work.flush()

    def _one(self, work: Work, found: Broadcast) -> None:
        match found.state:
            case BroadcastState.SCHEDULED:
                self._time_came(work, found)
            case BroadcastState.RUNNING:
                self._run(work, found)
            case BroadcastState.CANCELLED:
                left = broadcast_rows.cancel_some(work.tx, found.id, CHUNK)
                work.change(found, due=work.now + timedelta(milliseconds=50) if left == CHUNK else None)
            case BroadcastState.FREEZING:
                work.change(found, due=work.now + STEP)  # `gateway.broadcast.freezing` does it
            case _:
                work.change(found, due=None)

    def _time_came(self, work: Work, found: Broadcast) -> None:
        planned = found.scheduled_at or work.now
        if missed(planned, work.now, self._settings.late_after):
            changed(work, found, state=BroadcastState.HELD, due=None, why="missed its time")
            note(work, found, "", "held", planned=planned.isoformat())
            return
        begin(work, found)
        note(work, found, "", "started", count=found.frozen)

    def _run(self, work: Work, found: Broadcast) -> None:
        why = trouble(work.tx, found, self._settings)
        if why:
            taken = pause(work, found, why)
            note(work, found, "", "paused", why=why, withdrawn=taken)
            return
        plan = Plan.model_validate(found.plan)
        for channel in self._standing.ways.can if plan.commercial else ():
            if allowed(self._standing, plan, channel, work.now) > work.now:
                broadcast_rows.take_back(work.tx, found.id, "outside the hours for adverts", channel=channel)
        if self._feed(work, found, plan):
            work.change(found, due=work.now)  # another channel's turn, in a transaction of its own
        elif broadcasts.sending(work.tx.connection, found.id):
            work.change(found, due=work.now + STEP)
        else:
            self._nothing_goes(work, found, plan)

    def _feed(self, work: Work, found: Broadcast, plan: Plan) -> bool:
        """Fill the queue of the next channel that has room; False when none has, or nobody waits for it."""
        channels = [name for name, can in self._standing.ways.can.items() if can.sends]
        for place in range(len(channels)):
            channel = channels[(self._turn + place) % len(channels)]
            room = self._room(work.tx, channel)
            if not room or allowed(self._standing, plan, channel, work.now) > work.now:
                continue
            rows = broadcasts.pending(work.tx, found.id, channel, found.wave, room)
            if rows:
                self._turn += place + 1
                self._put(work, found, plan, rows)
                return True
        return False

    def _nothing_goes(self, work: Work, found: Broadcast, plan: Plan) -> None:
        """Nothing is under way: either all of the wave had an outcome, or what is left waits for its hours."""
        self._fail_strange(work.tx, found)
        if not broadcasts.waiting(work.tx.connection, found.id, found.wave):
            self._at_the_gate(work, found)
            return
        ways = self._standing.ways.can
        waits = [name for name in ways if broadcasts.pending(work.tx, found.id, name, found.wave, 1)]
        opens = min((allowed(self._standing, plan, name, work.now) for name in waits), default=work.now)
        work.change(found, due=max(opens, work.now + STEP))

    def _fail_strange(self, tx: Tx, found: Broadcast) -> None:
        """Fail what waits for an account that is not configured any more."""
        known = [name for name, can in self._standing.ways.can.items() if can.sends]
        for name in broadcasts.strange_channels(tx.connection, found.id, found.wave, known):
            rows = broadcasts.pending(tx, found.id, name, found.wave, CHUNK)
            broadcast_rows.fail(tx, [(one.id, f"{name} is not in the configuration") for one in rows])

    def _room(self, tx: Tx, channel: str) -> int:
        gateway = self._standing.config.gateway
        limit = gateway.limits.get(channel)
        most = MOST if limit is None else max(gateway.senders, int(limit.per_second * AHEAD))
        due, lying = broadcasts.queued(tx.connection, channel, tx.now)
        room = min(most, MOST) - due
        return room if room >= min(LEAST, most) and lying < MANY else 0

    def _put(self, work: Work, found: Broadcast, plan: Plan, rows: Sequence[Recipient]) -> None:
        composer = self._composer(work.tx, found, plan)
        refused = against(work.tx.connection, self._standing.ways, plan, rows)
        broadcast_rows.skip(work.tx, refused.items())
        pairs, failed = [], []
        for row in rows:
            if row.id in refused:
                continue
            url = self._standing.config.gateway.public_url
            way_out = f"{url}/u/{leaving(found.secret, row.id)}"
            letter = composer.letter(row, token=token(found.secret, row.id), unsubscribe=way_out)
            if letter.why:
                failed.append((row.id, letter.why))
                continue
            ident = queue(
                work,
                found,
                row,
                subject=letter.subject,
                text=letter.text,
                language=letter.language,
                template=letter.template,
                variables=letter.variables,
            )
            pairs.append((row.id, ident))
        work.flush()
        broadcast_rows.queue(work.tx, pairs)
        broadcast_rows.fail(work.tx, failed)

    def _composer(self, tx: Tx, found: Broadcast, plan: Plan) -> Composer:
        """Keep the parsed text of a broadcast; an older version of it is forgotten."""
        key = (found.id, hash(str(found.plan)))
        if key not in self._composers:
            package = broadcasts.package(tx.connection, found.package_id)
            self._composers = {
                key: Composer(
                    self._standing,
                    found.number,
                    found.title,
                    plan,
                    package,
                    public_url=self._standing.config.gateway.public_url,
                )
            }
        return self._composers[key]

    def _at_the_gate(self, work: Work, found: Broadcast) -> None:
        """Everybody up to this wave has an outcome: end, or ask the gate."""
        if found.wave >= len(found.waves):
            changed(work, found, state=BroadcastState.DONE, ended_at=work.now, due=None)
            note(work, found, "", "done")
            return
        since = found.wave_at or work.now
        if found.wave_at is None:
            note(work, found, "", "wave_over", wave=found.wave)
        counts = broadcasts.counts(work.tx.connection, found.id)
        wave = Counts(by_state={state: n for (number, state), n in counts.items() if number == found.wave})
        reports = broadcasts.troubles(work.tx.connection, found.id, found.counted_from)
        rule = Plan.model_validate(found.plan).gate
        opening = gate(rule, wave, troubles=reports, since=since, now=work.now)
        if opening.shut:
            pause(work, found, opening.why)
            note(work, found, "", "paused", why=opening.why, wave=found.wave)
        elif opening.open:
            until = links_hold(found, work.now)
            changed(work, found, wave=found.wave + 1, wave_at=None, due=work.now, why="", link_until=until)
            note(work, found, "", "next_wave", wave=found.wave)
        else:
            changed(work, found, wave_at=since, due=opening.at, why=opening.why)
