"""One-time codes tie an identity to a person; a number is kept only when it was asked for."""

from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Can
from gateway.linking import digest
from store import linking
from store.linking import NewCode
from store.model import Address, StaffAddress

CHAT = Can(chats=True, groups=True, replies=True)
SMS = Can(book="tel")
LINKED, WRONG = "【服务台】已绑定，谢谢。", "【服务台】绑定码不对、已用过或已过期，请向工程师要新的。"


@pytest.fixture
async def here(town):
    """A house with a chat, an unproved channel, and texts."""
    return await town({"telegram:main": CHAT, "email:support": Can(book="email", vouches=False), "sms:main": SMS})


async def give(here, code: str, **who: Any) -> None:
    until = here.clock.now() + timedelta(minutes=15)
    await here.house.writer.do(linking.put_code, NewCode(digest=digest(code), expires_at=until, **who))


def said(here) -> list[str]:
    texts: list[str] = here.channels["telegram:main"].texts()
    return texts


async def test_staff_linked_by_a_code_are_heard_as_staff(here) -> None:
    await give(here, "482913", person="zhang")
    await here.say("telegram:main", "T7", "绑定 482913")
    assert said(here) == [LINKED]
    assert [(r["book"], r["value"], r["person"]) for r in here.rows(StaffAddress)] == [("telegram", "t7", "zhang")]
    await here.say("sms:main", "+8613900000001", "滨江机房断电了，业务全断")
    await here.say("telegram:main", "T7", "1")
    assert "1001" in said(here)[-1]


async def test_a_code_after_a_greeting_is_a_code_still(here) -> None:
    await give(here, "482913", person="zhang")
    await here.say("telegram:main", "t7", "你好")
    await here.say("telegram:main", "t7", "link 482913")
    assert len(here.rows(StaffAddress)) == 1


async def test_a_code_is_good_once(here) -> None:
    await give(here, "482913", person="zhang")
    await here.say("telegram:main", "t7", "绑定 482913")
    await here.say("telegram:main", "t8", "绑定 482913")
    assert said(here) == [LINKED, WRONG]


async def test_an_old_code_is_no_code(here) -> None:
    await give(here, "482913", person="zhang")
    await here.forward(minutes=16)
    await here.say("telegram:main", "t7", "绑定 482913")
    assert (said(here), here.rows(StaffAddress)) == ([WRONG], [])


async def test_after_five_wrong_codes_even_the_right_one_waits_an_hour(here) -> None:
    for n in range(5):
        await here.say("telegram:main", "t7", f"绑定 00000{n}")
    await give(here, "482913", person="zhang")
    await here.say("telegram:main", "t7", "绑定 482913")
    assert here.rows(StaffAddress) == []
    await here.forward(minutes=61)
    await give(here, "482914", person="zhang")
    await here.say("telegram:main", "t7", "绑定 482914")
    assert len(here.rows(StaffAddress)) == 1


async def test_a_channel_that_does_not_vouch_is_not_believed(here) -> None:
    await give(here, "482913", person="zhang")
    await here.say("email:support", "zhang@example.cn", "绑定 482913")
    assert here.rows(StaffAddress) == []


async def test_a_contact_is_known_by_the_linked_address_too(here) -> None:
    await here.say("sms:main", "+8613900000001", "滨江机房断电了，业务全断")
    [contact] = here.rows(Address)
    await give(here, "482913", contact_id=contact["contact_id"])
    await here.say("telegram:main", "t9", "绑定 482913")
    assert {row["contact_id"] for row in here.rows(Address)} == {contact["contact_id"]}
    await here.say("telegram:main", "t9", "怎么样了")
    assert [number for number, _, _ in here.tickets] == [1001]


async def test_a_number_that_nobody_asked_for_is_not_kept(here) -> None:
    await here.say("telegram:main", "t9", "滨江机房断电了，业务全断")
    await here.say("telegram:main", "t9", "13900000009")
    assert [row["book"] for row in here.rows(Address)] == ["telegram"]
