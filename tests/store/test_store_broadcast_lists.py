"""What the pages of broadcasts ask is answered alike by both databases."""

from datetime import timedelta
from typing import Any

import pytest

from store import broadcast_lists as lists
from store.batch import run
from store.db import Database
from store.model import (
    Broadcast,
    Contact,
    Customer,
    Event,
    EventKind,
    Installation,
    Member,
    Message,
    Recipient,
    Ticket,
    UserGroup,
)
from store.work import Work
from store.writer import Tx

CHANNEL = "mail:main"


def written(tx: Tx, items: Any) -> list[None]:
    """One broadcast with four recipients: delivered, failed, left out, and one who reported trouble."""
    work, now = Work(tx), tx.now
    work.add(Broadcast(id=1, number=1, title="t", state="running", author="zhang", at=now, plan={}))
    work.add(Customer(id=5, name="滨江医院"))
    work.add(Contact(id=6, name="张工", customer_id=5, created_at=now))
    rows: list[dict[str, Any]] = [
        {"id": 11, "state": "delivered", "wave": 1, "ended_at": now, "opened_at": now, "downloaded_at": now},
        {"id": 12, "state": "failed", "wave": 1, "ended_at": now, "reason": "550"},
        {"id": 13, "state": "skipped", "wave": 0, "reason": "opted_out"},
        {"id": 14, "state": "sent", "wave": 2, "ended_at": now, "trouble_at": now, "contact_id": 6, "message_id": 21},
    ]
    for row in rows:
        ident = row["id"]
        given: dict[str, Any] = {
            "who": f"c{ident}",
            "channel": CHANNEL,
            "name": f"n{ident}",
            "address": "u",
            "values": {},
        }
        work.add(Recipient(broadcast_id=1, **given, **row))
    work.add(
        Ticket(
            id=31, number=1001, kind="fault", state="paging", channel=CHANNEL, title="x", opened_at=now, heard_at=now
        )
    )
    sent: dict[str, Any] = {"direction": "out", "channel": CHANNEL, "state": "sent", "at": now}
    work.add(Message(id=21, key="b1", **sent))
    work.add(Message(id=22, key="p1", **{**sent, "direction": "in"}, ticket_id=31))
    work.add(
        Event(
            id=41,
            at=now,
            kind=EventKind.BROADCAST,
            broadcast_id=1,
            message_id=22,
            text="trouble",
            more={"recipient": 14},
        )
    )
    work.add(UserGroup(id=51, name="OLT", at=now))
    work.add(Member(id=52, group_id=51, who="c6", at=now))
    work.add(Installation(id=53, owner="k5", product="OLT", version="2.1", region="", at=now))
    work.flush()
    return [None] * len(items)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.engine.connect() as connection:
        assert run(connection, database, [(written, None)])[0] == [None]
    return database


def test_progress_and_fetches_are_counted(filled) -> None:
    with filled.read() as connection:
        assert lists.progress(connection, [1, 9]) == {
            1: {"delivered": 1, "failed": 1, "skipped": 1, "sent": 1},
            9: {},
        }
        assert lists.fetched(connection, 1) == {1: (1, 1), 2: (0, 0)}
        assert lists.first_names(connection, 1, 2) == ["n11", "n12"]


def test_reports_bring_the_number_of_their_ticket(filled) -> None:
    with filled.read() as connection:
        assert [(one.id, number) for one, number in lists.troubled(connection, 1, 5)] == [(14, 1001)]


def test_what_can_be_recalled_is_what_was_taken_lately(filled, clock) -> None:
    with filled.read() as connection:
        hour = timedelta(hours=1)
        assert lists.recallable(connection, 1, {CHANNEL: clock() - hour}) == {CHANNEL: 2}
        assert lists.recallable(connection, 1, {CHANNEL: clock() + hour}) == {CHANNEL: 0}


def test_recipients_come_in_pieces_with_their_customers_and_messages(filled) -> None:
    with filled.read() as connection:
        meant = lists.piece(connection, 1, skipped=False, after=0, limit=2)
        rest = lists.piece(connection, 1, skipped=False, after=meant[-1].id, limit=2)
        assert [one.id for one in (*meant, *rest)] == [11, 12, 14]
        assert [one.id for one in lists.piece(connection, 1, skipped=True, after=0, limit=2)] == [13]
        assert lists.customers_of(connection, [6, 7]) == {6: "滨江医院"}
        assert [one.key for one in lists.messages_of(connection, [21]).values()] == ["b1"]


def test_the_form_offers_groups_products_and_knows_customers(filled) -> None:
    with filled.read() as connection:
        assert [(group.name, n) for group, n in lists.groups(connection)] == [("OLT", 1)]
        assert lists.products(connection) == ["OLT"]
        assert lists.customers_known(connection, ["滨江医院", "nobody"]) == {"滨江医院"}
