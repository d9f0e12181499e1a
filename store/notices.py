"""Lines of history that belong to no ticket."""

from __future__ import annotations

from collections.abc import Sequence

from store.batch import Tx
from store.model import Event, EventKind
from store.work import Work


def alarm(tx: Tx, texts: Sequence[str]) -> list[None]:
    """Write an alarm for each text."""
    work = Work(tx)
    for text in texts:
        work.add(Event(id=work.id(), at=tx.now, kind=EventKind.ALARM, text=text))
    work.flush()
    return [None] * len(texts)
