"""What a send of a broadcast came to when it did not succeed; the recipients follow their messages by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.broadcast.moves import note, pause
from gateway.broadcast.suppressing import Against, leave_alone
from gateway.failing import Missed
from gateway.standing import Ways
from store import broadcast_rows, broadcasts, outbox, queue
from store.model import Broadcast, BroadcastState, MessageState, SuppressionKind
from store.work import Work
from store.writer import Tx

REFUSED = "refused"
"""Why a broadcast is paused whose account its provider refuses."""


class Outcomes:
    """The move."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def missed(self, tx: Tx, items: Sequence[Missed]) -> list[bool]:
        """Close the attempts. What a refused account could not send waits again, and the broadcast is paused."""
        kept = queue.complete(tx, [_done(one) for one in items])
        refused = [one for one, ours in zip(items, kept, strict=True) if ours and one.alarm]
        gone = [one for one, ours in zip(items, kept, strict=True) if ours and one.unreachable]
        by_broadcast = broadcasts.of_messages(tx.connection, [one.message_id for one in (*refused, *gone)])
        self._left_alone(tx, gone, by_broadcast)
        broadcast_rows.pending_again(tx, [one.message_id for one in refused])
        for ident in sorted({by_broadcast[one.message_id] for one in refused if one.message_id in by_broadcast}):
            reason = next(one.done.reason for one in refused if by_broadcast.get(one.message_id) == ident)
            _refused(tx, ident, reason or "")
        tx.wake("broadcast")
        return kept

    def _left_alone(self, tx: Tx, gone: Sequence[Missed], by_broadcast: Mapping[int, int]) -> None:
        """Let the next broadcast leave out what its provider will never take anything for."""
        messages = outbox.by_ids(tx.connection, [one.message_id for one in gone])
        against = [
            Against(
                method=self._ways.method(message.channel),
                address=message.recipient,
                kind=SuppressionKind.REFUSED,
                why=one.done.reason or "",
                broadcast_id=by_broadcast.get(one.message_id),
            )
            for one in gone
            if (message := messages.get(one.message_id)) is not None and not message.group
        ]
        if against:
            leave_alone(tx, against)


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
