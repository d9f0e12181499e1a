"""Lets a broadcast go: a few recipients at a time into the queue, wave after wave, and stops it when it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.broadcast.links import token
from gateway.broadcast.moves import begin, note, pause
from gateway.broadcast.outcomes import changed, trouble
from gateway.broadcast.render import Composer
from gateway.post import short_id
from gateway.standing import Standing
from router.broadcast_plan import Plan
from router.broadcasts import Counts, allowed_at, gate, missed
from store import broadcast_rows, broadcasts
from store.model import Broadcast, BroadcastState, Direction, Lane, Message, MessageState, Recipient
from store.queue import put
from store.work import Work
from store.writer import Tx

STEP: Final = timedelta(seconds=0.5)
"""How often a running broadcast is looked at."""
AHEAD: Final = 2.0
"""Seconds of sending that may lie in the queue: enough that no sender idles, few enough to be taken back at once."""
MOST: Final = 100
"""Texts of one channel put into the queue in one transaction."""
CHUNK: Final = 1_000
"""Recipients cancelled in one transaction."""


class Feeding:
    """The move that looks after the broadcasts that have something to do."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._settings = standing.config.gateway.broadcasts
        self._composers: dict[tuple[int, int], Composer] = {}

    def step(self, tx: Tx, items: Sequence[None]) -> list[datetime | None]:
        """Take every broadcast that is due one step further; returns when the next one is."""
        for ident in broadcasts.at_work(tx.connection, tx.now):
            work = Work(tx)
            found = broadcasts.locked(tx, ident=ident)
            if found is not None and found.due is not None and found.due <= tx.now:
                self._one(work, found)
            work.flush()
        return [broadcasts.next_due(tx.connection)] * len(items)

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
        begin(changed, work, found)
        note(work, found, "", "started", count=found.frozen)

    def _run(self, work: Work, found: Broadcast) -> None:
        why = trouble(work.tx, found, self._settings)
        if why:
            taken = pause(changed, work, found, why)
            note(work, found, "", "paused", why=why, withdrawn=taken)
            return
        opens = self._feed(work, found)
        if opens is None and not broadcasts.waiting(work.tx.connection, found.id, found.wave):
            self._at_the_gate(work, found)
        else:
            work.change(found, due=opens or work.now + STEP)

    def _feed(self, work: Work, found: Broadcast) -> datetime | None:
        """Fill the queues of all channels; returns when the hours begin that one of them waits for, if all do."""
        plan, opens, fed = Plan.model_validate(found.plan), [], False
        for channel in (name for name, can in self._standing.ways.can.items() if can.sends):
            at = self._allowed(plan, channel, work.now)
            room = self._room(work.tx, channel)
            rows = broadcasts.pending(work.tx, found.id, channel, found.wave, room if at <= work.now else 1)
            if rows and at > work.now:
                opens.append(at)
            elif rows:
                fed = True
                self._put(work, found, plan, rows)
        if fed or broadcasts.sending(work.tx.connection, found.id):
            return None
        self._fail_strange(work.tx, found)
        return min(opens, default=None)

    def _fail_strange(self, tx: Tx, found: Broadcast) -> None:
        """Fail what waits for an account that is not configured any more."""
        known = [name for name, can in self._standing.ways.can.items() if can.sends]
        for name in broadcasts.strange_channels(tx.connection, found.id, found.wave, known):
            rows = broadcasts.pending(tx, found.id, name, found.wave, CHUNK)
            broadcast_rows.fail(tx, [(one.id, f"{name} is not in the configuration") for one in rows])

    def _allowed(self, plan: Plan, channel: str, now: datetime) -> datetime:
        if not plan.commercial or self._standing.ways.method(channel) != "sms":
            return now
        return allowed_at(now, self._settings.advert_hours, self._standing.router.zone)

    def _room(self, tx: Tx, channel: str) -> int:
        gateway = self._standing.config.gateway
        limit = gateway.limits.get(channel)
        most = MOST if limit is None else max(gateway.senders, int(limit.per_second * AHEAD))
        return max(0, min(most, MOST) - broadcasts.queued(tx.connection, channel))

    def _put(self, work: Work, found: Broadcast, plan: Plan, rows: Sequence[Recipient]) -> None:
        composer = self._composer(work.tx, found, plan)
        pairs, failed = [], []
        for row in rows:
            url = self._standing.config.gateway.public_url
            signed = token(found.secret, row.id)
            letter = composer.letter(row, token=signed, unsubscribe=f"{url}/u/{signed}")
            if letter.why:
                failed.append((row.id, letter.why))
                continue
            message = Message(
                id=(ident := work.id()),
                direction=Direction.OUT,
                channel=row.channel,
                key=f"b{found.number}-{short_id(ident)}",
                state=MessageState.QUEUED,
                at=work.now,
                sender=found.author,
                recipient="" if row.group else row.address,
                group=row.address if row.group else None,
                subject=letter.subject,
                text=letter.text,
                language=letter.language,
                contact_id=row.contact_id,
                template=letter.template,
                variables=dict(letter.variables),
            )
            put(work, message, destination=row.channel, lane=Lane.BROADCAST, due=work.now)
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
            pause(changed, work, found, opening.why)
            note(work, found, "", "paused", why=opening.why, wave=found.wave)
        elif opening.open:
            changed(work, found, wave=found.wave + 1, wave_at=None, due=work.now, why="")
            note(work, found, "", "next_wave", wave=found.wave)
        else:
            changed(work, found, wave_at=since, due=opening.at, why=opening.why)
