"""Who has a password and who has none, as commands and the API list them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from router.settings import Person
from store import logins
from store.model import Login


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One of the staff, or somebody who was and still has a password."""

    person: str
    name: str
    rights: tuple[str, ...]
    password_at: datetime | None
    seen_at: datetime | None
    failures: int
    locked_until: datetime | None
    staff: bool


def accounts(connection: Connection, people: Mapping[str, Person], now: datetime) -> list[Account]:
    """Return everybody, in the order of the configuration; a lock that is over is none."""
    known = {login.person: login for login in logins.listed(connection)}
    gone = [key for key in known if key not in people]
    return [_account(key, people.get(key), known.get(key), now) for key in (*people, *gone)]


def _account(key: str, person: Person | None, login: Login | None, now: datetime) -> Account:
    locked = login.locked_until if login else None
    return Account(
        person=key,
        name=person.name if person else "",
        rights=tuple(person.rights) if person else (),
        password_at=login.at if login else None,
        seen_at=login.seen_at if login else None,
        failures=login.failures if login else 0,
        locked_until=locked if locked and locked > now else None,
        staff=person is not None,
    )
