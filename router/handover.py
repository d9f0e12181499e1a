"""How a shift passes from one to the next: what is due when, who is reminded, asked and told; pure.

The lead passes with a question. Who says no, or nothing in time, leaves it to whoever led before: a page must reach
somebody who knows that it is theirs (reference: user experience, 3.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.case import Scene
from router.effects import Effect, Half, Inquire, Note, PutShifts, SetShift, Tell
from router.handover_settings import HandOver
from router.rota import ROLES, Plan, away_at, holder, next_change
from router.rota_settings import Role
from router.stints import HORIZON, stints
from router.wall import begins, on_the_wall
from store.model import Answer, EventKind, InquiryKind, ShiftState

if TYPE_CHECKING:
    from router.inquiries import Asked

LOOK = "look"
"""Looks daily whether something is to come: a change beyond the horizon, a shift that was written elsewhere."""
POST = "post"
DAY, WEEK, INSTANT = timedelta(days=1), timedelta(days=7), timedelta(microseconds=1)
LISTED = 3
"""Numbers that a text names before it counts the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A due time; `about` says of what: "lead:remind:1440@..." (minutes before), "lead:begin@...", "look", "post".

    Behind the @ stands the instant of the change, so that a step that fires late still knows which one is meant.
    """

    due: datetime
    about: str

    @property
    def role(self) -> Role | None:
        """The role that it is about; None for what is about none."""
        return next((role for role in ROLES if self.about.startswith(f"{role}:")), None)

    @property
    def reminds(self) -> bool:
        """It comes before the change."""
        return ":remind:" in self.about

    @property
    def change(self) -> datetime:
        """When the role passes."""
        _, _, at = self.about.partition("@")
        return datetime.fromisoformat(at) if at else self.due


def ours(about: str) -> bool:
    """Tell whether a due time is one of these steps; others look at the rota as well."""
    return about in (LOOK, POST) or about.startswith(tuple(f"{role}:" for role in ROLES))


def _of(role: Role, what: str, change: datetime, ahead: timedelta = timedelta(0)) -> Step:
    return Step(due=change - ahead, about=f"{role}:{what}@{change.isoformat()}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What the new lead takes over."""

    held: int = 0
    waiting: int = 0
    urgent: tuple[int, ...] = ()
    """Numbers of the open tickets of levels 1 and 2, the oldest first."""


def steps(plan: Plan, now: datetime, settings: HandOver) -> list[Step]:
    """Return what is due next of each role and step; all of it lies ahead."""
    found: list[Step] = []
    for role in ROLES:
        for ahead in settings.remind:
            change = next_change(plan, role, now + ahead)
            if change is not None:
                found.append(_of(role, f"remind:{int(ahead / timedelta(minutes=1))}", change, ahead))
        change = next_change(plan, role, now)
        if change is not None:
            found.append(_of(role, "begin", change))
    if settings.post is not None:
        found.append(Step(due=next_post(plan, now, settings), about=POST))
    if plan.rota.layers or plan.shifts or plan.presences:
        found.append(Step(due=now + DAY, about=LOOK))
    return found


def next_post(plan: Plan, now: datetime, settings: HandOver) -> datetime:
    """Return the next Monday's time at which the group is told."""
    wall = on_the_wall(now, plan.zone)
    at = settings.post.at if settings.post else wall.time()
    monday = datetime.combine(wall.date() - timedelta(days=wall.weekday()), at)
    first = begins(monday, plan.zone)
    return first if first > now else begins(monday + WEEK, plan.zone)


def reminded(plan: Plan, role: Role, change: datetime, now: datetime) -> list[Tell]:
    """Remind whoever takes over, unless the change is over or gone."""
    before, after = holder(plan, role, change - INSTANT).person, holder(plan, role, change).person
    if change <= now or after is None or after == before:
        return []
    variables = {"at": change.isoformat(), "role": role, "who": before or ""}
    return [Tell(person=after, template="shift_reminder", variables=variables)]


def begun(before: str | None, change: datetime, scene: Scene, load: Load) -> Inquire | None:
    """Ask whoever leads now to take over from somebody; None where there is nobody to ask, or nothing to ask."""
    after = holder(scene.rota, "lead", scene.now).person
    if after is None or after == before or not scene.settings.handover.accept:
        return None
    ends = next_change(scene.rota, "lead", scene.now) or scene.now + HORIZON
    variables = {"at": change.isoformat(), "who": before or "", "held": str(load.held), "waiting": str(load.waiting)}
    return Inquire(
        kind=InquiryKind.HANDOVER,
        person=after,
        template="handover",
        until=min(scene.now + scene.settings.handover.wait, ends),
        variables={**variables, "list": listed(load.urgent)},
        more={"before": before or "", "change": change.isoformat(), "ends": ends.isoformat()},
        remark="handover_open" if load.urgent else "",
    )


def listed(numbers: tuple[int, ...]) -> str:
    """Write the first numbers, and how many more there are."""
    more = f" +{len(numbers) - LISTED}" if len(numbers) > LISTED else ""
    return " ".join(str(number) for number in numbers[:LISTED]) + more


def answered(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Say what the answer to a hand-over causes: the new lead leads, or the previous one stays."""
    inquiry = asked.inquiry
    if answer is Answer.YES:
        return accepted(asked, scene)
    if inquiry.about is not None:  # the previous lead stands in already
        return [told(inquiry.person, "handover_stays", who=inquiry.more["before"])] if answer is Answer.NO else []
    if scene.duty.lead != inquiry.person or datetime.fromisoformat(inquiry.more["ends"]) <= scene.now:
        return []
    return kept_on(asked, scene)


def accepted(asked: Asked, scene: Scene) -> list[Effect]:
    """Let the new lead lead: a stand-in of the previous one ends."""
    inquiry = asked.inquiry
    before, who = inquiry.more["before"], inquiry.person
    effects: list[Effect] = [
        Note(kind=EventKind.DUTY, actor=who, text=f"{scene.name(who)} took over from {scene.name(before)}"),
        Tell(person=who, template="handover_yes", answer=True),
    ]
    if inquiry.about is not None:
        effects.insert(0, SetShift(swap=inquiry.about, state=ShiftState.WITHDRAWN, told=(who, before)))
    if before:
        kept = {"who": who, "list": " ".join(str(number) for number in asked.kept)}
        effects.append(told(before, "handover_over_kept" if asked.kept else "handover_over", **kept))
    return effects


def kept_on(asked: Asked, scene: Scene) -> list[Effect]:
    """Keep the previous lead on duty until the new one says yes or the turn ends; all three are told."""
    inquiry = asked.inquiry
    before, who, ends = inquiry.more["before"], inquiry.person, datetime.fromisoformat(inquiry.more["ends"])
    manager = [scene.duty.manager] if scene.duty.manager not in (None, before, who) else []
    if before not in scene.settings.people or before in away_at(scene.rota, scene.now):
        people = [person for person in (*manager, who) if person]
        alarm = Note(kind=EventKind.ALARM, text=f"{scene.name(who)} did not accept the hand-over; nobody else can stay")
        return [alarm, *(told(person, "handover_alone", who=who) for person in people)]
    again = Inquire(
        kind=InquiryKind.HANDOVER,
        person=who,
        template="handover_late",
        until=ends,
        variables={"who": before},
        more=inquiry.more,
    )
    half = Half(role="lead", person=before, begins=scene.now, ends=ends)
    why = f"{scene.name(who)} did not accept the hand-over"
    return [
        PutShifts(halves=(half,), state=ShiftState.IN_FORCE, asks=again, why=why, told=(who, before)),
        Note(kind=EventKind.DUTY, text=f"{why}; {scene.name(before)} stays lead", more={"person": before}),
        told(before, "handover_kept", who=who),
        *(told(person, "handover_open_end", who=who, second=before) for person in manager if person),
    ]


def told(person: str, template: str, **variables: str) -> Tell:
    """Write a text that answers nothing."""
    return Tell(person=person, template=template, variables=variables)


def moved(before: Plan, after: Plan, now: datetime, but: tuple[str, ...] = ()) -> list[Tell]:
    """Tell at once whom a change puts on duty or off it, now and first ahead; `but` know it already."""
    return [one for role in ROLES for one in _moved(before, after, role, now) if one.person not in but]


def _moved(before: Plan, after: Plan, role: Role, now: datetime) -> Iterator[Tell]:
    gained: dict[str, datetime] = {}
    lost: dict[str, tuple[datetime, str]] = {}
    for at, was, becomes in changes(before, after, role, now):
        people = [person for person in (was, becomes) if person]
        if at == now:
            yield from (told(person, "duty_now", role=role, who=becomes or "") for person in people)
            continue
        if becomes:
            gained.setdefault(becomes, at)
        if was:
            lost.setdefault(was, (at, becomes or ""))
    for person, at in gained.items():
        yield told(person, "shift_moved", role=role, at=at.isoformat())
    for person, (at, who) in lost.items():
        if person not in gained:
            yield told(person, "shift_off", role=role, at=at.isoformat(), who=who)


def changes(before: Plan, after: Plan, role: Role, now: datetime) -> Iterator[tuple[datetime, str | None, str | None]]:
    """Give where two plans differ from an instant on: from when, who had the role, and who has it."""
    old, new = (stints(plan, role, now, now + HORIZON) for plan in (before, after))
    for edge in sorted({turn.begins for turn in (*old, *new)}):
        was, becomes = (next(t.person for t in one if t.begins <= edge < t.ends) for one in (old, new))
        if was != becomes:
            yield edge, was, becomes


def week(scene: Scene) -> str:
    """Write who leads in the next seven days, each with the begin of the turn."""
    found = stints(scene.rota, "lead", scene.now, scene.now + WEEK)
    items = [(turn.begins.astimezone(scene.rota.zone), scene.name(turn.person) or "?") for turn in found]
    return "; ".join(f"{begin:%m-%d %H:%M} {name}" for begin, name in items)
