"""What a send of a broadcast came to when it did not succeed; the recipients follow their messages by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.broadcast.moves import note, pause
from gateway.failing import Missed
from store import broadcast_rows, broadcasts, queue
from store.model import Broadcast, BroadcastState, MessageState
from store.work import Work
from store.writer import Tx

REFUSED = "refused"
"""Why a broadcast is paused whose account its provider refuses."""


class Outcomes:
    """The move."""

    def missed(self, tx: Tx, items: Sequence[Missed]) -> list[bool]:
        """Close the attempts. What a refused account could not send waits again, and the broadcast is paused."""
        kept = queue.complete(tx, [_done(one) for one in items])
        refused = [one for one, ours in zip(items, kept, strict=True) if ours and one.alarm]
        by_broadcast = broadcasts.of_messages(tx.connection, [one.message_id for one in refused])
        broadcast_rows.pending_again(tx, [one.message_id for one in refused])
        for ident in sorted(set(by_broadcast.values())):
            reason = next(one.done.reason for one in refused if by_broadcast.get(one.message_id) == ident)
            _refused(tx, ident, reason or "")
        tx.wake("broadcast")
        return kept


def _done(one: Missed) -> queue.Done:
    """Call what a refused account did not take cancelled: nothing was sent, and it is sent once a person has acted."""
    if not one.alarm:
        return one.done
    cancelled = MessageState.CANCELLED.value
    return replace(one.done, outcome=cancelled, status=cancelled)


def _refused(tx: Tx, ident: int, reason: str) -> None:
    found = broadcasts.locked(tx, ident=ident)
    if found is None or found.state != BroadcastState.RUNNING:
        return
    work = Work(tx)
    taken = pause(changed, work, found, REFUSED)
    note(work, found, "", "paused", why=REFUSED, reason=reason, withdrawn=taken)
    work.flush()


def changed(work: Work, found: Broadcast, **values: object) -> None:
    """Change a broadcast so that a page which shows it as it was is refused."""
    work.change(found, version=found.version + 1, **values)
