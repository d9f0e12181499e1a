"""Who signs in with which password. A digest costs much on purpose: it is made away from loop and writer.

A password stands in no log, no event and no error; what is compared while it is under way is sealed with a key of the
process.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final, TypeVar

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.concurrency import run_in_threadpool

from router.passwords import LOCKS, MOST, flaw, normal
from router.settings import Person
from store import logins
from store.db import Database
from store.writer import Writer

log = structlog.get_logger()
R = TypeVar("R")
AT_ONCE: Final = 2
"""Digests made at once: each takes 64 MiB."""
WAITING: Final = 16
"""Passwords that may wait for that; what comes then is refused before it counts as a try."""
REMEMBERED: Final = timedelta(minutes=1)
"""How long a password that a program shows with every call is not computed anew."""


class Busy(Exception):
    """So many passwords wait already that no more are taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Somebody who showed the right password; it ends when the store has another epoch for them."""

    person: str
    epoch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    seal: bytes
    session: Session
    until: datetime


class Accounts:
    """The passwords of one running gateway, or of a command beside none."""

    def __init__(
        self,
        people: Mapping[str, Person],
        *,
        database: Database,
        writer: Writer,
        now: Callable[[], datetime],
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.people = people
        self._database = database
        self._writer = writer
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._key = secrets.token_bytes(32)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._inside = 0
        self._going: dict[bytes, asyncio.Task[Session | None]] = {}
        self._shown: dict[str, _Shown] = {}

    def meant(self, said: str) -> str | None:
        """Return whose key or name this is; None for nobody's and for a name that two have."""
        plain = normal(said).strip().casefold()
        for find in (lambda key: key, lambda key: self.people[key].name):
            found = [key for key in self.people if normal(find(key)).strip().casefold() == plain]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def may(self, person: str | None, right: str) -> bool:
        """Tell whether somebody has a right; nobody has none."""
        return person is not None and person in self.people and right in self.people[person].rights

    def flaw(self, person: str, password: str) -> str:
        """Say what is wrong with a new password; "" when nothing is."""
        return flaw(password, (person, self.people[person].name))

    async def give(self, person: str, password: str, *, by: str) -> Session:
        """Set a password that has no flaw; every older session of that person ends. Raises Busy."""
        with self._place():
            digest = await self._made(lambda: self._hasher.hash(normal(password)))
        new = logins.NewPassword(person=person, digest=digest, by=by)
        return Session(person=person, epoch=await self._writer.do(logins.set_password, new))

    async def verify(self, said: str, password: str) -> Session | None:
        """Let somebody in who gives the right password of one of the staff; a wrong one counts, and may lock.

        The same password for the same person that comes while it is looked at is the same try: programs call in
        parallel. Raises StoreUnavailable, and Busy when too many others wait.
        """
        # What is longer than any password is still longer when it is cut.
        person, given = self.meant(said), normal(password)[: MOST + 1]
        seal = self._seal(person, given)
        going = self._going.get(seal)
        if going is None:
            going = self._going[seal] = asyncio.create_task(self._verify(person, given))
            going.add_done_callback(lambda _: self._going.pop(seal, None))
        return await asyncio.shield(going)

    async def _verify(self, person: str | None, given: str) -> Session | None:
        with self._place():
            held = await self._writer.do(logins.tried, logins.Try(person=person or "", locks=LOCKS))
            right, digest = await self._made(lambda: self._compared(held.digest if held else "", given))
        if person is None or held is None:
            return None
        outcome = logins.Decided(person=person, right=right, epoch=held.epoch, digest=digest)
        stands = await self._writer.do(logins.decided, outcome)
        if not right:
            log.warning("a wrong password", person=person)
        return Session(person=person, epoch=held.epoch) if stands else None

    def _compared(self, digest: str, given: str) -> tuple[bool, str]:
        """Compare, with nothing where there is nothing, so that it takes as long; the new digest if one is due."""
        blank = self._blank
        try:
            self._hasher.verify(digest or blank, given)
        except InvalidHashError:
            log.error("what is kept of a password is no digest; set it again with yizhan account set")
            return False, ""
        except VerificationError:
            return False, ""
        return True, self._hasher.hash(given) if self._hasher.check_needs_rehash(digest) else ""

    @cached_property
    def _blank(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))

    async def remembered(self, said: str, password: str) -> Session | None:
        """Do the same as `verify` for a program that shows the password with every call."""
        person = self.meant(said)
        shown = self._shown.get(person or "")
        if person and shown and shown.until > self._now():
            same = hmac.compare_digest(shown.seal, self._seal(person, normal(password)))
            if same and await self.stands(shown.session):
                return shown.session
        session = await self.verify(said, password)
        if session:
            seal = self._seal(session.person, normal(password))
            self._shown[session.person] = _Shown(seal=seal, session=session, until=self._now() + REMEMBERED)
        return session

    async def stands(self, session: Session) -> bool:
        """Tell whether a session has not been ended, and its person is still one of the staff."""
        if session.person not in self.people:
            return False

        def ask() -> int | None:
            with self._database.read() as connection:
                return logins.epoch(connection, session.person)

        return await run_in_threadpool(ask) == session.epoch

    async def sign_out(self, person: str, *, by: str) -> bool:
        """End all sessions of a person; False where there is no password."""
        return await self._writer.do(logins.sign_out, logins.Asked(person=person, by=by))

    async def remove(self, person: str, *, by: str) -> bool:
        """Take a password away; False where there was none."""
        return await self._writer.do(logins.remove, logins.Asked(person=person, by=by))

    async def unlock(self, person: str, *, by: str) -> bool:
        """Forget the wrong passwords; False where there is no password."""
        return await self._writer.do(logins.unlock, logins.Asked(person=person, by=by))

    def _seal(self, person: str | None, given: str) -> bytes:
        return hmac.digest(self._key, f"{person or ''}\0{given}".encode(), sha256)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._inside >= AT_ONCE + WAITING:
            log.warning("too many passwords wait to be looked at", waiting=WAITING)
            raise Busy
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def _made(self, work: Callable[[], R]) -> R:
        async with self._room:
            return await run_in_threadpool(work)
