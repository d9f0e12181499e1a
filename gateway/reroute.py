"""Messages of one account that really came by another: a fax that arrives as a mail is a fax."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from channels.contract import Channel, Inbound, Unreadable
from channels.powers import Enriches
from gateway.config import Reroute
from gateway.texts import telephone

Item = Inbound | Unreadable


def destination(channel: str, item: Item, reroutes: Sequence[Reroute]) -> Reroute | None:
    """Return the first rule that a message fits."""
    if not isinstance(item, Inbound):
        return None
    for one in reroutes:
        fits = one.account == channel and re.fullmatch(one.sender, item.sender, re.IGNORECASE)
        if fits and re.search(one.subject, item.subject or "", re.IGNORECASE):
            return one
    return None


def rerouted(item: Inbound, rule: Reroute) -> Inbound:
    """Return the message as the other account would have brought it; a mail of a machine is then a person's fax."""
    found = re.search(rule.subject, item.subject or "", re.IGNORECASE)
    number = found.groupdict().get("number") if found else None
    sender = telephone(number) if number else item.sender
    return replace(item, sender=sender, sender_name="", reply_to=None, automatic=None, references=(), answers=())


async def sorted_out(
    channel: str, items: Sequence[Item], reroutes: Sequence[Reroute], channels: Mapping[str, Channel]
) -> dict[str, list[tuple[int, Item]]]:
    """Return account to (place, message), in the order in which they came; what can be read of them is read."""
    found: dict[str, list[tuple[int, Item]]] = {}
    for place, item in enumerate(items):
        rule = destination(channel, item, reroutes)
        if rule is not None and isinstance(item, Inbound):
            item = rerouted(item, rule)  # noqa: PLW2901 - the message itself, in its other form
            target = channels.get(rule.to)
            if isinstance(target, Enriches):
                item = await target.enrich(item)  # noqa: PLW2901 - as above
        found.setdefault(rule.to if rule else channel, []).append((place, item))
    return found
