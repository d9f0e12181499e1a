"""Texts that mean no good, from a seed: for the test that reads them, and the benchmark that shows the slowest."""

from __future__ import annotations

import argparse
import base64
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bench.measure import put
from gateway.app import packaged_rules
from router import alerts, commands, details, extract, likeness, linking, masking, mentions, reading, similar, visits
from router.judge import Facts, judge
from router.matter import bare_subject
from router.rules import Table, compile_rules, load

Reader = Callable[[str | None, str], Any]
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SENTENCES = (
    "您好，东站医院挂号系统打不开，全院都登不上，请尽快处理，电话0871-63542118转802",
    "滨江机房全部断电，业务中断，影响3000用户，报错ORA-12541，请在下午3点前修好",
    "昨天修好的3号车道今天又不行了，工单1042还没好，什么时候能来",
    "Hi team, none of the 40 users at our Leeds site can log in since 08:30, error 503. Please fix it by 5pm.",
    "PROBLEM Service Alert: db01/disk is CRITICAL\nHost: db01\nService: disk",
    "回复: 报障\n> 上次说好了\n发件人: 李明\n主题: 报障\n\n还是不行",
    "明天上午10点请派王工到3号楼2层，联系人：李小明 13812345678，带备件",
    "1042 已经好了，不用来了，谢谢",
    "唔該，成個網站入唔到，用戶投訴",
    "X 挂了？？？",
)
SIGNS = (
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "\u202e\u202d\u2066\u2069\u200f\u061c",
    "\u200b\u200c\u200d\ufeff\u2060\u00ad",
    "e\u0301\u0327\u0489" * 3,
    "\x00\x01\x07\x08\x1b[31m\x7f\x85",
    "\ud800\udfff\udc80",
    "ﷺ㍿㌀①⑳ﬃ",
    "שלום مرحبا नमस्ते สวัสดี Привет Ελλάδα 안녕 こんにちは",
    "\u2028\u2029\u000b\u000c\r\n\t\u3000\u00a0",
    "𝕳𝖊𝖑𝖑𝖔 ｆｕｌｌ İıſK",
    "<p><b>x</b",
    "<!-- ",
    "&nbsp;&#x1F600;",
    "=?UTF-8?B?5rWL6K+V?=",
    "]]>",
    "{{7*7}}",
    "%s%n",
    "' OR 1=1 --",
)
RUNS = (
    "a", "1", " ", "\n", ">", "> ", "- ", "-", "_", "[", "(", "<", ".", ",", "，", "一", "不", "没", "故障",
    "系统", "你好", "你好,", "12:", "1-", "+86 ", "re: ", "回复:", "from: a\n", "host: ", "http://", "a@", "a.",
    "A ", "Ab ", "At Ab ", "工单", "#1001 ", "1001,", "is down ", "上午", "下周三", "10:00 ", "联系人:",
    "regards\n", "\r\n", "e\u0301", "😀", "\u202e", "\ud800", "ﷺ", "恢复", "分", "的", "x1", "wrote:\n",
    "还是不", "not ", "no ", "0.", "，。", "3个里", "都", "if it is fixed ", "when will ", "1台", "请", "全",
    "ward ", "** ", "*", "|", "\\", "\t", "error: ", "0x", "1,000,", "第1页", "()", "“”", "--\n",
)  # fmt: skip
LONG = 1_000_000


def readers(table: Table | None = None) -> Mapping[str, Reader]:
    """What reads a text of a stranger, by name."""
    rules = table or compile_rules(load({"rules": []}), packaged_rules())
    return {
        "judge": lambda s, t: judge(Facts(channel="email", subject=s, text=t, critical_systems=("挂号系统",)), rules),
        "unquoted": lambda s, t: (
            reading.unquoted(t),
            reading.unquoted(t, forwarded=True),
            reading.without_prefix(s or ""),
        ),
        "about": lambda s, t: extract.about(s, t, sites=("东站医院", "Leeds")),
        "asked": lambda s, t: extract.about(s, t, fault=False),
        "alert": lambda s, t: [alerts.alert_in(s, t), alerts.alert_in(s, t, automatic=True), alerts.headline(s, t)],
        "mentions": lambda s, t: (mentions.ticket_numbers(t), mentions.rating(t), bare_subject(s)),
        "similar": lambda s, t: (
            similar.is_chase(t),
            similar.is_still_broken(t),
            similar.is_fixed_now(t),
            similar.same_symptom(t, s or t),
        ),
        "likeness": lambda s, t: (
            likeness.chases(t),
            likeness.fixed(t),
            likeness.away(t),
            likeness.noise(t),
            likeness.is_code(t),
            likeness.devices(t),
            likeness.is_central(t),
        ),
        "visit": lambda s, t: visits.visit_in(s, t, at=AT, zone=ZONE, sites=("东站医院",)),
        "details": lambda s, t: (details.people_in(t), details.wanted_in(t, at=AT, zone=ZONE)),
        "masked": lambda s, t: masking.masked(t[: 4 * 1000], ("张三", "Li Lei")),
        "commands": lambda s, t: (commands.read(t), linking.code_in(t), linking.phone_in(t)),
    }


def texts(seed: int, count: int) -> Iterator[tuple[str | None, str]]:
    """So many subjects and texts: the same for the same seed; most are short, one in 500 is long."""
    chance = random.Random(seed)
    for number in range(count):
        subject = _text(chance, 40) if number % 3 == 0 else None
        yield subject, _text(chance, 20_000 if number % 500 == 7 else 80)


def flood(piece: str) -> str:
    """A megabyte of one piece."""
    return (piece * (LONG // len(piece) + 1))[:LONG]


def _text(chance: random.Random, longest: int) -> str:
    shapes = (_mutated, _mutated, _noise, _run, _mixed, _wrapped)
    return chance.choice(shapes)(chance, longest)[:longest]


def _mutated(chance: random.Random, longest: int) -> str:
    """A true sentence with signs taken out, doubled, swapped and put in."""
    text = list(chance.choice(SENTENCES) * (1 + longest // 2000))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text))
        what = chance.randrange(4)
        if what == 0:
            del text[at]
        elif what == 1:
            text.insert(at, text[at] * chance.choice((1, 2, 30)))
        elif what == 2:
            text.insert(at, chance.choice(SIGNS))
        else:
            other = chance.randrange(len(text))
            text[at], text[other] = text[other], text[at]
    return "".join(text)


def _noise(chance: random.Random, longest: int) -> str:
    """Any code points at all, lone surrogates among them."""
    planes = (0x80, 0x300, 0x10000, 0x110000)
    length = chance.randint(0, min(longest, 400))
    return "".join(chr(int(chance.random() * chance.choice(planes))) for _ in range(length))


def _run(chance: random.Random, longest: int) -> str:
    """One piece again and again, with something else at its end."""
    return chance.choice(RUNS) * chance.randint(1, longest) + chance.choice(("", "!", *SENTENCES))


def _mixed(chance: random.Random, longest: int) -> str:
    return "".join(chance.choice(chance.choice((SENTENCES, SIGNS, RUNS))) for _ in range(chance.randint(1, 8)))


def _wrapped(chance: random.Random, longest: int) -> str:
    """A sentence inside quotes, half HTML, or base64."""
    said = chance.choice(SENTENCES)
    match chance.randrange(4):
        case 0:
            return "".join(f"{'>' * depth} {said}\n" for depth in range(chance.randint(1, 30)))
        case 1:
            return f"<html><div><p>{said}<br{'<' * chance.randint(0, 30)}"
        case 2:
            return base64.b64encode(said.encode() * chance.randint(1, 5)).decode()
    return f"-----Original Message-----\nFrom: a\nSubject: {said}\n\n{said}" * chance.randint(1, 6)


def add(commands_: Any) -> None:
    reader = commands_.add_parser("hostile", help=__doc__)
    reader.add_argument("--count", type=int, default=10_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--slowest", type=int, default=5)
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    taken: list[tuple[float, str, str]] = []
    reads = readers()
    named = [(repr(text[:30]), subject, text) for subject, text in texts(given.seed, given.count)]
    named += [(f"1 MB of {piece!r}", None, flood(piece)) for piece in RUNS]
    total = time.process_time()
    for what, subject, text in named:
        for name, read in reads.items():
            begun = time.process_time()
            read(subject, text)
            taken.append((time.process_time() - begun, name, what))
    taken.sort(reverse=True)
    slowest = [{"ms": round(t * 1e3, 1), "reader": name, "text": what} for t, name, what in taken[: given.slowest]]
    put(
        {
            "bench": "hostile",
            "texts": len(named),
            "seconds": round(time.process_time() - total, 1),
            "slowest": slowest,
        }
    )
