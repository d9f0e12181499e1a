"""Passwords of the staff: what is kept of them, trying one, and changing one.

A try is counted before it is decided, so that a thousand at once are no more than five.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from store.batch import Tx
from store.db import table_of
from store.model import Event, EventKind, Login
from store.rows import nouns
from store.work import Work

_Change = Callable[[Login], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """Somebody gave a password for a person."""

    person: str
    locks: Sequence[timedelta]
    """How long the first, second, ... wrong one in a row locks; the last holds for all further ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What the password is to be compared with."""

    digest: str
    epoch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What came of a try."""

    person: str
    right: bool
    epoch: int
    digest: str = ""
    """A new digest of the same password, where the parameters changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPassword:
    """A password is set; only its digest comes here."""

    person: str
    digest: str
    by: str
    """A staff key; "" for the operator."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Something is done to what a person has."""

    person: str
    by: str


def login(connection: Connection, person: str) -> Login | None:
    """Return what is kept of a person's password; None where there is none."""
    c = table_of(Login).c
    found = nouns(Login, connection.execute(select(*c).where(c.person == person, c.digest != "")).mappings())
    return found[0] if found else None


def epoch(connection: Connection, person: str) -> int | None:
    """Return the epoch of a person who has a password."""
    c = table_of(Login).c
    found: int | None = connection.execute(select(c.epoch).where(c.person == person, c.digest != "")).scalar()
    return found


def listed(connection: Connection) -> list[Login]:
    """Return everybody who has a password."""
    c = table_of(Login).c
    return nouns(Login, connection.execute(select(*c).where(c.digest != "").order_by(c.person)).mappings())


def tried(tx: Tx, items: Sequence[Try]) -> list[Held | None]:
    """Count each try as a wrong one until it is decided; None where there is no password or it is locked."""
    work, rows = _opened(tx, (item.person for item in items))
    held = [_tried(work, rows.get(item.person), item.locks) for item in items]
    work.flush()
    return held


def _tried(work: Work, row: Login | None, locks: Sequence[timedelta]) -> Held | None:
    if row is None or not row.digest or (row.locked_until and row.locked_until > work.now):
        return None
    failures = row.failures + 1
    lock = locks[min(failures, len(locks)) - 1]
    work.change(row, failures=failures, locked_until=work.now + lock if lock else None)
    return Held(digest=row.digest, epoch=row.epoch)


def decided(tx: Tx, items: Sequence[Decided]) -> list[bool]:
    """Forget the wrong ones before a right one, or tell of a lock; False for a wrong one or one that was changed."""
    work, rows = _opened(tx, (item.person for item in items))
    answers = [_decided(work, rows.get(item.person), item) for item in items]
    work.flush()
    return answers


def _decided(work: Work, row: Login | None, item: Decided) -> bool:
    if row is None or row.epoch != item.epoch:
        return False
    if item.right:
        digest = item.digest or row.digest
        work.change(row, failures=0, locked_until=None, seen_at=work.now, digest=digest)
    elif row.locked_until:
        until = row.locked_until.isoformat()
        _note(work, item.person, "", f"signing in as {item.person} failed {row.failures} times in a row", until=until)
    return item.right


def set_password(tx: Tx, items: Sequence[NewPassword]) -> list[int]:
    """Keep new passwords; returns the epochs that sessions have from now on. A lock is over."""
    work, rows = _opened(tx, (item.person for item in items))
    for item in items:
        row = rows.get(item.person)
        new: dict[str, Any] = {"digest": item.digest, "at": tx.now, "failures": 0, "locked_until": None}
        if row is None:
            rows[item.person] = work.add(Login(id=work.id(), person=item.person, epoch=1, seen_at=None, **new))
        else:
            work.change(row, epoch=row.epoch + 1, **new)
        _note(work, item.person, item.by, f"the password of {item.person} was set")
    work.flush()
    return [rows[item.person].epoch for item in items]


def sign_out(tx: Tx, items: Sequence[Asked]) -> list[bool]:
    """End all sessions of each person; False where there is no password."""
    return _each(tx, items, lambda row: {"epoch": row.epoch + 1}, "{} was signed out everywhere")


def remove(tx: Tx, items: Sequence[Asked]) -> list[bool]:
    """Take passwords away, and end all sessions; False where there was none."""
    changed = {"digest": "", "failures": 0, "locked_until": None}
    return _each(tx, items, lambda row: {"epoch": row.epoch + 1, **changed}, "the password of {} was taken away")


def unlock(tx: Tx, items: Sequence[Asked]) -> list[bool]:
    """Forget the wrong passwords; False where there is no password."""
    return _each(tx, items, lambda _: {"failures": 0, "locked_until": None}, "signing in as {} was unlocked")


def _each(tx: Tx, items: Sequence[Asked], change: _Change, text: str) -> list[bool]:
    work, rows = _opened(tx, (item.person for item in items))
    answers = []
    for item in items:
        row = rows.get(item.person)
        there = row is not None and bool(row.digest)
        if row is not None and there:
            work.change(row, **change(row))
            _note(work, item.person, item.by, text.format(item.person))
        answers.append(there)
    work.flush()
    return answers


def _opened(tx: Tx, people: Iterable[str]) -> tuple[Work, dict[str, Login]]:
    """Read the rows, and let no other process change them meanwhile."""
    work, c = Work(tx), table_of(Login).c
    statement = select(*c).where(c.person.in_(sorted(set(people)))).order_by(c.id).with_for_update()
    rows = work.load(Login, tx.connection.execute(statement).mappings().all())
    return work, {row.person: row for row in rows}


def _note(work: Work, person: str, by: str, text: str, **more: str) -> None:
    event = Event(
        id=work.id(),
        at=work.now,
        kind=EventKind.COMMAND,
        actor=by,
        text=text,
        more={"person": person, **more},
    )
    work.add(event)
