"""What a broadcast would look like and what stands in its way; and a test of it that reaches its author alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

import pytest

from channels.contract import Can, GiveUp, Outgoing
from gateway.broadcast import testing
from gateway.broadcast.acts import Act, Draft
from gateway.broadcast.preview import Preview, Sheet, blocking, check, preview
from gateway.web.words_composing import TESTED
from router.broadcast_plan import Plan
from store import broadcasts, contacts, linking
from store.db import table_of
from store.model import Broadcast, Delivery, Lane, Message, Package, Recipient, StaffAddress

Build = Callable[..., Awaitable[Any]]
WHOLE = """
gateway:
  signature: {zh: 服务台, en: Support}
  public_url: https://yizhan.example.cn
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", email: zhang@ours.example}, rights: [broadcast]}
    li: {name: 李雷, language: en, addresses: {fax: "1"}, rights: [broadcast]}
    wang: {name: 王五, addresses: {tel: "+8613800000103", email: wang@ours.example}}
  rota: {lead: zhang}
"""
CANS = {
    "email:main": Can(book="email", threads=True),
    "sms:main": Can(book="tel", text_limit=200),
    "sms:second": Can(book="tel"),
    "im:bot": Can(book="im", chats=True, text_limit=200),
    "phone:main": Can(book="tel", speaks=True),
    "page:main": Can(book="im", pushes=True),
}
TEXTS = {"zh": {"text": "{name|老师}，新版本已发布，请升级。", "short": "新版本已发布"}}


@pytest.fixture
async def here(town: Build) -> Any:
    """A house with two customers: one of whom everything is known, one of whom nothing is."""
    made = await town(CANS, whole=WHOLE)
    rows = [
        contacts.Row(place="1", customer="滨江省级数据中心", name="欧阳震华", addresses=[("email", "o@x.example")]),
        contacts.Row(place="2", customer="", name="", addresses=[("tel", "+8613900000001")]),
    ]
    await made.house.writer.do(contacts.bring, rows)
    return made


def plan(**more: Any) -> Plan:
    return Plan.model_validate(
        {"audience": {"everyone": True, "customers": ["滨江省级数据中心"]}, "texts": TEXTS, **more}
    )


def look(here: Any, asked: Plan) -> Preview:
    with here.house.database.read() as connection:
        return preview(connection, here.house.standing, asked, "新版本", None)


def sheet(shown: Preview, channel: str) -> Sheet:
    return next(one for one in shown.sheets if one.channel == channel)


async def drafted(here: Any, by: str = "zhang", **more: Any) -> Broadcast:
    made = await here.house.broadcasts.draft(Draft(by=by, title="新版本", plan=plan(**more)))
    with here.house.database.read() as connection:
        found = broadcasts.find(connection, int(made.variables["number"]))
    assert found is not None
    return found


# preview


async def test_each_channel_is_shown_with_the_longest_and_the_emptiest_recipient(here: Any) -> None:
    shown = look(here, plan())
    mail = sheet(shown, "email:main")
    assert (mail.count, mail.method, mail.language, mail.segments) == (1, "mail", "zh", 0)
    assert mail.samples[0].shown.startswith("欧阳震华，新版本已发布，请升级。\n\n-- \n服务台\n")
    assert blocking(shown) == []
    assert shown.estimate.total == sum(one.count for one in shown.sheets)
    sample = mail.samples[0]
    assert (sample.characters, sample.octets) == (len(sample.shown), len(sample.shown.encode()))


async def test_a_package_that_cannot_be_fetched_any_more_blocks(here: Any) -> None:
    package = Package(id=1, name="OLT", version="2.3.1", state="revoked", at=here.clock.now())
    with here.house.database.read() as connection:
        shown = preview(connection, here.house.standing, plan(), "t", package)
    assert [one.code for one in blocking(shown)] == ["package_state"]


async def test_before_the_audience_is_chosen_every_channel_is_shown_once(here: Any) -> None:
    shown = look(here, plan(audience={}))
    assert [one.channel for one in shown.sheets] == ["email:main", "sms:main", "im:bot"]
    assert sheet(shown, "sms:main").samples[0].shown == "【服务台】新版本已发布"
    assert {one.count for one in shown.sheets} == {0}


async def test_what_somebody_lacks_is_counted_and_blocks_until_there_is_a_default(here: Any) -> None:
    here_too = [contacts.Row(place="3", customer="滨江省级数据中心", name="", addresses=[("email", "p@x.example")])]
    await here.house.writer.do(contacts.bring, here_too)
    (problem,) = blocking(look(here, plan(texts={"zh": {"text": "{name}{customer}"}})))
    assert (problem.code, problem.channel, dict(problem.more)) == (
        "missing",
        "email:main",
        {"what": "name", "count": "1"},
    )
    assert blocking(look(here, plan(texts={"zh": {"text": "{name|老师}{customer}"}}))) == []
    broadcast = await drafted(here, texts={"zh": {"text": "{name}"}})
    with here.house.database.read() as connection:
        said = check(connection, here.house.standing, broadcast)
    assert said == ["email:main 中文：有1位收件人没有 {name}。请补上资料，或写成 {name|缺省的写法}。"]
    made = await here.house.broadcasts.act(Act(by="zhang", number=broadcast.number, move="submit"))
    assert (made.ok, made.answer, made.variables) == (False, "problems", {"problems": said[0]})


async def test_the_longest_of_each_value_is_measured_whoever_has_it(here: Any) -> None:
    row = contacts.Row(place="3", customer="短", name="名" * 150, addresses=[("im", "7")])
    other = contacts.Row(place="4", customer="长" * 150, name="短", addresses=[("im", "8")])
    await here.house.writer.do(contacts.bring, [row, other])
    wanted = {"everyone": True, "customers": ["短", "长" * 150]}
    (problem,) = blocking(look(here, plan(audience=wanted, texts={"zh": {"text": "{name}{customer}"}})))
    assert (problem.code, problem.more["size"]) == ("too_long", "309")


async def test_short_messages_are_counted_for_all(here: Any) -> None:
    rows = [
        contacts.Row(place=f"t{n}", customer="滨江省级数据中心", name="A", addresses=[("tel", f"+861390000001{n}")])
        for n in range(3)
    ]
    await here.house.writer.do(contacts.bring, rows)
    shown = look(here, plan(texts={"zh": {"text": "x", "short": "升" * 100}}))
    assert (sheet(shown, "sms:main").count, shown.segments) == (3, 6)


class Templated:
    """A channel that says something else than the text, or nothing."""

    name, can = "sms:main", Can(book="tel", templates=True, links=False)

    def webhooks(self) -> list[Any]:
        return []

    def preview(self, outgoing: Outgoing) -> str:
        if len(outgoing.variables["text"]) > 10:
            raise GiveUp("text has too many characters")
        return f"T1 {outgoing.variables['text']}"

    async def check(self) -> list[Any]:
        return []

    async def close(self) -> None:
        return None


async def test_what_a_template_does_not_carry_blocks_and_what_it_carries_is_shown(town: Build) -> None:
    here = await town({"sms:main": Templated()}, whole=WHOLE)
    fits, long = ({"zh": {"text": "长" * 20, "short": text}} for text in ("短信", "短信" * 10))
    assert look(here, plan(texts=fits)).sheets[0].samples[0].shown == "T1 短信"
    (problem,) = blocking(look(here, plan(texts=long)))
    assert (problem.code, problem.more["what"]) == ("template", "text has too many characters")
    tested = await send(here, testing.TestSend(by="zhang", draft=Draft(by="zhang", title="t", plan=plan(texts=long))))
    assert (tested.answer, [one.code for one in tested.problems]) == ("problems", ["template"])


# tests


async def send(here: Any, wish: testing.TestSend) -> testing.Tested:
    done: testing.Tested = await here.house.writer.do(testing.Testing(here.house.standing).test, wish)
    await here.settle()
    return done


def reached(here: Any) -> set[tuple[str, str]]:
    """Whatever left the house."""
    return {(name, one.group or one.to) for name, channel in here.channels.items() for one in channel.sent}


async def test_a_test_goes_to_its_author_on_every_channel_that_leads_there(here: Any) -> None:
    broadcast = await drafted(here)
    done = await send(here, testing.TestSend(by="zhang", number=broadcast.number))
    own = {("email:main", "zhang@ours.example"), ("sms:main", "+8613800000101")}
    assert (done.ok, done.answer, set(done.written), done.without) == (True, "done", own, ("im:bot",))
    assert reached(here) == own
    assert here.channels["sms:main"].texts() == ["【测试】【服务台】新版本已发布"]
    (mail,) = here.channels["email:main"].sent
    assert (mail.subject, mail.text[:10], mail.template) == ("【测试】新版本", "【测试】张三，新版本", "broadcast_test")
    assert here.rows(Recipient) == []
    assert {row["sender"] for row in here.rows(Message)} == {"zhang"}


async def test_a_test_is_a_notice_and_waits_behind_pages_and_answers(town: Build) -> None:
    here = await town(CANS, whole=WHOLE, works=False)
    draft = Draft(by="zhang", title="t", plan=plan())
    moves = testing.Testing(here.house.standing)
    assert (await here.house.writer.do(moves.test, testing.TestSend(by="zhang", draft=draft))).ok
    assert {row["lane"] for row in here.rows(Delivery)} == {Lane.NOTICE}


async def test_a_proved_address_is_one_s_own(here: Any) -> None:
    from gateway.linking import digest

    code = linking.NewCode(digest=digest("482913"), expires_at=here.clock.now().replace(year=2027), person="zhang")
    await here.house.writer.do(linking.put_code, code)
    await here.say("im:bot", "z7", "绑定 482913")
    assert [row["person"] for row in here.rows(StaffAddress)] == ["zhang"]
    here.channels["im:bot"].sent.clear()
    done = await send(here, testing.TestSend(by="zhang", number=(await drafted(here)).number, channels=("im:bot",)))
    assert (done.written, reached(here)) == ((("im:bot", "z7"),), {("im:bot", "z7")})


async def test_a_test_can_reach_nobody_else(here: Any) -> None:
    broadcast = await drafted(here, pilots=["wang"], audience={"everyone": True})
    wishes = [
        testing.TestSend(by="li", number=broadcast.number),
        testing.TestSend(by="wang", number=broadcast.number),
        testing.TestSend(by="nobody", number=broadcast.number),
        testing.TestSend(by="o@x.example", number=broadcast.number),
        testing.TestSend(by="zhang", number=99),
        testing.TestSend(by="zhang"),
        testing.TestSend(
            by="zhang", number=broadcast.number, channels=("email:main|o@x.example", "o@x.example", "fax:main")
        ),
    ]
    answers = [(await send(here, wish)).answer for wish in wishes]
    refused = ["no_right", "no_right", "no_right", "unknown_broadcast", "unknown_broadcast", "no_address"]
    assert answers == ["no_address", *refused]
    assert reached(here) == set()
    assert {one.name for one in fields(testing.TestSend)} == {"by", "number", "draft", "channels"}
    assert set(answers) <= set(TESTED)


async def test_the_address_of_another_is_not_borrowed(here: Any) -> None:
    own = [
        contacts.Row(
            place="9", customer="客", name="张三", addresses=[("im", "zhang"), ("email", "zhang@else.example")]
        )
    ]
    await here.house.writer.do(contacts.bring, own)
    with here.house.database.engine.begin() as connection:
        row = StaffAddress(id=1, book="im", value="w1", person="wang", at=here.clock.now())
        connection.execute(table_of(StaffAddress).insert(), [row.model_dump()])
    await send(here, testing.TestSend(by="zhang", number=(await drafted(here)).number))
    assert reached(here) == {("email:main", "zhang@ours.example"), ("sms:main", "+8613800000101")}


async def test_what_is_still_being_written_can_be_tested_and_both_languages_come(here: Any) -> None:
    both = plan(texts={**TEXTS, "en": {"text": "A new version is out.", "short": "It is out"}})
    draft = Draft(by="zhang", title="新版本", plan=both)
    await send(here, testing.TestSend(by="zhang", draft=draft, channels=("sms:main",)))
    assert here.channels["sms:main"].texts() == ["【测试】【服务台】新版本已发布", "[TEST] [Support] It is out"]


async def test_a_text_that_is_wrong_is_not_sent_and_the_reason_is_given(here: Any) -> None:
    wrong = Draft(by="zhang", title="t", plan=plan(texts={"zh": {"text": "{nam}"}}))
    done = await send(here, testing.TestSend(by="zhang", draft=wrong))
    assert (done.ok, done.answer, reached(here)) == (False, "problems", set())
    assert {one.code for one in done.problems} == {"unknown_variable"}


async def test_ten_an_hour_are_enough(here: Any) -> None:
    wish = testing.TestSend(by="zhang", number=(await drafted(here)).number, channels=("sms:main",))
    answers = [(await send(here, wish)).answer for _ in range(testing.MOST + 1)]
    assert answers == ["done"] * testing.MOST + ["too_many"]
    assert len(here.channels["sms:main"].sent) == testing.MOST
    await here.forward(minutes=61)
    assert (await send(here, wish)).ok


async def test_ten_at_once_are_enough_as_well(here: Any) -> None:
    wish = testing.TestSend(by="zhang", number=(await drafted(here)).number, channels=("sms:main",))
    answers = await asyncio.gather(*(send(here, wish) for _ in range(testing.MOST + 3)))
    assert sorted(one.answer for one in answers) == ["done"] * testing.MOST + ["too_many"] * 3
