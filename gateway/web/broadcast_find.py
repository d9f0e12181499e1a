"""Asks the store for what the pages of broadcasts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.contract import Channel
from channels.powers import Recalls
from gateway.web.broadcast_form import Known
from gateway.web.broadcast_view import CONFIRMS, Found
from router.settings import RouterSettings
from store import broadcast_lists, broadcasts, packages
from store.model import Broadcast, BroadcastState, Package, PackageState, Recipient, RecipientState, UserGroup

FIRST = 5
"""Names that are shown before a broadcast is sent."""
MOST = 32
"""Lists whose counts are kept."""
SHOWN = 20
"""Recipients of unknown outcome, and reports, that the page itself lists."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What the form of a draft offers."""

    packages: Sequence[Package]
    groups: Sequence[tuple[UserGroup, int]]
    """With how many members."""
    products: Sequence[str]

    def known(self, settings: RouterSettings, ways: Mapping[str, str]) -> Known:
        """Return what a form may name; `ways` is destination to method."""
        names = {*ways, *ways.values(), *(name.partition(":")[0] for name in ways)}
        return Known(
            groups=frozenset(group.name for group, _ in self.groups),
            packages=frozenset(package.id for package in self.packages),
            people=frozenset(settings.people),
            ways=frozenset(names),
        )


def choices(connection: Connection) -> Choices:
    """Ask for what the form offers."""
    return Choices(
        packages=packages.in_state(connection, PackageState.READY)[::-1],
        groups=broadcast_lists.groups(connection),
        products=broadcast_lists.products(connection),
    )


Kept = dict[tuple[int, datetime | None], Mapping[tuple[str, str], int]]
"""Counts by channel of the lists that are frozen: they stay as they are, and take longest to count."""


def found(
    connection: Connection, number: int, channels: Mapping[str, Channel], now: datetime, *, kept: Kept
) -> Found | None:
    """Ask for everything about one broadcast."""
    one = broadcasts.find(connection, number)
    if one is None:
        return None
    counts = broadcasts.counts(connection, one.id)
    states = {state for _, state in counts}
    return Found(
        broadcast=one,
        package=broadcasts.package(connection, one.package_id),
        counts=counts,
        by_channel=_by_channel(connection, one, kept),
        fetched=broadcast_lists.fetched(connection, one.id) if one.started_at and one.package_id else {},
        failed=broadcasts.reasons(connection, one.id, RecipientState.FAILED),
        left_out=broadcasts.reasons(connection, one.id, RecipientState.SKIPPED),
        unknown=_unknown(connection, one) if RecipientState.UNKNOWN in states else (),
        troubles=broadcast_lists.troubled(connection, one.id, SHOWN),
        first=broadcast_lists.first_names(connection, one.id, FIRST) if one.state in CONFIRMS else (),
        history=broadcasts.history(connection, one.id),
        recalls=recalls(connection, one, channels, now),
    )


def _by_channel(connection: Connection, one: Broadcast, kept: Kept) -> Mapping[tuple[str, str], int]:
    """Count by channel; of a list that stands only who is meant at all counts, and that does not change any more."""
    key = (one.id, one.approved_at)
    if not one.frozen or one.state == BroadcastState.FREEZING:
        return broadcasts.by_channel(connection, one.id)
    if key not in kept:
        kept[key] = broadcasts.by_channel(connection, one.id)
    while len(kept) > MOST:
        kept.pop(next(iter(kept)))
    return kept[key]


def _unknown(connection: Connection, one: Broadcast) -> Sequence[Recipient]:
    return broadcasts.recipients(connection, one.id, state=RecipientState.UNKNOWN, limit=SHOWN)


def recalls(
    connection: Connection, one: Broadcast, channels: Mapping[str, Channel], now: datetime
) -> Mapping[str, tuple[int, timedelta | None]]:
    """Ask what can still be taken back by the channels that can do so."""
    within = {name: channel.recall_within for name, channel in channels.items() if isinstance(channel, Recalls)}
    if not within or one.started_at is None:
        return {}
    counts = broadcast_lists.recallable(connection, one.id, {name: now - span for name, span in within.items()})
    return {name: (count, within[name]) for name, count in counts.items() if count}
