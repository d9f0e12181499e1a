"""`yizhan rota`, with a gateway that serves beside it and without one; and tables of stand-ins."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from gateway.__main__ import main
from gateway.app import House
from gateway.config import load
from gateway.rota_moves import Stand
from gateway.rota_table import Fault, moment, read, written
from gateway.web.server import build_app, listen, serve
from router.rota import Turn
from store.model import Feed, Presence, Shift

ROUTER = """
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota:
    lead: zhang
    second: li
    layers: [{name: weeks, people: [zhang, li], begins: "2026-01-05 08:00"}]
"""
Run = Callable[..., Result]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def wall(days: float, form: str = "%Y-%m-%d %H:%M") -> str:
    """A time on the site's wall this many days from now: a command has the machine's own clock."""
    return (datetime.now(SHANGHAI) + timedelta(days=days)).strftime(form)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(f"{ROUTER}store: {{url: 'sqlite:///{tmp_path}/data/yizhan.db'}}\n", "utf-8")
    return file


@pytest.fixture
def run(config: Path) -> Run:
    def typed(*words: str | Path) -> Result:
        given = [str(word) for word in words]
        found = CliRunner().invoke(main, given, env={"YIZHAN_CONFIG": str(config)}, prog_name="yizhan")
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return typed


def add(config: Path, text: str) -> None:
    config.write_text(config.read_text("utf-8") + text, "utf-8")


@pytest.fixture(params=["served", "alone"])
async def anyhow(request, config: Path) -> AsyncIterator[None]:
    """A store that a serving gateway has, and one that nobody has."""
    if request.param == "alone":
        async with House(load(str(config))):
            pass
        yield
        return
    sock = listen("127.0.0.1", 0)
    await asyncio.to_thread(add, config, f"gateway: {{port: {sock.getsockname()[1]}}}\n")
    stop = asyncio.Event()
    async with House(load(str(config))) as house:
        serving = asyncio.create_task(serve(build_app(house), stop=stop, sock=sock))
        yield
        stop.set()
        await serving


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def stored(config: Path, noun: type) -> list[Any]:
    from sqlalchemy import select

    from store.db import open_database, table_of

    database = open_database(load(str(config)).store.address, now=lambda: datetime.now(UTC), writes=False)
    with database.read() as connection:
        found = list(connection.execute(select(table_of(noun)).order_by(table_of(noun).c.id)).mappings())
    database.close()
    return found


@pytest.mark.usefixtures("anyhow")
async def test_an_absence_is_a_hole_only_where_nobody_follows_and_ends_when_they_are_back(run: Run) -> None:
    gone = [await asyncio.to_thread(run, "rota", "away", "张三", "--until", wall(3), "--why", "发烧")]
    assert [one.exit_code for one in gone] == [0]
    assert (await asyncio.to_thread(run, "rota", "check")).exit_code == 0
    await asyncio.to_thread(run, "rota", "away", "li", "--until", wall(2), "--from", wall(1))
    wrong = await asyncio.to_thread(run, "rota", "check")
    assert (wrong.exit_code, [line.split()[0] for line in wrong.stdout.splitlines()].count("hole")) == (1, 1)
    assert "nobody leads" in wrong.stdout
    assert "1 hole(s)" in wrong.stderr
    holes = [row for row in rows(await asyncio.to_thread(run, "rota", "check", "--json")) if row["what"] == "hole"]
    assert [(row["role"], row["people"]) for row in holes] == [("lead", [])]
    assert (await asyncio.to_thread(run, "rota", "back", "li")).exit_code == 1
    ended = await asyncio.to_thread(run, "rota", "back", "li", "--planned")
    assert (ended.exit_code, ended.stderr) == (0, "1 absence(s) ended\n")
    assert (await asyncio.to_thread(run, "rota", "check")).exit_code == 0


@pytest.mark.usefixtures("anyhow")
async def test_a_table_is_taken_whole_and_twice_is_once(run: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    lines = ["role,person,begins,ends", f"lead,李雷,{wall(1)},{wall(2)}", f"second,zhang,{wall(1)},{wall(2)}"]
    file.write_text("\n".join(lines), "utf-8")
    taken = [await asyncio.to_thread(run, "rota", "import", file) for _ in range(2)]
    assert [(one.exit_code, one.stderr) for one in taken] == [(0, "2 stand-in(s)\n")] * 2
    assert [(row["role"], row["person"], row["by"]) for row in stored(config, Shift)] == [
        ("lead", "li", "command"),
        ("second", "zhang", "command"),
    ]


@pytest.mark.usefixtures("anyhow")
async def test_with_a_bad_line_nothing_is_taken_and_each_is_named(run: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    lines = ["role,person,begins,ends", f"lead,li,{wall(1)},{wall(2)}", f"boss,li,{wall(1)},{wall(2)}", "lead,,1,2"]
    file.write_text("\n".join(lines), "utf-8")
    refused = await asyncio.to_thread(run, "rota", "import", file)
    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        f"{file}:3: role is 'boss'; write lead, second, manager",
        f"{file}:4: person is empty; write who has it, or delete the line",
        "2 bad line(s); nothing was taken",
    ]
    assert stored(config, Shift) == []


@pytest.mark.usefixtures("anyhow")
async def test_a_calendar_gets_an_address_and_loses_it(run: Run, config: Path) -> None:
    shown = [(await asyncio.to_thread(run, "rota", "feed", who)).stdout for who in ("all", "zhang")]
    assert all(one.startswith("http://127.0.0.1:8000/rota/") and one.endswith(".ics\n") for one in shown)
    closed = [await asyncio.to_thread(run, "rota", "feed", "zhang", "--revoke") for _ in range(2)]
    assert [one.exit_code for one in closed] == [0, 1]
    assert [(row["person"], row["revoked_at"] is None) for row in stored(config, Feed)] == [
        ("", True),
        ("zhang", False),
    ]
    assert [row["digest"] in "".join(shown) for row in stored(config, Feed)] == [False, False]


@pytest.mark.usefixtures("anyhow")
async def test_show_and_export_tell_the_turns(run: Run, config: Path, tmp_path: Path) -> None:
    shown = rows(await asyncio.to_thread(run, "rota", "show", "--days", "21", "--json"))
    lead = [row for row in shown if row["role"] == "lead"]
    assert ([row["now"] for row in lead][:2], {row["by"] for row in lead}) == ([True, False], {"weeks"})
    assert {row["name"] for row in lead} == {"张三", "李雷"}
    text = (await asyncio.to_thread(run, "rota")).stdout.splitlines()
    assert [line.split()[:2] for line in text if " now " in line] == [["lead", "now"], ["second", "now"]]
    table = (await asyncio.to_thread(run, "rota", "export", "--from", "2050-01-31", "--until", "2050-02-20")).stdout
    found = [(row["role"], row["person"], row["begins"]) for row in csv.DictReader(io.StringIO(table))]
    assert found[:3] == [
        ("lead", "li", "2050-01-31T00:00+08:00"),
        ("lead", "zhang", "2050-01-31T08:00+08:00"),
        ("lead", "li", "2050-02-07T08:00+08:00"),
    ]
    file = tmp_path / "again.csv"
    file.write_text(table, "utf-8")
    assert (await asyncio.to_thread(run, "rota", "import", file)).exit_code == 0
    again = (await asyncio.to_thread(run, "rota", "export", "--from", "2050-01-31", "--until", "2050-02-20")).stdout
    same = [(row["role"], row["person"], row["begins"]) for row in csv.DictReader(io.StringIO(again))]
    assert [one for one in same if one[0] == "lead"] == [one for one in found if one[0] == "lead"]
    assert "shift" in again
    assert "shift" not in table


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        pytest.param(["away", "nobody", "--until", wall(1)], 1, "is not among people", id="nobody"),
        pytest.param(["away", "li", "--until", wall(-1)], 2, "must be later", id="over"),
        pytest.param(["away", "li"], 2, "--until", id="without an end"),
        pytest.param(["feed", "nobody"], 1, "is not among people", id="nobody's calendar"),
        pytest.param(["export", "--from", "2026-02-01", "--until", "2026-01-01"], 2, "later than --from", id="turned"),
    ],
)
async def test_what_cannot_be_is_refused(run: Run, config: Path, given, status, said) -> None:
    async with House(load(str(config))):
        pass
    result = await asyncio.to_thread(run, "rota", *given)
    assert (result.exit_code, said in result.stderr) == (status, True)
    assert stored(config, Presence) == []


# tables

PEOPLE = {"zhang": "张三", "li": "李雷"}
HEAD = "role,person,begins,ends\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("lead,wang,2026-12-01 08:00,2026-12-02 08:00", "who is not among people", id="nobody known"),
        pytest.param("lead,li,soon,2026-12-02 08:00", "begins is 'soon'; write a day", id="no beginning"),
        pytest.param("lead,li,2026-12-01 08:00,", "ends is ''; write a day", id="no end"),
        pytest.param("lead,li,2026-12-02 08:00,2026-12-01 08:00", "turn the two round", id="turned"),
        pytest.param("lead,li,2026-01-01 08:00,2026-01-02 08:00", "it is over", id="over"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(line, why):
    good = "lead,li,2026-12-05 08:00,2026-12-06 08:00\n"
    stands, faults = read((HEAD + good + line).encode(), PEOPLE, SHANGHAI, NOW)
    assert ([fault.line for fault in faults], why in faults[0].why, len(stands)) == ([3], True, 1)


def test_two_lines_for_one_role_at_one_time_contradict_each_other():
    lines = [
        "lead,li,2026-12-01 08:00,2026-12-03 08:00",
        "second,zhang,2026-12-01 08:00,2026-12-03 08:00",
        "lead,zhang,2026-12-02 08:00,2026-12-04 08:00",
        "lead,zhang,2026-12-03 08:00,2026-12-04 08:00",
    ]
    stands, faults = read((HEAD + "\n".join(lines)).encode(), PEOPLE, SHANGHAI, NOW)
    why = "overlaps line 2, which has another person in the same role; shorten one of them"
    assert (faults, len(stands)) == ([Fault(line=4, why=why)], 3)


def test_a_table_of_a_chinese_spreadsheet_is_read():
    table = "角色,人员,开始时间,结束时间\n主责,李雷,2026/12/1 8:00,2026/12/2 8:00\n".encode("gbk")
    stands, faults = read(table, PEOPLE, SHANGHAI, NOW)
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    expected = Stand(role="lead", person="li", begins=begin, ends=begin + timedelta(days=1))
    assert (stands, faults) == ([expected], [])


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        pytest.param("2026-12-01T08:00+08:00", "Europe/Berlin", "2026-12-01T00:00+00:00", id="with an offset"),
        pytest.param("2026-12-01 08:00", "Europe/Berlin", "2026-12-01T07:00+00:00", id="on the wall"),
        pytest.param("2026/12/1 8:00", "Europe/Berlin", "2026-12-01T07:00+00:00", id="as a spreadsheet writes it"),
        pytest.param("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:00+00:00", id="skipped"),
        pytest.param("2026/10/25 2:30", "Europe/Berlin", "2026-10-25T00:30+00:00", id="twice"),
        pytest.param("soon", "Europe/Berlin", None, id="no time"),
    ],
)
def test_a_time_in_a_table(text, zone, instant):
    assert moment(text, ZoneInfo(zone)) == (datetime.fromisoformat(instant) if instant else None)


def test_what_is_written_is_read_again():
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    turn = Turn(role="lead", person="li", begins=begin, ends=begin + timedelta(hours=12), by="weeks")
    stands, faults = read(written([turn], SHANGHAI).encode(), PEOPLE, SHANGHAI, NOW)
    assert (stands, faults) == ([Stand(role="lead", person="li", begins=turn.begins, ends=turn.ends)], [])
