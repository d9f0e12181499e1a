"""The form for a visit, as a customer's browser meets it, and what becomes of it."""

import re
import string
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest

from channels.contract import GiveUp, Malformed, Refused, Wire
from channels.simulation import Fault
from channels.visit.page import STYLE, policy

from .conftest import A_NUMBER, START, webhook_of

FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def channel_name():
    return "visit"


def wire(house, method="GET", path=None, body=b"", **more):
    path = urlsplit(house.simulator.address).path.removeprefix("/in/visit/main") if path is None else path
    base = {"method": method, "url": f"{house.gateway.url}/in/visit/main{path}", "path": path, "query": {}, "at": START}
    return Wire(**{**base, "headers": FORM_TYPE if method == "POST" else {}, "body": body, **more})


def read(house, asked):
    return webhook_of(house.channel, asked).read(asked)


async def filled(house, **more):
    page = await house.simulator.open()
    fields = {**page.fields, "place": "滨江机房", "what": "装交换机", "phone": "13800138000", **more}
    return await house.simulator.send(fields), fields


async def test_a_filled_form_becomes_a_message_from_the_phone_in_it(house):
    house.simulator.fills |= {"wanted": "明天下午两点", "bring": "光纤熔接机"}
    await house.simulator.say(sender="138 0013 8000", text="更换交换机")
    (inbound,) = house.gateway.inbounds
    assert inbound.text == (
        "上门地点：滨江机房\n事由：更换交换机\n希望时间：明天下午两点\n联系人：李工\n联系电话：+8613800138000\n"
        "请携带：光纤熔接机"
    )
    assert (inbound.sender, inbound.sender_name, inbound.customer) == (A_NUMBER, "李工", "市第一医院")
    assert (inbound.subject, inbound.automatic, inbound.group) == ("上门服务：更换交换机", None, None)
    assert "已收到" in house.simulator.pages[-1].text
    assert "编号会以短信告知" in house.simulator.pages[-1].text


async def test_an_english_form_has_english_lines_and_leaves_out_what_was_left_empty(house):
    page = await house.simulator.open("?lang=en")
    done = await house.simulator.send({**page.fields, "place": "Riverside DC", "what": "New rack", "phone": A_NUMBER})
    (inbound,) = house.gateway.inbounds
    assert inbound.text == "Where: Riverside DC\nWhat for: New rack\nPhone: +8613800138000"
    assert inbound.subject == "Visit: New rack"
    assert (done.lang, "Received" in done.text) == ("en", True)


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("", "", "zh-CN"),
        ("", "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "de, en;q=0.5", "en"),
        ("", "en;q=0, fr", "zh-CN"),
        ("", "en;q=x,zh;q=0.1", "zh-CN"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=en", "zh", "en"),
        ("?lang=xx", "en", "en"),
    ],
)
async def test_the_language_is_the_one_asked_for_and_else_the_one_the_browser_likes(house, query, accepted, lang):
    page = await house.simulator.open(query, **{"Accept-Language": accepted})
    assert page.lang == lang
    assert ("English" in page.text) == (lang == "zh-CN")


async def test_a_double_press_has_one_key_and_another_copy_another(house):
    house.simulator.fault = Fault.TWICE
    await house.say("装机")
    house.simulator.fault = Fault.UP
    await house.say("装机")
    first, second, third = (inbound.key for inbound in house.gateway.inbounds)
    assert first == second != third


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"place": "  "}, {"place": "请填写这一栏"}),
        ({"what": ""}, {"what": "请填写这一栏"}),
        ({"phone": ""}, {"phone": "请填写这一栏"}),
        ({"phone": "12345"}, {"phone": "这不是有效的电话号码，请带区号填写"}),
        ({"phone": "李工的手机"}, {"phone": "这不是有效的电话号码，请带区号填写"}),
        ({"bring": "梯" * 301}, {"bring": "太长，最多 300 个字"}),
        ({"place": "", "phone": "1"}, {"place": "请填写这一栏", "phone": "这不是有效的电话号码，请带区号填写"}),
    ],
)
async def test_wrong_input_is_named_beside_its_field_and_what_was_typed_stays(house, changes, wrong):
    page, fields = await filled(house, contact='<李工> & "B"', **changes)
    assert page.status == 422
    assert house.gateway.inbounds == []
    named = dict(re.findall(r'id="e-(\w+)">([^<]+)<', page.html))
    assert named == wrong
    for name in wrong:
        assert f'aria-describedby="e-{name}' in page.html
    kept = {name: " ".join(value.split()) for name, value in fields.items() if name != "website"}
    assert {name: page.fields[name] for name in kept} == kept
    assert page.html.count('aria-invalid="true"') == len(wrong)


async def test_a_corrected_form_is_taken(house):
    page, _ = await filled(house, phone="12")
    done = await house.simulator.send({**page.fields, "phone": "010-6552 9988 转 12"})
    (inbound,) = house.gateway.inbounds
    assert (done.status, inbound.sender) == (200, "+861065529988")
    assert inbound.text.endswith("联系电话：+861065529988 转12")


async def test_the_switch_of_language_keeps_what_was_typed_and_sends_nothing(house):
    page, _ = await filled(house, phone="12")
    assert page.buttons == [("", ""), ("to", "en")]
    english = await house.simulator.send({**page.fields, "to": "en"})
    assert (english.status, english.lang, english.fields["place"]) == (200, "en", "滨江机房")
    assert "aria-invalid" not in english.html
    good = await house.simulator.send({**english.fields, "phone": "13800138000", "to": "zh"})
    assert (good.status, good.lang, good.fields["phone"]) == (200, "zh-CN", "13800138000")
    assert house.gateway.inbounds == []


@pytest.mark.parametrize("age", [timedelta(hours=24, seconds=1), timedelta(days=400), -timedelta(minutes=6)])
async def test_an_old_form_is_asked_for_again_with_what_was_typed(house, age):
    page = await house.simulator.open()
    fields = {**page.fields, "place": "滨江机房", "what": "装机", "wanted": "明天", "phone": "13800138000"}
    body = urlencode(fields).encode()
    parsed = read(house, wire(house, "POST", body=body, at=START + age))
    assert (parsed.reply.status, parsed.inbounds) == (422, ())
    html = parsed.reply.body.decode()
    assert "已超过 24 小时" in html
    assert 'value="明天"' in html
    assert f'value="{page.fields["seal"]}"' not in html
    again = dict(re.findall(r'name="(seal)" value="([^"]+)"', html))
    fresh = read(house, wire(house, "POST", body=urlencode(fields | again).encode(), at=START + age))
    assert (fresh.reply.status, len(fresh.inbounds)) == (200, 1)


async def test_a_form_of_a_day_is_still_good(house):
    page = await house.simulator.open()
    body = urlencode({**page.fields, "place": "滨江机房", "what": "装机", "phone": "13800138000"}).encode()
    parsed = read(house, wire(house, "POST", body=body, at=START + timedelta(hours=23, minutes=59)))
    assert [inbound.text[:9] for inbound in parsed.inbounds] == ["上门地点：滨江机房"[:9]]


@pytest.mark.parametrize("seal", ["", "x", "é", "a" * 2000])
async def test_a_copy_that_we_never_made_brings_nothing_in(house, seal):
    page, _ = await filled(house, seal=seal)
    assert (page.status, house.gateway.inbounds) == (422, [])
    assert page.fields["place"] == "滨江机房"


async def test_a_copy_made_for_another_customer_brings_nothing_in(house):
    page = await house.simulator.open()
    house.simulator.customer = "别的客户"
    answer, _ = await filled(house, seal=page.fields["seal"])
    assert (answer.status, house.gateway.inbounds) == (422, [])


async def test_the_hidden_field_stops_programs_and_a_person_presses_once_more(house):
    page, _ = await filled(house, website="https://buy.example")
    assert (page.status, house.gateway.inbounds) == (422, [])
    assert page.fields["website"] == ""
    assert (await house.simulator.send(page.fields)).status == 200


async def test_every_other_character_in_the_address_is_refused_before_the_body_is_looked_at(house):
    path = wire(house).path
    for at in range(len("/f/"), len(path)):
        for other in {"A", "_", string.ascii_letters[(string.ascii_letters.find(path[at]) + 1) % 52]} - {path[at]}:
            forged = path[:at] + other + path[at + 1 :]
            for asked in (wire(house, path=forged), wire(house, "POST", path=forged, body=b"\xff\x00")):
                with pytest.raises(Refused):
                    read(house, asked)


@pytest.mark.parametrize("path", ["/f", "/f/", "/f/x", "/f/é", "/f/" + "a" * 5000, "/f/ImEi.x"])
async def test_an_address_that_is_none_is_refused(house, path):
    with pytest.raises(Refused):
        read(house, wire(house, path=path))


async def test_an_address_with_something_behind_it_is_refused(house):
    for more in ("/", ".", "=", "/x"):
        with pytest.raises(Refused):
            read(house, wire(house, path=wire(house).path + more))


async def test_a_raised_epoch_or_another_key_voids_every_address(house, tmp_path):
    (tmp_path / "other").write_text("another key that is long enough")
    for changes in ({"epoch": 2}, {"key": {"file": str(tmp_path / "other")}}):
        channel = house.rebuilt(**changes)
        asked = wire(house)
        with pytest.raises(Refused):
            webhook_of(channel, asked).read(asked)


async def test_an_invitation_is_the_address_that_the_browser_has(house):
    assert house.channel.invitation(" 市第一医院 ") == house.simulator.address


@pytest.mark.parametrize("name", ["", " \n", "x" * 101])
async def test_a_customer_without_a_name_is_not_invited(house, name):
    with pytest.raises(ValueError, match="1 to 100 characters"):
        house.channel.invitation(name)


async def test_an_address_that_ends_is_good_until_then(house):
    channel = house.rebuilt(valid_days=30)
    path = urlsplit(channel.invitation("市第一医院")).path.removeprefix("/in/visit/main")
    good, over = (wire(house, path=path, at=START + timedelta(days=30, seconds=s)) for s in (-1, 1))
    assert webhook_of(channel, good).read(good).reply.status == 200
    with pytest.raises(Refused, match="over"):
        webhook_of(channel, over).read(over)


@pytest.mark.parametrize("type_", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_what_is_no_form_is_refused(house, type_):
    with pytest.raises(Refused):
        read(house, wire(house, "POST", body=b"place=x", headers={"content-type": type_}))


async def test_a_form_that_is_too_long_is_refused_and_one_full_of_chinese_is_not(house):
    page = await house.simulator.open()
    full = {"place": "滨" * 200, "what": "装" * 1000, "wanted": "明" * 100, "contact": "李" * 60, "bring": "梯" * 300}
    done = await house.simulator.send({**page.fields, **full, "phone": "13800138000"})
    assert done.status == 200
    with pytest.raises(Refused):
        read(house, wire(house, "POST", body=b"what=" + b"x" * 24_000))


async def test_bytes_that_are_not_utf_8_are_named(house):
    with pytest.raises(Malformed, match="form: not UTF-8"):
        read(house, wire(house, "POST", body="place=滨江".encode("gbk")))


async def test_the_lines_of_a_form_cannot_be_forged_by_line_breaks(house):
    await filled(house, place="甲\r\n联系电话：110", what="一\r\n请携带：二")
    (inbound,) = house.gateway.inbounds
    assert inbound.text.splitlines() == [
        "上门地点：甲 联系电话：110",
        "事由：一 请携带：二",
        "联系电话：+8613800138000",
    ]


async def test_every_page_is_small_private_and_asks_for_nothing_more(house):
    everything_wrong = {"place": "", "what": "", "phone": "<", "wanted": "x" * 101, "contact": "y" * 61}
    await filled(house, **everything_wrong)
    await filled(house)
    replies = [parsed.reply for parsed in house.gateway.parsed]
    assert {reply.status for reply in replies} == {200, 422}
    for reply in replies:
        assert len(reply.body) <= 8192
        assert reply.type == "text/html; charset=utf-8"
        assert reply.headers["Content-Security-Policy"] == policy()
        assert "default-src 'none'" in policy()
        assert "unsafe" not in policy()
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in reply.headers["X-Robots-Tag"]
        html = reply.body.decode()
        assert re.findall(r"<(?:script|img|iframe|object|video)|\ssrc=|\sstyle=|\son\w+=|https?://|url\(", html) == []
        assert re.findall(r"<style>(.*?)</style>", html) == [STYLE]


async def test_every_field_has_a_label_and_every_page_its_language(house):
    page = await house.simulator.open()
    shown = [name for name in page.fields if name not in ("seal", "lang")]
    assert page.labels == shown
    assert page.lang == "zh-CN"
    assert "客户：市第一医院" in page.text


def luminance(colour):
    """Relative luminance (w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("#1a1a1a", "#fff", 4.5),
        ("#0b5394", "#fff", 4.5),
        ("#b00020", "#fff", 4.5),
        ("#767676", "#fff", 3),
        ("#b35c00", "#fff", 3),
        ("#eee", "#121212", 4.5),
        ("#eee", "#1e1e1e", 4.5),
        ("#8ab4f8", "#121212", 4.5),
        ("#0b1a33", "#8ab4f8", 4.5),
        ("#ff8a80", "#121212", 4.5),
        ("#8c8c8c", "#1e1e1e", 3),
        ("#ffb74d", "#121212", 3),
    ],
)
def test_the_colours_stand_out(front, back, least):
    assert front in STYLE
    assert back in STYLE
    light, dark = sorted((luminance(front), luminance(back)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def test_what_is_pressed_is_at_least_44_pixels_high():
    for rule in ("input,textarea", "button,.b"):
        assert "min-height:44px" in STYLE.partition(f"{rule}{{")[2].partition("}")[0]


async def test_nothing_can_be_sent_to_a_form(house):
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing())


async def test_the_self_check_asks_for_https(house):
    assert [finding.ok for finding in await house.channel.check()] == [True]
    house.gateway.url = "http://desk.example.cn"
    (finding,) = await house.rebuilt().check()
    assert (finding.ok, bool(finding.cure)) == (False, True)


async def test_no_error_repeats_what_was_typed_or_the_address(house):
    secret = "滨江机房-13800138000"
    token = wire(house).path.removeprefix("/f/")
    said = []
    for broken in (
        wire(house, "POST", path=f"/f/{token}x", body=secret.encode()),
        wire(house, "POST", body=secret.encode() * 2000),
        wire(house, "POST", body=secret.encode(), headers={}),
        wire(house, "POST", body=secret.encode("gbk")),
    ):
        with pytest.raises((Refused, Malformed)) as caught:
            read(house, replace(broken))
        said.append(str(caught.value))
    assert not any(part in "\n".join(said) for part in (secret, token, "13800138000"))


async def test_a_short_key_is_refused_with_its_cure(house, tmp_path):
    (tmp_path / "short").write_text("hunter2")
    with pytest.raises(ValueError, match="openssl rand") as caught:
        house.rebuilt(key={"file": str(tmp_path / "short")})
    assert "hunter2" not in str(caught.value)
