"""Draws a night from its seed: rota, policies, roads and their faults, people and their habits, what customers say."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
NAMES = ("张三", "李雷", "王芳", "赵敏", "Zhao", "钱多")
SITES = ("滨江机房", "东站医院", "东站收费站", "西站收费站", "南港码头")
METHODS = {"sms": ("sms:one", "sms:two"), "voice": ("voice:one", "voice:two"), "push": ("push:main",)}
OUTAGES = (
    "{site}全部断电，业务全部中断 {n}",
    "{site}网络全断了，所有窗口都办不了业务 {n}",
    "{site}3号楼打印机坏了 {n}",
    "{site}网络很慢，影响一部分人 {n}",
    "您好，请问怎么申请新账号？ {n}",
    "我要投诉，{site}的工程师态度太差了 {n}",
    "明天上午请派人到{site}巡检 {n}",
    "{site}后天有重要会议，请派人现场保障 {n}",
)
CHASES = ("还没修好吗？", "怎么样了", "还是不行", "修好了，谢谢", "好的", "any news?")
FAULTS = ("refused", "busy", "lost", "hangs", "slow", "broken", "silent", "swallows", "bounces")
"""What may be the matter with a road; `up` is none of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A road does not do as it should for a while."""

    road: str
    begins: datetime
    ends: datetime
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How one of the staff behaves this night."""

    answers: float
    """How likely a text is answered at all."""
    wakes: float
    """How likely a call is picked up and a key pressed; else it is voicemail, or nobody picks up."""
    slowest: float
    """Seconds until an answer at most."""
    garbage: float
    """How likely an answer makes no sense."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """A customer says something."""

    at: datetime
    road: str
    sender: str
    text: str
    subject: str | None = None
    group: str | None = None
    twice: bool = False
    """The provider brings it once more, a little later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """Somebody is to have a role for a while, said at an instant."""

    said: datetime
    role: str
    person: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """Somebody is away."""

    said: datetime
    person: str
    begins: datetime
    ends: datetime


@dataclass(kw_only=True, slots=True)
class Night:
    """All that chance decided beforehand, and the dice for what it decides on the way."""

    seed: int
    dice: random.Random
    begins: datetime
    ends: datetime
    config: dict[str, Any]
    habits: dict[str, Habit]
    faults: list[Fault] = field(default_factory=list)
    says: list[Say] = field(default_factory=list)
    stand_ins: list[StandIn] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    watched: bool = False
    """The gateway looks after itself every minute."""
    crashes: float = 0.0
    """How likely a step (before or after a commit, before or after a provider took a text) is the last of a life."""


@cache
def said_by_customers() -> tuple[dict[str, Any], ...]:
    """Read labelled messages of people, a few thousand."""
    files = [CORPUS / f"author_{name}.jsonl" for name in "abc"]
    return tuple(json.loads(line) for file in files for line in file.read_text("utf-8").splitlines())


def draw(seed: int, *, hours: float | None = None) -> Night:
    """Draw a night; the same seed gives the same night."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable night, not a secret
    hours = hours or dice.choice((1.0, 1.0, 2.0, 2.0, 4.0, 12.0))
    zone = dice.choice(("Asia/Shanghai", "Asia/Shanghai", "UTC", "Europe/Berlin"))
    local = datetime(2026, 11, 23 + dice.randrange(7), dice.choice((18, 20, 22, 6)), tzinfo=ZoneInfo(zone))
    begins = local.astimezone(UTC)
    people = [f"p{n}" for n in range(1, dice.randint(3, 6) + 1)]
    night = Night(
        seed=seed,
        dice=dice,
        begins=begins,
        ends=begins + timedelta(hours=hours),
        config=_config(dice, zone, people),
        habits={person: _habit(dice) for person in people},
        crashes=dice.choice((0.0, 0.0, 0.002, 0.005, 0.02)),
    )
    night.watched = hours <= 2 and dice.random() < 0.4
    _duty(night, people)
    _faults(night)
    _says(night)
    return night


def _habit(dice: random.Random) -> Habit:
    return dice.choice(
        (
            Habit(answers=0.0, wakes=0.0, slowest=60, garbage=0.0),  # sleeps
            Habit(answers=0.1, wakes=0.8, slowest=120, garbage=0.1),  # wakes by a call only
            Habit(answers=0.9, wakes=0.9, slowest=90, garbage=0.1),
            Habit(answers=0.6, wakes=0.5, slowest=1800, garbage=0.1),  # late
            Habit(answers=0.8, wakes=0.6, slowest=600, garbage=0.7),  # no clear words
        )
    )


def _config(dice: random.Random, zone: str, people: list[str]) -> dict[str, Any]:
    staff: dict[str, Any] = {}
    for place, person in enumerate(people):
        addresses = {"tel": f"+86138000001{place:02d}"}
        if dice.random() < 0.4:
            addresses["telegram"] = f"chat-{person}"
        if dice.random() < 0.5:
            addresses["email"] = f"{person}@ours.example"
        staff[person] = {"name": NAMES[place], "language": dice.choice(("zh", "zh", "en")), "addresses": addresses}
    router: dict[str, Any] = {
        "time_zone": zone,
        "people": staff,
        "rota": _rota(dice, people),
        "sites": list(SITES),
        "routes": _routes(dice),
        "fold": {"window": f"{dice.choice((1, 2, 2, 5))}m", "free": dice.choice((1, 1, 2))},
    }
    if dice.random() < 0.5:
        names = ("fault-1", "fault-2", "fault-3", "complaint", "other", "emergency_support")
        router["policies"] = {name: _policy(dice, people) for name in names if dice.random() < 0.5}
    if dice.random() < 0.3:
        router["quiet_hours"] = {"begin": "00:00", "end": "00:01"}
    gateway: dict[str, Any] = {"senders": dice.choice((2, 16)), "send_seconds": 15}
    if dice.random() < 0.3:
        limit = {"per_second": dice.choice((0.2, 0.5, 1.0)), "burst": dice.choice((1, 3))}
        gateway["limits"] = {dice.choice(("sms:one", "sms:two", "voice:one")): limit}
    return {"gateway": gateway, "router": router}


def _rota(dice: random.Random, people: list[str]) -> dict[str, Any]:
    rota: dict[str, Any] = {"lead": people[0], "second": people[1], "manager": people[2], "layers": []}
    if dice.random() < 0.3:
        del rota["manager"]
    for name in range(dice.choice((0, 0, 1, 2, 3))):
        layer: dict[str, Any] = {
            "name": f"layer {name}",
            "role": dice.choice(("lead", "lead", "second", "manager")),
            "people": dice.sample(people, dice.randint(1, len(people))),
            "every": dice.choice(("8 hours", "12 hours", "daily", "weekly")),
            "begins": dice.choice(("2026-01-05 08:00", "2026-03-02 20:00")),
        }
        if dice.random() < 0.3:
            layer["zone"] = dice.choice(("Asia/Shanghai", "UTC"))
        if dice.random() < 0.4:
            begin, end = dice.choice((("22:00", "06:00"), ("08:00", "20:00"), ("00:00", "04:00")))
            layer["hours"] = {"begin": begin, "end": end}
        rota["layers"].append(layer)
    return rota


def _policy(dice: random.Random, people: list[str]) -> dict[str, Any]:
    after = 0
    steps = []
    for _ in range(dice.randint(1, 4)):
        who = dice.sample(("lead", "second", "manager", "everyone", *people), dice.choice((1, 1, 2)))
        steps.append({"after": f"{after}m", "who": who})
        after += dice.randint(1, 6)
    by = dice.choice((("sms", "voice"), ("sms",), ("push", "sms", "voice"), ("voice",), ("sms", "mail")))
    how = [{"after": f"{place}m", "by": method} for place, method in enumerate(by)]
    repeat = dice.choice((None, "10m", "15m", "1h"))
    return {"steps": steps, "how": how, "repeat": repeat}


def _routes(dice: random.Random) -> list[dict[str, Any]]:
    return [
        {"method": method, "order": dice.sample(METHODS[method], 2), "only": dice.random() < 0.2}
        for method in ("sms", "voice")
        if dice.random() < 0.6
    ]


def _some(night: Night, first: float = 0.0, last: float = 1.0) -> datetime:
    """Draw an instant of the night."""
    return night.begins + (night.ends - night.begins) * night.dice.uniform(first, last)


def _duty(night: Night, people: list[str]) -> None:
    dice = night.dice
    for _ in range(dice.choice((0, 0, 1, 2))):
        begins = _some(night)
        night.stand_ins.append(
            StandIn(
                said=begins - timedelta(minutes=dice.choice((0, 30))),
                role=dice.choice(("lead", "second", "manager")),
                person=dice.choice(people),
                begins=begins,
                ends=begins + timedelta(hours=dice.randint(1, 5)),
            )
        )
    if dice.random() < 0.3:
        begins = _some(night, 0.0, 0.5)
        ends = begins + timedelta(hours=dice.randint(1, 9))
        night.absences.append(Absence(said=begins, person=dice.choice(people), begins=begins, ends=ends))


def _faults(night: Night) -> None:
    dice = night.dice
    for road in ("sms:one", "sms:two", "voice:one", "voice:two", "push:main", "email:main", "chat:main"):
        for _ in range(dice.choice((0, 0, 1, 2))):
            begins = _some(night)
            length = timedelta(minutes=dice.choice((2, 10, 45, 300)))
            night.faults.append(Fault(road=road, begins=begins, ends=begins + length, kind=dice.choice(FAULTS)))


def _says(night: Night) -> None:
    dice = night.dice
    for n in range(dice.choice((1, 1, 2, 2, 3, 4, 8))):
        night.says.append(_say(night, n, _some(night, 0.0, 0.8)))
    if dice.random() < 0.1:
        at = _some(night, 0.0, 0.7)
        for n in range(dice.randint(5, 12)):
            at += timedelta(seconds=dice.uniform(0, 20))
            night.says.append(_say(night, 100 + n, at))
    night.says.sort(key=lambda say: say.at)


def _say(night: Night, n: int, at: datetime) -> Say:
    dice = night.dice
    chance = dice.random()
    if chance < 0.5:
        text = dice.choice(OUTAGES).format(site=dice.choice(SITES), n=f"K{n}")
    elif chance < 0.9:
        text = str(dice.choice(said_by_customers())["text"])
    else:
        text = dice.choice(CHASES)
    road = dice.choice(("sms:one", "sms:two", "email:main", "chat:main", "hotline:main"))
    who = dice.randrange(12)
    sender = {"email": f"c{who}@customer.example", "chat": f"member-{who}"}.get(
        road.partition(":")[0], f"+8613900000{who:03d}"
    )
    return Say(
        at=at,
        road=road,
        sender=sender,
        text=text,
        subject=text[:20].replace("\n", " ") if road == "email:main" else None,
        group=f"group-{who % 3}" if road == "chat:main" else None,
        twice=dice.random() < 0.1,
    )
