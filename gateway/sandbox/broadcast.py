"""A draft that is there when the sandbox starts: a newcomer sees a broadcast run within two minutes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

from gateway.app import House
from gateway.broadcast.acts import Draft
from gateway.broadcast.packages import About, Begin
from gateway.sandbox.people import CUSTOMERS, STAFF
from router.broadcast_plan import Plan
from store import broadcasts, contacts, people
from store.model import Installation, Member, UserGroup
from store.work import Work
from store.writer import Tx

GROUP = "OLT 用户"
PRODUCT = "OLT"
TITLE = "OLT 升级包 2.3.1"
CONTENT = bytes(range(256)) * 256
NOTES = {"zh": "修复偶发掉线。", "en": "Mends connections that drop."}
WAIT = 10.0
"""Seconds for the check of the small file."""
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
    package = await _package(house, STAFF[0].key)
    plan = Plan.model_validate(PLAN)
    await house.broadcasts.draft(Draft(by=STAFF[0].key, title=TITLE, plan=plan, package_id=package))


async def _package(house: House, by: str) -> int | None:
    """Upload a small file, as anybody would; a draft without it is a draft as well."""
    about = About(product=PRODUCT, applies="<2.3", notes=NOTES)
    wish = Begin(name=PRODUCT, version="2.3.1", file="OLT-2.3.1.bin", size=len(CONTENT), by=by, about=about)
    begun = await house.uploads.begin(wish)
    if begun.package is None:
        return None
    await house.uploads.take(begun.package, await house.uploads.offset(begun.package), _body(), len(CONTENT))
    kept = await house.uploads.finish(begun.package, sha256(CONTENT).hexdigest(), by, wait=WAIT)
    return kept.package.id if kept and kept.ok and kept.package else None


async def _body() -> AsyncIterator[bytes]:
    yield CONTENT


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
