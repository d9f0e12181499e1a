"""What must hold in every night: nobody forgotten, nobody asked in vain, nothing lost or doubled, all explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from gateway.config import Config
from router.ladder import urgency
from store.db import table_of
from store.model import Clock, Delivery, Message, MessageState, Page, Ticket, TicketState, Timer
from tools.night_ladder import unasked, wrong_people
from tools.night_seen import Seen
from tools.night_ways import forgotten, stuck
from tools.night_world import World

TOLERANCE = timedelta(seconds=90)
"""How much later than promised something may be: a dead process (20 s), a hanging send (15 s), a refused one sent again
(15 s, 30 s when the provider asks for it), and a limit of one text in five seconds."""
EXPLAINS = {
    TicketState.PAGING: {
        "opened", "released", "undone", "escalated", "transferred", "reopened", "apart", "level", "kind", "resumed",
        "answered", "split",
    },
    TicketState.TAKEN: {"taken", "resumed", "undone", "transferred", "kind", "command"},
    TicketState.ON_SITE: {"arrived", "resumed"},
    TicketState.ON_HOLD: {"held"},
    TicketState.RESOLVED: {"resolved"},
    TicketState.CLOSED: {"closed", "opened", "resolved"},
    TicketState.MERGED: {"merged"},
}  # fmt: skip
"""Which lines of history may explain that a ticket came into a state."""


def wrong(world: World, seen: Seen, config: Config) -> list[str]:
    """Return what a whole night shows to be wrong."""
    rows = Rows(seen)
    return [
        *unasked(world, seen, TOLERANCE),
        *wrong_people(world, seen, config),
        *asked_in_vain(world, seen, rows),
        *sent_twice(world),
        *limits(world, config),
        *outside(world, rows),
        *unexplained(seen),
        *broken_promises(world, seen, rows),
        *left_lying(world, seen, rows),
        *stuck(world, seen, rows, config, TOLERANCE),
        *forgotten(seen, rows, config, TOLERANCE),
    ]


def wrong_now(seen: Seen, config: Config) -> list[str]:
    """Return what is wrong at an instant at which nothing is under way."""
    rows = Rows(seen)
    ahead = {(t["ticket_id"], t["kind"], t["about"] if t["kind"] == "clock" else "") for t in rows.timers}
    running = {(c["ticket_id"], c["kind"]) for c in rows.clocks if not c["stopped_at"] and not c["breached_at"]}
    found = []
    for ticket in rows.tickets.values():
        if ticket["state"] == TicketState.PAGING and not _asked_on(ticket, rows, config, ahead):
            found.append(f"{ticket['number']} waits for somebody and nothing is ahead of it")
        if ticket["state"] == TicketState.RESOLVED and (ticket["id"], "close", "") not in ahead:
            found.append(f"{ticket['number']} is resolved and will never close")
        for clock in rows.clocks:
            if clock["ticket_id"] == ticket["id"] and (ticket["id"], clock["kind"]) in running:
                standing = clock["paused_at"] is not None or ticket["state"] in (TicketState.CLOSED, TicketState.MERGED)
                if not standing and (ticket["id"], "clock", clock["kind"]) not in ahead:
                    found.append(f"{ticket['number']}: the clock {clock['kind']} runs and nothing is ahead of it")
    return found


def _asked_on(ticket: dict[str, Any], rows: Rows, config: Config, ahead: set[tuple[Any, ...]]) -> bool:
    policy = config.router.policies.get(urgency(ticket["kind"], ticket["level"]))
    over = ticket["plan_next"] >= len(ticket["plan"]) and policy is not None and policy.repeat is None
    parent = rows.tickets.get(ticket["parent_id"] or 0)
    in_hand = parent is not None and parent["state"] != TicketState.PAGING
    return over or in_hand or (ticket["id"], "step", "") in ahead


class Rows:
    """The tables, as they stand."""

    def __init__(self, seen: Seen) -> None:
        with seen.database.read() as connection:

            def of(table: Any) -> list[dict[str, Any]]:
                columns = [c for c in table_of(table).c if c.name != "raw"]
                found = connection.execute(select(*columns).order_by(table_of(table).c.id)).mappings()
                return [dict(row) for row in found]

            self.tickets = {row["id"]: row for row in of(Ticket)}
            self.messages = of(Message)
            self.clocks = of(Clock)
            self.timers = of(Timer)
            self.pages = {row["id"]: row for row in of(Page)}
            self.deliveries = of(Delivery)


def asked_in_vain(world: World, seen: Seen, rows: Rows) -> Iterator[str]:
    """Find texts of pages that left at an instant at which nobody was wanted any more for any ticket they name."""
    pages = {row["key"] for row in rows.messages if row["page_id"] is not None}
    for one in world.sent:
        key, numbers = one.outgoing.key, one.numbers
        if key in pages and numbers and not any(seen.waited(number, one.began) for number in numbers):
            yield f"{one.outgoing.to} was asked for {numbers} at {one.began:%H:%M:%S} by {one.road}, after it was taken"


def sent_twice(world: World) -> Iterator[str]:
    """Find texts handed over again although the gateway knew, in the same life, that they had left."""
    before: dict[tuple[str, int], bool] = {}
    for one in world.sent:
        place = (one.outgoing.key, one.life)
        if before.get(place):
            yield f"{one.outgoing.key} went out again after it was accepted"
        before[place] = before.get(place, False) or one.told
    for key, count in Counter(one.outgoing.key for one in world.sent if one.told).items():
        lives = len({one.life for one in world.sent if one.outgoing.key == key})
        if count > lives:
            yield f"{key} was accepted {count} times in {lives} lives"


def limits(world: World, config: Config) -> Iterator[str]:
    """Find roads that were used more often than their limit allows."""
    for road, limit in config.gateway.limits.items():
        times = sorted(one.began for one in world.sent if one.road == road)
        for first in range(len(times)):
            for last in range(first + 1, min(first + 30, len(times))):
                allowed = limit.burst + limit.per_second * (times[last] - times[first]).total_seconds()
                if last - first + 1 > allowed + 0.01:
                    yield f"{road}: {last - first + 1} texts within {times[last] - times[first]}"
                    return


def outside(world: World, rows: Rows) -> Iterator[str]:
    """Find acknowledged messages that are lost, doubled, not judged, or nowhere."""
    kept: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.messages:
        if row["direction"] == "in":
            kept.setdefault((row["channel"], row["key"]), []).append(row)
    told = {e["message_id"] for e in world.seen.events if e["kind"] in ("ignored", "asked", "quarantined")}
    for (road, key), sender in world.acknowledged.items():
        found = kept.get((road, key), [])
        if len(found) != 1:
            yield f"{road} {key} was acknowledged and is kept {len(found)} times"
            continue
        row = found[0]
        if row["state"] not in (MessageState.JUDGED, MessageState.QUARANTINED):
            yield f"{road} {key} was never judged"
        elif row["ticket_id"] is None and row["id"] not in told and not world.person(sender):
            yield f"{road} {key} of {sender} is in no ticket, not ignored and not set aside"


def unexplained(seen: Seen) -> Iterator[str]:
    """Find changes of state that no line of history of the same commit explains."""
    for change in seen.changes:
        state = change.after["state"]
        same = change.before and change.before["state"] == state and change.before["owner"] == change.after["owner"]
        if not same and not EXPLAINS[state] & set(change.events):
            yield f"{change.number} became {state} at {change.at:%H:%M:%S} by {change.events}"


def broken_promises(world: World, seen: Seen, rows: Rows) -> Iterator[str]:
    """Find clocks that ran out without a line that says so, and lines without a clock that ran out."""
    now = world.clock.now()
    for clock in rows.clocks:
        number = seen.numbers[clock["ticket_id"]]
        lines = [e for e in seen.of(number, "breach") if e["text"] == clock["kind"]]
        end = clock["stopped_at"] or clock["paused_at"] or now
        ran_out = clock["due_at"] + TOLERANCE < end
        settled = rows.tickets[clock["ticket_id"]]["state"] in (TicketState.CLOSED, TicketState.MERGED)
        if ran_out and not settled and clock["breached_at"] is None:
            yield f"{number}: the promise {clock['kind']} was broken at {clock['due_at']:%H:%M:%S} and nobody said so"
        if clock["breached_at"] is not None and not lines:
            yield f"{number}: the clock {clock['kind']} is marked as broken without a line of history"
        late = [e["at"] for e in lines if e["at"] > clock["due_at"] + TOLERANCE]
        if clock["breached_at"] is not None and len(late) == len(lines) and lines:
            yield f"{number}: {clock['kind']} was broken at {clock['due_at']:%H:%M:%S}, said at {late[0]:%H:%M:%S} only"


def left_lying(world: World, seen: Seen, rows: Rows) -> Iterator[str]:
    """Find texts that were due long ago and neither left nor have a line that says why."""
    now = world.clock.now()
    waiting = {row["message_id"]: row for row in rows.deliveries}
    told = {e["message_id"] for e in seen.events if e["kind"] in ("failed", "suppressed", "alarm", "late")}
    tried = {one.outgoing.key for one in world.sent if not one.lost}
    for row in rows.messages:
        if row["direction"] != "out" or row["state"] != MessageState.QUEUED:
            continue
        delivery = waiting.get(row["id"])
        if delivery is None:
            yield f"{row['key']} is queued and in no queue"
        elif delivery["due"] + TOLERANCE < now and row["key"] not in tried and row["id"] not in told:
            yield f"{row['key']} to {row['recipient']} has waited since {delivery['due']:%H:%M:%S}"
