"""Scenarios: what a wrong line is told, and what playing one prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config, load, parse
from gateway.replay.play import replay
from gateway.replay.scenario import End, Press, ScenarioError, Speak, Switch, read

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-03-02T10:00:00+08:00"
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
KEYS = ["at", "event", "ticket", "message", "kind", "level", "to", "method", "text"]
DOWN = "核心系统瘫痪，全部业务中断"


def line(**values: Any) -> str:
    return json.dumps({"at": AT, **values}, ensure_ascii=False)


def say(key: str = "m1", *, seconds: int = 0, **values: Any) -> str:
    at = (START + timedelta(seconds=seconds)).isoformat()
    return line(**{"at": at, "id": key, "channel": "sms", "from": "+8613900001111", "text": DOWN, **values})


def at(seconds: int, **values: Any) -> str:
    return line(**{"at": (START + timedelta(seconds=seconds)).isoformat(), **values})


def test_every_kind_of_line_is_read_and_ordered_by_time() -> None:
    lines = [
        at(9, end=True),
        at(3, provider="sms", state="down"),
        at(2, call="+8613800000101", press=1),
        at(2, call=13800000101, press=None),
        "",
        say(seconds=1, reply_to=None),
    ]
    kinds = [type(one) for one in read(lines)]
    assert kinds == [Speak, Press, Press, Switch, End]
    pressed = [(one.number, one.digit) for one in read(lines) if isinstance(one, Press)]
    assert pressed == [("+8613800000101", "1"), ("13800000101", None)]


def test_a_line_may_say_to_which_matter_it_belongs_or_that_it_belongs_to_none() -> None:
    labelled = [read([say(**more)])[0] for more in ({"matter": "power"}, {"matter": None}, {})]
    assert [one.matter for one in labelled if isinstance(one, Speak)] == ["power", None, ""]


def test_a_time_without_a_zone_is_utc() -> None:
    assert read([say(at="2026-03-02T02:00:00")])[0].at == START


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line 2: is not JSON: Expecting property name enclosed in double quotes at column 2"),
        ("[1]", 'line 2: is not an object; write {"at": ..., ...}'),
        ("{}", "line 2: needs a text as 'at'"),
        ('{"at": 5}', "line 2: at '5' is no time; write it as 2026-03-02T08:00:00+08:00"),
        ('{"at": "noon"}', "line 2: at 'noon' is no time; write it as 2026-03-02T08:00:00+08:00"),
        (
            line(channel="pigeon"),
            "line 2: channel 'pigeon' is none of sms, email, wechat, qq, telegram, hotline, fax, visit",
        ),
        (
            line(channel=["sms"]),
            "line 2: channel ['sms'] is none of sms, email, wechat, qq, telegram, hotline, fax, visit",
        ),
        (line(channel="sms"), "line 2: needs a text as 'from'"),
        (line(channel="sms", **{"from": "x"}, text={"a": 1}), "line 2: needs a text as 'text'"),
        (
            line(call="1", press="12"),
            "line 2: press '12' is no key; write one of 0 1 2 3 4 5 6 7 8 9 * #, or null for voicemail",
        ),
        (line(provider="sms", state="broken"), "line 2: state 'broken' is none of up, down, slow, twice"),
        (say("m1"), "line 2: the id 'm1' stands in line 1 already"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(text: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read([say("m1"), text])
    assert str(caught.value) == expected


def test_a_scenario_without_lines_is_refused() -> None:
    with pytest.raises(ScenarioError, match="has no lines"):
        read(["", "\n"])


@pytest.fixture(scope="module")
def config() -> Config:
    return load(str(ROOT / "config.yaml"), channels=False)


async def play(config: Config, folder: Path, *lines: str) -> list[dict[str, Any]]:
    return [row async for row in replay(config, read(lines), folder)]


def told(rows: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["event"] == event]


async def test_rows_have_their_keys_and_come_in_the_order_of_time(config: Config, tmp_path: Path) -> None:
    rows = await play(config, tmp_path, say(), at(300, end=True))
    assert {tuple(row) for row in rows} == {tuple(KEYS)}
    times = [row["at"] for row in rows]
    assert times == sorted(times)
    assert (rows[0]["event"], rows[0]["message"], rows[0]["kind"], rows[0]["level"]) == ("opened", "m1", "fault", 1)
    assert all(time <= (START + timedelta(seconds=300)).isoformat() for time in times)
    json.dumps(rows)


async def test_a_key_pressed_before_the_ring_is_pressed_when_it_rings(config: Config, tmp_path: Path) -> None:
    rows = await play(config, tmp_path, at(0, call="13800000101", press="1"), say(), at(180, end=True))
    (taken,) = told(rows, "taken")
    voice = [row for row in told(rows, "page") if row["method"] == "voice"]
    assert [taken["at"], taken["ticket"]] == [voice[0]["at"], 1001]
    assert len(voice) == 1


async def test_a_key_for_a_ring_at_the_same_instant_is_pressed_at_that_instant(tmp_path: Path) -> None:
    at_once = """\
router:
  people: {zhang: {name: Z, addresses: {tel: "+8613800000101"}}}
  rota: {lead: zhang}
  policies: {fault-1: {steps: [{after: 0m, who: [lead]}], how: [{after: 0m, by: voice}]}}
"""
    lines = [at(0, call="zhang", press="1"), say(channel="hotline"), at(60, end=True)]
    rows = await play(parse(at_once), tmp_path, *lines)
    assert [row["at"] for row in told(rows, "taken")] == [START.isoformat()]


async def test_a_key_for_a_phone_that_never_rings_is_reported(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await play(config, tmp_path, say(text="谢谢"), at(1, call="+8613800000109", press="1"), at(9, end=True))
    assert "+8613800000109 did not ring; the key was not pressed" in capsys.readouterr().err


async def test_a_provider_that_is_down_makes_pages_go_another_way(config: Config, tmp_path: Path) -> None:
    lines = [at(0, provider="sms", state="down"), say(channel="hotline"), at(50, end=True)]
    rows = await play(config, tmp_path, *lines)
    assert told(rows, "failed")[0]["method"] == "sms"
    assert "voice" in [row["method"] for row in told(rows, "page")]


@pytest.mark.timeout(8)  # of 15 real seconds that the house would wait for the send
async def test_a_scenario_ends_while_a_slow_provider_still_holds_a_page(config: Config, tmp_path: Path) -> None:
    lines = [at(0, provider="sms", state="slow"), say(channel="hotline"), at(5, end=True)]
    rows = await play(config, tmp_path, *lines)
    assert rows[0]["event"] == "opened"


async def test_an_unknown_provider_is_reported_and_the_rest_is_played(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = await play(config, tmp_path, at(0, provider="pigeon", state="down"), say(), at(1, end=True))
    assert rows[0]["event"] == "opened"
    assert "no provider pigeon; known here: sms:main, phone:main" in capsys.readouterr().err
