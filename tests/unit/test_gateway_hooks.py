"""Inbound webhooks: what each kind of request is answered, what is stored of it, and what is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from channels.contract import (
    Can,
    Channel,
    Inbound,
    Malformed,
    Parsed,
    Refused,
    Reply,
    Spoken,
    Update,
    Webhook,
    Wire,
)
from gateway.clock import MovedClock
from gateway.failing import Receipts
from gateway.intake import ONE_MOMENT, Intake
from gateway.judge import Judge
from gateway.metrics import Metrics
from gateway.standing import Ways
from gateway.web.hooks import Hooks
from store.db import Database, StoreUnavailable, open_database, table_of
from store.model import Message, Quarantine
from store.writer import Writer

START = datetime(2026, 3, 2, tzinfo=UTC)
LIMIT = 1000


@dataclass
class Door:
    """A channel whose webhooks do what the body says."""

    name: str = "door:main"
    can: Can = field(default_factory=Can)
    seen: list[Wire] = field(default_factory=list)

    def webhooks(self) -> Sequence[Webhook]:
        return [
            Webhook(method="POST", prefix="", read=self.read),
            Webhook(method="GET", prefix="", read=self.read),
            Webhook(method="POST", prefix="/status", read=self.read_status),
        ]

    def read(self, wire: Wire) -> Parsed:
        self.seen.append(wire)
        match wire.body.partition(b" ")[0]:
            case b"forged":
                raise Refused("the signature is missing")
            case b"broken":
                raise Malformed("from.id", "is not a number")
            case b"bug":
                raise KeyError(wire.body.decode())
        said = Inbound(key=wire.body.decode(), sender="+1", text="secret words", raw=wire.body)
        answer = (lambda spoken: Reply(body=spoken.text.encode())) if wire.body.startswith(b"call") else None
        return Parsed(reply=Reply(body=b"thanks"), inbounds=[said], answer=answer)

    def read_status(self, wire: Wire) -> Parsed:
        self.seen.append(wire)
        return Parsed(reply=Reply(status=204), updates=[])


class Broken(Intake):
    """An intake whose store does what it is told to."""

    error: Exception | None = None

    async def accept(self, channel: str, items: Any, *, cursor: str | None = None) -> list[int | None]:
        if self.error is not None and not any(hasattr(item, "why") for item in items):
            raise self.error
        if isinstance(self.error, StoreUnavailable):
            raise self.error
        return await super().accept(channel, items, cursor=cursor)

    async def answer(self, message_id: int | None, *, channel: str = "", key: str = "") -> Spoken:
        return ONE_MOMENT

    async def receive(self, channel: str, updates: Sequence[Update]) -> None:
        raise NotImplementedError


@dataclass
class Stand:
    door: Door
    hooks: Hooks
    intake: Broken
    metrics: Metrics
    database: Database

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table))).mappings())

    def counted(self, outcome: str) -> float:
        labels = {"channel": "door:main", "outcome": outcome}
        return self.metrics.registry.get_sample_value("yizhan_inbound_total", labels) or 0.0

    async def ask(
        self,
        body: bytes | Sequence[bytes | None] = b"",
        *,
        path: str = "/in/door/main",
        method: str = "POST",
        query: bytes = b"",
        headers: Sequence[tuple[bytes, bytes]] = (),
        raw_path: bytes | None = None,
    ) -> tuple[int, bytes]:
        chunks = [body] if isinstance(body, bytes) else list(body)
        events = [
            {"type": "http.request", "body": chunk, "more_body": place + 1 < len(chunks)}
            if chunk is not None
            else {"type": "http.disconnect"}
            for place, chunk in enumerate(chunks)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return events.pop(0)

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode() if raw_path is None else raw_path,
            "query_string": query,
            "headers": list(headers),
        }
        await self.hooks(scope, receive, send)
        assert self.hooks.under_way == 0
        return sent[0]["status"], sent[1]["body"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("hooks") / "start.db"
    made = open_database(f"sqlite:///{path}", now=lambda: START)
    made.migrate()
    made.close()
    return path.read_bytes()


@pytest.fixture
async def stand(template: bytes, tmp_path: Path) -> AsyncIterator[Stand]:
    (tmp_path / "s.db").write_bytes(template)
    clock = MovedClock(START)
    database = open_database(f"sqlite:///{tmp_path / 's.db'}", now=clock.now, node=1)
    writer = Writer(database, woken=lambda _names: None)
    writer.start()
    intake = Broken(database, writer, cast("Judge", None), cast("Receipts", None), clock, ways=Ways(can={}))
    door, metrics = Door(), Metrics()
    hooks = Hooks(
        {"door:main": cast("Channel", door)},
        intake,
        clock,
        public_url="https://gate.example",
        body_limit=LIMIT,
        metrics=metrics,
    )
    yield Stand(door, hooks, intake, metrics, database)
    await writer.stop()
    database.close()


async def test_a_good_request_is_stored_before_it_is_answered(stand: Stand) -> None:
    assert await stand.ask(b"one") == (200, b"thanks")
    assert [row["key"] for row in stand.rows(Message)] == ["one"]
    assert stand.counted("accepted") == 1


async def test_a_repeat_is_answered_alike_and_stored_once(stand: Stand) -> None:
    assert await stand.ask(b"one") == await stand.ask(b"one") == (200, b"thanks")
    assert len(stand.rows(Message)) == 1


async def test_a_forged_request_leaves_nothing_behind_and_is_counted(stand: Stand) -> None:
    assert await stand.ask(b"forged") == (403, b"refused")
    assert (stand.rows(Message), stand.rows(Quarantine)) == ([], [])
    assert stand.counted("refused") == 1


async def test_a_malformed_payload_is_answered_with_its_place_and_kept_once(stand: Stand) -> None:
    assert await stand.ask(b"broken \xff") == (400, b"from.id: is not a number")
    assert await stand.ask(b"broken \xff") == (400, b"from.id: is not a number")
    assert await stand.ask(b"broken 2") == (400, b"from.id: is not a number")
    kept = stand.rows(Quarantine)
    assert [(row["raw"], row["where"], row["why"]) for row in kept] == [
        (b"broken \xff", "from.id", "is not a number"),
        (b"broken 2", "from.id", "is not a number"),
    ]
    assert stand.rows(Message) == []
    assert stand.counted("malformed") == 3


async def test_the_key_of_malformed_bytes_is_the_same_in_every_process(stand: Stand) -> None:
    await stand.ask(b"broken")
    digest = sha256(b"POST\n\n\nbroken").hexdigest()
    assert [row["key"] for row in stand.rows(Quarantine)] == [f"malformed:{digest}"]


async def test_what_stands_in_the_query_only_is_kept_too(stand: Stand) -> None:
    stand.door.read = _malformed  # type: ignore[method-assign]
    hooks = Hooks(
        {"door:main": cast("Channel", stand.door)},
        stand.intake,
        MovedClock(START),
        public_url="https://gate.example",
        body_limit=LIMIT,
        metrics=stand.metrics,
    )
    stand.hooks = hooks
    assert (await stand.ask(method="GET", query=b"a=1&b=%20"))[0] == 400
    assert [row["raw"] for row in stand.rows(Quarantine)] == [b"a=1&b=%20"]


def _malformed(wire: Wire) -> Parsed:
    raise Malformed("query", "is empty")


async def test_a_mistake_of_an_adapter_loses_nothing_and_is_answered_500(stand: Stand) -> None:
    assert (await stand.ask(b"bug private"))[0] == 500
    (kept,) = stand.rows(Quarantine)
    assert (kept["raw"], kept["where"]) == (b"bug private", "webhook")
    assert kept["why"].startswith("KeyError at unit/test_gateway_hooks.py:")
    assert "private" not in kept["why"]
    assert stand.counted("failed") == 1


async def test_a_mistake_of_the_store_loses_nothing_and_is_answered_500(stand: Stand) -> None:
    stand.intake.error = ValueError("x")
    assert (await stand.ask(b"one"))[0] == 500
    assert [row["raw"] for row in stand.rows(Quarantine)] == [b"one"]


@pytest.mark.parametrize("body", [b"one", b"broken", b"bug"])
async def test_while_the_store_is_away_the_provider_keeps_the_message(stand: Stand, body: bytes) -> None:
    stand.intake.error = StoreUnavailable("gone")
    assert await stand.ask(body) == (503, b"try again")
    assert stand.counted("unavailable") == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/in/door/main", 200),
        ("POST", "/in/door/main/", 200),
        ("POST", "/in/door/main/deeper", 200),
        ("POST", "/in/door/main/status", 204),
        ("POST", "/in/door/main/status/7", 204),
        ("POST", "/in/door/main/statuses", 200),
        ("GET", "/in/door/main", 200),
        ("GET", "/in/door/main/status", 405),
        ("HEAD", "/in/door/main", 405),
        ("PUT", "/in/door/main", 405),
        ("POST", "/in/door/other", 404),
        ("POST", "/in/door", 404),
        ("POST", "/in/", 404),
    ],
)
async def test_the_longest_prefix_of_whole_parts_decides(stand: Stand, method: str, path: str, status: int) -> None:
    assert (await stand.ask(b"one", method=method, path=path))[0] == status


@pytest.mark.parametrize(
    ("chunks", "headers"),
    [
        pytest.param([b"x" * (LIMIT + 1)], (), id="one chunk"),
        pytest.param([b"x" * 600, b"x" * 600, b""], (), id="many chunks without a length"),
        pytest.param([], [(b"Content-Length", b"1001")], id="announced and never read"),
    ],
)
async def test_a_body_over_the_limit_is_refused(
    stand: Stand, chunks: list[bytes | None], headers: list[tuple[bytes, bytes]]
) -> None:
    assert await stand.ask(chunks, headers=headers) == (413, b"refused")
    assert (stand.rows(Message), stand.door.seen) == ([], [])


async def test_a_body_at_the_limit_comes_in_whole(stand: Stand) -> None:
    await stand.ask([b"x" * 400, b"", b"x" * 600], headers=[(b"content-length", b"1000")])
    assert stand.door.seen[0].body == b"x" * 1000


async def test_a_caller_who_goes_away_halfway_leaves_nothing_behind(stand: Stand) -> None:
    assert (await stand.ask([b"on", None]))[0] == 400
    assert (stand.rows(Message), stand.counted("broken_off"), stand.counted("refused")) == ([], 1, 0)


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        pytest.param({}, "https://gate.example/in/door/main", id="plain"),
        pytest.param(
            {"query": b"a=%20b&c=d+e&a=2"}, "https://gate.example/in/door/main?a=%20b&c=d+e&a=2", id="query as it came"
        ),
        pytest.param(
            {"path": "/in/door/main/a b", "raw_path": b"/in/door/main/a%20b"},
            "https://gate.example/in/door/main/a%20b",
            id="path as it came",
        ),
        pytest.param(
            {"path": "/in/door/main/é", "raw_path": b""}, "https://gate.example/in/door/main/%C3%A9", id="none"
        ),
        pytest.param(
            {"raw_path": b"/in/door/main?x=1", "query": b"x=1"}, "https://gate.example/in/door/main?x=1", id="both"
        ),
    ],
)
async def test_the_signed_address_is_the_one_that_the_provider_called(
    stand: Stand, scope: dict[str, Any], url: str
) -> None:
    await stand.ask(b"one", **scope)
    assert stand.door.seen[0].url == url


async def test_a_wire_carries_names_in_lower_case_and_the_query_decoded(stand: Stand) -> None:
    await stand.ask(b"one", query=b"a=%E7%AB%99&empty=", headers=[(b"X-Signature", b"s\xe9")])
    wire = stand.door.seen[0]
    assert (wire.query, wire.headers) == ({"a": "站", "empty": ""}, {"x-signature": "s\xe9"})
    assert (wire.path, wire.at) == ("", START)


async def test_a_live_call_is_answered_with_what_there_is_to_say(stand: Stand) -> None:
    assert await stand.ask(b"call 1") == (200, ONE_MOMENT.text.encode())


def test_unknown_addresses_are_not_counted_by_name() -> None:
    metrics = Metrics()
    assert b"yizhan_inbound_total{" not in metrics.text()
