"""Writes the list of recipients of an approved broadcast, chunk by chunk, so that nothing else waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.broadcast.audience import Target
from gateway.broadcast.links import new_code
from gateway.broadcast.moves import changed, note
from gateway.standing import Standing
from router.audience import Row
from router.broadcasts import needs_second, wave_of
from store import broadcast_rows, broadcasts
from store.model import Broadcast, BroadcastState, Recipient, RecipientState
from store.work import Work
from store.writer import Tx

CHUNK = 500
"""People of one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of an audience, as it was read."""

    ident: int
    """Of the broadcast."""
    after: str
    """Where the reading began; a piece that is written already, by whomever, is not written again."""
    cursor: str | None
    """Where the next one begins; None at the end."""
    people: Sequence[Target] = field(repr=False)


class Freezing:
    """The move."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def write(self, tx: Tx, pieces: Sequence[Piece]) -> list[bool]:
        """Write pieces of lists; False for one that is no longer wanted."""
        return [_write(tx, piece, self._standing) for piece in pieces]


def _write(tx: Tx, piece: Piece, standing: Standing) -> bool:
    found = broadcasts.locked(tx, ident=piece.ident)
    if found is None or found.state != BroadcastState.FREEZING or found.cursor != piece.after:
        return False
    work = Work(tx)
    position, rows = found.frozen, []
    for target in piece.people:
        wave = wave_of(position, found.waves)
        made = list(_rows(work, found, target, wave))
        position += sum(row.state == RecipientState.PENDING for row in made)
        rows += made
    broadcast_rows.add(tx, rows)
    if piece.cursor is None:
        _finished(work, found, position, standing)
    else:
        work.change(found, frozen=position, cursor=piece.cursor)
    work.flush()
    tx.wake("broadcast")
    return True


def _rows(work: Work, found: Broadcast, target: Target, wave: int) -> Iterator[Recipient]:
    for row in target.rows:
        yield _row(work, found, target, row, wave)


def _row(work: Work, found: Broadcast, target: Target, row: Row, wave: int) -> Recipient:
    return Recipient(
        id=work.id(),
        broadcast_id=found.id,
        who=target.who,
        channel=row.channel,
        contact_id=target.contact_id,
        name=target.name,
        language=target.language,
        address=row.address,
        group=row.group,
        wave=wave if row.chosen else 0,
        state=RecipientState.PENDING if row.chosen else RecipientState.SKIPPED,
        reason=None if row.chosen else row.reason,
        values=dict(target.values),
        code=new_code() if row.chosen else None,
    )


def _finished(work: Work, found: Broadcast, total: int, standing: Standing) -> None:
    if _grew(work, found, total, standing):
        return
    counts = broadcasts.counts(work.tx.connection, found.id)
    sizes = {wave: n for (wave, state), n in counts.items() if state == RecipientState.PENDING}
    state = BroadcastState.APPROVED if sizes else BroadcastState.DRAFT
    waves = [sizes[wave] for wave in sorted(sizes)]
    total = sum(sizes.values())
    broadcast_rows.renumber(work.tx, found.id, sorted(sizes))
    if not total:
        broadcast_rows.remove_all(work.tx, found.id)
    changed(work, found, state=state, frozen=total, waves=waves, cursor="", due=None)
    note(work, found, "", "frozen" if total else "nobody", count=total)


def _grew(work: Work, found: Broadcast, total: int, standing: Standing) -> bool:
    """Ask for another approval when more came in meanwhile than were approved, or than may go without a second one."""
    if total <= found.expected:
        return False
    channels = broadcasts.by_channel(work.tx.connection, found.id)
    by_sms = sum(
        n
        for (name, state), n in channels.items()
        if state == RecipientState.PENDING and standing.ways.method(name) == "sms"
    )
    rule = standing.config.gateway.broadcasts
    alone = found.approved_by in found.writers
    if alone and not needs_second(total, by_sms, above=rule.approve_above, always_sms=rule.approve_sms):
        return False
    broadcast_rows.remove_all(work.tx, found.id)
    anew: dict[str, object] = {"approved_by": "", "approved_at": None, "frozen": 0, "waves": [], "cursor": ""}
    note(work, found, "", "grew", expected=found.expected, count=total)
    changed(work, found, state=BroadcastState.SUBMITTED, expected=total, due=None, **anew)
    return True
