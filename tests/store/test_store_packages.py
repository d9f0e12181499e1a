"""The moves on packages, on both databases."""

from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select

from gateway.broadcast.packages import (
    About,
    Begin,
    Edit,
    Finished,
    Kept,
    Named,
    Received,
    begin,
    broken,
    drop,
    edit,
    finished,
    forgotten,
    received,
    revoke,
)
from store import packages
from store.db import table_of
from store.model import Broadcast, BroadcastState, Event, PackageState, Recipient, RecipientState
from store.rows import values

WISH = Begin(name="网关固件", version="2.3.1", file="fw.bin", size=10, by="zhang", about=About(notes={"zh": "修复"}))


def events(database) -> list[tuple[str, str]]:
    table = table_of(Event)
    with database.read() as connection:
        rows = connection.execute(select(table.c.text, table.c.actor).order_by(table.c.id))
        return [(row.text, row.actor) for row in rows]


async def ready(writer: Any) -> int:
    kept: Kept = await writer.do(begin, WISH)
    assert kept.package
    done = Finished(ident=kept.package.id, sha256="ab", place=str(kept.package.id), by="zhang")
    await writer.do(finished, done)
    return kept.package.id


async def test_a_package_comes_is_ready_and_is_revoked(database, writer) -> None:
    kept = await writer.do(begin, WISH)
    ident = kept.package.id
    await writer.do(received, Received(ident=ident, offset=4))
    with database.read() as connection:
        assert [one.received for one in packages.of(connection, [ident])] == [4]
    answers = [
        await writer.do(finished, Finished(ident=ident, sha256="ab", place="p", by="zhang")),
        await writer.do(edit, Edit(ident=ident, by="li", about=About(applies=">=2.0"))),
        await writer.do(revoke, Named(ident=ident, by="li", why="坏了")),
    ]
    await writer.do(forgotten, ident)
    assert [one.answer for one in answers] == ["ready", "edited", "revoked"]
    with database.read() as connection:
        (found,) = packages.listed(connection)
    one = found.package
    assert (one.state, one.received, one.sha256, one.place, one.revoked_by) == ("revoked", 10, "ab", "", "li")
    assert (one.applies, one.notes, one.revoked_at is not None) == (">=2.0", {}, True)
    assert events(database) == [
        ("package begun", "zhang"),
        ("package ready", "zhang"),
        ("package edited", "li"),
        ("package revoked", "li"),
    ]


async def test_every_move_may_be_made_twice(database, writer) -> None:
    ident = await ready(writer)
    again = [
        await writer.do(finished, Finished(ident=ident, sha256="ab", place="p", by="zhang")),
        await writer.do(edit, Edit(ident=ident, by="zhang", about=WISH.about)),
        await writer.do(revoke, Named(ident=ident, by="zhang")),
        await writer.do(revoke, Named(ident=ident, by="li")),
    ]
    assert [(one.ok, one.answer) for one in again] == [
        (True, "ready"),
        (True, "edited"),
        (True, "revoked"),
        (True, "revoked"),
    ]
    assert [text for text, _ in events(database)] == ["package begun", "package ready", "package revoked"]


async def test_an_interrupted_upload_is_found_again_by_the_same_person_and_file_only(writer) -> None:
    first = await writer.do(begin, WISH)
    others = [replace(WISH, by="li"), replace(WISH, size=11), replace(WISH, file="other.bin")]
    found = [await writer.do(begin, one) for one in (WISH, *others)]
    assert [one.answer for one in found] == ["resumed", "coming", "coming", "coming"]
    assert {one.package.id for one in found} == {first.package.id}


async def test_name_and_version_stay_taken_after_the_package_was_revoked(writer) -> None:
    ident = await ready(writer)
    assert (await writer.do(begin, WISH)).answer == "taken"
    await writer.do(revoke, Named(ident=ident, by="zhang"))
    assert (await writer.do(begin, WISH)).answer == "taken"
    assert (await writer.do(begin, replace(WISH, version="2.3.2"))).answer == "begun"


async def test_a_broken_upload_is_begun_anew_by_anybody(database, writer) -> None:
    kept = await writer.do(begin, WISH)
    await writer.do(received, Received(ident=kept.package.id, offset=10))
    assert (await writer.do(broken, Named(ident=kept.package.id, by="zhang", why="sum"))).answer == "broken"
    again = await writer.do(begin, replace(WISH, by="li", size=12))
    assert (again.answer, again.package.id, again.package.by) == ("begun", kept.package.id, "li")
    with database.read() as connection:
        (found,) = packages.of(connection, [kept.package.id])
    assert (found.size, found.received, found.state) == (12, 0, PackageState.COMING)


async def test_only_what_never_was_ready_can_be_dropped(database, writer) -> None:
    ident = await ready(writer)
    assert (await writer.do(drop, Named(ident=ident, by="zhang"))).answer == "not_now"
    other = await writer.do(begin, replace(WISH, version="3"))
    assert (await writer.do(drop, Named(ident=other.package.id, by="zhang"))).answer == "dropped"
    assert (await writer.do(drop, Named(ident=other.package.id, by="zhang"))).answer == "unknown_package"
    with database.read() as connection:
        assert [one.package.id for one in packages.listed(connection)] == [ident]
    late = await writer.do(received, Received(ident=other.package.id, offset=1))
    assert late.answer == "unknown_package"


async def test_downloads_are_counted_over_all_broadcasts_of_a_package(database, writer, clock) -> None:
    ident = await ready(writer)

    def fill(tx, items) -> list[None]:
        for number in (1, 2):
            sent = Broadcast(
                id=number,
                number=number,
                title="t",
                state=BroadcastState.RUNNING,
                author="z",
                at=tx.now,
                package_id=ident,
            )
            tx.connection.execute(insert(Broadcast), values(sent))
            for who, at in (("c1", tx.now), ("c2", None)):
                key = number * 10 + int(who[1])
                one = Recipient(
                    id=key, broadcast_id=number, who=who, channel="x", state=RecipientState.SENT, downloaded_at=at
                )
                tx.connection.execute(insert(Recipient), values(one))
        return [None] * len(items)

    await writer.do(fill, None)
    with database.read() as connection:
        assert [one.downloads for one in packages.listed(connection)] == [2]
        uses = packages.used_by(connection, ident)
    assert [(use.number, use.title, use.state) for use in uses] == [(2, "t", "running"), (1, "t", "running")]
