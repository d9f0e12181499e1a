"""Whether the process lives, whether it does its work, and what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from channels.contract import Polls
from gateway.app import House
from gateway.quotas import Left, left
from gateway.web.troubles import ORDINARY, SHOWN_FOR
from router import slots
from store import polls, quarantine, tickets, troubles
from store.db import StoreUnavailable
from store.depth import Depth, depths
from store.model import Lane

TROUBLED = 3
"""Failures in a row after which a loop counts as ill."""
LATE = timedelta(minutes=15)
"""How long after its time of day a mailbox may be read."""
EVERY = 100_000
"""More open tickets than this are not counted."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' exposition format."""


def routes(house: House) -> list[BaseRoute]:
    """Return the routes for supervisors and Prometheus."""

    async def alive(request: Request) -> Response:
        del request
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        del request
        reasons = [*ill(house), *await run_in_threadpool(unread, house)]
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)

    async def metrics(request: Request) -> Response:
        del request
        return Response(house.metrics.text() + await run_in_threadpool(gauges, house), media_type=TEXT)

    return [
        Route("/healthz", alive, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


def ill(house: House) -> list[str]:
    """Name the loops that fail again and again, connections that do not hold, and accounts that do not live."""
    lost = [
        f"{one.name} cannot listen: lost {one.losses} times in a row, last heard {_when(one.heard)}"
        for one in house.listening.values()
        if one.losses >= TROUBLED and one.since is None
    ]
    dead = [
        f"{one.name} does not live: {one.last.note}"
        for one in house.probing.values()
        if one.last and one.last.ok is False
    ]
    return [*lost, *dead, *failing(house)]


def failing(house: House) -> list[str]:
    """Name the loops that fail again and again."""
    return [
        f"loop {loop.name}: {loop.failures} failures in a row, last good {_when(loop.last_good)}"
        for loop in house.loops.values()
        if loop.failures >= TROUBLED
    ]


def _when(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant else "never"


def unread(house: House) -> list[str]:
    """Say what is wrong with the store and with the reading of mailboxes."""
    try:
        with house.database.read() as connection:
            return [reason for name in house.polling for reason in late(connection, house, name)]
    except StoreUnavailable as error:
        return [f"store: {error}"]


def late(connection: Connection, house: House, account: str) -> list[str]:
    """Say when the last promised reading of an account did not take place."""
    channel = house.channels[account]
    now = house.clock.now()
    slot = slots.latest(channel.times, house.config.router.zone, now) if isinstance(channel, Polls) else None
    if slot is None or now - slot < LATE or polls.poll_for(connection, account, slot):
        return []
    last = polls.last_poll(connection, account)
    why = f", last error: {last.error}" if last and last.error else ""
    return [f"{account}: not read since it was due at {_when(slot)}{why}"]


def gauges(house: House) -> bytes:
    """Count what waits, at this instant; without the store there is nothing to tell but that."""
    registry = CollectorRegistry()
    up = Gauge("yizhan_store_up", "1 when the store answers", registry=registry)
    try:
        with house.database.read() as connection:
            rows = [(t["state"], t["level"]) for t in tickets.listed(connection, open_only=True, limit=EVERY)]
            _tickets(registry, rows)
            _queue(registry, depths(connection), house.clock.now())
            _aside(registry, quarantine.oldest_quarantined(connection), house.clock.now())
            _quotas(registry, left(connection, house.database, house.standing, house.clock.now()))
            _troubles(registry, troubles.counted(connection, house.clock.now() - SHOWN_FOR, but=ORDINARY))
        up.set(1)
    except StoreUnavailable:
        up.set(0)
    loops = Gauge("yizhan_loop_failures", "Failures in a row", ["loop"], registry=registry)
    for loop in house.loops.values():
        loops.labels(loop.name).set(loop.failures)
    return generate_latest(registry)


def _tickets(registry: CollectorRegistry, rows: Sequence[tuple[str, int | None]]) -> None:
    gauge = Gauge("yizhan_open_tickets", "Open tickets", ["state", "level"], registry=registry)
    for (state, level), count in Counter(rows).items():
        gauge.labels(state, str(level or "none")).set(count)


def _queue(registry: CollectorRegistry, waiting: Sequence[Depth], now: datetime) -> None:
    count = Gauge("yizhan_deliveries_waiting", "Texts not claimed yet", ["lane"], registry=registry)
    age = Gauge("yizhan_oldest_due_seconds", "How long the oldest text is due", ["lane"], registry=registry)
    for lane in Lane:
        own = [depth for depth in waiting if depth.lane == lane]
        oldest = min((depth.oldest for depth in own if depth.oldest), default=now)
        count.labels(lane.name.lower()).set(sum(depth.waiting for depth in own))
        age.labels(lane.name.lower()).set(max(0.0, (now - oldest).total_seconds()))


def _quotas(registry: CollectorRegistry, rows: Sequence[Left]) -> None:
    names = ["destination", "person", "quota"]
    used = Gauge("yizhan_quota_used", "Texts or calls that a quota has let through", names, registry=registry)
    free = Gauge("yizhan_quota_left", "Texts or calls that it still lets through", names, registry=registry)
    for row in rows:
        used.labels(row.destination, row.person or "all", str(row.quota)).set(row.used)
        free.labels(row.destination, row.person or "all", str(row.quota)).set(row.left)


def _troubles(registry: CollectorRegistry, count: int) -> None:
    gauge = Gauge("yizhan_troubles_day", "Texts of the last 24 h that did not go as planned", registry=registry)
    gauge.set(count)


def _aside(registry: CollectorRegistry, oldest: datetime | None, now: datetime) -> None:
    gauge = Gauge("yizhan_quarantine_oldest_seconds", "How long the oldest unread message waits", registry=registry)
    gauge.set((now - oldest).total_seconds() if oldest else 0)
