"""A package that was sent to somebody, for the tests of the pages that its recipients see."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.app import House
from gateway.broadcast.links import token
from store.model import Broadcast, Noun, Package, Recipient
from store.work import Work
from store.writer import Tx

SECRET = "5e" * 32
BODY = bytes(range(256)) * 1_200
"""More than one chunk of the storage."""
CODE = "ABCD2345"
PLAN = {"texts": {"zh": {"text": "{name}，今晚停机一小时。"}, "en": {"text": "{name|Hello}, one hour offline."}}}
NOTES = {"zh": "修复断线重连。", "en": "Reconnects again."}


def keep(tx: Tx, rows: Sequence[Noun]) -> list[None]:
    """Write rows."""
    work = Work(tx)
    for row in rows:
        work.add(row)
    work.flush()
    return [None] * len(rows)


async def sent(
    house: House, folder: Path, *, package: dict[str, Any] | None = None, body: bytes = BODY, **more: Any
) -> str:
    """Send a package (None for a mere text with `package={}`) to a customer; returns the path of the page."""
    now = house.clock.now()
    given: dict[str, Any] = {
        "name": "采集网关升级包",
        "version": "2.3.1",
        "file": "采集网关 2.3.1.zip",
        "applies": ">=2.0 <2.3",
    }
    given |= {"notes": NOTES, "size": len(BODY), "sha256": sha256(BODY).hexdigest(), "state": "ready", "place": "p1"}
    if package != {}:
        part = folder / "part"
        part.write_bytes(body)
        await house.storage.put(part, "p1")
        await house.writer.do(keep, Package(id=1, at=now, **(given | (package or {}))))
    broadcast = Broadcast(
        id=1,
        number=7,
        title="十一月升级",
        state="running",
        author="li",
        at=now,
        plan=PLAN,
        package_id=None if package == {} else 1,
        secret=SECRET,
        link_until=now + timedelta(days=14),
    )
    await house.writer.do(keep, broadcast)
    recipient: dict[str, Any] = {
        "who": "c7",
        "channel": "sms:main",
        "name": "陈主任",
        "address": "+8613900000001",
        "code": CODE,
    }
    recipient |= {"values": {"product": "采集网关", "version": "2.1"}, "state": "sent", **more}
    await house.writer.do(keep, Recipient(id=36, broadcast_id=1, **recipient))
    return f"/p/{token(SECRET, 36)}"
