"""The pages of broadcasts before a whole house: who may, what forms do, and what is shown on the way."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest

from gateway.app import House
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock
from gateway.web.server import build_app
from store.contacts import Row, bring

TOKEN = "a token of some length"
SHORT = "升级包已发布"


@pytest.fixture
async def sandbox(tmp_path: Path, office) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


@pytest.fixture
async def house(sandbox: Running) -> House:
    """With three people of one customer: two with phones, one with a mailbox."""
    people: Sequence[Row] = [
        Row(place="x:1", name="张工", customer="滨江机房", addresses=(("tel", "+8613900000001"),)),
        Row(place="x:2", name="李工", customer="滨江机房", addresses=(("tel", "+8613900000002"),)),
        Row(place="x:3", name="王工", customer="港口二号", addresses=(("email", "port@example.com"),)),
    ]
    await sandbox.house.writer.do(bring, people)
    return sandbox.house


def client(house: House, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(house), client=("127.0.0.1", 5))
    return httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers={"accept-language": "en", **headers}
    )
