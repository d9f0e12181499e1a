"""The pure parts of the pages of a package: ranges, names of files, codes, wrong tries, browsers, and the report."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.browsers import hinders_downloads, reads
from channels.contract import Inbound
from gateway.broadcast.ranges import Beyond, Part, disposition, same, wanted
from gateway.broadcast.tries import Tries, asker
from gateway.broadcast.trouble import LONG, MOST, Report, key_of, placed, report_of, words
from gateway.web.landing import human
from gateway.web.landing_code import code_in
from store.landing import Found
from store.model import Broadcast, Package, Recipient

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TAG = '"abc"'
CHAT = (
    "Mozilla/5.0 (Linux; Android 14; PGT-AN10) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.50.2701(0x28003253) WeChat/arm64 NetType/WIFI Language/zh_CN"
)
PLAIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.mark.parametrize(
    ("asked", "if_range", "answer"),
    [
        pytest.param(None, None, None, id="nothing is the whole"),
        pytest.param("bytes=0-", None, Part(0, 10), id="from the start"),
        pytest.param("bytes=4-", None, Part(4, 10), id="the rest"),
        pytest.param("bytes=4-6", None, Part(4, 7), id="a middle"),
        pytest.param("bytes=9-99", None, Part(9, 10), id="an end beyond is the end"),
        pytest.param("bytes=-3", None, Part(7, 10), id="the last three"),
        pytest.param("bytes=-99", None, Part(0, 10), id="more of an end than there is"),
        pytest.param("bytes=-0", None, Beyond(), id="no byte of an end"),
        pytest.param("bytes=10-", None, Beyond(), id="behind the last byte"),
        pytest.param("bytes=6-4", None, None, id="backwards is no range"),
        pytest.param("bytes=-", None, None, id="nothing named"),
        pytest.param("bytes=0-1,4-5", None, None, id="several parts are the whole"),
        pytest.param("lines=0-1", None, None, id="another unit"),
        pytest.param("bytes=٣-٤", None, None, id="digits of another script"),
        pytest.param("bytes=" + "9" * 30 + "-", None, None, id="a number out of the world"),
        pytest.param("BYTES = 4 - 6", None, Part(4, 7), id="blanks and capitals"),
        pytest.param("bytes=4-", TAG, Part(4, 10), id="resumed while it is the same"),
        pytest.param("bytes=4-", '"abd"', None, id="resumed when it is another"),
        pytest.param("bytes=4-", 'W/"abc"', None, id="a weak tag proves nothing"),
        pytest.param("bytes=4-", "Tue, 24 Nov 2026 03:00:00 GMT", None, id="there are no dates"),
    ],
)
def test_a_range_is_read_as_the_standard_says(asked: str | None, if_range: str | None, answer: object) -> None:
    assert wanted(asked, if_range, etag=TAG, size=10) == answer


def test_an_empty_file_has_no_part() -> None:
    assert wanted("bytes=0-", None, etag=TAG, size=0) == Beyond()
    assert wanted(None, None, etag=TAG, size=0) is None


def test_a_cached_file_is_known_by_its_tag() -> None:
    assert [same(one, TAG) for one in (TAG, 'W/"abc"', '"x", "abc"', "*", '"x"', None)] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("name", "header"),
    [
        pytest.param("update-2.3.1.tar.gz", 'attachment; filename="update-2.3.1.tar.gz"', id="plain"),
        pytest.param(
            "升级包 2.3.zip",
            "attachment; filename=\"2.3.zip\"; filename*=UTF-8''%E5%8D%87%E7%BA%A7%E5%8C%85%202.3.zip",
            id="Chinese",
        ),
        pytest.param(
            "固件.bin",
            "attachment; filename=\"package.bin\"; filename*=UTF-8''%E5%9B%BA%E4%BB%B6.bin",
            id="no Latin",
        ),
        pytest.param('a"b\\c\r\nX: y.zip', 'attachment; filename="cX_ y.zip"', id="nobody writes a header of ours"),
        pytest.param("../../etc/passwd", 'attachment; filename="passwd"', id="no path"),
        pytest.param("包'%.z", "attachment; filename=\"package.z\"; filename*=UTF-8''%E5%8C%85%27%25.z", id="signs"),
        pytest.param("...", 'attachment; filename="package"', id="nothing left"),
    ],
)
def test_a_file_is_saved_under_its_name(name: str, header: str) -> None:
    assert disposition(name) == header


def test_a_long_name_keeps_its_ending() -> None:
    assert len(disposition("a" * 400 + ".zip")) < 240
    assert disposition("a" * 400 + ".zip").endswith('.zip"')


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("ABCD2345", "ABCD2345", id="as sent"),
        pytest.param(" abcd 2345 ", "ABCD2345", id="small, with blanks"),
        pytest.param("abcd-2345", "ABCD2345", id="with a dash"),
        pytest.param("ＡＢＣＤ２３４５", "ABCD2345", id="wide"),
        pytest.param("ABCD234", "", id="too short"),
        pytest.param("ABCD23456", "", id="too long"),
        pytest.param("ABCD234O", "", id="O is never in one"),
        pytest.param("ABCD2340", "", id="nor is 0"),
        pytest.param("ABCDI341", "", id="nor are I and 1"),
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 100_000, "", id="much"),
    ],
)
def test_a_code_is_known_however_it_is_typed(typed: str, code: str) -> None:
    assert code_in(typed) == code


def test_five_wrong_tries_pause_one_asker_for_ten_minutes() -> None:
    tries = Tries()
    for _ in range(5):
        assert tries.paused("a", NOW) is None
        tries.wrong("a", NOW)
    assert tries.paused("a", NOW + timedelta(minutes=9)) == timedelta(minutes=1)
    assert tries.paused("b", NOW) is None
    assert tries.paused("a", NOW + timedelta(minutes=10)) is None


def test_a_try_that_was_right_is_taken_back() -> None:
    tries = Tries()
    for minute in range(5):
        tries.wrong("a", NOW + timedelta(minutes=minute))
    tries.right("a", NOW + timedelta(minutes=2))
    assert tries.paused("a", NOW + timedelta(minutes=4)) is None
    tries.wrong("b", NOW)
    tries.right("b", NOW)
    tries.right("c", NOW)
    assert len(tries) == 1


def test_many_askers_are_forgotten_and_not_kept_for_ever() -> None:
    tries = Tries(remembered=3)
    for name in "abcde":
        tries.wrong(name, NOW)
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("peer", "named", "who"),
    [
        pytest.param("192.0.2.7", "", "192.0.2.7", id="who asks"),
        pytest.param("127.0.0.1", "198.51.100.9, 192.0.2.8", "192.0.2.8", id="whom our own proxy names, not the asker"),
        pytest.param("::1", "192.0.2.8", "192.0.2.8", id="a proxy by IPv6"),
        pytest.param("192.0.2.7", "192.0.2.8", "192.0.2.7", id="anybody can write that header"),
        pytest.param("127.0.0.1", "nonsense", "127.0.0.1", id="nonsense"),
        pytest.param("127.0.0.1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", id="a home of IPv6 is one"),
        pytest.param("::ffff:192.0.2.7", "", "192.0.2.7", id="IPv4 within IPv6"),
    ],
)
def test_tries_are_counted_by_who_really_asks(peer: str, named: str, who: str) -> None:
    headers = {"x-forwarded-for": named} if named else {}
    assert asker(peer, headers) == (who if named != "nonsense" else "127.0.0.1")


@pytest.mark.parametrize(
    ("agent", "hinders", "person"),
    [
        pytest.param(CHAT, True, True, id="inside a chat app"),
        pytest.param(PLAIN, False, True, id="a browser"),
        pytest.param("Mozilla/5.0 (Linux) MQQBrowser/14.9 Mobile Safari/537.36", False, True, id="its own browser"),
        pytest.param("Mozilla/5.0 (iPhone) Mobile/15E148 QQ/9.0.8.601", True, True, id="inside another chat app"),
        pytest.param("TelegramBot (like TwitterBot)", False, False, id="a preview"),
        pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1)", False, False, id="a crawler"),
        pytest.param("curl/8.5.0", False, False, id="a command"),
        pytest.param("", False, False, id="nothing"),
    ],
)
def test_a_browser_is_known_by_what_it_says(agent: str, hinders: bool, person: bool) -> None:
    assert (hinders_downloads(agent), reads(agent)) == (hinders, person)


def test_sizes_are_said_as_people_say_them() -> None:
    assert [human(n) for n in (0, 1024, 1_500_000, 2**31, 2**52)] == [
        "0.0 KB",
        "1.0 KB",
        "1.4 MB",
        "2.0 GB",
        "4096.0 TB",
    ]


def found(**more: Any) -> Found:
    return Found(
        recipient=Recipient(
            id=36, broadcast_id=1, who="c7", channel="sms:main", state="sent", **{"address": "+8613900000001", **more}
        ),
        broadcast=Broadcast(id=1, number=3, title="升级", state="running", author="li", at=NOW),
        package=Package(id=1, name="采集网关", version="2.3.1", state="ready", at=NOW),
    )


Before = Mapping[str, tuple[str, datetime]]


def put(text: str, before: Before, **more: Any) -> Inbound:
    made = placed(found(**more), text, before, now=NOW)
    assert made is not None
    return made


def test_a_report_is_one_text_that_begins_the_same() -> None:
    report = Report(what="起不来了。", where="滨江机房", phone="13900000001")
    assert words(found(), report, "zh") == (
        "升级出问题了：采集网关 2.3.1，起不来了。设备或站点：滨江机房。回电：13900000001。"
    )
    assert words(found(), Report(), "en") == "The upgrade went wrong: 采集网关 2.3.1, no details."


def test_a_form_is_cut_to_what_can_be_read() -> None:
    given = {"what": "a\n\n b" + "c" * 5_000, "where": "d" * 500}
    report = report_of(given)
    assert (report.what[:4], len(report.what), len(report.where), report.phone) == ("a bc", LONG, 100, "")


def test_the_same_words_are_one_report_and_others_join_it() -> None:
    first, again = key_of(found(), 1), NOW - timedelta(minutes=9)
    assert put("x", {}).key == first == "trouble-10-1"
    assert put("x", {first: ("x", again)}).key == first
    more = put("y", {first: ("x", again)})
    assert (more.key, more.references) == ("trouble-10-2", (first,))
    later = put("x", {first: ("x", NOW - timedelta(minutes=10))})
    assert (later.key, later.references) == ("trouble-10-2", (first,))


def test_one_page_is_no_way_to_flood_the_lead() -> None:
    many = {key_of(found(), n): (f"{n}", NOW) for n in range(1, MOST + 1)}
    assert placed(found(), "more", many, now=NOW) is None
    assert placed(found(), "1", many, now=NOW) is not None


def test_a_chat_group_reports_as_a_group_and_is_answered_there() -> None:
    message = put("x", {}, group=True, address="room", name="滨江群")
    assert (message.group, message.sender, message.named, message.group_name) == ("room", "room", True, "滨江群")
