"""How long one person has a role without a break, whatever gives it to them; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from router.rota import Plan, Turn, turns
from router.rota_settings import Role

HORIZON = timedelta(days=35)
"""How far ahead turns are looked at."""


def stints(plan: Plan, role: Role, begin: datetime, end: datetime) -> list[Turn]:
    """Return who has a role from one instant to another, each person's time in one piece."""
    found: list[Turn] = []
    for turn in turns(plan, role, begin, end):
        if found and found[-1].person == turn.person:
            found[-1] = replace(found[-1], ends=turn.ends)
        else:
            found.append(turn)
    return found
