"""Claims what may go now: no text that a quota forbids, and no page that nobody waits for any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from router.quotas import PATIENCE, Quota, Sending, Use, room
from store import queue, wanted
from store import quotas as counts
from store.db import Database
from store.model import Lane
from store.queue import Ask, Claimed
from store.writer import Tx

TOKEN_AGAIN = timedelta(milliseconds=20)
"""At least this long until the next look for a token, since parts of it get lost in rounding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a sender got."""

    claimed: Sequence[Claimed]
    due: datetime | None
    """When more falls due."""
    held: Sequence[Held] = ()
    """Pages that a quota holds back for long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A page that a quota holds back; it stays in the queue until somebody finds another way."""

    page: Claimed
    quota: str
    until: datetime


class Claiming:
    """The move that claims."""

    def __init__(self, quotas: Mapping[str, Sequence[Quota]], zone: ZoneInfo) -> None:
        self._quotas = quotas
        self._zone = zone

    def take(self, tx: Tx, asks: Sequence[Ask]) -> list[Taken]:
        """Claim, and say when the next text falls due that nobody has claimed, or that a limit lets go."""
        held: list[Held] = []

        def bars(tx: Tx, claimed: Sequence[Claimed]) -> Mapping[int, datetime]:
            return self._bars(tx, claimed, held)

        claimed = queue.claim(tx, asks, bars if self._quotas else None)
        due = queue.pending(tx.connection, tx.now)
        tokens = [token and max(token, tx.now + TOKEN_AGAIN) for token in queue.throttled(tx, asks)]
        return [
            Taken(
                claimed=one,
                due=min((at for at in (due, token) if at), default=None),
                held=[page for page in held if page.page.owner == ask.owner],
            )
            for ask, one, token in zip(asks, claimed, tokens, strict=True)
        ]

    def _bars(self, tx: Tx, claimed: Sequence[Claimed], held: list[Held]) -> Mapping[int, datetime]:
        """Hold back what would break a quota, counted over all processes; an attempt counts however it ended."""
        # An edit is no message: buttons that ask for what is settled go at once.
        limited = [one for one in claimed if one.destination in self._quotas and one.replaces is None]
        if not limited:
            return {}
        counts.lock(tx)
        uses, barred = self._uses(tx, limited), {}
        for one in limited:
            lately = uses[one.destination]
            sending = Sending(to=one.to, template=one.template, group=bool(one.group))
            found = room(self._quotas[one.destination], lately, sending, tx.now, self._zone)
            if found.at <= tx.now:
                lately.append(Use(at=tx.now, to=one.to, template=one.template))
                continue
            barred[one.delivery_id] = found.at
            if one.page_id is not None and found.at - tx.now > PATIENCE:
                held.append(Held(page=one, quota=str(found.quota), until=found.at))
        return barred

    def _uses(self, tx: Tx, limited: Sequence[Claimed]) -> dict[str, list[Use]]:
        """Return what went by these accounts to these addresses, or by the whole account where a quota counts that."""
        uses: dict[str, list[Use]] = {one.destination: [] for one in limited}
        whole = {name for name in uses if any(quota.per == "account" for quota in self._quotas[name])}
        windows = {name: max(quota.within for quota in self._quotas[name]) for name in uses}
        for name in whole:
            since = tx.now - windows[name]
            found = counts.used_by_account(tx.connection, name, since, tx.now, waiting=False)
            uses[name] = [Use(at=one.at, to=one.to, template=one.template) for one in found]
        reaches = {(one.destination, one.to) for one in limited if one.destination not in whole}
        since = tx.now - max(windows.values())
        for one in counts.used(tx.connection, tx.database, reaches, since, waiting=False) if reaches else ():
            uses[one.destination].append(Use(at=one.at, to=one.to, template=one.template))
        return uses


NO_QUOTAS = Claiming({}, ZoneInfo("UTC"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """A page that was answered between its claim and its send."""

    page: Claimed
    again: bool
    """A bundle of which some tickets still wait: it is written anew."""


def numbers_of(page: Claimed) -> list[int]:
    """Return the tickets that a bundle names; a page of one ticket names none but its own."""
    found = [int(number) for number in page.variables.get("numbers", "").split() if number.isdigit()]
    return found if len(found) > 1 else []


def outdated(database: Database, claimed: Sequence[Claimed]) -> list[Outdated]:
    """Tell which of these pages nobody waits for any more; one read for all of them."""
    pages = [one for one in claimed if one.lane == Lane.PAGE and one.page_id is not None and one.replaces is None]
    if not pages:
        return []
    with database.read() as connection:
        ids = {one.page_id for one in pages if one.page_id is not None}
        now = wanted.waits(connection, ids, {number for one in pages for number in numbers_of(one)})
    return [found for one in pages if (found := _outdated(one, now)) is not None]


def _outdated(page: Claimed, now: wanted.Waits) -> Outdated | None:
    numbers, page_id = numbers_of(page), page.page_id or 0
    if page_id not in now.persons:
        return None
    if not numbers:
        return None if page_id in now.open_pages else Outdated(page=page, again=False)
    left = [number for number in numbers if (now.persons[page_id], number) in now.open_numbers]
    return None if len(left) == len(numbers) else Outdated(page=page, again=bool(left))
