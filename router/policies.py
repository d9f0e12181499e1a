"""Which ladder a matter gets: the one of its urgency, or another that the site chose for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from router.calendars import wall_holds
from router.plain import plain
from router.policy_settings import Choice, Policy
from router.settings import RouterSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """The customer behind a ticket, as far as ladders and promises ask; "" for what is not known."""

    name: str = ""
    grade: str = ""
    contract: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What of a ticket decides which ladder it gets."""

    urgency: str
    """The name of a policy that comes with the program, such as fault-1."""
    client: Client = Client()


def choose(settings: RouterSettings, facts: Facts, now: datetime) -> str:
    """Return the name of the policy that holds: the first choice that fits, else the one of the urgency."""
    for choice in settings.choose:
        if _fits(choice, settings, facts, now):
            return choice.policy
    return facts.urgency


def _fits(choice: Choice, settings: RouterSettings, facts: Facts, now: datetime) -> bool:
    if not choice.fits(facts.urgency):
        return False
    if choice.grades and plain(facts.client.grade) not in {plain(grade) for grade in choice.grades}:
        return False
    if choice.customers and not _named(choice.customers, facts.client.name):
        return False
    if choice.hours is None and not choice.days:
        return True
    wall = now.astimezone(settings.zone).replace(tzinfo=None)
    return wall_holds(settings.calendar, choice.hours, choice.days, wall)


def _named(patterns: Sequence[str], name: str) -> bool:
    return bool(name) and any(fnmatchcase(plain(name), plain(pattern)) for pattern in patterns)


def asks_for_customers(settings: RouterSettings) -> bool:
    """Tell whether a choice of ladders or the figures of a contract look at customers; else they need not be read."""
    return bool(settings.contracts) or any(choice.customers or choice.grades for choice in settings.choose)


def policy_named(settings: RouterSettings, name: str, else_: str) -> Policy:
    """Return a policy; one that left the configuration since is the one of the urgency."""
    return settings.policies.get(name) or settings.policies.get(else_) or settings.policies["other"]
