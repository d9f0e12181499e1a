"""Finds who is meant when somebody is to be put into a group: a contact, a customer, a chat group or a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from channels.numbers import number
from gateway.standing import Standing
from store import group_lists, linking
from store.group_lists import Listed

WHO: Final = re.compile(r"[ck][1-9]\d{0,18}")
MOST: Final = 50
"""Choices that are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meant:
    """Who is meant: one, or the choices; `answer` is found, nobody, several, unknown_channel or no_groups."""

    answer: str
    whos: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Who to the name of an address of its own; one where it is clear."""
    choices: Sequence[Listed] = field(default=(), repr=False)


def own(standing: Standing, destination: str, address: str, name: str = "") -> Meant:
    """Mean a chat group or a list by the account that writes there and its id or address."""
    can, address = standing.ways.can.get(destination), " ".join(address.split())
    if can is None:
        return Meant(answer="unknown_channel")
    if destination not in accounts(standing):
        return Meant(answer="no_groups")
    if not address:
        return Meant(answer="nobody")
    address = address.lower() if can.book == "email" else address
    return Meant(answer="found", whos={f"{destination}|{address}": name.strip()[:200]})


def accounts(standing: Standing) -> list[str]:
    """Return the accounts that can write to chat groups or lists whenever they like."""
    ways = standing.ways
    return [
        name
        for name, can in ways.can.items()
        if can.sends
        and not can.speaks
        and can.window is None
        and can.group_window is None
        and ways.method(name) not in ("sms", "push")
    ]


def meant(connection: Connection, standing: Standing, word: str) -> Meant:
    """Find who is meant by an id such as c12, by a name, an address, or "<channel>:<account>|<address>"."""
    word = word.strip()
    if "|" in word:
        destination, _, address = word.partition("|")
        return own(standing, destination.strip(), address)
    if not word:
        return Meant(answer="nobody")
    choices = _by_id(connection, word) if WHO.fullmatch(word) else _by_words(connection, word)
    exact = [one for one in choices if _is(one, word)]
    found = exact or choices
    if not found:
        return Meant(answer="nobody")
    if len(found) > 1:
        return Meant(answer="several", choices=found[:MOST])
    return Meant(answer="found", whos={found[0].who: ""}, choices=found)


def _by_id(connection: Connection, who: str) -> list[Listed]:
    return [one for one in group_lists.described(connection, [(who, "")]) if one.name or one.addresses]


def _by_words(connection: Connection, word: str) -> list[Listed]:
    spoken = [word, *([tel] if (tel := number(word).e164) and tel != word else [])]
    people = {f"c{row['id']}": "" for one in spoken for row in linking.contacts(connection, one, limit=MOST + 1)}
    firms = {f"k{ident}": "" for ident, _ in group_lists.customers_holding(connection, word, limit=MOST + 1)}
    return group_lists.described(connection, list({**people, **firms}.items()))


def _is(one: Listed, word: str) -> bool:
    given = {word.casefold(), (number(word).e164 or word).casefold()}
    return bool(given & {one.who, one.name.casefold(), *(value.casefold() for _, value in one.addresses)})
