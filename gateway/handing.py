"""Passes shifts from one to the next: keeps their due times, and asks, reminds and tells whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway import texts
from gateway.asking import timer
from gateway.files import Files
from gateway.inquiring import inquire
from gateway.perform import perform
from gateway.post import Letter, send
from gateway.standing import Standing
from router import handover
from router.effects import Note, Tell
from router.handover import Load, Step
from router.rota import Plan, holder
from store import load, timers
from store.model import EventKind, Lane, Timer, TimerKind
from store.writer import Tx, exclusive

MOST = 10
"""Numbers of tickets that a text may have to name."""


class Handing:
    """The move that plants the due times of all shifts."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def plant(self, tx: Tx, asks: Sequence[None]) -> list[None]:
        """Plant what is due next, at the start; what is planted already stays."""
        files = Files(tx, self._standing)
        plant(files)
        files.work.flush()
        return [None] * len(asks)


def plant(files: Files) -> None:
    """Let one due time stand for each role and step; what is due and not fired yet is left to fire."""
    files.work.flush()
    now = files.tx.now
    wanted = {(step.about, step.due) for step in handover.steps(files.plan, now, files.scene.settings.handover)}
    gone: list[int] = []
    for one in timers.of_kind(files.tx.connection, TimerKind.SHIFT):
        if not handover.ours(one.about):
            continue
        looks = one.about == handover.LOOK
        same = {step for step in wanted if step[0] == one.about and (looks or step[1] == one.due)}
        if one.due > now and not same:
            gone.append(one.id)
        wanted -= same
    files.work.delete(Timer, gone)
    for about, due in sorted(wanted):
        timer(files, TimerKind.SHIFT, due, None, about=about)


def fired(files: Files, due: Timer) -> None:
    """Do what is due of a shift, and plant what comes next."""
    act(files, Step(due=due.due, about=due.about))
    plant(files)


def act(files: Files, step: Step) -> None:
    """Remind, ask or post; what no longer holds does nothing."""
    role = step.role
    if step.about == handover.POST:
        post(files)
    elif role is not None and step.reminds:
        perform(files, None, handover.reminded(files.plan, role, step.change, files.tx.now))
    elif role == "lead":
        hand_over(files, holder(files.plan, role, step.change - handover.INSTANT).person, step.change)


def hand_over(files: Files, before: str | None, change: datetime) -> str:
    """Ask whoever leads now to take over; returns who was asked, or ""."""
    ask = handover.begun(before, change, files.scene, read_load(files))
    if ask is None:
        return ""
    if inquire(files, None, ask) is None:
        name = files.scene.name(ask.person)
        alarm = Note(kind=EventKind.ALARM, text=f"{name} leads and cannot be asked: no channel reaches them")
        perform(files, None, [alarm])
    return ask.person


def read_load(files: Files) -> Load:
    """Count what is taken over."""
    files.work.flush()
    connection = files.tx.connection
    held, waiting = load.counts(connection)
    return Load(held=held, waiting=waiting, urgent=tuple(load.numbers_of_levels(connection, (1, 2), MOST)))


def changed(files: Files, *, told: tuple[str, ...] = ()) -> None:
    """Follow a shift or an absence that was just written: tell whom it moves, and plant the due times anew."""
    before = files.plan
    files.replan()
    follow(files, before, told=told)


def follow(files: Files, before: Plan, *, told: tuple[str, ...]) -> None:
    """Tell whom the change of a plan moves, but those who are told otherwise."""
    perform(files, None, handover.moved(before, files.plan, files.tx.now, told))
    plant(files)


def post(files: Files) -> None:
    """Tell a group who is on call this week; where that cannot be, somebody hears of it."""
    wish = files.scene.settings.handover.post
    if wish is None:
        return
    destination, group = wish.place
    can = files.standing.ways.can.get(destination)
    if can is None or not can.sends or (can.receives and not can.groups):
        text = f"{destination} cannot write to groups: nobody was told who is on call"
        manager = files.scene.duty.manager or files.scene.duty.lead
        tell = Tell(person=manager, template="alarm", variables={"text": text})
        perform(files, None, [Note(kind=EventKind.ALARM, text=text), tell])
        return
    variables = texts.filled(files, None, wish.language, {"lines": handover.week(files.scene)})
    letter = Letter(
        destination=destination,
        recipient="" if can.groups else group,
        text=texts.render("duty_week", wish.language, variables, short=False),
        template="duty_week",
        variables=variables,
        language=wish.language,
        lane=Lane.NOTICE,
        kind=EventKind.DUTY,
        to="group",
        group=group,
    )
    send(files, letter)
