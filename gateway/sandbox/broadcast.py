"""A draft that is there when the sandbox starts: a newcomer sees a broadcast run within two minutes."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.app import House
from gateway.broadcast.acts import Draft
from gateway.sandbox.people import CUSTOMERS, STAFF
from router.broadcast_plan import Plan
from store import broadcasts, contacts, people
from store.model import Installation, Member, UserGroup
from store.work import Work
from store.writer import Tx

GROUP = "OLT 用户"
PRODUCT = "OLT"
TITLE = "OLT 升级包 2.3.1"
PLAN = {
    "audience": {"groups": [GROUP], "product": PRODUCT, "versions": "<2.3"},
    "texts": {
        "zh": {
            "text": "{name|老师}您好：\nOLT 2.3.1 修复了偶发掉线，请在维护窗口升级。",
            "short": "OLT 2.3.1修复了偶发掉线，请在维护窗口升级",
        },
        "en": {"text": "Dear {name|customer},\nOLT 2.3.1 mends connections that drop. Please upgrade in your window."},
    },
    "order": ["sms", "mail"],
    "pilots": ["li"],
    "waves": ["1", "rest"],
    "gate": {"hold": "5m"},
    "remind_after": "3d",
}


async def plant(house: House) -> None:
    """Write customers, a group and a draft, once; what a kept folder has stays."""
    with house.database.read() as connection:
        if broadcasts.listed(connection, limit=1):
            return
    rows = [
        contacts.Row(
            place=f"sandbox:{number}",
            customer=player.name,
            name=f"{player.name}值班",
            addresses=[("tel", player.phone), ("email", player.mailbox)],
        )
        for number, player in enumerate(CUSTOMERS, 1)
    ]
    await house.writer.do(contacts.bring, rows)
    await house.writer.do(_group, None)
    await house.broadcasts.draft(Draft(by=STAFF[0].key, title=TITLE, plan=Plan.model_validate(PLAN)))


def _group(tx: Tx, items: Sequence[None]) -> list[None]:
    """Put the customers into a group, each with what is installed there; the last one is up to date already."""
    work = Work(tx)
    group = work.add(UserGroup(id=work.id(), name=GROUP, at=work.now))
    for player, version in zip(CUSTOMERS, ("2.1", "2.2", "2.3"), strict=True):
        owner = f"k{people.customer_named(tx.connection, player.name)}"
        work.add(Member(id=work.id(), group_id=group.id, who=owner, at=work.now))
        work.add(
            Installation(id=work.id(), owner=owner, product=PRODUCT, version=version, region=player.name, at=work.now)
        )
    work.flush()
    return [None] * len(items)
