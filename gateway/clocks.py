"""Lets promises run, stand still and end: their rows, and due times for their warnings and their breach."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.asking import timer
from gateway.files import File, Files
from router.effects import MoveClock, PauseClock, ResumeClock, StartClock, StopClock, Wait
from store import timers
from store.model import Clock, TimerKind

ClockEffect = StartClock | StopClock | MoveClock | PauseClock | ResumeClock


def turn(files: Files, file: File, effect: ClockEffect) -> None:
    """Carry out what a decision asked of one promise."""
    match effect:
        case StartClock(again=True):
            again(files, file, effect)
        case StartClock():
            start(files, file, effect)
        case StopClock():
            stop(files, file, effect)
        case MoveClock():
            move(files, file, effect)
        case PauseClock():
            pause(files, file, effect)
        case ResumeClock():
            resume(files, file, effect)


def running(file: File, kind: str) -> list[Clock]:
    """Return the running clock of a kind, if there is one."""
    return [clock for clock in file.clocks if clock.kind == kind and clock.stopped_at is None]


def start(files: Files, file: File, effect: StartClock) -> None:
    """Let a promise run."""
    now = files.tx.now
    clock = Clock(
        id=files.work.id(),
        ticket_id=file.ticket.id,
        kind=effect.kind,
        started_at=now,
        due_at=effect.due,
        counts_from=effect.since or now,
    )
    file.clocks.append(files.work.add(clock))
    if effect.breached:
        files.work.change(clock, breached_at=now)
    else:
        plant(files, file, clock)


def again(files: Files, file: File, effect: StartClock) -> None:
    """Let the last promise of a kind run on; its due times that did not come yet are still there."""
    last = next((clock for clock in reversed(file.clocks) if clock.kind == effect.kind), None)
    if last is None:
        return
    files.work.change(last, stopped_at=None, void=False)
    if last.due_at <= files.tx.now:
        timer(files, TimerKind.CLOCK, last.due_at, file.ticket, about=last.kind, part=1.0)


def stop(files: Files, file: File, effect: StopClock) -> None:
    """Stop the running clock of this kind; its due times find it stopped and do nothing."""
    for clock in running(file, effect.kind):
        if clock.paused_at is not None:
            go_on(files, clock)
        void = effect.void and clock.breached_at is None
        files.work.change(clock, stopped_at=files.tx.now, void=void)


def move(files: Files, file: File, effect: MoveClock) -> None:
    """Give the running clock of this kind another limit."""
    for clock in running(file, effect.kind):
        files.work.change(clock, due_at=effect.due, counts_from=effect.since)
        plant(files, file, clock)


def pause(files: Files, file: File, effect: PauseClock) -> None:
    """Let the running clock of this kind stand still; a broken one is late whatever happens."""
    for clock in running(file, effect.kind):
        if clock.paused_at is None and clock.breached_at is None:
            files.work.change(clock, paused_at=files.tx.now)


def resume(files: Files, file: File, effect: ResumeClock) -> None:
    """Let a clock that stood still go on."""
    for clock in running(file, effect.kind):
        if clock.paused_at is not None:
            go_on(files, clock)
            plant(files, file, clock)


def go_on(files: Files, clock: Clock) -> None:
    """Move the limit of a clock that stood still by as long as it stood."""
    if clock.paused_at is None:
        return
    stood = files.tx.now - clock.paused_at
    files.work.change(
        clock,
        paused_at=None,
        paused_seconds=clock.paused_seconds + stood.total_seconds(),
        due_at=clock.due_at + stood,
    )


def reached(clock: Clock, part: float) -> datetime:
    """Return when a part of a promise is over; the time for which it stood still does not count."""
    paused = timedelta(seconds=clock.paused_seconds)
    return clock.started_at + paused + (clock.due_at - clock.started_at - paused) * part


def plant(files: Files, file: File, clock: Clock) -> None:
    """Write due times for the warnings and the breach of a clock; those of an earlier limit find it moved."""
    for part in (*files.scene.settings.warn_at, 1.0):
        at = reached(clock, part)
        if at > files.tx.now or part == 1.0:
            timer(files, TimerKind.CLOCK, at, file.ticket, about=clock.kind, part=part)


def wait(files: Files, file: File, effect: Wait) -> None:
    """Write a due time of a ticket in the place of earlier ones of the same kind for the same."""
    files.work.flush()
    timers.drop(files.tx, [file.ticket.id], [effect.kind], about=effect.about)
    timer(files, effect.kind, effect.at, file.ticket, about=effect.about)
