"""Writes down who is on duty against the rota, who is away and who is awake."""

from __future__ import annotations

from gateway.files import Files
from router.effects import PutPresence, SetShift
from store.model import Presence, Shift
from store.rota import presences, shifts


def set_shift(files: Files, effect: SetShift) -> None:
    """Let both halves of a swap come into force, or go."""
    rows = [row.model_dump() for row in shifts(files.tx.connection, files.tx.now, proposed=True)]
    for shift in files.work.load(Shift, rows):
        if shift.swap_id == effect.swap:
            files.work.change(shift, state=effect.state, at=files.tx.now)


def put(files: Files, effect: PutPresence) -> None:
    """Keep that somebody is away or awake from now on; what held before ends."""
    rows = [row.model_dump() for row in presences(files.tx.connection, files.tx.now)]
    for before in files.work.load(Presence, rows):
        if (before.person, before.kind) == (effect.person, effect.kind) and before.begins <= files.tx.now:
            files.work.change(before, ends=files.tx.now)
    row = Presence(
        id=files.work.id(),
        person=effect.person,
        kind=effect.kind,
        begins=files.tx.now,
        ends=effect.until,
        why=effect.why,
        by=effect.by,
        at=files.tx.now,
    )
    files.work.add(row)
