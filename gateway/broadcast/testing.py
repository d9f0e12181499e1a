"""A test of a broadcast: every channel's text, to the author's own addresses and to nothing else.

No address comes from outside: a test names who makes it, and the addresses are those of the configuration and those
that this person proved by a code. The links stay out, since a page behind one belongs to a recipient, and a test has
none; in their place stands what will be there. An approved template is sent as itself, so that it is tested as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from channels.contract import GiveUp
from gateway.broadcast.acts import Draft
from gateway.broadcast.fields import Problem, on
from gateway.broadcast.preview import Person, carrying, outgoing
from gateway.broadcast.render import Composer, Rendered
from gateway.post import short_id
from gateway.standing import Standing
from router.broadcast_plan import LANGUAGES, Plan
from store import broadcast_tests, broadcasts, linking
from store.model import Broadcast, Direction, Event, EventKind, Lane, Message, MessageState
from store.queue import put
from store.work import Work
from store.writer import Tx

MOST: Final = 10
"""Tests of one person within an hour."""
WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class TestSend:
    """Somebody wants to see it on their own phone: one that is kept, by its number, or one that is being written."""

    by: str
    number: int | None = None
    draft: Draft | None = None
    channels: tuple[str, ...] = ()
    """Only these of the site's channels; none: every one that carries broadcasts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """What came of it."""

    ok: bool
    answer: str
    """done, no_right, unknown_broadcast, too_many, no_address or problems."""
    written: tuple[tuple[str, str], ...] = ()
    """(channel, the author's address there) that a text went to."""
    without: tuple[str, ...] = ()
    """Channels on which the author has no address."""
    problems: tuple[Problem, ...] = ()
    """Why nothing went to a channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Meant:
    """What is tested."""

    number: int
    ident: int | None
    title: str
    plan: Plan
    package_id: int | None


class Testing:
    """The move."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def test(self, tx: Tx, items: Sequence[TestSend]) -> list[Tested]:
        """Send each to its author, or say why not."""
        answers = []
        for item in items:
            work = Work(tx)
            answers.append(self._test(work, item))
            work.flush()
        return answers

    def _test(self, work: Work, item: TestSend) -> Tested:
        person = self._standing.router.people.get(item.by)
        if person is None or not person.rights:
            return Tested(ok=False, answer="no_right")
        meant = _meant(work.tx.connection, item)
        if meant is None:
            return Tested(ok=False, answer="unknown_broadcast")
        if broadcast_tests.tests_since(work.tx.connection, item.by, work.now - WITHIN) >= MOST:
            return Tested(ok=False, answer="too_many")
        own = {channel: self._own(work.tx.connection, item.by, channel) for channel in self._channels(item.channels)}
        reached = {channel: address for channel, address in own.items() if address}
        without = tuple(channel for channel, address in own.items() if not address)
        if not reached:
            return Tested(ok=False, answer="no_address", without=without)
        written, problems = self._written(work, item.by, meant, reached)
        if not written:
            return Tested(ok=False, answer="problems", without=without, problems=problems)
        _note(work, item.by, meant, written)
        return Tested(ok=True, answer="done", written=written, without=without, problems=problems)

    def _channels(self, wanted: Iterable[str]) -> list[str]:
        """Return which channels are tested; what is wanted and does not exist stays in, as one without an address."""
        return list(dict.fromkeys(wanted)) or carrying(self._standing)

    def _own(self, connection: Connection, by: str, channel: str) -> str:
        """Return the author's own address on a channel; "" for none."""
        if channel not in self._standing.ways.can:
            return ""
        book = self._standing.ways.book(channel)
        address = self._standing.router.people[by].addresses.get(book, "")
        proved = linking.staff_addresses(connection) if not address else {}
        return address or next((value for (known, value), key in proved.items() if (known, key) == (book, by)), "")

    def _written(
        self, work: Work, by: str, meant: _Meant, reached: dict[str, str]
    ) -> tuple[tuple[tuple[str, str], ...], tuple[Problem, ...]]:
        package = broadcasts.package(work.tx.connection, meant.package_id)
        composer = Composer(self._standing, meant.number, meant.title, meant.plan, package, test=True)
        written: list[tuple[str, str]] = []
        problems: list[Problem] = []
        for channel, address in reached.items():
            for language in (one for one in LANGUAGES if one in [*meant.plan.texts]):
                name = self._standing.router.people[by].name
                person = Person(channel=channel, language=language, who=f"s:{by}", name=name)
                letter = composer.letter(person, token="", unsubscribe="")
                wrong = [*letter.blocking, *self._refused(channel, letter)]
                problems += wrong
                if not wrong:
                    _send(work, by, channel, address, letter)
                    written.append((channel, address))
        return tuple(dict.fromkeys(written)), tuple({str(one): one for one in problems}.values())

    def _refused(self, channel: str, letter: Rendered) -> list[Problem]:
        """Ask a channel with templates whether it would take this."""
        ask = self._standing.ways.previews.get(channel)
        try:
            _ = ask(outgoing(letter)) if ask else ""
        except GiveUp as error:
            return [on(channel, Problem(code="template", language=letter.language, more={"what": str(error)}))]
        return []


def _meant(connection: Connection, item: TestSend) -> _Meant | None:
    if item.draft is not None:
        draft = item.draft
        kept = broadcasts.find(connection, draft.number) if draft.number is not None else None
        return _Meant(
            number=draft.number or 0,
            ident=kept.id if kept else None,
            title=draft.title,
            plan=draft.plan,
            package_id=draft.package_id,
        )
    found: Broadcast | None = broadcasts.find(connection, item.number) if item.number is not None else None
    if found is None:
        return None
    return _Meant(
        number=found.number,
        ident=found.id,
        title=found.title,
        plan=Plan.model_validate(found.plan),
        package_id=found.package_id,
    )


def _send(work: Work, by: str, channel: str, address: str, letter: Rendered) -> None:
    ident = work.id()
    message = Message(
        id=ident,
        direction=Direction.OUT,
        channel=channel,
        key=f"t-{short_id(ident)}",
        state=MessageState.QUEUED,
        at=work.now,
        sender=by,
        recipient=address,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        template=letter.template,
        variables=dict(letter.variables),
    )
    put(work, message, destination=channel, lane=Lane.NOTICE, due=work.now)


def _note(work: Work, by: str, meant: _Meant, written: Iterable[tuple[str, str]]) -> None:
    work.add(
        Event(
            id=work.id(),
            at=work.now,
            kind=EventKind.BROADCAST,
            broadcast_id=meant.ident,
            actor=by,
            text=broadcast_tests.TESTED,
            more={"channels": " ".join(channel for channel, _ in written)},
        )
    )
