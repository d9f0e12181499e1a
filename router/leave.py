"""Who is away, back, and on duty, as the staff say and ask it: what follows, and what they are told; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from router.case import Scene
from router.commands import Command
from router.days import day_of
from router.effects import Effect, EndPresence, Note, PutPresence, Tell
from router.grammar import Intent
from router.rota import ROLES, Plan, Turn, holder, next_change
from router.stints import stints
from router.swaps import Wish, proposed
from router.wall import begins, on_the_wall
from store.model import EventKind, Presence, PresenceKind

LONGEST = timedelta(days=370)
DAY = timedelta(days=1)


def obeyed(command: Command, person: str, scene: Scene) -> list[Effect]:
    """Obey what one of the staff says about their own duty, or answer who is on duty."""
    match command.intent:
        case Intent.SWAP if command.person:
            return proposed(Wish(person=person, other=command.person, days=command.days), scene)
        case Intent.SWAP:
            return [_answer(person, "swap_refused", why="swap_how", word="")]
        case Intent.AWAY:
            return away(command, person, scene)
        case Intent.BACK:
            return back(person, scene)
    return [duty(person, scene)]


def _answer(person: str, template: str, **variables: str) -> Tell:
    return Tell(person=person, template=template, variables=variables, answer=True)


def duty(person: str, scene: Scene) -> Tell:
    """Answer who leads now and until when, who is next, and who is second."""
    change = next_change(scene.rota, "lead", scene.now)
    who = {"lead": scene.name(scene.duty.lead), "second": scene.name(scene.duty.second)}
    if change is None or scene.duty.hole:
        return _answer(person, "duty", **who)
    after = holder(scene.rota, "lead", change).person or ""
    return _answer(person, "duty_until", **who, until=change.isoformat(), who=after)


def away(command: Command, person: str, scene: Scene) -> list[Effect]:
    """Keep that somebody is away for some days, and say who has their turns then."""
    span = span_of(command.days, scene)
    if span is None:
        return [_answer(person, "away_how", word=" ".join(command.days))]
    absence = Presence(id=0, person=person, kind=PresenceKind.AWAY, begins=span[0], ends=span[1], at=scene.now)
    without = replace(scene.rota, presences=(*scene.rota.presences, absence))
    mine = [
        turn
        for role in ROLES
        for turn in stints(scene.rota, role, *span)
        if turn.person == person and turn.begins < turn.ends
    ]
    found = [one for turn in mine for one in stints(without, turn.role, turn.begins, turn.ends)]
    variables = {"at": span[0].isoformat(), "until": span[1].isoformat(), "list": written(found, person, scene)}
    bad = any(one.person == person or (one.person is None and one.role == "lead") for one in found)
    template = "away_hole" if bad else "away_covered" if found else "away_free"
    manager = scene.duty.manager
    why = f": {command.text}" if command.text else ""
    effects: list[Effect] = [
        PutPresence(
            person=person, kind=PresenceKind.AWAY, begins=span[0], until=span[1], why=command.text or "", by=person
        ),
        Note(kind=EventKind.DUTY, actor=person, text=f"away {span[0]:%m-%d %H:%M} to {span[1]:%m-%d %H:%M} UTC{why}"),
        _answer(person, template, **variables),
    ]
    if manager not in (None, person):
        other = "away_hole_other" if bad else "away_other"
        effects.append(Tell(person=manager or "", template=other, variables={"who": person, **variables}))
    return effects


def span_of(days: Sequence[str], scene: Scene) -> tuple[datetime, datetime] | None:
    """Return from when to when whole days last, not before now; None for no days, or days that are over."""
    today = on_the_wall(scene.now, scene.rota.zone).date()
    read = [day_of(word, today) for word in days]
    known = [day for day in read if day is not None]
    if not known or len(known) < len(read) or known[-1] < known[0]:
        return None
    first, end = max(_midnight(known[0], scene.rota), scene.now), _midnight(known[-1] + DAY, scene.rota)
    return (first, end) if first < end <= first + LONGEST else None


def _midnight(day: date, plan: Plan) -> datetime:
    return begins(datetime.combine(day, time()), plan.zone)


def written(turns: Sequence[Turn], person: str, scene: Scene) -> str:
    """Write who has which turn: 11-28/08:00李雷; whose still is the absent one's is marked, and what is nobody's."""
    items = []
    for turn in turns:
        name = "!" if turn.person is None else scene.name(turn.person) + "!" * (turn.person == person)
        mark = "" if turn.role == "lead" else f"({turn.role[0].upper()})"
        items.append(f"{turn.begins.astimezone(scene.rota.zone):%m-%d/%H:%M}{mark}{name.replace(' ', '')}")
    return " ".join(items)


def back(person: str, scene: Scene) -> list[Effect]:
    """End the absence that holds now, else take back the next one."""
    found = [p for p in scene.rota.presences if p.person == person and p.kind == PresenceKind.AWAY]
    found.sort(key=lambda one: one.begins)
    if not found:
        return [_answer(person, "not_away")]
    one = found[0]
    gone = [p for p in found if p.begins <= scene.now] or found[:1]
    return [
        *(EndPresence(presence=p.id, by=person) for p in gone),
        Note(kind=EventKind.DUTY, actor=person, text=f"back; was away until {one.ends:%m-%d %H:%M} UTC"),
        _answer(person, "back", at=one.begins.isoformat(), until=max(p.ends for p in gone).isoformat()),
    ]
