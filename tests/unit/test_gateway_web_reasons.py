"""Reasons and failures on the pages: in the reader's language, and only the last state of a text."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import router.matter
import router.still
from gateway.web.history import line, sheet
from gateway.web.questions import Whole
from gateway.web.view import Eye
from gateway.web.words import Words
from gateway.web.words_reasons import reason, refusal
from store.model import Attempt, Event, EventKind, Message, MessageState, Ticket

NOW = datetime(2026, 11, 24, 19, 12, tzinfo=UTC)
ZH, EN = Words("zh"), Words("en")
REFUSED = "127.0.0.1 answered 503 (Twilio 20503)"


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        pytest.param("a new matter", "新的一件事", id="a new matter"),
        pytest.param("words: “全断了”, “中断”", "词语：“全断了”, “中断”", id="the words that decided"),
        pytest.param("ticket number 1042", "单号 1042", id="a number"),
        pytest.param("back 3 days after the fix", "修好 3 天后复发", id="days"),
        pytest.param("l1.power: “断电”", "l1.power: “断电”", id="a rule of the site keeps its name"),
    ],
)
def test_a_chinese_page_gives_reasons_in_chinese_and_an_english_one_as_they_are(text, zh) -> None:
    assert (reason(text, ZH), reason(text, EN)) == (zh, text)


@pytest.mark.parametrize("module", [router.matter, router.still], ids=lambda module: module.__name__)
def test_every_reason_that_the_router_gives_has_chinese_words(module) -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    given = re.findall(r'(?:why=|ask, |GIVEN_UP = )f?"([^"]+)"', source)
    plain = [re.sub(r"\{[^}]*\}", "7", one) for one in given]
    assert given
    assert [one for one in plain if not re.search(r"[\u4e00-\u9fff]", reason(one, ZH))] == []


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        pytest.param(REFUSED, f"服务商报错：{REFUSED}", id="a provider keeps its words and its code"),
        pytest.param("no receipt within 90 s: nobody knows if it arrived", "90 秒内没有回执，不知是否送达", id="ours"),
        pytest.param("余额不足 (Aliyun isv.AMOUNT)", "余额不足 (Aliyun isv.AMOUNT)", id="Chinese already"),
        pytest.param("", "", id="none"),
    ],
)
def test_what_a_provider_refused_is_led_in_on_a_chinese_page(text, zh) -> None:
    assert (refusal(text, ZH), refusal(text, EN)) == (zh, text)


def test_a_ticket_taken_back_says_why_in_its_history() -> None:
    event = Event(id=1, at=NOW, kind=EventKind.RELEASED, text=router.still.GIVEN_UP)
    assert line(event, eye()).text == "没有答复“还在处理吗”，工单已收回，改叫其他人"
    said = Event(id=1, at=NOW, kind=EventKind.NOTED, actor="zhang", text="the time is over")
    assert line(said, eye()).text == "the time is over"


@pytest.mark.parametrize(
    ("state", "shown", "told"),
    [
        pytest.param(MessageState.QUEUED, "等待重试", "发送受阻", id="it will be tried again"),
        pytest.param(MessageState.DELIVERED, "已送达", "发送受阻", id="it got there later"),
        pytest.param(MessageState.FAILED, "失败", "未送达", id="it never got there"),
        pytest.param(MessageState.CANCELLED, "已取消", "未送达", id="it was given up"),
    ],
)
def test_a_text_that_failed_once_shows_its_last_state_only(state, shown, told) -> None:
    text = Message(
        id=3, direction="out", channel="sms:main", key="c", state=state, at=NOW, recipient="+86138", text="x"
    )
    tried = Attempt(
        id=1, message_id=3, number=1, destination="sms:main", started_at=NOW, outcome="later", reason=REFUSED
    )
    event = Event(id=1, at=NOW, kind=EventKind.FAILED, message_id=3, text=REFUSED)
    laid = sheet(Whole(ticket=ticket(), messages=[text], attempts=[tried], events=[event]), eye())
    assert ([one.state for one in laid.sent], [one.what for one in laid.lines]) == ([shown], [told])


def eye() -> Eye:
    return Eye(now=NOW, zone=ZoneInfo("Asia/Shanghai"), words=ZH, names={"zhang": "张三"}, method={}, addresses={})


def ticket() -> Ticket:
    return Ticket(
        id=1,
        number=1001,
        kind="fault",
        level=1,
        state="paging",
        title="x",
        opened_at=NOW,
        heard_at=NOW,
        channel="sms:main",
        reply_to="+86139",
        language="zh",
    )
