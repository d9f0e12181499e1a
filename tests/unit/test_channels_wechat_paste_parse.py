"""Pasted conversations: text in, one message per asker out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.contract import Malformed
from channels.wechat.paste import parse
from channels.wechat.paste.config import Account

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "wechat-paste").glob("*.in.txt"))
TODAY = datetime(2026, 11, 20, 11, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Friday."""


def read(text, *, group="报修群", today=TODAY, ours=()):
    return parse.conversation(text, group=group, today=today, ours=frozenset(ours))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.txt"))
def test_a_conversation_becomes_the_records_beside_it(fixture):
    found = read(fixture.read_text("utf-8"), ours={"华信值班"})
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.txt", ".out.json")).read_text("utf-8"))
    shown = [
        {name: value.isoformat() if isinstance(value := getattr(one, name), datetime) else value for name in row}
        for one, row in zip(found, expected, strict=True)
    ]
    assert shown == expected


SAID = [
    pytest.param("张三 10:32\n断电了", [("张三", "断电了")], id="name and time"),
    pytest.param("张三  10:32:15\n断电了", [("张三", "断电了")], id="with seconds"),
    pytest.param("张三 2026-11-20 10:32:15\n断电了", [("张三", "断电了")], id="with the date"),
    pytest.param("张三 2026/11/20 10:32\n断电了", [("张三", "断电了")], id="with slashes"),
    pytest.param("张三 2026年11月20日 10:32\n断电了", [("张三", "断电了")], id="with the date in words"),
    pytest.param("张三 2026年11月20日 星期五 上午10:32\n断电了", [("张三", "断电了")], id="with a weekday as well"),
    pytest.param("张三 昨天 21:05\n断电了", [("张三", "断电了")], id="yesterday"),
    pytest.param("张三 下午3:20\n断电了", [("张三", "断电了")], id="afternoon"),
    pytest.param("张三(滨江) 10:32\n断电了", [("张三(滨江)", "断电了")], id="a name with brackets"),
    pytest.param("张三（10:32）\n断电了", [], id="time glued to the name names nobody"),
    pytest.param("张三 (10:32):\n断电了", [("张三", "断电了")], id="time in brackets"),
    pytest.param("2026-11-20 10:32:15 张三\n断电了", [("张三", "断电了")], id="date first"),
    pytest.param("[10:32] 张三: 断电了", [("张三", "断电了")], id="bracket first"),
    pytest.param("10:32 张三：断电了", [("张三", "断电了")], id="time first, without brackets"),
    pytest.param("【2026-11-20 10:32】 张三：报错: 0x80", [("张三", "报错: 0x80")], id="Chinese brackets"),
    pytest.param("张三：断电了", [("张三", "断电了")], id="a colon"),
    pytest.param("张三:\n断电了\n\n李四:\n我也是", [("张三", "断电了"), ("李四", "我也是")], id="a colon alone"),
    pytest.param("张三: a\n李四: b\n张三: c", [("张三", "a\nc"), ("李四", "b")], id="two people by turns"),
    pytest.param("张三@微信 11/20 10:32:15\n断电了", [("张三", "断电了")], id="somebody outside, in WeCom"),
    pytest.param("张三@华信 10:32\n断电了", [("张三@华信", "断电了")], id="a company stays with the name"),
    pytest.param(
        "张三 10:32\n断电了\n最后正常时间 09:50", [("张三", "断电了\n最后正常时间 09:50")], id="a time in a text"
    ),
    pytest.param("张三 10:32\n李四：在吗", [("张三", "李四：在吗")], id="a colon where times name people"),
    pytest.param("张三：看 https://x.example/1", [("张三", "看 https://x.example/1")], id="an address"),
    pytest.param("https://x.example/1\n张三：断电了", [("张三", "断电了")], id="an address names nobody"),
    pytest.param("张三：IP: 10.0.0.1\nSN：77", [("张三", "IP: 10.0.0.1\nSN：77")], id="labels name nobody"),
    pytest.param("张三 10:32\n[表情]\n断电了", [("张三", "断电了")], id="a sticker says nothing"),
    pytest.param("张三 10:32\n[表情]", [], id="a sticker alone is no message"),
    pytest.param("张三 10:32\n[图片]\n[文件] a.pdf", [("张三", "[图片]\n[文件] a.pdf")], id="files are told of"),
    pytest.param("张三 10:32\n断电了[强]", [("张三", "断电了[强]")], id="a small face within a text"),
    pytest.param("张三 10:32\n断电了\n张三 撤回了一条消息", [("张三", "断电了")], id="recalled"),
    pytest.param("张三 10:32\n断电了\n你撤回了一条消息 重新编辑", [("张三", "断电了")], id="recalled by who pastes"),
    pytest.param("张三 10:32\n断电了\n李四邀请王五、赵六加入了群聊", [("张三", "断电了")], id="invited"),
    pytest.param("张三 10:32\n断电了\n王五通过扫描李四分享的二维码加入群聊", [("张三", "断电了")], id="joined by code"),
    pytest.param("张三 10:32\n断电了\n李四修改群名为“报修二群”", [("张三", "断电了")], id="renamed"),
    pytest.param("张三 10:32\n断电了\n我拍了拍李四", [("张三", "断电了")], id="patted"),
    pytest.param("A 10:32\ndown\nB invited C to the group chat", [("A", "down")], id="invited, in English"),
    pytest.param("A 10:32\ndown\nYou recalled a message", [("A", "down")], id="recalled, in English"),
    pytest.param("张三 10:32\n他把服务器移走了", [("张三", "他把服务器移走了")], id="a sentence much like a remark"),
    pytest.param("李四：「张三：断电了」\n——————\n收到", [("李四", "收到")], id="a quote with dashes"),
    pytest.param("李四 10:32\n“张三：\n断电了”\n------\n收到", [("李四", "收到")], id="a quote over lines"),
    pytest.param("李四 10:32\n收到\n引用 张三 的消息：断电了", [("李四", "收到")], id="a quote below"),
    pytest.param("李四 10:32\n「张三：断电了\n收到", [("李四", "「张三：断电了\n收到")], id="a quote that never ends"),
    pytest.param(
        "李四 10:32\n「张三：a\n王五 10:33\nb」", [("李四", "「张三：a"), ("王五", "b」")], id="not over a name"
    ),
    pytest.param("张三 10:32\n\n\n断电了\n\n\n\n还没好\n\n", [("张三", "断电了\n\n还没好")], id="empty lines"),
    pytest.param("张三\u2005 10:32\r\n断电\u200b了\r\n", [("张三", "断电了")], id="invisible signs"),
    pytest.param("  张三　10:32\n\t断电了", [("张三", "断电了")], id="wide spaces"),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_what_each_person_said_is_found(text, said):
    if not said and "表情" not in text:
        with pytest.raises(Malformed, match="no line names who spoke"):
            read(text)
        return
    assert [(one.sender_name, one.text) for one in read(text)] == said


WHEN = [
    pytest.param("A 10:32\nx", datetime(2026, 11, 20, 2, 32, tzinfo=UTC), id="today"),
    pytest.param("A 23:50\nx", datetime(2026, 11, 19, 15, 50, tzinfo=UTC), id="later than now is yesterday"),
    pytest.param("A 昨天 21:05\nx", datetime(2026, 11, 19, 13, 5, tzinfo=UTC), id="yesterday"),
    pytest.param("A 前天 晚上9:05\nx", datetime(2026, 11, 18, 13, 5, tzinfo=UTC), id="the day before, evening"),
    pytest.param("A 星期五 08:00\nx", datetime(2026, 11, 13, 0, 0, tzinfo=UTC), id="this weekday is a week ago"),
    pytest.param("A 周日 08:00\nx", datetime(2026, 11, 15, 0, 0, tzinfo=UTC), id="Sunday"),
    pytest.param("A Wednesday 8:00 PM\nx", datetime(2026, 11, 18, 12, 0, tzinfo=UTC), id="an English weekday"),
    pytest.param("A 12月31日 08:00\nx", datetime(2025, 12, 31, 0, 0, tzinfo=UTC), id="a date without year is past"),
    pytest.param("A 11/19/26 12:05 AM\nx", datetime(2026, 11, 18, 16, 5, tzinfo=UTC), id="an American date"),
    pytest.param("A Nov 9, 2026 12:05 PM\nx", datetime(2026, 11, 9, 4, 5, tzinfo=UTC), id="a month in words"),
    pytest.param("11月18日\nA 10:32\nx", datetime(2026, 11, 18, 2, 32, tzinfo=UTC), id="the day of a heading"),
    pytest.param("昨天 21:05\nA：x", datetime(2026, 11, 19, 13, 5, tzinfo=UTC), id="the time of a heading"),
    pytest.param("A 2026-13-45 10:32\nx", datetime(2026, 11, 20, 2, 32, tzinfo=UTC), id="a date that does not exist"),
    pytest.param("A：x", None, id="none"),
]


@pytest.mark.parametrize(("text", "at"), WHEN)
def test_the_time_beside_a_line_is_understood(text, at):
    (one,) = read(text)
    assert (one.sender_name, one.text, one.sent_at) == ("A", "x", at)


@pytest.mark.parametrize(
    ("text", "group", "where", "why"),
    [
        ("张三：x", " ", "group", "missing"),
        (" \n ", "g", "paste", "empty"),
        ("断电了\n快来人", "g", "paste", "no line names who spoke"),
        ("https://x.example", "g", "paste", "no line names who spoke"),
        ("地址：滨江", "g", "paste", "no line names who spoke"),
    ],
)
def test_what_is_missing_is_named(text, group, where, why):
    with pytest.raises(Malformed) as caught:
        read(text, group=group)
    assert caught.value.where == where
    assert why in caught.value.why
    assert "断电了" not in str(caught.value)


def test_pasting_twice_gives_the_same_keys_and_another_text_group_person_or_day_another():
    text = "张三 10:32\n断电了"
    (key,) = {
        one.key for one in read(text) + read("\n" + text.replace(" ", "  ") + "\n\n") + read(text, group=" 报修群 ")
    }
    others = [
        *read("张三 10:32\n断电了！"),
        *read(text, group="二群"),
        *read("李四 10:32\n断电了"),
        *read("张三 昨天 10:32\n断电了"),
    ]
    assert key not in {one.key for one in others}
    assert len({one.key for one in others}) == 4


def test_the_same_lines_pasted_on_the_next_day_as_the_client_then_shows_them_are_the_same():
    (first,) = read("张三 10:32\n断电了")
    (later,) = read("张三 昨天 10:32\n断电了", today=TODAY.replace(day=21))
    assert first.key == later.key


def test_one_person_written_in_two_ways_is_one_and_the_group_is_part_of_the_sender():
    found = read("Ｌi  Si：a\nli si：b", group="滨江　机房群")
    assert [(one.sender, one.group, one.group_name, one.text) for one in found] == [
        ("滨江 机房群/li si", "滨江 机房群", "滨江 机房群", "a\nb")
    ]


def test_lines_of_our_own_people_become_nothing():
    assert [one.sender_name for one in read("张三：a\n华信 值班：b", ours={"华信 值班"})] == ["张三"]
    assert read("华信值班：b", ours={"华信值班"}) == []


def test_what_stands_before_the_first_name_stays_with_the_first_message():
    first, second = read("快看\n张三：a\n李四：b")
    assert (first.text, first.whole, second.whole) == ("a", "快看\na", None)


def test_a_long_conversation_is_read_in_time_that_grows_with_its_length():
    text = "".join(f"人{n % 50} 10:{n % 60:02}\n「人1：{'长' * 40}\n{'a:' * 40}{'-' * 60}\n" for n in range(3000))
    assert len(read(text)) == 50


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", ""])
def test_a_time_zone_that_does_not_exist_is_refused(zone):
    with pytest.raises(ValueError, match="no such time zone"):
        Account.model_validate({"zone": zone})
