"""What is kept of the page of a package, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from store import landing
from store.db import table_of
from store.landing import Found, Trouble
from store.model import Broadcast, Event, Package, Recipient
from tests.parcels import CODE, SECRET, keep

THEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def of(connection: Connection, ident: int) -> Found:
    found = landing.found(connection, ident)
    assert found is not None
    return found


@pytest.fixture
async def sent(writer) -> None:
    """Write a package that was sent to two."""
    await writer.do(keep, Package(id=1, name="采集网关", version="2.3.1", state="ready", at=THEN, size=2**33))
    given: dict[str, Any] = {
        "title": "升级",
        "author": "li",
        "at": THEN,
        "package_id": 1,
        "secret": SECRET,
        "link_until": LATER,
    }
    await writer.do(keep, Broadcast(id=1, number=7, state="running", **given))
    for ident, code in ((36, CODE), (37, "WXYZ2345")):
        one = Recipient(id=ident, broadcast_id=1, who=f"c{ident}", channel="sms:main", state="sent", code=code)
        await writer.do(keep, one)


async def test_a_recipient_is_found_by_number_and_by_code(database, sent) -> None:
    with database.read() as connection:
        found, same = landing.found(connection, 36), landing.by_code(connection, CODE)
        none = [landing.found(connection, 1), landing.found(connection, 2**63 - 1), landing.by_code(connection, "x")]
    assert found is not None
    assert found.package is not None
    assert (found.package.size, found.broadcast.number, found == same, none) == (2**33, 7, True, [None] * 3)
    assert (found.gone(THEN), found.gone(LATER)) == ("", "expired")


async def test_what_was_noted_once_stays(database, writer, sent) -> None:
    def times() -> list[datetime | None]:
        with database.read() as connection:
            return [of(connection, ident).recipient.downloaded_at for ident in (36, 37)]

    await writer.do(landing.downloaded, 36)
    first = times()
    await writer.do(landing.downloaded, 36)
    assert (first[0] is not None, times()) == (True, [first[0], None])


async def test_trouble_is_noted_and_has_the_broadcast_looked_at(database, writer, sent) -> None:
    await writer.do(landing.troubled, Trouble(recipient_id=36, message_id=5, text="起不来"))
    await writer.do(landing.troubled, Trouble(recipient_id=36, message_id=None, text="起不来"))
    events = table_of(Event)
    with database.read() as connection:
        one = of(connection, 36)
        told = connection.execute(select(events.c.text, events.c.message_id, events.c.more)).all()
    assert (one.recipient.trouble_at is not None, one.broadcast.due is not None) == (True, True)
    assert [tuple(row) for row in told] == [("trouble", 5, {"recipient": 36, "who": "c36", "words": "起不来"})]
