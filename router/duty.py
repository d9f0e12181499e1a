"""Who leads at an instant, what the roles of a policy mean then, and which of the staff a text names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from router.plain import plain
from router.settings import Person, Rota

TITLES = "工程师|工|师傅|经理|主任|总|主管|老师"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnDuty:
    """The staff keys behind the roles at one instant."""

    lead: str
    second: str | None
    manager: str | None
    everyone: tuple[str, ...]

    def who(self, role: str) -> tuple[str, ...]:
        """Return the people behind a role; a person's key stands for itself, an empty role for the lead."""
        if role == "everyone":
            return self.everyone
        if role in ("lead", "second", "manager"):
            return (getattr(self, role) or self.lead,)
        return (role,)


def on_duty(rota: Rota, people: Mapping[str, object], stand_ins: Mapping[str, str]) -> OnDuty:
    """Answer who is on duty; a stand-in (role to staff key, already cut to those in force) goes before the rota."""
    return OnDuty(
        lead=stand_ins.get("lead", rota.lead),
        second=stand_ins.get("second", rota.second),
        manager=stand_ins.get("manager", rota.manager),
        everyone=tuple(people),
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
