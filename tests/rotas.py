"""Rotas, stand-ins and absences for the tests of who is on duty; people are called a, b, c and d."""

from datetime import UTC, datetime, timedelta

from router.duty import plan_of
from router.rota import Plan
from router.settings import RouterSettings
from store.model import Presence, Shift

PEOPLE = "abcd"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = {"people": ["a", "b"], "every": "weekly", "begins": "2026-01-05 08:00"}


def plan(*layers, zone="UTC", shifts=(), presences=(), calendar=None, **roles) -> Plan:
    given = {"lead": "d", **roles}
    named = [{"name": f"layer{place}", **layer} for place, layer in enumerate(layers)]
    rota = {key: value for key, value in given.items() if value} | {"layers": named}
    block = {
        "time_zone": zone,
        "people": {key: {"name": key, "addresses": {"tel": "+86138"}} for key in PEOPLE},
        "rota": rota,
        "calendar": calendar or {},
    }
    return plan_of(RouterSettings.model_validate(block), shifts, presences)


def shift(person, begin, end=None, *, said=MONDAY - DAY, role="lead", state="in_force", ident=1) -> Shift:
    return Shift(id=ident, role=role, person=person, begins=begin, ends=end, state=state, at=said)


def away(person, begin, end, *, said=MONDAY - DAY, kind="away") -> Presence:
    return Presence(id=1, person=person, kind=kind, begins=begin, ends=end, at=said)
