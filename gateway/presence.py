"""Writes down who is on duty against the rota, who is away and who is awake; whoever it moves is told at once."""

from __future__ import annotations

from dataclasses import replace

from gateway import handing
from gateway.files import Files
from gateway.inquiring import inquire
from router.effects import EndPresence, PutPresence, PutShifts, SetShift
from router.rota import lead_at
from store.model import Presence, PresenceKind, Shift, ShiftState
from store.rota import presences, shifts


def set_shift(files: Files, effect: SetShift) -> None:
    """Let both halves of a swap come into force, or go; what was in force for a while keeps its beginning."""
    now = files.tx.now
    rows = [row.model_dump() for row in shifts(files.tx.connection, now, proposed=True)]
    for shift in files.work.load(Shift, rows):
        if shift.swap_id != effect.swap:
            continue
        if effect.state == ShiftState.WITHDRAWN and shift.state == ShiftState.IN_FORCE and shift.begins < now:
            files.work.change(shift, ends=now)
        else:
            files.work.change(shift, state=effect.state, at=now)
    handing.changed(files, told=effect.told)


def put_shifts(files: Files, effect: PutShifts) -> None:
    """Write shifts that belong together, and ask what is to be asked about them."""
    swap = files.work.id()
    for half in effect.halves:
        row = Shift(
            id=files.work.id(),
            role=half.role,
            person=half.person,
            begins=half.begins,
            ends=half.ends,
            state=effect.state,
            swap_id=swap,
            by=effect.by,
            at=files.tx.now,
            why=effect.why,
        )
        files.work.add(row)
    if effect.asks is not None:
        inquire(files, None, replace(effect.asks, about=swap))
    handing.changed(files, told=effect.told)


def put(files: Files, effect: PutPresence) -> None:
    """Keep that somebody is away or awake; what held when it begins ends, but for a longer absence."""
    begins = effect.begins or files.tx.now
    rows = [row.model_dump() for row in presences(files.tx.connection, files.tx.now)]
    for before in files.work.load(Presence, rows):
        same = (before.person, before.kind) == (effect.person, effect.kind) and before.begins <= begins < before.ends
        if same and (effect.kind != PresenceKind.AWAY or before.ends <= effect.until):
            files.work.change(before, ends=begins)
    row = Presence(
        id=files.work.id(),
        person=effect.person,
        kind=effect.kind,
        begins=begins,
        ends=effect.until,
        why=effect.why,
        by=effect.by,
        at=files.tx.now,
    )
    files.work.add(row)
    if effect.kind == PresenceKind.AWAY:
        gone(files, effect.person)


def gone(files: Files, person: str) -> None:
    """Tell whom an absence moves; who leads now in place of the absent one is asked to take over."""
    led, before = lead_at(files.plan, files.tx.now), files.plan
    files.replan()
    asked = handing.hand_over(files, person, files.tx.now) if led == person else ""
    handing.follow(files, before, told=(person, asked))


def end(files: Files, effect: EndPresence) -> None:
    """End an absence now; one that has not begun never comes to be."""
    rows = [row.model_dump() for row in presences(files.tx.connection, files.tx.now)]
    for presence in files.work.load(Presence, rows):
        if presence.id == effect.presence:
            files.work.change(presence, ends=files.tx.now)
            handing.changed(files, told=(presence.person,))
