"""The commands that read and change a store, with a gateway that serves beside them and without one."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from channels.contract import Accept, Can, Inbound, Polled, Unreadable
from gateway.__main__ import main
from gateway.app import House
from gateway.config import load
from gateway.replay.standin import StandIn
from gateway.web.server import build_app, listen, serve
from store import timers
from store.model import Inquiry
from store.rota import shifts
from store.work import Work
from store.writer import Tx

PEOPLE = """
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""
OUTAGE = "滨江机房全部断电，业务中断，所有系统都用不了"

Run = Callable[..., Result]


def lines(result: Result) -> list[str]:
    """What stands on stdout."""
    return result.stdout.splitlines()


def rows(result: Result) -> list[dict[str, Any]]:
    """What stands on stdout, as JSON lines."""
    return [json.loads(line) for line in lines(result)]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(f"router:{PEOPLE}store: {{url: 'sqlite:///{tmp_path}/data/yizhan.db'}}\n", "utf-8")
    return file


@pytest.fixture
def run(config: Path) -> Run:
    def typed(*words: str | Path) -> Result:
        found = CliRunner().invoke(
            main, [str(word) for word in words], env={"YIZHAN_CONFIG": str(config)}, prog_name="yizhan"
        )
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return typed


class Mailbox(StandIn):
    """A pulled account with one mail in it."""

    def __init__(self) -> None:
        super().__init__("email")
        self.name, self.can = "email:support", Can(book="email")
        self.times: tuple[str, ...] = ()
        self.every: timedelta | None = None

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring the mail."""
        await accept([Inbound(key="<1@x>", sender="a@x.cn", text="数据库授权怎么续期？", raw=b"raw")], cursor="7:1")
        return Polled(first=1, last=1, count=1, generation="7")


def add(config: Path, text: str) -> None:
    """Write more into the configuration."""
    config.write_text(config.read_text("utf-8") + text, "utf-8")


async def settled(house: House) -> None:
    """Wait until everything that came in was judged and sent."""
    async with asyncio.timeout(10):
        while not house.settled():  # noqa: ASYNC110 - it tells it by this question only
            await asyncio.sleep(0.002)


async def tell(house: House) -> None:
    """Report an outage, leave something unreadable, and wait until it is judged."""
    said = Inbound(key="SM1", sender="+8613900000001", text=OUTAGE, raw=b"Body=...")
    torn = Unreadable(key="t1", raw=b"\xff\x00torn", where="Body", why="is not text")
    await house.intake.accept("sms:main", [said, torn])
    await settled(house)


def house_of(config: Path) -> House:
    """A house with one pretend way to write and one pretend mailbox."""
    sms = StandIn("sms")
    sms.name, sms.can = "sms:main", Can(book="tel")
    return House(load(str(config)), channels={"sms:main": sms, "email:support": Mailbox()})


@pytest.fixture
async def told(config: Path) -> None:
    """A store in which one outage was reported and one message could not be read; no gateway runs."""
    async with house_of(config) as house:
        await tell(house)


@pytest.fixture
async def running(config: Path) -> AsyncIterator[House]:
    """The same, with a gateway that serves."""
    sock = listen("127.0.0.1", 0)
    add(config, f"gateway: {{port: {sock.getsockname()[1]}}}\n")
    stop = asyncio.Event()
    async with house_of(config) as house:
        await tell(house)
        serving = asyncio.create_task(serve(build_app(house), stop=stop, sock=sock))
        yield house
        stop.set()
        await serving


# doctor


@pytest.mark.usefixtures("told")
def test_the_doctor_sees_what_lies_in_quarantine(run: Run) -> None:
    found = {row["what"]: row for row in rows(run("doctor", "--json"))}
    assert found["the store answers"]["ok"] is True
    aside = found["the quarantine is empty"]
    assert (aside["ok"], aside["grave"], aside["note"].partition(",")[0]) == (False, False, "1 rows")


async def test_the_doctor_tells_what_the_running_gateway_says_of_itself(run: Run, running: House) -> None:
    result = await asyncio.to_thread(run, "doctor", "--json")
    found = {row["what"]: row["ok"] for row in rows(result)}
    assert found["it runs"] is True
    assert found["every loop goes on"] is True
    running.loops["fetch"].failures = 3
    result = await asyncio.to_thread(run, "doctor", "--json")
    assert ("loop fetch", False) in [(row["what"], row["ok"]) for row in rows(result)]
    assert result.exit_code == 1


# drill


@pytest.mark.usefixtures("told")
def test_the_drill_says_that_nobody_was_asked_yet(run: Run) -> None:
    result = run("drill")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nobody was asked yet" in result.stderr


async def test_a_drill_is_run_by_the_running_gateway_and_shown_by_person_and_method(run: Run, running: House) -> None:
    result = await asyncio.to_thread(run, "drill", "run", "--person", "李雷", "--method", "sms", "--json")
    assert [(row["person"], row["method"]) for row in rows(result)] == [("li", "sms")]
    with running.database.read() as connection:
        (ahead,) = [one for one in timers.of_kind(connection, "drill") if one.about == "ask li sms"]
    row = Inquiry(
        id=7,
        kind="drill",
        person="li",
        asked_at=ahead.due,
        until=ahead.due,
        answer="yes",
        answered_at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        method="sms",
    )

    def keep(tx: Tx, items: Any) -> list[None]:
        work = Work(tx)
        work.add(row)
        work.flush()
        return [None] * len(items)

    await running.writer.do(keep, None)
    result = await asyncio.to_thread(run, "drill", "list")
    assert lines(result) == ["李雷: sms Mon 11-23 (yes)"]


def test_a_drill_of_nobody_we_know_is_refused(run: Run) -> None:
    result = run("drill", "run", "--person", "nobody")
    assert (result.exit_code, result.stderr) == (1, "'nobody' is not among people: zhang, li\n")


# tickets


@pytest.mark.usefixtures("told")
def test_tickets_lists_what_is_open(run: Run) -> None:
    result = run("tickets")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[:3] for line in lines(result)] == [["1001", "P1", "paging"]]
    assert [(row["number"], row["level"], row["state"]) for row in rows(run("tickets", "list", "--json"))] == [
        (1001, 1, "paging")
    ]


@pytest.mark.usefixtures("told")
def test_tickets_show_tells_the_whole_story(run: Run) -> None:
    text = run("tickets", "show", "1001").stdout
    assert "customer +8613900000001 on sms:main; owner nobody" in text
    assert "clock respond: until" in text
    assert "page to 张三 by sms" in text
    story = rows(run("tickets", "show", "1001", "--json"))[0]
    assert sorted(story) == [
        "children",
        "clocks",
        "events",
        "messages",
        "pages",
        "parts",
        "similar",
        "ticket",
        "visits",
    ]
    assert [row["text"] for row in story["messages"] if row["direction"] == "in"] == [OUTAGE]


@pytest.mark.usefixtures("told")
def test_a_ticket_that_is_not_there_is_a_failure(run: Run) -> None:
    result = run("tickets", "show", "9999")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "there is no ticket 9999\n")


def test_without_a_store_the_reading_commands_say_what_is_missing(run: Run) -> None:
    for command in ("tickets", "lead", "quarantine", "poll"):
        result = run(command)
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert "was the gateway ever started with this configuration?" in result.stderr


async def test_the_running_gateway_merges_and_takes_apart(run: Run, running: House) -> None:
    other = Inbound(key="SM2", sender="+8613900000002", text="西站收费站摄像头黑屏", raw=b"Body=...")
    await running.intake.accept("sms:main", [other])
    await settled(running)
    merged = await asyncio.to_thread(run, "tickets", "merge", "1002", "1001", "--by", "张三")
    refused = await asyncio.to_thread(run, "tickets", "child", "1002", "1001", "--by", "zhang")
    apart = await asyncio.to_thread(run, "tickets", "apart", "1002", "--by", "zhang")
    child = await asyncio.to_thread(run, "tickets", "child", "1002", "1001", "--by", "zhang")
    assert [(r.exit_code, r.stderr) for r in (merged, refused, apart, child)] == [
        (0, "merged_other 1001\n"),
        (1, "nothing was done: not_child 1001 merged\n"),
        (0, "unmerged 1001\n"),
        (0, "child_of 1001\n"),
    ]
    assert "children: 1002  paging" in (await asyncio.to_thread(run, "tickets", "show", "1001")).stdout


# lead


@pytest.mark.usefixtures("told")
def test_lead_shows_who_is_on_duty(run: Run) -> None:
    assert lines(run("lead")) == [
        "lead     张三  tel +8613800000101",
        "second   李雷  tel +8613800000102",
        "manager  nobody  ",
    ]


@pytest.mark.usefixtures("told")
def test_lead_set_lets_somebody_stand_in_without_a_gateway(run: Run) -> None:
    result = run("lead", "set", "李雷")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "done\n")
    assert rows(run("lead", "show", "--json"))[0] == {
        "role": "lead",
        "person": "li",
        "name": "李雷",
        "stands_in": True,
        "addresses": {"tel": "+8613800000102"},
    }


@pytest.mark.usefixtures("told")
def test_somebody_unknown_cannot_stand_in(run: Run) -> None:
    result = run("lead", "set", "nobody")
    assert (result.exit_code, result.stderr) == (1, "'nobody' is not among people: zhang, li\n")


async def test_the_running_gateway_takes_the_stand_in(run: Run, running: House) -> None:
    result = await asyncio.to_thread(run, "lead", "set", "li", "--until", "2999-01-01T08:00")
    assert (result.exit_code, result.stderr) == (0, "done\n")
    shown = await asyncio.to_thread(run, "lead", "--help")
    assert shown.exit_code == 0
    found = rows(await asyncio.to_thread(run, "lead", "show", "--json"))
    assert [row["person"] for row in found] == ["li", "li", None]


@pytest.mark.usefixtures("told")
def test_a_swap_is_refused_with_the_reason_without_a_gateway(run: Run) -> None:
    result = run("lead", "swap", "zhang", "张三", "2999-01-01")
    assert (result.exit_code, result.stderr) == (1, "no swap: self\n")
    assert (
        run("lead", "swap", "zhang", "nobody", "2999-01-01").stderr == "'nobody' is not one of the people: zhang, li\n"
    )


async def test_the_running_gateway_asks_for_the_swap(run: Run, running: House) -> None:
    day = (running.clock.now() + timedelta(days=3)).date().isoformat()
    result = await asyncio.to_thread(run, "lead", "swap", "zhang", "李雷", day)
    assert (result.exit_code, result.stderr) == (0, "asked\n")
    with running.database.read() as connection:
        assert [shift.state for shift in shifts(connection, running.clock.now(), proposed=True)] == ["proposed"]
    refused = await asyncio.to_thread(run, "lead", "swap", "li", "li", day)
    assert (refused.exit_code, refused.stderr) == (1, "no swap: self\n")


# quarantine


@pytest.mark.usefixtures("told")
def test_quarantine_lists_and_shows_the_raw_bytes(run: Run) -> None:
    (row,) = rows(run("quarantine", "list", "--json"))
    assert (row["channel"], row["where"], row["why"]) == ("sms:main", "Body", "is not text")
    assert "raw" not in row
    result = run("quarantine", "show", str(row["id"]))
    assert (result.stdout_bytes, result.stderr) == (b"\xff\x00torn", "sms:main  Body: is not text\n")


@pytest.mark.usefixtures("told")
def test_bytes_are_not_released_while_nobody_could_read_them_again(run: Run) -> None:
    (row,) = rows(run("quarantine", "list", "--json"))
    result = run("quarantine", "release", str(row["id"]))
    assert result.exit_code == 1
    assert "start the gateway" in result.stderr
    assert [one["id"] for one in rows(run("quarantine", "list", "--json"))] == [row["id"]]


async def test_the_running_gateway_releases(run: Run, running: House) -> None:
    (row,) = rows(await asyncio.to_thread(run, "quarantine", "list", "--json"))
    result = await asyncio.to_thread(run, "quarantine", "release", str(row["id"]))
    assert (result.exit_code, result.stderr) == (0, "released\n")
    again = await asyncio.to_thread(run, "quarantine", "release", str(row["id"]))
    assert again.exit_code == 1
    assert "the gateway refused (404)" in again.stderr


# poll


async def test_poll_now_has_the_mailbox_read_and_poll_lists_the_proof(run: Run, running: House) -> None:
    result = await asyncio.to_thread(run, "poll", "now", "email:support")
    assert (result.exit_code, result.stderr) == (0, "asked\n")
    await settled(running)
    (look,) = rows(await asyncio.to_thread(run, "poll", "list", "--json"))
    assert (look["account"], look["first"], look["last"], look["count"], look["error"]) == (
        "email:support",
        1,
        1,
        1,
        None,
    )


def test_poll_now_without_a_gateway_says_that_none_answers(run: Run, config: Path) -> None:
    add(config, "gateway: {port: 9}\n")
    result = run("poll", "now", "email:support")
    assert result.exit_code == 1
    assert "no gateway answers at http://127.0.0.1:9/" in result.stderr
    assert "yizhan run" in result.stderr


# backup


@pytest.mark.usefixtures("told")
def test_backup_makes_a_database_that_holds_everything(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    result = run("backup", target)
    assert (result.exit_code, rows(result)) == (0, [{"backup": str(target), "bytes": target.stat().st_size}])
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT number, level FROM ticket").fetchall() == [(1001, 1)]


def test_backup_of_nothing_is_a_failure(run: Run, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "copy.db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("no backup was made: there is no database at ")
    assert not (tmp_path / "copy.db").exists()
