"""What carries the further channels: tokens, connections, WebSockets, probes, routes, buttons, reroutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from channels.contract import Attachment, Can, Finding, GiveUp, Inbound, Misconfigured, Refused, Remote, Token, TryLater
from channels.numbers import country
from gateway.buttons import buttons
from gateway.clock import MovedClock
from gateway.config import Reroute
from gateway.fetching import MOST_ATTEMPTS, Fetching
from gateway.listening import ALARMED, Listening
from gateway.metrics import Metrics
from gateway.probing import Probing
from gateway.reroute import destination, rerouted, sorted_out
from gateway.standing import Standing, Ways
from gateway.tokens import SharedTokens
from gateway.web.hooks import Hooks
from gateway.wording import templates
from router.settings import Route
from store import inbox
from store.db import Database, open_database, table_of
from store.inbox import Arrival, Bring
from store.model import Attachment as Kept
from store.model import Event, Fetch
from store.writer import Writer

START = datetime(2026, 11, 20, 3, tzinfo=UTC)


@dataclass
class Stand:
    clock: MovedClock
    database: Database
    writer: Writer

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())

    async def forward(self, length: timedelta) -> None:
        """Move the clock through every instant that somebody waits for."""
        goal = self.clock.now() + length
        await self.calm()
        while (at := self.clock.next()) is not None and at <= goal:
            self.clock.move(at)
            await self.calm()
        self.clock.move(goal)
        await self.calm()

    async def calm(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0.001)
            while self.writer.pending:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.001)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    clock = MovedClock(START)
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}", now=clock.now)
    database.migrate()
    writer = Writer(database, woken=lambda _names: None)
    writer.start()
    yield Stand(clock, database, writer)
    await writer.stop()
    database.close()


# access tokens


async def test_a_token_is_asked_for_once_and_again_near_its_end_or_when_it_was_refused(stand: Stand) -> None:
    asked: list[str] = []

    async def ask() -> Token:
        asked.append(f"t{len(asked) + 1}")
        await asyncio.sleep(0)
        return Token(value=asked[-1], lasts=timedelta(seconds=7200))

    tokens = SharedTokens(stand.clock)
    tokens.bind(stand.database, stand.writer, owner="me")
    assert await asyncio.gather(*(tokens.get("a", ask) for _ in range(5))) == ["t1"] * 5
    stand.clock.move(START + timedelta(seconds=5759))
    assert await tokens.get("a", ask) == "t1"
    stand.clock.move(START + timedelta(seconds=5761))
    assert await tokens.get("a", ask) == "t2"
    assert await tokens.get("a", ask, refused="t2") == "t3"
    assert await tokens.get("a", ask, refused="t2") == "t3"
    other = SharedTokens(stand.clock)
    other.bind(stand.database, stand.writer, owner="other")
    assert (await other.get("a", ask), len(asked)) == ("t3", 3)


async def test_who_asks_in_vain_is_told_why_and_the_next_may_ask(stand: Stand) -> None:
    async def refused() -> Token:
        raise Misconfigured("the secret is wrong")

    async def good() -> Token:
        return Token(value="t", lasts=timedelta(hours=1))

    tokens = SharedTokens(stand.clock)
    tokens.bind(stand.database, stand.writer, owner="me")
    with pytest.raises(Misconfigured, match="the secret is wrong"):
        await tokens.get("a", refused)
    assert await tokens.get("a", good) == "t"


# connections of a channel's own


@dataclass
class Listener:
    """A channel whose connection does what the script says; then it holds."""

    script: list[Exception | None] = field(default_factory=list)
    name: str = "chat:main"
    begun: list[datetime] = field(default_factory=list)
    clock: MovedClock | None = None

    async def listen(self, accept: Any, receipts: Any) -> None:
        assert self.clock is not None
        self.begun.append(self.clock.now())
        if self.script:
            error = self.script.pop(0)
            if error is not None:
                raise error
            return
        await asyncio.Event().wait()


def listening(stand: Stand, channel: Listener) -> Listening:
    channel.clock = stand.clock
    return Listening(
        cast("Any", channel),
        database=stand.database,
        writer=stand.writer,
        intake=cast("Any", None),
        clock=stand.clock,
        owner="me",
    )


async def test_a_lost_connection_is_begun_again_with_growing_pauses_and_raises_one_alarm(stand: Stand) -> None:
    channel = Listener([TryLater("gone")] * (ALARMED + 1))
    one = listening(stand, channel)
    task = asyncio.create_task(one.run())
    await stand.forward(timedelta(minutes=5))
    waits = [(b - a).total_seconds() for a, b in zip(channel.begun, channel.begun[1:], strict=False)]
    assert waits == [1, 2, 4, 8, 16, 32]
    assert [row["text"] for row in stand.rows(Event)] == ["chat:main cannot listen: gone"]
    assert one.since is not None
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=2)
    assert done == {task}


async def test_a_connection_that_held_for_long_is_begun_again_soon(stand: Stand) -> None:
    channel = Listener()
    one = listening(stand, channel)
    one.losses = 4
    steady = asyncio.create_task(one._lost("gone", steady=True))
    await steady
    assert one.losses == 1


# what looks alive and is dead


@dataclass
class Probed:
    answers: list[Any]
    probe_every: timedelta = timedelta(minutes=10)

    async def probe(self) -> Finding:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Finding(what="account", ok=answer, note="no echo")


async def test_an_account_that_dies_and_lives_again_is_told_once_each(stand: Stand) -> None:
    probing = Probing(
        "chat:main", Probed([True, False, GiveUp("blocked"), None, True, True]), stand.writer, stand.clock
    )
    assert [await probing.step() for _ in range(6)] == [START + timedelta(minutes=10)] * 6
    assert [row["text"] for row in stand.rows(Event)] == ["chat:main does not live: no echo"]


# files that lie with the provider


@dataclass
class Shelf:
    answers: list[Any]

    async def fetch(self, remote: Remote) -> Attachment:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Attachment(name=remote.name, type="image/png", content=answer)


async def _message(stand: Stand, ref: str = "f1") -> None:
    arrival = Arrival(
        channel="chat:main",
        key="k",
        at=START,
        sender="a",
        text="x",
        remotes=[(ref, "a.png", "image/png", 3)],
    )
    await stand.writer.do(inbox.accept, Bring(items=(arrival,)))


async def test_a_file_is_brought_after_the_message_and_tried_again_when_it_did_not_come(stand: Stand) -> None:
    await _message(stand)
    fetching = Fetching({"chat:main": cast("Any", Shelf([TryLater("busy"), b"png"]))}, stand.writer, stand.clock)
    again = await fetching.step()
    assert again == START + timedelta(seconds=20)
    assert stand.rows(Kept) == []
    stand.clock.move(again)
    assert await fetching.step() is None
    assert [(row["name"], row["size"]) for row in stand.rows(Kept)] == [("a.png", 3)]
    assert stand.rows(Fetch) == []


@pytest.mark.parametrize("answers", [[GiveUp("gone")], [TryLater("busy")] * MOST_ATTEMPTS])
async def test_a_file_that_is_gone_leaves_a_line_of_history(stand: Stand, answers: list[Exception]) -> None:
    await _message(stand)
    fetching = Fetching({"chat:main": cast("Any", Shelf(list(answers)))}, stand.writer, stand.clock)
    while (again := await fetching.step()) is not None:
        stand.clock.move(again)
    assert [row["text"] for row in stand.rows(Event)] == [f"a file could not be brought: {answers[-1]}"]


# WebSockets


class Talker:
    """A channel that takes connections with the word "good" in their query, and answers each frame."""

    def webhooks(self) -> list[Any]:
        return []

    def admit(self, wire: Any) -> None:
        if wire.query.get("token") != "good":
            raise Refused("a wrong token")

    async def converse(self, wire: Any, link: Any, accept: Any) -> None:
        while (frame := await link.receive()) is not None:
            await link.send(f"got {frame}")


async def _conversation(query: bytes, frames: list[str]) -> list[Any]:
    clock = MovedClock(START)
    hooks = Hooks(
        {"chat:main": cast("Any", Talker())},
        cast("Any", None),
        clock,
        public_url="http://x",
        body_limit=1000,
        metrics=Metrics(),
    )
    events = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": one} for one in frames)]
    events.append({"type": "websocket.disconnect"})
    sent: list[Any] = []

    async def receive() -> Any:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.append(event.get("text") or event["type"])

    scope = {"type": "websocket", "path": "/in/chat/main/ws", "query_string": query, "headers": []}
    await hooks(scope, receive, send)
    return sent


async def test_a_connection_is_admitted_before_it_is_accepted() -> None:
    assert await _conversation(b"token=good", ["a", "b"]) == ["websocket.accept", "got a", "got b"]
    assert await _conversation(b"token=bad", ["a"]) == ["websocket.close"]


# order and fail-over of accounts


def _standing(*routes: Route) -> Standing:
    can = {"sms:main": Can(book="tel"), "sms:cn": Can(book="tel"), "phone:main": Can(book="tel", speaks=True)}

    @dataclass
    class Settings:
        routes: tuple[Route, ...]

    @dataclass
    class Config:
        router: Settings

    config = Config(Settings(routes))
    return Standing(config=cast("Any", config), ways=Ways(can=can), table=cast("Any", None), judges=())


@pytest.mark.parametrize(
    ("routes", "tel", "order"),
    [
        ((), "+8613800000101", ("sms:main", "sms:cn")),
        ((Route(method="sms", country="CN", order=["sms:cn"]),), "+8613800000101", ("sms:cn", "sms:main")),
        ((Route(method="sms", country="CN", order=["sms:cn"]),), "+15005550006", ("sms:main", "sms:cn")),
        ((Route(method="sms", order=["sms:cn"], only=True),), "", ("sms:cn",)),
        ((Route(method="voice", order=["phone:main"], only=True),), "", ("sms:main", "sms:cn")),
    ],
)
def test_the_first_route_that_fits_the_country_decides(routes, tel, order) -> None:
    assert _standing(*routes).carrying("sms", tel) == order


@pytest.mark.parametrize(
    ("number", "where"), [("+8613800000101", "CN"), ("+85251234567", "HK"), ("10086", ""), ("+1", "")]
)
def test_the_country_of_a_number(number, where) -> None:
    assert country(number) == where


# buttons


def test_every_button_belongs_to_a_template_and_says_what_a_person_would_write() -> None:
    assert buttons("page", "zh") == (("1", "接单"), ("2", "上报"), ("3", "稍后"))
    assert buttons("page_fold", "en")[0] == ("9", "Take all")
    assert buttons("customer_receipt", "zh") == ()
    assert {name for name in templates() if buttons(name, "zh")} >= {"page", "page_again", "transferred_ask"}


# a mail that really is a fax

RULE = Reroute(
    account="email:support", sender="fax@pbx.example", subject=r"fax from (?P<number>\+?[\d-]+)", to="fax:main"
)


def _mail(sender: str, subject: str) -> Inbound:
    return Inbound(key="k", sender=sender, text="see file", subject=subject, reply_to="x@y")


def test_only_the_mail_that_fits_is_another_channels_message() -> None:
    assert destination("email:support", _mail("FAX@pbx.example", "Fax from 021-55558888"), [RULE]) is RULE
    assert destination("email:support", _mail("a@b.example", "fax from 021-55558888"), [RULE]) is None
    assert destination("email:other", _mail("fax@pbx.example", "fax from 021-55558888"), [RULE]) is None
    moved = rerouted(_mail("fax@pbx.example", "fax from 021-55558888"), RULE)
    assert (moved.sender, moved.reply_to) == ("+862155558888", None)


async def test_messages_keep_their_places_and_a_fax_is_read_by_its_channel() -> None:
    class Reader:
        async def enrich(self, inbound: Inbound) -> Inbound:
            return Inbound(key=inbound.key, sender=inbound.sender, text="read")

    items = [_mail("a@b", "hello"), _mail("fax@pbx.example", "fax from 021-55558888"), _mail("c@d", "bye")]
    parts = await sorted_out("email:support", items, [RULE], {"fax:main": cast("Any", Reader())})
    assert {name: [(at, cast("Inbound", one).text) for at, one in some] for name, some in parts.items()} == {
        "email:support": [(0, "see file"), (2, "see file")],
        "fax:main": [(1, "read")],
    }
