"""What is measured for Prometheus at the instant it asks; the four that matter stand on top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection

from gateway.health_drill import known as drilled
from gateway.heartbeat import SENT
from gateway.quotas import left
from gateway.web.troubles import ORDINARY, SHOWN_FOR
from store import broadcasts, pulses, quarantine, tickets, timers, troubles
from store.db import StoreUnavailable
from store.depth import Depth, depths
from store.model import BroadcastState, ClockKind, Lane

if TYPE_CHECKING:
    from gateway.app import House

UNDER_WAY = (BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.HELD)
"""Broadcasts that are counted."""


def gauges(house: House) -> bytes:
    """Measure; without the store there is nothing to tell but that."""
    registry = CollectorRegistry()
    found, up = Gauges(registry), 1
    try:
        with house.database.read() as connection:
            found.read(connection, house)
    except StoreUnavailable:
        registry, up = CollectorRegistry(), 0
    Gauge("yizhan_store_up", "1 when the store answers", registry=registry).set(up)
    loops = Gauge("yizhan_loop_failures", "Failures in a row", ["loop"], registry=registry)
    for loop in house.loops.values():
        loops.labels(loop.name).set(loop.failures)
    return generate_latest(registry)


class Gauges:
    """Everything that the store tells; Prometheus sees them in the order in which they are made."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str, labels: Sequence[str] = ()) -> Gauge:
            return Gauge(name, what, labels, registry=registry)

        self.unanswered = gauge("yizhan_pages_unanswered", "Pages that wait longer than the time to respond allows")
        self.age = gauge("yizhan_oldest_due_seconds", "How long the oldest text is due", ["lane"])
        self.timer = gauge("yizhan_timer_overdue_seconds", "How long the oldest due time is past")
        self.heartbeat = gauge("yizhan_heartbeat_age_seconds", "Since the last heartbeat left; +Inf: none did")
        self.lived = gauge("yizhan_sign_of_life_age_seconds", "Since an account last gave a sign of life", ["account"])
        self.drill = gauge("yizhan_drill_age_seconds", "Since a phone was proved; +Inf: never", ["person", "method"])
        self.breaches = gauge("yizhan_promises_overdue", "Promises to open tickets that run past their time", ["clock"])
        self.open = gauge("yizhan_open_tickets", "Open tickets", ["state", "level"])
        self.waiting = gauge("yizhan_deliveries_waiting", "Texts not claimed yet", ["lane"])
        of_quotas = ["destination", "person", "quota"]
        self.used = gauge("yizhan_quota_used", "Texts or calls that a quota has let through", of_quotas)
        self.left = gauge("yizhan_quota_left", "Texts or calls that it still lets through", of_quotas)
        self.troubles = gauge("yizhan_troubles_day", "Texts of the last 24 h that did not go as planned")
        of_broadcasts = ["broadcast", "state"]
        self.recipients = gauge("yizhan_broadcast_recipients", "Recipients of what is under way", of_broadcasts)
        self.aside = gauge("yizhan_quarantine_oldest_seconds", "How long the oldest unread message waits")

    def read(self, connection: Connection, house: House) -> None:
        """Measure everything."""
        now = house.clock.now()
        self.unanswered.set(tickets.unanswered(connection, now))
        self._queue(depths(connection), now)
        ahead = timers.next_due(connection)
        self.timer.set(seconds(ahead, now) if ahead else 0)
        self._lived(connection, house, now)
        for one in drilled(connection, house.config, now):
            self.drill.labels(one.person, one.method).set(seconds(one.proven_at, now))
        overdue = dict(tickets.overdue(connection, now))
        for kind in ClockKind:
            self.breaches.labels(kind.value).set(overdue.get(kind, 0))
        for state, level, count in tickets.counted(connection):
            self.open.labels(state, str(level or "none")).set(count)
        for row in left(connection, house.database, house.standing, now):
            self.used.labels(row.destination, row.person or "all", str(row.quota)).set(row.used)
            self.left.labels(row.destination, row.person or "all", str(row.quota)).set(row.left)
        self.troubles.set(troubles.counted(connection, now - SHOWN_FOR, but=ORDINARY))
        for found in broadcasts.in_states(connection, UNDER_WAY):
            for (_, state), count in broadcasts.counts(connection, found.id).items():
                self.recipients.labels(str(found.number), state).inc(count)
        oldest = quarantine.oldest_quarantined(connection)
        self.aside.set(seconds(oldest, now) if oldest else 0)

    def _queue(self, waiting: Sequence[Depth], now: datetime) -> None:
        for lane in Lane:
            own = [depth for depth in waiting if depth.lane == lane]
            oldest = min((depth.oldest for depth in own if depth.oldest), default=now)
            self.waiting.labels(lane.name.lower()).set(sum(depth.waiting for depth in own))
            self.age.labels(lane.name.lower()).set(seconds(oldest, now))

    def _lived(self, connection: Connection, house: House, now: datetime) -> None:
        known = {pulse.name: pulse.at for pulse in pulses.pulses(connection)}
        self.heartbeat.set(seconds(known.get(SENT), now))
        for name in house.channels:
            if name in known:
                self.lived.labels(name).set(seconds(known[name], now))


def seconds(since: datetime | None, now: datetime) -> float:
    """Return how long ago something was, not less than 0; infinity for never."""
    return max(0.0, (now - since).total_seconds()) if since else float("inf")
