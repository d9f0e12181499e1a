"""Keeps when whoever has a ticket last did something to it, and plants the question whether they are still on it."""

from __future__ import annotations

from gateway.asking import timer
from gateway.files import File, Files
from router.effects import Change, Effect, Note, TellCustomer
from router.still import ask_at
from store import timers
from store.model import TicketState, TimerKind


def touched(files: Files, file: File, effect: Effect) -> None:
    """Note that the owner did something, where an effect says so."""
    by = effect.actor if isinstance(effect, Note) else effect.by if isinstance(effect, TellCustomer) else ""
    if by and by == file.ticket.owner and file.ticket.touched_at != files.tx.now:
        files.work.change(file.ticket, touched_at=files.tx.now)


def watched(files: Files, file: File, effect: Change, *, before: str) -> None:
    """Have whoever has a ticket now asked when they do nothing; a due time that it had goes."""
    ticket = file.ticket
    if ticket.state not in (TicketState.TAKEN, TicketState.ON_SITE) or "state" not in effect.values:
        return
    if before != TicketState.PAGING:
        files.work.flush()
        timers.drop(files.tx, [ticket.id], [TimerKind.STILL], about="")
    timer(files, TimerKind.STILL, ask_at(ticket, files.scene, since=files.tx.now), ticket)
