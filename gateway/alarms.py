"""Tells people of what the program itself cannot settle: messages set aside."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.asking import way
from gateway.files import Files
from gateway.perform import perform
from gateway.standing import Standing
from router.effects import Tell
from store import judging, tickets
from store.model import Event, EventKind
from store.writer import Tx, exclusive

MOST = 5
"""Texts about the quarantine to one address within an hour; the rest is on the board."""
WORDS = 160
"""Characters of one such text."""


class Alarms:
    """The move that raises alarms."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def quarantined(self, tx: Tx, asks: Sequence[None]) -> list[int]:
        """Write a line of history for everything newly set aside, and tell the manager; returns how many."""
        files = Files(tx, self._standing)
        rows = judging.unannounced(tx.connection)
        left = self._left(files) if rows else 0
        for place, row in enumerate(rows):
            text = f"{row['channel']} {row['where']}: {row['why']}"
            event = Event(
                id=files.work.id(),
                # Not before the row: the clocks of two processes differ, and it would count as not told.
                at=max(tx.now, row["at"]),
                kind=EventKind.QUARANTINED,
                message_id=row["message_id"] or row["id"],
                text=text,
                more={"quarantine": row["id"]},
            )
            files.work.add(event)
            if place < left:
                tell = Tell(person=_who(files), template="alarm", variables={"text": text[:WORDS]})
                perform(files, None, [tell])
        files.work.flush()
        return [len(rows)] * len(asks)

    def _left(self, files: Files) -> int:
        """Count how many texts the person may still get in this hour."""
        reach = way(files, _who(files), "sms") or way(files, _who(files), "mail")
        if reach is None:
            return 0
        return max(0, MOST - tickets.told_since(files.tx.connection, reach[1], ["alarm"], files.tx.now))


def _who(files: Files) -> str:
    return files.scene.duty.manager or files.scene.duty.lead
