"""Swaps of shifts: what is offered, what is refused and why, and what follows from the other side's answer; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from router.case import Scene
from router.days import day_of
from router.effects import Effect, Half, Inquire, Note, PutShifts, SetShift, Tell
from router.rota import ROLES, Plan, Turn, away_at, holder
from router.rota_settings import Role
from router.settings import Person
from router.stints import stints
from router.wall import begins, on_the_wall
from store.model import Answer, EventKind, InquiryKind, ShiftState

if TYPE_CHECKING:
    from router.inquiries import Asked

BACK, DAY = timedelta(days=35), timedelta(days=1)
ANSWER, BEFORE, LEAST = timedelta(hours=12), timedelta(hours=1), timedelta(minutes=15)
"""The other side has this long, until this long before the first of both shifts, and this long at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody wants to swap, in their own words."""

    person: str
    other: str
    """A name as it was written, or a staff key."""
    days: tuple[str, ...]
    """The day that is given, and the one that is taken for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class No:
    """Why a swap cannot be; `word` is what was said."""

    why: str
    word: str = ""


def proposed(wish: Wish, scene: Scene) -> list[Effect]:
    """Offer a swap to the other side, or say what is wrong with it."""
    found = offered(wish, scene)
    if isinstance(found, No):
        variables = {"why": f"swap_{found.why}", "word": found.word}
        return [Tell(person=wish.person, template="swap_refused", variables=variables, answer=True)]
    given, taken = found
    other, by = _half(given[1], given[0]), wish.person
    halves = (other,) if taken is None else (other, _half(taken[1], taken[0]))
    until = _until(halves, scene.now)
    variables = spoken(halves, by)
    ask = Inquire(
        kind=InquiryKind.SWAP,
        person=other.person,
        template="swap_ask" if taken is None else "swap_ask_both",
        until=until,
        variables=variables,
        more=remembered(halves, by),
    )
    sent = {"who": other.person, "at": variables["at"], "until": until.isoformat()}
    return [
        PutShifts(halves=halves, state=ShiftState.PROPOSED, asks=ask, by=by, why="swap"),
        Tell(person=by, template="swap_sent", variables=sent, answer=True),
    ]


Given = tuple[Turn, str]
"""A turn, and who is to have it."""


def offered(wish: Wish, scene: Scene) -> tuple[Given, Given | None] | No:
    """Return both sides of a swap; the second is None where a turn is only given away."""
    other = person_of(wish.other, scene.settings.people)
    if other is None:
        return No(why="who", word=wish.other)
    if other == wish.person:
        return No(why="self")
    given = _turn(scene, wish.person, wish.days[0] if wish.days else "")
    if isinstance(given, No) or len(wish.days) < 2:
        return given if isinstance(given, No) else _free(scene, (given, other), None)
    taken = _turn(scene, other, wish.days[1], theirs=True)
    return taken if isinstance(taken, No) else _free(scene, (given, other), (taken, wish.person))


def person_of(name: str, people: Mapping[str, Person]) -> str | None:
    """Return the staff key that a name means; None for nobody and for several."""
    said = name.strip().lower()
    exact = [key for key, person in people.items() if said and said in (key.lower(), person.name.lower())]
    found = exact or [key for key, person in people.items() if said and said in person.name.lower()]
    return found[0] if len(found) == 1 else None


def _turn(scene: Scene, person: str, word: str, *, theirs: bool = False) -> Turn | No:
    today = on_the_wall(scene.now, scene.rota.zone).date()
    day = day_of(word, today)
    if day is None:
        return No(why="day", word=word)
    for role in ROLES:
        found = turn_of(scene.rota, role, person, day)
        if found is not None and found.ends > scene.now:
            return found
    return No(why="over" if day < today else "no_turn_theirs" if theirs else "no_turn", word=word)


def turn_of(plan: Plan, role: Role, person: str, day: date) -> Turn | None:
    """Return somebody's turn that begins on a day; of one that lasts longer than a day, the part of that day.

    A day of a long turn lasts from the hour at which the turn began to the same hour of the next day; it is the day of
    the calendar where nobody handed over within the last weeks.
    """
    midnight, after = (begins(datetime.combine(one, time()), plan.zone) for one in (day, day + 2 * DAY))
    search = midnight - BACK
    for stint in stints(plan, role, search, after):
        if stint.person != person:
            continue
        hour = time() if stint.begins == search else on_the_wall(stint.begins, plan.zone).time()
        start, end = (begins(datetime.combine(one, hour), plan.zone) for one in (day, day + DAY))
        first, last = max(stint.begins, start), min(stint.ends, end)
        if first < last:
            return Turn(role=role, person=person, begins=first, ends=last, by=stint.by)
    return None


def _free(scene: Scene, given: Given, taken: Given | None) -> tuple[Given, Given | None] | No:
    """Refuse a side that is away then, or that gives and takes the same hours."""
    for turn, person in filter(None, (given, taken)):
        span = (max(turn.begins, scene.now), turn.ends)
        edges = [p.begins for p in scene.rota.presences if span[0] <= p.begins < span[1]]
        if any(person in away_at(scene.rota, at) for at in (span[0], *edges)):
            return No(why="away", word=scene.name(person))
    return given, taken


def _half(person: str, turn: Turn) -> Half:
    return Half(role=turn.role, person=person, begins=turn.begins, ends=turn.ends)


def _until(halves: tuple[Half, ...], now: datetime) -> datetime:
    first = min(half.begins for half in halves)
    return max(min(now + ANSWER, first - BEFORE), now + LEAST)


def spoken(halves: tuple[Half, ...], by: str) -> dict[str, str]:
    """Return the variables of the texts: `second` takes `at` to `until`, and `who` takes `begins` to `ends`."""
    names = ("at", "until", "begins", "ends")
    edges = [edge.isoformat() for half in halves for edge in (half.begins, half.ends) if edge is not None]
    return {"who": by, "second": halves[0].person, "role": halves[0].role, **dict(zip(names, edges, strict=False))}


def remembered(halves: tuple[Half, ...], by: str) -> dict[str, str]:
    """Keep with the question what the answer must know."""
    return {**spoken(halves, by), "back": halves[1].role if len(halves) > 1 else ""}


def answered(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Let an agreed swap come into force, or tell both that it does not."""
    more, other, swap = asked.inquiry.more, asked.inquiry.person, asked.inquiry.about or 0
    by = more["who"]
    if answer is Answer.YES and holds(more, other, scene):
        template = "swap_done_both" if more["back"] else "swap_done"
        people = dict.fromkeys((by, other, scene.duty.manager))
        text = f"{scene.name(by)} and {scene.name(other)} swapped: {more['at']}{' ' * bool(more['back'])}"
        return [
            SetShift(swap=swap, state=ShiftState.IN_FORCE, told=(by, other, scene.duty.manager or "")),
            Note(kind=EventKind.DUTY, actor=other, text=f"{text}{more.get('begins', '')}", more={"with": by}),
            *_tell(people, other, template, more),
        ]
    template = "swap_void" if answer is Answer.YES else "swap_no"
    refused = SetShift(swap=swap, state=ShiftState.REFUSED)
    variables = {"who": other, "at": more["at"]}
    late = answer is Answer.LAPSED
    return [refused, *_tell(dict.fromkeys((by, other)), "" if late else other, template, variables)]


def _tell(people: Mapping[str | None, None], answers: str, template: str, variables: Mapping[str, str]) -> list[Effect]:
    return [
        Tell(person=person, template=template, variables=variables, answer=person == answers)
        for person in people
        if person
    ]


def holds(more: Mapping[str, str], other: str, scene: Scene) -> bool:
    """Tell whether both still have the turns that they swap, and none of them is over."""
    sides = [(more["role"], more["at"], more["until"], more["who"])]
    if more["back"]:
        sides.append((more["back"], more["begins"], more["ends"], other))
    for name, begin, end, person in sides:
        role = next(role for role in ROLES if role == name)
        at = max(datetime.fromisoformat(begin), scene.now)
        if at >= datetime.fromisoformat(end) or holder(scene.rota, role, at).person != person:
            return False
    return True
