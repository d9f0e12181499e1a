"""Pushes, buttons, edits, the order of accounts, and files that are fetched."""

from datetime import timedelta
from typing import Any

from channels.contract import Attachment, Can, GiveUp, Remote, TryLater
from store.model import Attachment as Kept
from store.model import Fetch

LEAD = "+8613800000101"
FAULT = "滨江机房断电了，业务全断"
CUSTOMER = "+8613900000001"
SMS = Can(book="tel")
PAGER = Can(book="pager", pushes=True, buttons=2, edits=True)


async def test_a_pushed_page_has_buttons_and_is_rewritten_when_somebody_takes(town) -> None:
    here = await town({"sms:main": SMS, "pager:main": PAGER})
    await here.say("sms:main", CUSTOMER, FAULT)
    [push] = here.channels["pager:main"].sent
    assert [(one.label, one.says) for one in push.buttons] == [("接单", "1"), ("上报", "2")]
    assert len([t for t in here.channels["sms:main"].texts(LEAD) if "1001" in t]) == 1
    await here.say("sms:main", LEAD, "1")
    edits = [one for one in here.channels["pager:main"].sent if one.replaces]
    assert [(one.replaces, one.buttons) for one in edits] == [("pager:main-1", ())]
    assert "张三" in edits[0].text


async def test_a_push_that_cannot_be_answered_says_so(town) -> None:
    here = await town({"sms:main": SMS, "pager:main": Can(book="pager", pushes=True, replies=False)})
    await here.say("sms:main", CUSTOMER, FAULT)
    assert [one.template for one in here.channels["pager:main"].sent] == ["page_one_way"]


async def test_a_broken_app_is_no_reason_to_ring_while_the_text_is_out(town) -> None:
    voice = Can(book="tel", speaks=True)
    here = await town({"sms:main": SMS, "pager:main": PAGER, "phone:main": voice})
    here.channels["pager:main"].fails.append(GiveUp("blocked"))
    await here.say("sms:main", CUSTOMER, FAULT)
    assert here.history("failed") == ["blocked"]
    assert here.channels["phone:main"].sent == []


async def test_routes_choose_the_order_and_fail_over(town) -> None:
    routes = "  routes: [{method: sms, country: CN, order: ['sms:b'], only: false}]"
    here = await town({"sms:a": SMS, "sms:b": SMS}, routes)
    assert here.house.standing.carrying("sms", LEAD) == ("sms:b", "sms:a")
    assert here.house.standing.carrying("sms", "+442079460018") == ("sms:a", "sms:b")
    here.channels["sms:b"].fails.append(GiveUp("no"))
    await here.say("sms:a", CUSTOMER, FAULT)
    assert len(here.channels["sms:a"].texts(LEAD)) == 1


async def test_a_route_with_only_uses_nothing_else(town) -> None:
    routes = "  routes: [{method: sms, order: ['sms:b'], only: true}]"
    here = await town({"sms:a": SMS, "sms:b": SMS}, routes)
    assert here.house.standing.carrying("sms", LEAD) == ("sms:b",)


async def test_a_file_is_tried_again_and_then_kept_or_given_up(town, told) -> None:
    class Files(told):  # type: ignore[misc]  # the class comes as a fixture
        """A channel whose files lie with the provider."""

        script: tuple[Any, ...] = (
            TryLater("busy"),
            Attachment(name="a.txt", type="text/plain", content=b"x"),
            GiveUp("gone"),
        )

        def __init__(self) -> None:
            super().__init__("qq:main", Can())
            self.left = list(self.script)

        async def fetch(self, remote: Remote) -> Attachment:
            """Do what the script says."""
            answer: Any = self.left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Attachment)
            return answer

    here = await town({"qq:main": Files(), "sms:main": SMS})
    await here.say("qq:main", "chen", FAULT, remotes=(Remote(ref="1", name="a.txt"),))
    assert len(here.rows(Fetch)) == 1
    await here.forward(seconds=timedelta(minutes=1).total_seconds())
    assert ([row["name"] for row in here.rows(Kept)], here.rows(Fetch)) == (["a.txt"], [])
    await here.say("qq:main", "chen", "还没好", remotes=(Remote(ref="2", name="b.txt"),))
    assert (here.history("failed")[-1:], here.rows(Fetch)) == (["a file could not be brought: gone"], [])
