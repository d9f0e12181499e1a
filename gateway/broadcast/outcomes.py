"""What a send of a broadcast came to when it did not succeed; the recipients follow their messages by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.broadcast.moves import note, pause
from gateway.broadcast.suppressing import never_again
from gateway.broadcast_settings import Broadcasts as Settings
from gateway.failing import Missed
from gateway.standing import Ways
from router.broadcast_plan import Plan
from router.broadcasts import too_many_errors
from store import broadcast_rows, broadcasts, outbox, queue, reminders
from store.model import Broadcast, BroadcastState, MessageState, PackageState
from store.work import Work
from store.writer import Tx

REFUSED = "refused"
"""Why a broadcast is paused whose account its provider refuses."""


class Outcomes:
    """The move."""

    def __init__(self, settings: Settings, ways: Ways) -> None:
        self._settings = settings
        self._ways = ways

    def missed(self, tx: Tx, items: Sequence[Missed]) -> list[bool]:
        """Close the attempts. What a refused account could not send waits again, and the broadcast is paused."""
        kept = queue.complete(tx, [_done(one) for one in items])
        ours = [one for one, held in zip(items, kept, strict=True) if held]
        refused = [one for one in ours if one.alarm]
        gone = [one for one in ours if one.unreachable]
        by_broadcast = broadcasts.of_messages(tx.connection, [one.message_id for one in items])
        self._left_alone(tx, gone, by_broadcast)
        broadcast_rows.pending_again(tx, [one.message_id for one in refused])
        for ident in sorted({by_broadcast[one.message_id] for one in refused if one.message_id in by_broadcast}):
            reason = next(one.done.reason for one in refused if by_broadcast.get(one.message_id) == ident)
            stop(tx, ident, REFUSED, reason or "")
        self._reminders(tx, [one.message_id for one in refused])
        back = [one for one in ours if one.alarm or one.done.outcome == queue.LATER]
        _stands_still(tx, {by_broadcast[one.message_id] for one in back if one.message_id in by_broadcast})
        self._look(tx, [one.message_id for one in ours if not one.alarm])
        tx.wake("broadcast")
        tx.wake("remind")
        return kept

    def _reminders(self, tx: Tx, message_ids: Sequence[int]) -> None:
        """Put off the reminders that a refused account could not send; of a broadcast that is over they are lost."""
        if not message_ids:
            return
        for ident in reminders.forget(tx, message_ids):
            stop(tx, ident, REFUSED, "a reminder was refused")
        work = Work(tx)
        for ident, count in reminders.of_messages(tx.connection, message_ids).items():
            found = broadcasts.by_id(tx.connection, ident)
            if found is not None:
                note(work, found, "", "reminders_lost", count=count)
        work.flush()

    def _left_alone(self, tx: Tx, gone: Sequence[Missed], by_broadcast: Mapping[int, int]) -> None:
        """Let the next broadcast leave out what its provider will never take anything for."""
        messages = outbox.by_ids(tx.connection, [one.message_id for one in gone])
        found = [(messages[one.message_id], one) for one in gone if one.message_id in messages]
        never_again(
            tx,
            self._ways,
            [(message, one.done.reason or "", by_broadcast.get(one.message_id)) for message, one in found],
        )

    def _look(self, tx: Tx, message_ids: Sequence[int]) -> None:
        """Stop at once what fails too often: until the next look of the loop hundreds more could go."""
        for ident in sorted(set(broadcasts.of_messages(tx.connection, message_ids).values())):
            found = broadcasts.by_id(tx.connection, ident)
            why = trouble(tx, found, self._settings) if found is not None else ""
            if why:
                stop(tx, ident, why, "")


def _stands_still(tx: Tx, idents: Iterable[int]) -> None:
    """Take back what came back into the queue of a broadcast that was paused or cancelled while it was being sent."""
    for ident in sorted(idents):
        found = broadcasts.locked(tx, ident=ident)
        if found is None or found.state == BroadcastState.RUNNING:
            continue
        broadcast_rows.take_back(tx, ident, "the broadcast stands still")
        if found.state == BroadcastState.CANCELLED:
            work = Work(tx)
            work.change(found, due=tx.now)
            work.flush()


def _done(one: Missed) -> queue.Done:
    """Call what a refused account did not take cancelled: nothing was sent, and it is sent once a person has acted."""
    if not one.alarm:
        return one.done
    cancelled = MessageState.CANCELLED.value
    return replace(one.done, outcome=cancelled, status=cancelled)


def trouble(tx: Tx, found: Broadcast, settings: Settings) -> str:
    """Say why a broadcast must stop at once; "" when it need not."""
    if found.package_id is not None and dead(tx, found):
        return "revoked"
    lately = broadcasts.lately(tx.connection, found.id, found.counted_from, settings.error_window)
    if too_many_errors(lately, settings.error_rate, settings.error_window):
        return "errors"
    reports = broadcasts.troubles(tx.connection, found.id, found.counted_from)
    return "troubles" if reports > Plan.model_validate(found.plan).gate.troubles else ""


def dead(tx: Tx, found: Broadcast) -> bool:
    """Tell whether the links that it would send lead nowhere any more."""
    package = broadcasts.package(tx.connection, found.package_id)
    return found.revoked_at is not None or package is None or package.state != PackageState.READY


def stop(tx: Tx, ident: int, why: str, reason: str) -> None:
    """Pause a running broadcast of the gateway's own accord."""
    found = broadcasts.locked(tx, ident=ident)
    if found is None or found.state != BroadcastState.RUNNING:
        return
    work = Work(tx)
    taken = pause(work, found, why)
    note(work, found, "", "paused", why=why, reason=reason, withdrawn=taken, wave=found.wave)
    work.flush()
