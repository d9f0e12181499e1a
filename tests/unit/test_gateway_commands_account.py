"""`yizhan account`, with a gateway that serves beside it and without one; and what the doctor says of passwords."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from gateway.__main__ import main
from gateway.app import House
from gateway.config import load
from gateway.web.server import build_app, listen, serve
from store import logins
from store.db import open_database
from store.model import Login

ROUTER = """
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""
PASSWORD, OTHER = "kT7#pq-2vL", "滨江 机房 停电 下雨"
Run = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path, made_store: bytes) -> Path:
    file = tmp_path / "config.yaml"
    (tmp_path / "yizhan.db").write_bytes(made_store)
    file.write_text(f"{ROUTER}store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}\n", "utf-8")
    return file


@pytest.fixture
def run(config: Path) -> Run:
    def typed(*words: str, stdin: str = "") -> Result:
        env = {"YIZHAN_CONFIG": str(config)}
        found = CliRunner().invoke(main, list(words), env=env, prog_name="yizhan", input=stdin)
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return typed


def add(config: Path, text: str) -> None:
    config.write_text(config.read_text("utf-8") + text, "utf-8")


@pytest.fixture
async def running(config: Path) -> AsyncIterator[House]:
    sock, stop = listen("127.0.0.1", 0), asyncio.Event()
    add(config, f"gateway: {{port: {sock.getsockname()[1]}}}\n")
    async with House(load(str(config)), channels={}) as house:
        serving = asyncio.create_task(serve(build_app(house), stop=stop, sock=sock))
        yield house
        stop.set()
        await serving


def kept(config: Path) -> list[Login]:
    database = open_database(load(str(config)).store.address, now=lambda: datetime.now(UTC), writes=False)
    with database.read() as connection:
        found = logins.listed(connection)
    database.close()
    return found


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_password_is_asked_for_twice_and_never_shown(run: Run, config: Path) -> None:
    result = run("account", "set", "张三", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "the password is set" in result.stderr
    assert PASSWORD not in result.output
    (login,) = kept(config)
    assert (login.person, PasswordHasher().verify(login.digest, PASSWORD)) == ("zhang", True)


def test_without_a_gateway_it_is_set_listed_unlocked_and_taken_away(run: Run, config: Path) -> None:
    assert run("account", "set", "zhang", "--stdin", stdin=f"{PASSWORD}\n").exit_code == 0
    assert run("account", "set", "zhang", "--stdin", stdin=f"{OTHER}\n").exit_code == 0
    assert [(one.person, one.epoch) for one in kept(config)] == [("zhang", 2)]
    listed = run("account")
    first, second = listed.stdout.splitlines()
    assert first.startswith("zhang   张三  rights: broadcast  password of ")
    assert first.endswith("never used")
    assert second == "li      李雷  rights: none  no password"
    assert [row["password_at"] is None for row in rows(run("account", "list", "--json"))] == [False, True]
    assert run("account", "unlock", "zhang").stderr == "unlocked\n"
    assert run("account", "remove", "张三").stderr == "the password is taken away\n"
    assert (kept(config), run("account", "remove", "zhang").stderr) == ([], "zhang has no password\n")


async def test_the_running_gateway_sets_lists_unlocks_and_takes_away(run: Run, running: House) -> None:
    done = [await asyncio.to_thread(run, "account", "set", "li", "--stdin", stdin=OTHER)]
    (row,) = [one for one in rows(await asyncio.to_thread(run, "account", "list", "--json")) if one["person"] == "li"]
    done += [await asyncio.to_thread(run, "account", what, "李雷") for what in ("unlock", "remove")]
    again = await asyncio.to_thread(run, "account", "remove", "li")
    assert [one.exit_code for one in done] == [0, 0, 0]
    assert (row["staff"], row["failures"], row["locked_until"]) == (True, 0, None)
    assert (again.exit_code, "li has no password" in again.stderr) == (1, True)
    assert running.works


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        pytest.param(("set", "nobody", "--stdin"), PASSWORD, "is not among people: zhang, li", id="nobody"),
        pytest.param(("set", "zhang", "--stdin"), "short\n", "at least 10 characters", id="too short"),
        pytest.param(("set", "zhang", "--stdin"), "", "at least 10 characters", id="nothing"),
        pytest.param(("set", "zhang"), f"{PASSWORD}\nother\n", "", id="two that differ"),
        pytest.param(("unlock", "nobody"), "", "is not among people", id="unlock nobody"),
        pytest.param(("unlock", "zhang"), "", "zhang has no password", id="unlock without a password"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    run: Run, config: Path, words: tuple[str, ...], stdin: str, told: str
) -> None:
    result = run("account", *words, stdin=stdin)
    assert (result.exit_code, told in result.stderr, kept(config)) == (1, True, [])


def test_somebody_who_left_is_listed_and_can_be_taken_away(run: Run, config: Path) -> None:
    run("account", "set", "zhang", "--stdin", stdin=PASSWORD)
    config.write_text(config.read_text("utf-8").replace("zhang", "chen"), "utf-8")
    assert "zhang  not among people any more: lets nobody in" in run("account").stdout.replace("   ", "")
    assert run("account", "remove", "zhang").exit_code == 0
    assert kept(config) == []


def test_the_doctor_warns_of_a_right_without_a_password(run: Run) -> None:
    found = {row["what"]: row for row in rows(run("doctor", "--json"))}["everybody with a right has a password"]
    assert [found[name] for name in ("ok", "grave", "note", "cure")] == [
        False,
        False,
        "zhang",
        "yizhan account set zhang",
    ]
    run("account", "set", "zhang", "--stdin", stdin=PASSWORD)
    found = {row["what"]: row for row in rows(run("doctor", "--json"))}["everybody with a right has a password"]
    assert found["ok"] is True
