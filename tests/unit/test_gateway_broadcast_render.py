"""One text of a broadcast on every channel: filled, within its limits, links whole, and what is wrong named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import registry
from channels.contract import Can
from channels.text import segments, units
from gateway import config
from gateway.app import table_of
from gateway.broadcast.fields import NAMES, parsed
from gateway.broadcast.render import Composer, Rendered
from gateway.standing import Standing, Ways
from gateway.web.words_composing import PROBLEMS, sentence
from router.broadcast_plan import Plan
from store.model import Package

CANS = {make.replace("/", ":"): registry.can(make) for make in registry.makes()}
"""What every adapter of the program declares."""
WRITTEN = [name for name, can in CANS.items() if can.sends and not can.speaks]
URL = "https://support.example.cn"
LINK = f"{URL}/p/0000000000001-abcdefghijklmnop"
SETTINGS = """
gateway: {signature: {zh: 华信服务, en: HX}, public_url: 'https://support.example.cn'}
router:
  people: {zhang: {name: 张三, addresses: {tel: "+8613800000101"}}}
  rota: {lead: zhang}
store: {url: 'sqlite:///unused.db'}
"""
KNOWN = config.parse(SETTINGS, channels=False)
PACKAGE = Package(
    id=1,
    name="OLT-2.3.1",
    version="2.3.1",
    product="OLT",
    notes={"zh": "修复断链后不重连", "en": "Reconnects after a lost link"},
    file="OLT-2.3.1.bin",
    size=186_400_000,
    sha256="9f" * 32,
    state="ready",
    at=datetime(2026, 11, 20, tzinfo=UTC),
)


@dataclass(frozen=True)
class One:
    """A recipient."""

    channel: str
    language: str = "zh"
    who: str = "c1"
    name: str = "王工"
    group: bool = False
    code: str | None = "ABCD2345"
    values: dict[str, str] = field(default_factory=lambda: {"customer": "滨江医院", "product": "OLT", "version": "2.0"})


def standing(**more: Can) -> Standing:
    return Standing(config=KNOWN, ways=Ways(can={**CANS, **more}), table=table_of(KNOWN), judges=())


HERE = standing()


def plan(text: str = "{name|老师}您好，请升级。", **more: Any) -> Plan:
    words = {"text": text, "short": more.pop("short", ""), "subject": more.pop("subject", "")}
    texts = {"zh": words} | more.pop("also", {})
    return Plan.model_validate({"texts": texts, **more})


def letter(
    one: One,
    asked: Plan,
    *,
    package: Package | None = PACKAGE,
    here: Standing = HERE,
    title: str = "OLT 升级",
    **more: Any,
) -> Rendered:
    composer = Composer(here, 7, title, asked, package, **more)
    return composer.letter(one, token=LINK.rpartition("/")[2], unsubscribe=LINK.replace("/p/", "/u/"))


def codes(found: Rendered) -> list[str]:
    return [problem.code for problem in found.problems]


TEXTS = {
    "short": "请升级。",
    "chinese": "请在本周内升级，升级前先备份配置。" * 12,
    "emoji": "升级👩‍👩‍👧🆘完成后请回复👍🏽",
    "long": "请在本周内升级，升级前先备份配置。\n" * 1100,
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("channel", WRITTEN)
def test_a_text_fits_its_channel_with_a_whole_link_or_is_refused(channel: str, kind: str) -> None:
    can, found = CANS[channel], letter(One(channel), plan(TEXTS[kind]))
    assert found.size == units(found.text, can.unit)
    assert ("too_long" in codes(found)) == (found.size > can.text_limit)
    assert bool(found.why) == (kind == "long" and channel != "email")
    assert (LINK in found.text) == can.links
    assert can.links or "ABCD2345" in found.text


@pytest.mark.parametrize("channel", sorted(set(CANS) - set(WRITTEN)))
def test_what_cannot_carry_a_text_says_so(channel: str) -> None:
    assert {"no_channel", "voice"} & set(codes(letter(One(channel), plan())))


def test_an_account_that_is_not_configured_says_so() -> None:
    assert codes(letter(One("sms:gone"), plan())) == ["no_channel"]


VALUES = st.text(max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(
        st.one_of(st.text(max_size=300), st.sampled_from([f"{{{name}|x}}" for name in NAMES])), min_size=1, max_size=12
    ),
    channel=st.sampled_from(WRITTEN),
    name=VALUES,
    customer=VALUES,
    advert=st.booleans(),
)
def test_a_text_without_a_problem_is_within_the_limit_and_every_link_in_it_whole(
    text: list[str], channel: str, name: str, customer: str, advert: bool
) -> None:
    whole = "".join(text)[:20_000] or "x"
    found = letter(One(channel, name=name, values={"customer": customer}), plan(whole, commercial=advert))
    can = CANS[channel]
    if found.blocking:
        return
    assert units(found.text, can.unit) <= can.text_limit
    if can.links and "/p/" not in whole:
        at = found.text.find(f"{URL}/p/")
        assert at < 0 or found.text[at:].split()[0] == LINK


# what stands where


def test_a_mail_has_subject_notes_digest_and_the_way_out() -> None:
    found = letter(One("email"), plan(subject="{package} 可以升级了"))
    assert found.subject == "OLT-2.3.1 可以升级了"
    assert found.text == (
        f"王工您好，请升级。\n\n下载：{LINK}\n\n更新内容：\n修复断链后不重连\n\n文件：OLT-2.3.1.bin（186 MB）\n"
        f"SHA-256: {'9f' * 32}\n\n-- \n华信服务\n您收到这封邮件，因为您在华信服务的服务名单中。\n"
        f"不想再收到群发邮件，请打开：{LINK.replace('/p/', '/u/')}\n"
    )
    assert letter(One("email"), plan()).subject == "OLT 升级"


def test_a_notice_owed_by_contract_says_that_it_is() -> None:
    assert "按合同应当告知" in letter(One("email"), plan(security=True)).text


def test_a_text_message_is_signed_short_and_counted() -> None:
    found = letter(One("sms:twilio"), plan(short="{package}已发布，请升级"))
    assert found.text == f"【华信服务】OLT-2.3.1已发布，请升级 下载：{LINK}"
    assert found.segments == segments(found.text) == 2
    assert letter(One("sms:twilio"), plan("短"), package=None).segments == 1


@pytest.mark.parametrize(
    ("language", "end"), [("zh", "请升级，拒收请回复R"), ("en", "Please upgrade. Reply STOP to opt out")]
)
def test_an_advert_by_text_says_how_to_get_no_more(language: str, end: str) -> None:
    asked = plan("请升级", commercial=True, also={"en": {"text": "Please upgrade"}})
    assert letter(One("sms:android", language), asked, package=None).text.endswith(end)
    assert letter(One("sms:android"), asked).text.endswith(f"{LINK} 拒收请回复R")
    assert "拒收" not in letter(One("wechat:app"), asked).text
    assert "/u/" in letter(One("wechat:app"), asked).text
    assert "/u/" not in letter(One("wechat:app", group=True), asked).text


def test_an_advert_goes_by_no_account_that_hears_no_refusal() -> None:
    deaf = standing(**{"sms:deaf": Can(book="tel", replies=False)})
    assert codes(letter(One("sms:deaf"), plan(commercial=True), here=deaf)) == ["no_opt_out"]
    assert codes(letter(One("sms:deaf"), plan(), here=deaf)) == []


def test_a_chat_has_a_line_with_the_title_and_loses_only_the_notes() -> None:
    one, asked = One("wechat:app"), plan("请升级")
    assert letter(one, asked).text == f"【华信服务】OLT 升级\n请升级\n\n更新内容：\n修复断链后不重连\n\n下载：{LINK}"
    long = Package(**{**PACKAGE.model_dump(), "notes": {"zh": "修复" * 400}})
    found = letter(one, asked, package=long)
    assert (found.text, codes(found), found.why) == (
        f"【华信服务】OLT 升级\n请升级\n下载：{LINK}",
        ["notes_left_out"],
        "",
    )


def test_where_no_link_may_go_the_page_and_the_code_do() -> None:
    assert letter(One("qq:official"), plan("请升级")).text.endswith("下载：在 support.example.cn/p 输入提取码 ABCD2345")
    assert letter(One("qq:official", code=None), plan("请升级")).why == "qq:official zh: missing what=link"


def test_a_link_that_the_author_wrote_is_not_added_again_and_stands_free() -> None:
    text = letter(One("wechat:app"), plan("下载{link}，或用提取码{code}。")).text
    assert text.count(LINK) == 1
    assert f"下载{LINK} ，或用提取码ABCD2345。" in text
    assert letter(One("sms:twilio", "en"), plan("x", also={"en": {"text": "See{link}."}})).text == f"[HX] See {LINK} ."


def test_a_package_for_the_inner_network_says_so() -> None:
    inner = Package(**{**PACKAGE.model_dump(), "intranet": True})
    assert f"下载（仅内网）：{LINK}" in letter(One("sms:twilio"), plan(), package=inner).text


def test_everybody_reads_their_language_and_the_first_where_it_is_missing() -> None:
    asked = plan("请升级", also={"en": {"text": "Please upgrade"}})
    assert letter(One("email", "en"), asked).text.startswith("Please upgrade\n\nDownload: ")
    assert "Reconnects after a lost link" in letter(One("email", "en"), asked).text
    found = letter(One("email", "de"), asked)
    assert (found.language, found.text[:3]) == ("zh", "请升级")


# approved templates


def test_templates_get_their_variables_and_the_code_in_place_of_the_link() -> None:
    found = letter(One("sms:aliyun"), plan("长文", short="请升级，\n见{link}。"))
    assert found.template == "broadcast_package"
    wanted = {
        "name": "王工",
        "package": "OLT-2.3.1",
        "version": "2.3.1",
        "code": "ABCD2345",
        "text": "请升级， 见我司下载页",
    }
    assert {name: found.variables[name] for name in wanted} == wanted
    assert found.text == (
        "【华信服务】王工您好，OLT-2.3.1 2.3.1已发布，请升级， 见我司下载页。请在我司下载页输入提取码ABCD2345"
    )
    assert letter(One("sms:aliyun", name=""), plan()).variables["name"] == "用户"
    assert letter(One("sms:aliyun"), plan(), package=None).template == "broadcast"
    advert = letter(One("sms:aliyun"), plan("请升级", commercial=True))
    assert (advert.template, advert.text) == (
        "broadcast_advert",
        "【华信服务】请升级，提取码：ABCD2345，拒收请回复R",
    )
    assert "missing" in codes(letter(One("sms:aliyun", code=None), plan()))


def test_no_buttons_go_with_a_broadcast() -> None:
    from gateway.buttons import buttons

    assert [buttons(letter(One(name), plan()).template, "zh") for name, can in CANS.items() if can.buttons]
    assert {buttons(letter(One(name), plan()).template, "zh") for name in WRITTEN} == {()}


# what is wrong


@pytest.mark.parametrize(
    ("text", "package", "expected"),
    [
        ("您好{nam}", PACKAGE, ("unknown_variable", 3, "nam")),
        ("您好{}", PACKAGE, ("unknown_variable", 3, "")),
        ("a { b", PACKAGE, ("lone_brace", 3, "{")),
        ("a } b", PACKAGE, ("lone_brace", 3, "}")),
        ("{{name}}", PACKAGE, ("lone_brace", 1, "{")),
        ("您好｛name｝", PACKAGE, ("wide_braces", 3, "name")),
        ("见{link}", None, ("no_package", 0, "link")),
        ("{customer}", PACKAGE, None),
        ("{customer|贵司}", PACKAGE, None),
        ("{link|官网}", None, None),
        ("｛｝", PACKAGE, None),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, package: Package | None, expected: Any) -> None:
    found = [
        (one.code, one.at, one.more.get("what")) for one in letter(One("email"), plan(text), package=package).problems
    ]
    assert found[:1] == ([expected] if expected else [])
    assert bool(letter(One("email"), plan(text), package=package).why) == (expected is not None)


def test_a_mistake_in_the_title_and_the_subject_is_seen_where_they_are_used() -> None:
    assert [one.where for one in letter(One("wechat:app"), plan(), title="{x}").problems] == ["title"]
    assert codes(letter(One("sms:twilio"), plan(), title="{x}")) == []
    assert [one.where for one in letter(One("email"), plan(subject="{y}"), title="{x}").problems] == ["subject"]


def test_what_a_recipient_lacks_blocks_and_is_named_and_a_default_helps() -> None:
    nobody = One("email", name="", values={})
    assert (
        letter(nobody, plan("{name}，{customer}，{customer}")).why
        == "email zh: missing what=name; email zh: missing what=customer"
    )
    assert letter(nobody, plan("{name|老师}，{customer|贵司}")).text.startswith("老师，贵司\n")


def test_one_of_the_staff_sees_the_name_of_what_only_customers_have() -> None:
    found = letter(One("email", who="s:zhang", values={}), plan("{customer}的{product}"))
    assert (found.text.partition("\n")[0], found.why) == ("（客户名）的OLT", "")


def test_a_value_cannot_break_the_form() -> None:
    found = letter(One("sms:twilio", name="【假】\n{link}\r\n张"), plan("{name}，请升级"), package=None)
    assert found.text == "【华信服务】(假) {link} 张，请升级"


def test_an_english_text_message_that_costs_more_says_why() -> None:
    asked = plan("x", also={"en": {"text": "It’s out"}})
    (problem,) = letter(One("sms:twilio", "en"), asked, package=None).problems
    assert (problem.code, problem.blocks, problem.more["what"]) == ("not_gsm", False, "’")


def test_an_address_of_this_machine_is_told_of() -> None:
    found = letter(One("email"), plan(), public_url="http://127.0.0.1:8000")
    assert (codes(found), found.why) == (["local_address"], "")


def test_a_test_says_so_first_and_has_no_link() -> None:
    for channel in WRITTEN:
        found = letter(One(channel, who="s:zhang"), plan("请升级"), test=True)
        assert LINK not in found.text
        assert (found.variables["link"], found.variables["unsubscribe"]) == ("", "")
        if CANS[channel].templates:
            assert (found.variables["text"], found.template) == ("测试，请升级", "broadcast_package")
        else:
            assert (found.text[:4], found.template) == ("【测试】", "broadcast_test")
        assert "ABCD2345" not in found.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_has_words_with_its_place(code: str, language: str) -> None:
    (problem,) = parsed("{x}", "text", "zh").problems
    more = dict.fromkeys(("what", "size", "limit", "url"), "7") | {"unit": "utf-8 bytes", "count": "3"}
    said = sentence(replace(problem, code=code, channel="sms:main", more=more), language)
    assert said.startswith("sms:main 中文正文：" if language == "zh" else "sms:main Chinese text: ")
    assert "{name" not in said or code in ("unknown_variable", "lone_brace")
