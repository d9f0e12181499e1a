"""Looks at the database after every commit, and keeps what only somebody who watched can know."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from gateway.clock import MovedClock
from store.db import Database, table_of
from store.model import Shift, TicketState

COLUMNS = ("id", "number", "state", "owner", "round", "kind", "level", "plan", "plan_from", "plan_next", "parent_id")
TICKETS = f"SELECT {', '.join(COLUMNS)} FROM ticket ORDER BY id"  # noqa: S608 - words of our own
EVENTS = "SELECT id, at, kind, ticket_id, message_id, actor, text, more FROM event WHERE id > {after} ORDER BY id"
WATCHED = ("state", "owner", "round", "kind", "level")


@dataclass(kw_only=True, slots=True)
class Change:
    """A ticket looked different after a commit."""

    commit: int
    at: datetime
    number: int
    before: dict[str, Any]
    """Empty when it was opened."""
    after: dict[str, Any]
    events: tuple[str, ...]
    """The lines of its history that came with the same commit."""


@dataclass(kw_only=True, slots=True)
class Frozen:
    """One ladder as it was frozen: who is to be asked, by what, when."""

    number: int
    round: int
    kind: str
    level: int | None
    at: datetime
    """When it was frozen."""
    start: datetime
    next: int
    """The first rung that was not climbed yet when this one was frozen."""
    rungs: list[dict[str, Any]]
    opening: bool
    """It came with the opening of the ticket, so by its policy and the rota alone."""
    shifts: list[dict[str, Any]] = field(default_factory=list)
    over: datetime | None = None
    """When another ladder took its place, or nobody had to be asked any more."""


@dataclass(kw_only=True)
class Seen:
    """Everything noticed so far."""

    database: Database
    clock: MovedClock
    commits: int = 0
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By number, as they stand."""
    changes: list[Change] = field(default_factory=list)
    frozen: list[Frozen] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    """Ticket id to number."""
    _last: int = 0
    _raw: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def look(self) -> None:
        """Take note of what a commit changed."""
        self.commits += 1
        with self.database.read() as connection:
            fresh = [self._event(row) for row in connection.exec_driver_sql(EVENTS.format(after=self._last)).all()]
            rows = connection.exec_driver_sql(TICKETS).all()
            if fresh:
                self._last = fresh[-1]["id"]
                self.events += fresh
            for row in rows:
                raw = tuple(row)
                if self._raw.get(raw[0]) != raw:
                    self._raw[raw[0]] = raw
                    self._compare(self._ticket(raw), [e for e in fresh if e["ticket_id"] == raw[0]], connection)

    def _event(self, row: Any) -> dict[str, Any]:
        ident, at, kind, ticket_id, message_id, actor, text, more = row
        return {
            "id": ident,
            "at": instant(at),
            "kind": kind,
            "ticket_id": ticket_id,
            "message_id": message_id,
            "actor": actor,
            "text": text,
            "more": json.loads(more) if isinstance(more, str) else more or {},
        }

    def _ticket(self, row: tuple[Any, ...]) -> dict[str, Any]:
        found = dict(zip(COLUMNS, row, strict=True))
        found["plan_from"] = instant(found["plan_from"])
        return found

    def _compare(self, row: dict[str, Any], fresh: list[Any], connection: Connection) -> None:
        number, now = row["number"], self.clock.now()
        before = self.tickets.get(number)
        self.tickets[number], self.numbers[row["id"]] = row, number
        if before is None or any(before[name] != row[name] for name in WATCHED):
            self.changes.append(
                Change(
                    commit=self.commits,
                    at=now,
                    number=number,
                    before={name: before[name] for name in WATCHED} if before else {},
                    after={name: row[name] for name in WATCHED},
                    events=tuple(one["kind"] for one in fresh),
                )
            )
        ladder = ("round", "plan", "plan_from", "state")
        if before is None or any(before[name] != row[name] for name in ladder):
            self._freeze(row, before, connection)

    def _freeze(self, row: dict[str, Any], before: dict[str, Any] | None, connection: Connection) -> None:
        now = self.clock.now()
        known = next((one for one in reversed(self.frozen) if one.number == row["number"] and one.over is None), None)
        if known is not None:
            known.over = now
        if row["state"] != TicketState.PAGING or row["plan_from"] is None:
            return
        shifts: list[dict[str, Any]] = []
        if before is None:
            shifts = [dict(one) for one in connection.execute(select(*table_of(Shift).c)).mappings()]
        plan = row["plan"]
        self.frozen.append(
            Frozen(
                number=row["number"],
                round=row["round"],
                kind=row["kind"],
                level=row["level"],
                at=now,
                start=row["plan_from"],
                next=row["plan_next"],
                rungs=json.loads(plan) if isinstance(plan, str) else list(plan),
                opening=before is None,
                shifts=shifts,
            )
        )

    def waited(self, number: int, at: datetime) -> bool:
        """Tell whether a ticket waited for somebody at an instant, the changes of that instant included either way."""
        state, found = None, False
        for change in self.changes:
            if change.number != number or change.at > at:
                continue
            if change.at == at and change.after["state"] == TicketState.PAGING:
                found = True
            elif change.at == at:
                found = found or state == TicketState.PAGING
            state = change.after["state"]
        return found or state == TicketState.PAGING

    def of(self, number: int, *kinds: str) -> list[dict[str, Any]]:
        """Return the lines of a ticket's history of these kinds."""
        return [e for e in self.events if e["kind"] in kinds and self.numbers.get(e["ticket_id"]) == number]


def instant(value: Any) -> Any:
    """Read an instant as either driver gives it."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value
