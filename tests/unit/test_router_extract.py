"""What a message is about: place, system, title, number to call back, codes."""

import json
from pathlib import Path

import pytest

from router.extract import NO_WORDS, SYMPTOM, TITLE, about, without_greeting

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "site"),
    [
        pytest.param("我们东岭收费站的车道都刷不了卡", "东岭收费站", id="zh toll station"),
        pytest.param("来电称：市第一人民医院挂号系统打不开", "市第一人民医院", id="zh hospital"),
        pytest.param("和平医院急诊的打印机坏了", "和平医院", id="zh a small word inside a name"),
        pytest.param("北郊机房空调漏水", "北郊机房", id="zh server room"),
        pytest.param("3号楼网络不通", "3号楼", id="zh numbered building"),
        pytest.param("機場T2的閘機全部打不開", "機場T2", id="hant terminal"),
        pytest.param("我們仁愛醫院掛號當機", "仁愛醫院", id="hant hospital"),
        pytest.param("printers at our Leeds site are offline", "Leeds", id="en our site"),
        pytest.param("Harbour Tunnel lost all cameras", "Harbour Tunnel", id="en named"),
        pytest.param("wifi is down on ward 6 since noon", "ward 6", id="en ward"),
        pytest.param("no network on the 4th floor", "4th floor", id="en floor"),
        pytest.param("机房空调坏了", None, id="zh a kind of place is no name"),
        pytest.param("系统打不开", None, id="zh nothing said"),
        pytest.param("the system is down", None, id="en nothing said"),
    ],
)
def test_the_place_is_found(text: str, site: str | None) -> None:
    assert about(None, text).site == site


def test_a_known_site_wins_in_any_script_and_the_longest_of_several() -> None:
    found = about(None, "東嶺站南廣場的門禁壞了", sites=("东岭", "东岭站", "西郊站"))
    assert found.site == "东岭站"


@pytest.mark.parametrize(
    ("text", "system"),
    [
        pytest.param("我们的收费系统打不开", "收费系统", id="zh system"),
        pytest.param("全院HIS登不上", "HIS", id="abbreviation"),
        pytest.param("the booking system has been down", "booking system", id="en system"),
        pytest.param("門禁刷不開", "門禁", id="hant device"),
        pytest.param("你好", None, id="none"),
    ],
)
def test_the_system_is_found(text: str, system: str | None) -> None:
    assert about(None, text).system == system


@pytest.mark.parametrize(
    ("subject", "text", "title"),
    [
        pytest.param(None, "您好，老师，3号窗口的打印机卡纸了", "3号窗口的打印机卡纸了", id="greeting goes first"),
        pytest.param(None, "Hi team, the label printer is offline", "the label printer is offline", id="en greeting"),
        pytest.param("挂号系统打不开", "如题，请看一下", "挂号系统打不开", id="the subject tells"),
        pytest.param(
            "紧急", "今天来上班。东岭收费站车道刷不了卡。", "东岭收费站车道刷不了卡", id="a subject that says nothing"
        ),
        pytest.param("回复: 报表错误", "还是不对", "报表错误", id="reply marks go"),
        pytest.param("关于票据打印服务异常的函", "贵公司：详见附件。", "票据打印服务异常", id="letterhead"),
        pytest.param(None, "", NO_WORDS, id="nothing said"),
        pytest.param(None, "你好", "你好", id="only a greeting"),
        pytest.param(None, "系 统 打 不 开", "系统打不开", id="typewriter spacing"),
    ],
)
def test_the_title_says_what_is_wrong(subject: str | None, text: str, title: str) -> None:
    assert about(subject, text).title == title


def test_the_title_says_where_when_the_site_is_known() -> None:
    found = about("车道刷不了卡", "各位好，从早上开始，地点东岭站。", sites=("东岭站",))
    assert found.title == "东岭站 车道刷不了卡"


def test_no_title_is_empty_or_longer_than_a_line() -> None:
    paths = sorted((ROOT / "corpus").glob("author_[a-d].jsonl"))
    messages = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    found = [about(message["subject"], message["text"]) for message in messages]
    assert len(found) == 1850
    assert [one.title for one in found if not 0 < len(one.title) <= TITLE] == []
    assert [one.symptom for one in found if len(one.symptom) > SYMPTOM] == []


@pytest.mark.parametrize(
    ("text", "callback"),
    [
        pytest.param("打不开，请回电13812345678", "13812345678", id="mobile"),
        pytest.param("电话 0871-6354 2118 转 802", "0871-63542118转802", id="landline and extension"),
        pytest.param("call me on +44 20 7946 0018", "+442079460018", id="international"),
        pytest.param("文書科 分機 2217", "2217", id="extension"),
        pytest.param("reach me at x4417", "4417", id="en extension"),
        pytest.param("工单 20240611 还没好", None, id="a ticket is no telephone"),
    ],
)
def test_the_number_to_call_back(text: str, callback: str | None) -> None:
    assert about(None, text).callback == callback


def test_error_codes_are_kept_once_each() -> None:
    found = about(None, "报ORA-00205，然后HTTP 503，又是 ORA-00205，返回 0x80070005")
    assert found.error_codes == ("ORA-00205", "HTTP 503", "0x80070005")


def test_the_symptom_is_what_was_said_without_greeting_and_quote() -> None:
    found = about("Re: 闸机", "您好，闸机又打不开了\n> 上次说好了")
    assert found.symptom == "闸机 闸机又打不开了"


def test_a_person_in_the_middle_of_a_sentence_is_no_greeting() -> None:
    assert without_greeting("昨天上门的工程师 没修好") == "昨天上门的工程师 没修好"
    assert without_greeting("李工,您好!网断了") == "网断了"
