"""The moves that change who is on duty: stand-ins, absences, and the secret addresses of calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from gateway import handing
from gateway.files import Files
from gateway.presence import gone
from gateway.standing import Standing
from store import rota
from store.feeds import feeds
from store.model import Event, EventKind, Feed, Presence, PresenceKind, Shift, ShiftState
from store.writer import Tx, exclusive

SECRET_BYTES = 24
"""192 bits: nobody guesses such an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stand:
    """Somebody has a role for a while, whatever the rota says."""

    role: str
    person: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Stands:
    """Some of them, together or not at all."""

    stands: Sequence[Stand]
    by: str
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """Somebody is away for a while."""

    person: str
    begins: datetime
    ends: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Back:
    """Somebody is here again: one absence by its id, or all of a person's that have begun, or that are `planned`."""

    by: str
    person: str = ""
    ident: int = 0
    planned: bool = False

    def means(self, one: Presence, now: datetime) -> bool:
        """Tell whether an absence is meant."""
        if self.ident:
            return one.id == self.ident
        return one.person == self.person and (self.planned or one.begins <= now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawn:
    """A stand-in that is not wanted any more, by its id."""

    ident: int
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedWish:
    """A secret address for the calendar of a person, "" for the whole rota; only the digest comes here."""

    person: str
    by: str
    digest: str = ""


def new_secret() -> tuple[str, str]:
    """Make the secret of a feed; returns it with its digest, which alone is kept."""
    secret = token_urlsafe(SECRET_BYTES)
    return secret, digest_of(secret)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


class RotaMoves:
    """The moves."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def stand_in(self, tx: Tx, items: Sequence[Stands]) -> list[list[int]]:
        """Write stand-ins down; returns their ids. The same one said again is the one that there is."""
        files = Files(tx, self._standing)
        known = {_key(shift): shift.id for shift in files.plan.shifts}
        made = [[_stand(files, one, item, known) for one in item.stands] for item in items]
        handing.changed(files)
        files.work.flush()
        return made

    @exclusive
    def withdraw(self, tx: Tx, items: Sequence[Withdrawn]) -> list[bool]:
        """End stand-ins; one that has begun was true until now. False for what there is not."""
        files = Files(tx, self._standing)
        done = [_withdraw(files, item) for item in items]
        handing.changed(files)
        files.work.flush()
        return done

    @exclusive
    def leave(self, tx: Tx, items: Sequence[Gone]) -> list[int]:
        """Write absences down; returns their ids."""
        files = Files(tx, self._standing)
        made = [_leave(files, item) for item in items]
        files.work.flush()
        return made

    @exclusive
    def come_back(self, tx: Tx, items: Sequence[Back]) -> list[int]:
        """End absences; returns how many of each."""
        files = Files(tx, self._standing)
        ended = [_come_back(files, item) for item in items]
        handing.changed(files)
        files.work.flush()
        return ended

    @exclusive
    def open_feed(self, tx: Tx, items: Sequence[FeedWish]) -> list[None]:
        """Keep the digests of new addresses."""
        files = Files(tx, self._standing)
        for item in items:
            feed = Feed(id=files.work.id(), digest=item.digest, person=item.person, made_at=tx.now, by=item.by)
            files.work.add(feed)
            _note(files, item.by, f"a calendar of {item.person or 'everybody'} can be read by a secret address")
        files.work.flush()
        return [None] * len(items)

    @exclusive
    def revoke_feeds(self, tx: Tx, items: Sequence[FeedWish]) -> list[int]:
        """Close every address of a person, "" for those of the whole rota; returns how many there were."""
        files = Files(tx, self._standing)
        closed = [_revoke(files, item) for item in items]
        files.work.flush()
        return closed


def _key(one: Stand | Shift) -> tuple[str, str, datetime, datetime | None]:
    return one.role, one.person, one.begins, one.ends


def _stand(files: Files, one: Stand, item: Stands, known: dict[Any, int]) -> int:
    if _key(one) in known:
        return known[_key(one)]
    shift = Shift(
        id=files.work.id(),
        role=one.role,
        person=one.person,
        begins=one.begins,
        ends=one.ends,
        state=ShiftState.IN_FORCE,
        by=item.by,
        at=files.tx.now,
        why=item.why,
    )
    files.work.add(shift)
    known[_key(one)] = shift.id
    _note(files, item.by, f"{one.person} stands in as {one.role}", _span(one.begins, one.ends))
    return shift.id


def _withdraw(files: Files, item: Withdrawn) -> bool:
    rows = [shift.model_dump() for shift in rota.shifts(files.tx.connection, files.tx.now)]
    shift = next((one for one in files.work.load(Shift, rows) if one.id == item.ident), None)
    if shift is None:
        return False
    ended = {"ends": files.tx.now} if shift.begins < files.tx.now else {"state": ShiftState.WITHDRAWN}
    files.work.change(shift, **ended)
    _note(files, item.by, f"{shift.person} stands in as {shift.role} no longer", _span(shift.begins, shift.ends))
    return True


def _leave(files: Files, item: Gone) -> int:
    row = Presence(
        id=files.work.id(),
        person=item.person,
        kind=PresenceKind.AWAY,
        begins=item.begins,
        ends=item.ends,
        why=item.why,
        by=item.by,
        at=files.tx.now,
    )
    files.work.add(row)
    _note(files, item.by, f"{item.person} is away", _span(item.begins, item.ends))
    gone(files, item.person)
    return row.id


def _come_back(files: Files, item: Back) -> int:
    now = files.tx.now
    rows = [one.model_dump() for one in rota.presences(files.tx.connection, now)]
    found = files.work.load(Presence, rows)
    meant = [one for one in found if one.kind == PresenceKind.AWAY and item.means(one, now)]
    for one in meant:
        files.work.change(one, ends=now)
        _note(files, item.by, f"{one.person} is back", _span(one.begins, now))
    return len(meant)


def _revoke(files: Files, item: FeedWish) -> int:
    rows = files.work.load(Feed, feeds(files.tx.connection))
    meant = [feed for feed in rows if feed.person == item.person and feed.revoked_at is None]
    for feed in meant:
        files.work.change(feed, revoked_at=files.tx.now)
    if meant:
        _note(files, item.by, f"the secret addresses of the calendar of {item.person or 'everybody'} are closed")
    return len(meant)


def _span(begins: datetime, ends: datetime | None) -> dict[str, str]:
    return {"begins": begins.isoformat(), "ends": ends.isoformat() if ends else ""}


def _note(files: Files, by: str, text: str, more: Mapping[str, str] | None = None) -> None:
    event = Event(
        id=files.work.id(),
        at=files.tx.now,
        kind=EventKind.DUTY,
        actor=by if by in files.scene.settings.people else "",
        text=text,
        more=dict(more or {}),
    )
    files.work.add(event)
