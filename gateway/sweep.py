"""The overdue sweep: whatever was forgotten is planned again and written down once, at the start and every minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import Connection

from gateway.asking import step, timer
from gateway.files import File, Files
from gateway.perform import perform
from gateway.relations import follow, parent_of
from gateway.standing import Standing
from router.effects import Note, Tell
from router.watch import remind_at
from store import sweep
from store.model import HELD_STATES, OPEN_STATES, Clock, EventKind, Ticket, TicketState, Timer, TimerKind
from store.writer import Tx, exclusive

EVERY = timedelta(minutes=1)
MOST = 5
"""Pages of tickets of one state looked at in one round; the next round goes on behind them."""
SLACK = timedelta(seconds=1)


class Walk:
    """Where the rounds through the open tickets of each state stand."""

    def __init__(self) -> None:
        self._after: dict[str, int] = dict.fromkeys(OPEN_STATES, 0)

    def suspects(self, connection: Connection, most: int | None) -> list[int]:
        """Look at the next pages of every state; returns the tickets that something is missing for."""
        return [
            ident
            for state in OPEN_STATES
            for ids in islice(self._pages(connection, state), most)
            for ident in missing(connection, ids)
        ]

    def _pages(self, connection: Connection, state: str) -> Iterator[Sequence[int]]:
        """Give pages up to the last ticket; then the next round begins anew."""
        while ids := sweep.page(connection, state, self._after[state]):
            self._after[state] = ids[-1]
            yield ids
            if len(ids) < sweep.PAGE:
                break
        self._after[state] = 0


def missing(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Return those of these tickets that something is missing for."""
    found = {row["id"] for row in sweep.rungless(connection, ids) if lost(row["plan"], row["plan_next"])}
    found |= {row["ticket_id"] for row in sweep.unguarded(connection, ids)}
    found |= {row["id"] for row in sweep.dueless(connection, ids)}
    return sorted(found)


def lost(plan: Sequence[object], following: int) -> bool:
    """Tell whether a ladder without a rung ahead lost it; one that does not repeat has simply come to its end."""
    return not plan or following < len(plan)


class Sweep:
    """The move that mends what the walk found."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def mend(self, tx: Tx, asks: Sequence[Sequence[int]]) -> list[int]:
        """Plan again what is missing for these tickets; returns how many alarms were written for each ask."""
        return [self._mend(tx, ids) for ids in asks]

    def _mend(self, tx: Tx, ids: Sequence[int]) -> int:
        files = Files(tx, self._standing)
        count = sum(self._page(files, ids[start : start + sweep.PAGE]) for start in range(0, len(ids), sweep.PAGE))
        files.work.flush()
        return count

    def _page(self, files: Files, ids: Sequence[int]) -> int:
        connection = files.tx.connection
        rungless = [t for t in files.work.load(Ticket, sweep.rungless(connection, ids)) if lost(t.plan, t.plan_next)]
        files.keep(rungless)
        for ticket in rungless:
            self._again(files, files.by_id[ticket.id])
        clocks = files.work.load(Clock, sweep.unguarded(connection, ids))
        files.load(clock.ticket_id for clock in clocks)
        for clock in clocks:
            self._guard(files, files.by_id[clock.ticket_id], clock)
        files.work.flush()
        alarmed = len(rungless) + len(clocks)
        for ticket in files.work.load(Ticket, sweep.dueless(connection, ids)):
            files.keep([ticket])
            alarmed += self._plan(files, files.by_id[ticket.id])
        return alarmed

    def _again(self, files: Files, file: File) -> None:
        """Start the ladder of a ticket that waits for somebody again."""
        perform(files, file, [Note(kind=EventKind.ALARM, text="no rung ahead: asked again")])
        files.work.change(file.ticket, plan_from=files.tx.now, plan_next=0)
        step(files, file)
        follow(files, file)

    def _guard(self, files: Files, file: File, clock: Clock) -> None:
        """Plan the breach of a promise that runs without one."""
        text = f"the breach of {clock.kind} was not planned: planned again"
        perform(files, file, [Note(kind=EventKind.ALARM, text=text)])
        timer(files, TimerKind.CLOCK, max(clock.due_at, files.tx.now), file.ticket, about=clock.kind, part=1.0)

    def _plan(self, files: Files, file: File) -> int:
        """Give an open ticket a due time; returns 1 where it had lost one."""
        ticket = file.ticket
        if ticket.state == TicketState.ON_HOLD and ticket.held_until is not None:
            perform(
                files, file, [Note(kind=EventKind.ALARM, text="the end of the hold was not planned: planned again")]
            )
            timer(files, TimerKind.HOLD, max(ticket.held_until, files.tx.now), ticket)
            return 1
        timer(files, TimerKind.UNTOUCHED, remind_at(ticket, files.scene.settings, files.tx.now), ticket)
        return 0


def untouched(files: Files, file: File, due: Timer) -> None:
    """Bring a ticket to mind that nothing happens to: to its owner, else to the lead; and again after as long."""
    del due
    ticket, scene = file.ticket, files.scene
    if ticket.state not in OPEN_STATES:
        return
    parent = parent_of(files, file)
    since = remind_at(ticket, scene.settings, ticket.opened_at)
    if since <= files.tx.now + SLACK and not (parent is not None and parent.held):
        person = ticket.owner if ticket.state in HELD_STATES and ticket.owner else scene.duty.lead
        perform(files, file, [Tell(person=person, template="untouched", variables={"state": ticket.state})])
        since = remind_at(ticket, scene.settings, files.tx.now + scene.settings.untouched_after)
    timer(files, TimerKind.UNTOUCHED, max(since, files.tx.now + SLACK), ticket)
