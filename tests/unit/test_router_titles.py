"""Titles: what is wrong and where in one line of a phone, whatever was written around it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from router.alerts import alert_in, titled
from router.extract import NO_WORDS, about
from router.titles import TITLE, shortened, width

ROOT = Path(__file__).resolve().parents[2]
SITES = ("滨江机房", "东站收费站", "Leeds", "Harbour Clinic", "白云变电站")
GREETS = re.compile(r"^(?:您好|你好|老师|各位|尊敬|大家好|hi\b|hello|dear\b|good morning)", re.IGNORECASE)

SENTENCES = [
    json.loads(line) for line in (ROOT / "tests/fixtures/titles/sentences.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("said", [pytest.param(one, id=one["title"]) for one in SENTENCES])
def test_a_title_says_what_is_wrong_or_asked_in_one_line(said: dict[str, Any]) -> None:
    sites = SITES if said["sites"] else ()
    assert about(said["subject"], said["text"], sites=sites, fault=said["fault"]).title == said["title"]


def test_there_are_enough_sentences_in_both_languages() -> None:
    chinese = [one for one in SENTENCES if re.search("[\u4e00-\u9fff]", one["text"])]
    assert len(SENTENCES) >= 120
    assert min(len(chinese), len(SENTENCES) - len(chinese)) >= 45


def test_a_mail_of_two_pages_is_one_line() -> None:
    small_talk = "去年这个时候我们一起吃过饭，您可能记得。今年的预算还没批下来，领导换了。" * 40
    text = f"张工您好：\n{small_talk}\n另外，二号机房的核心交换机凌晨宕机，全网中断。\n{small_talk}此致敬礼"
    found = about("近况", text)
    assert found.title == "二号机房的核心交换机凌晨宕机,全网中断"


def test_no_title_of_the_corpus_is_empty_long_or_a_greeting() -> None:
    paths = sorted((ROOT / "corpus").glob("*.jsonl"))
    messages = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    titles = [about(m["subject"], m["text"], fault=m["kind"] == "fault").title for m in messages if m["text"]]
    assert [title for title in titles if not title or width(title) > TITLE] == []
    assert len([title for title in titles if GREETS.search(title)]) <= len(titles) * 0.01


@pytest.mark.parametrize(
    ("subject", "text", "title"),
    [
        pytest.param(
            "PROBLEM Service Alert: db01/disk is CRITICAL",
            "Host: db01\nService: disk",
            "db01/disk is CRITICAL",
            id="its own words name both",
        ),
        pytest.param(
            "[FIRING:1] (critical)",
            "alertname=DiskFull\ninstance=db01:9100",
            "db01:9100 diskfull",
            id="they name nothing",
        ),
        pytest.param("【告警】主机失联", "主机: web-03\n触发器: ping", "web-03 ping 主机失联", id="they name neither"),
    ],
)
def test_an_alert_is_titled_by_its_host_and_check(subject: str, text: str, title: str) -> None:
    alert = alert_in(subject, text)
    assert alert
    assert titled(subject, text, alert).startswith(title)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        pytest.param("一" * 31, "一" * 29 + "…", id="wide signs count two"),
        pytest.param("word " * 20, ("word " * 11).strip() + "…", id="a border between words"),
        pytest.param("x" * 60, "x" * 60, id="it fits"),
        pytest.param("e\u0301" * 60, "e\u0301" * 60, id="an accent counts nothing"),
        pytest.param(" ,.。 ", "", id="nothing but edges"),
    ],
)
def test_what_is_too_long_is_cut(text: str, short: str) -> None:
    assert shortened(text, TITLE) == short


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200d", "\ud800", "!!!", "。。。", "\x00\x07"])
def test_a_title_is_never_empty(text: str) -> None:
    assert about(None, text).title == NO_WORDS
