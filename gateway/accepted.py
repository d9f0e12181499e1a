"""What follows when a provider took a text: its attempt ends, a page waits for its receipt, and a late one is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.standing import Standing
from store import queue
from store.model import Event, EventKind, Lane, Timer, TimerKind
from store.queue import Claimed, Done
from store.work import Work
from store.writer import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """A text that the provider took."""

    text: Claimed
    done: Done


class Accepted:
    """The move for sends that succeeded."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def take(self, tx: Tx, items: Sequence[Gone]) -> list[bool]:
        """Close the attempts; of pages plan the look for a receipt, and write down what left late."""
        kept = queue.complete(tx, [one.done for one in items])
        pages = [one.text for one, ours in zip(items, kept, strict=True) if ours and one.text.lane == Lane.PAGE]
        work = Work(tx)
        for page in pages:
            self._watch(work, page)
            self._late(work, page)
        work.flush()
        return kept

    def _watch(self, work: Work, page: Claimed) -> None:
        after = self._wait(page)
        if after:
            work.add(
                Timer(
                    id=work.id(),
                    due=work.now + after,
                    kind=TimerKind.RECEIPT,
                    ticket_id=page.ticket_id,
                    about=str(page.message_id),
                )
            )
            work.tx.wake("due")

    def _wait(self, page: Claimed) -> timedelta:
        """Return how long the provider may take to say that a page arrived; nothing where it never says."""
        can = self._standing.ways.can.get(page.destination)
        if page.page_id is None or page.replaces or can is None or not can.confirms:
            return timedelta(0)
        waits = self._standing.config.gateway.receipt_after
        return waits.get(self._standing.ways.method(page.destination), timedelta(0))

    def _late(self, work: Work, page: Claimed) -> None:
        due = page.at or page.due
        late = work.now - due
        if page.replaces or late <= self._standing.config.gateway.late_after:
            return
        method = self._standing.ways.method(page.destination)
        work.add(
            Event(
                id=work.id(),
                at=work.now,
                kind=EventKind.LATE,
                ticket_id=page.ticket_id,
                message_id=page.message_id,
                text=f"it left {late.total_seconds():.0f} s after it was due, at try {page.attempt}",
                more={"to": page.recipient, "by": method, "seconds": round(late.total_seconds())},
            )
        )
