"""Gathers by which methods each of the staff is reached, for explaining ladders; asks the channels what they can."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.standing import Standing
from router.explain import Reach, Reaches, Trouble
from router.settings import Person

METHODS = ("push", "sms", "voice", "mail")
Linked = Mapping[tuple[str, str], str]
"""(Book, address) that was proved by a code, to the staff key."""


def reaches(standing: Standing, linked: Linked | None) -> Reaches:
    """Return how each method reaches each person; `linked` is None where the store was not read."""
    people = standing.router.people
    return {(key, by): _reach(standing, (key, one), by, linked) for key, one in people.items() for by in METHODS}


def _reach(standing: Standing, who: tuple[str, Person], method: str, linked: Linked | None) -> Reach:
    """Look for the first way that would be taken, as a page does (gateway/asking.py)."""
    key, person = who
    carrying = standing.carrying(method, person.addresses.get("tel", ""))
    if not carrying:
        return Reach(trouble=Trouble.NO_CHANNEL)
    for destination in carrying:
        book = standing.ways.book(destination)
        proved = (value for (known, value), owner in (linked or {}).items() if (known, owner) == (book, key))
        address = person.addresses.get(book) or next(proved, "")
        if address:
            one_way = not standing.ways.can[destination].replies
            return Reach(trouble=Trouble.ONE_WAY if one_way else None, address=address)
    return Reach(trouble=Trouble.NO_ADDRESS if linked is not None or method != "push" else Trouble.NOT_KNOWN)
