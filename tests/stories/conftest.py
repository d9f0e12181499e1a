"""Plays short stories through the whole gateway on a moved clock, and tells what happened line by line."""

import re
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import config
from gateway.replay.play import replay
from gateway.replay.scenario import End, Line, Press, Speak, Switch
from store.db import open_database

CONFIG = """
gateway:
  signature: {zh: 服务台, en: Support}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", email: zhang@example.cn}}
    li: {name: 李雷, addresses: {tel: "+8613800000102", email: li@example.cn}}
    wang: {name: 王经理, addresses: {tel: "+8613800000103", email: wang@example.cn}}
    zhao: {name: Zhao, language: en, addresses: {tel: "+8613800000104", email: zhao@example.cn}}
  rota: ROTA
  sites: [滨江机房, 东站医院, 东站收费站, 西站收费站]
"""
ROTA = "{lead: zhang, second: li, manager: wang}"
STAFF = {"zhang": "101", "li": "102", "wang": "103", "zhao": "104"}
CUSTOMERS = {"chen": "+8613900000001", "sun": "+8613900000002", "wu": "+8613900000003"}
NAMES = {f"+8613800000{end}": name for name, end in STAFF.items()} | {a: n for n, a in CUSTOMERS.items()}
NAMES |= {f"{name}@example.cn": name for name in STAFF}
LINE = re.compile(
    r"(?:(?P<day>\d+)d )?(?P<at>\d\d:\d\d(?::\d\d)?) (?P<what>\S+)(?: (?P<who>[^\s:]+))?(?: (?P<word>\S+?))?"
    r"(?: re (?P<answers>\S+?))?(?: as (?P<id>\S+?))?(?:: (?P<text>.*))?"
)
UNTOLD = ("warning",)


def at(day: str | None, clock: str) -> datetime:
    hour, minute, second = (*(int(part) for part in clock.split(":")), 0)[:3]
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC) + timedelta(days=int(day or 0))


def line(text: str) -> Line:
    """Read `03:00 sms chen: words`, `03:01 call zhang 1` (or `-`: voicemail), `03:02 provider sms down`, `04:00 end`.

    `1d` before the time is the next day; `as m1` names a message, `re m1` answers it; a mail is
    `subject | text`. Without an end the story ends with its last line.
    """
    found = LINE.fullmatch(text)
    assert found, f"not a line of a story: {text}"
    instant, what, who = at(found["day"], found["at"]), found["what"], found["who"] or ""
    if what == "end":
        return End(at=instant)
    if what == "call":
        return Press(at=instant, number=who, digit=None if found["word"] == "-" else found["word"])
    if what == "provider":
        return Switch(at=instant, provider=who, state=found["word"])
    return spoken(instant, what, who, found)


def spoken(instant: datetime, channel: str, who: str, found: re.Match[str]) -> Speak:
    subject, _, words = (found["text"] or "").rpartition(" | ")
    return Speak(
        at=instant,
        id=found["id"] or f"{found['at']}-{who}",
        channel=channel,
        sender=CUSTOMERS.get(who, who),
        text=words.replace("\\n", "\n"),
        group=found["word"],
        subject=subject or None,
        reply_to=found["answers"],
    )


@dataclass
class Story:
    """What happened."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, ...]]:
        """Every line: time and event, then ticket, or who was reached by which method."""
        return [short(row) for row in self.rows if row["event"] not in UNTOLD]

    def of(self, *events: str) -> list[tuple[str, ...]]:
        """The lines of some events."""
        return [one for one in self.told if one[1] in events]

    def texts(self, who: str, event: str = "reply") -> list[str]:
        """What somebody was told."""
        return [row["text"] for row in self.rows if row["event"] == event and name(row["to"]) == who]

    def tickets(self) -> dict[str, int]:
        """Message id to the ticket it opened or joined."""
        events = ("opened", "joined")
        return {row["message"]: row["ticket"] for row in self.rows if row["event"] in events and row["message"]}


def name(address: str | None) -> str:
    return NAMES.get(address or "", address or "")


def short(row: dict[str, Any]) -> tuple[str, ...]:
    clock = row["at"][11:19].removesuffix(":00")
    if row["event"] in ("page", "reply", "suppressed", "failed") and row["to"]:
        return clock, row["event"], name(row["to"]), row["method"]
    return clock, row["event"], str(row["ticket"] or "")


Play = Callable[..., Awaitable[Story]]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in it."""
    path = tmp_path_factory.mktemp("empty") / "yizhan.db"
    made = open_database(f"sqlite:///{path}", now=lambda: at(None, "00:00"))
    made.migrate()
    made.close()
    return path


@pytest.fixture
def names() -> dict[str, str]:
    """Address to the name that stories use."""
    return dict(NAMES)


@pytest.fixture
def play(tmp_path: Path, empty_file: Path) -> Play:
    """Play the lines of a story, or a scenario that was read; `settings` is YAML put to the end of the router block."""

    async def played(
        story: str | list[Line], settings: str = "", known: config.Config | None = None, rota: str = ROTA
    ) -> Story:
        lines = story if isinstance(story, list) else [line(one.strip()) for one in story.strip().split("\n")]
        if not any(isinstance(one, End) for one in lines):
            lines.append(End(at=max(one.at for one in lines)))
        shutil.copy(empty_file, tmp_path / "yizhan.db")
        used = known or config.parse(CONFIG.replace("ROTA", rota) + settings, channels=False)
        return Story([row async for row in replay(used, lines, tmp_path)])

    return played
