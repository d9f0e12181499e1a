"""Who leads at an instant, what the roles of a policy mean then, and which of the staff a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from router.plain import plain
from router.rota import ROLES, Plan, away_at, holder
from router.settings import Person, RouterSettings
from store.model import Presence, Shift

TITLES = "工程师|工|师傅|经理|主任|总|主管|老师"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnDuty:
    """The staff keys behind the roles at one instant."""

    lead: str
    second: str | None
    manager: str | None
    everyone: tuple[str, ...]
    """All who are not away."""
    hole: bool = False
    """Nobody leads by the rota: `lead` is whoever else there is."""

    def who(self, role: str) -> tuple[str, ...]:
        """Return the people behind a role; a person's key stands for itself, an empty role for the lead."""
        if role == "everyone":
            return self.everyone
        if role in ("lead", "second", "manager"):
            return (getattr(self, role) or self.lead,)
        return (role,) if role in self.everyone else (self.lead,)


def plan_of(settings: RouterSettings, shifts: Iterable[Shift] = (), presences: Iterable[Presence] = ()) -> Plan:
    """Put together what decides who is on duty: the configuration, what was changed since, and who is away."""
    return Plan(
        rota=settings.rota,
        calendar=settings.calendar,
        zone=settings.zone,
        everyone=tuple(settings.people),
        shifts=tuple(shifts),
        presences=tuple(presences),
    )


def on_duty(plan: Plan, now: datetime) -> OnDuty:
    """Answer who is on duty; where nobody leads, the next role does, since a page must reach somebody."""
    away = away_at(plan, now)
    everyone = tuple(person for person in plan.everyone if person not in away) or plan.everyone
    lead, second, manager = (holder(plan, role, now).person for role in ROLES)
    return OnDuty(
        lead=lead or second or manager or everyone[0],
        second=second,
        manager=manager,
        everyone=everyone,
        hole=lead is None,
    )


def named(text: str, people: Mapping[str, Person]) -> frozenset[str]:
    """Return the staff keys of those whom a text names: by full name, or by family name and title (张工, 小张)."""
    said = plain(text)
    return frozenset(key for key, person in people.items() if _names(plain(person.name), said))


def _names(name: str, said: str) -> bool:
    if not name or name.isascii():
        return bool(name) and re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", said) is not None
    if name in said:
        return True
    if re.search(rf"(?:{TITLES})$", name):
        return False
    family = re.escape(name[0])
    return re.search(rf"{family}(?:{TITLES})|[小老]{family}", said) is not None
