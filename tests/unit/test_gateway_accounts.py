"""Signing in: what a try costs and counts, what ends a session, what is remembered."""

import asyncio
import threading
from datetime import timedelta
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from channels.contract import Can
from gateway.accounts import Accounts, Session
from gateway.log import set_up
from store import logins
from store.model import Event, Login

PASSWORD = "kT7#pq-2vL"
SMS = {"sms:main": Can(book="tel")}


class Watched(PasswordHasher):
    """Cheap, and tells what it was asked and by which thread."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.asked: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's word
        self.asked.append(threading.current_thread().name)
        return super().verify(hash, password)


@pytest.fixture
async def here(town: Any) -> Any:
    return await town(SMS)


@pytest.fixture
def hasher() -> Watched:
    return Watched()


@pytest.fixture
async def accounts(here: Any, hasher: Watched) -> Accounts:
    made = of(here, hasher)
    await made.give("zhang", PASSWORD, by="")
    return made


def of(here: Any, hasher: PasswordHasher | None = None) -> Accounts:
    house = here.house
    return Accounts(
        house.config.router.people, database=house.database, writer=house.writer, now=house.clock.now, hasher=hasher
    )


def test_what_is_kept_is_argon2id_with_the_parameters_of_the_library(here: Any) -> None:
    assert PasswordHasher()._parameters == RFC_9106_LOW_MEMORY
    assert of(here)._hasher._parameters == RFC_9106_LOW_MEMORY


@pytest.mark.parametrize("said", ["zhang", "ZHANG", " zhang ", "张三"])
async def test_somebody_is_let_in_by_key_or_name(accounts: Accounts, said: str) -> None:
    assert await accounts.verify(said, PASSWORD) == Session(person="zhang", epoch=1)


async def test_a_wide_password_of_an_input_method_is_the_same(accounts: Accounts) -> None:
    assert await accounts.verify("zhang", "ｋＴ７＃ｐｑ－２ｖＬ") is not None


@pytest.mark.parametrize("said", ["zhang", "li", "nobody", ""])
async def test_a_wrong_password_costs_the_same_for_everybody_and_away_from_loop_and_writer(
    accounts: Accounts, hasher: Watched, said: str
) -> None:
    assert await accounts.verify(said, "wrong") is None
    (thread,) = hasher.asked
    assert not thread.startswith(("MainThread", "writer"))


async def test_after_five_wrong_ones_the_right_one_waits_for_a_minute(here: Any, accounts: Accounts) -> None:
    for number in range(5):
        assert await accounts.verify("zhang", f"wrong {number}") is None
    assert await accounts.verify("zhang", PASSWORD) is None
    here.clock.move(here.clock.now() + timedelta(seconds=61))
    assert await accounts.verify("zhang", PASSWORD) is not None
    (row,) = here.rows(Login)
    assert (row["failures"], row["locked_until"]) == (0, None)


async def test_a_lock_is_told_in_the_history_and_no_password_anywhere(
    here: Any, accounts: Accounts, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up()
    for number in range(5):
        await accounts.verify("zhang", f"wrong-{number}")
    told = [row["text"] for row in here.rows(Event)]
    assert told == ["the password of zhang was set", "signing in as zhang failed 5 times in a row"]
    said = capsys.readouterr().err
    assert said.count("a wrong password") == 5
    everything = said + str([dict(row) for row in here.rows(Event)])
    assert [word for word in ("wrong-", PASSWORD) if word in everything] == []


async def test_many_calls_of_one_program_at_once_are_one_try(accounts: Accounts, hasher: Watched) -> None:
    found = await asyncio.gather(*(accounts.verify("zhang", PASSWORD) for _ in range(20)))
    assert (set(found), len(hasher.asked)) == ({Session(person="zhang", epoch=1)}, 1)


async def test_a_digest_with_older_parameters_is_made_anew_when_the_password_is_shown(here: Any) -> None:
    await of(here, Watched()).give("zhang", PASSWORD, by="")
    newer = of(here, Watched(time_cost=2))
    assert await newer.verify("zhang", PASSWORD) == Session(person="zhang", epoch=1)
    (row,) = here.rows(Login)
    assert "t=2" in row["digest"]
    assert await newer.verify("zhang", PASSWORD) is not None


async def test_a_digest_that_is_none_lets_nobody_in(here: Any, accounts: Accounts) -> None:
    await here.house.writer.do(logins.set_password, logins.NewPassword(person="zhang", digest="torn", by=""))
    assert await accounts.verify("zhang", PASSWORD) is None


async def test_a_new_password_and_signing_out_everywhere_end_older_sessions(accounts: Accounts) -> None:
    first = await accounts.verify("zhang", PASSWORD)
    assert first
    second = await accounts.give("zhang", "another " + PASSWORD, by="zhang")
    assert [await accounts.stands(one) for one in (first, second)] == [False, True]
    assert await accounts.sign_out("zhang", by="zhang")
    assert not await accounts.stands(second)


async def test_somebody_who_left_the_configuration_loses_everything_at_once(here: Any, accounts: Accounts) -> None:
    session = await accounts.verify("zhang", PASSWORD)
    assert session
    without = Accounts({}, database=here.house.database, writer=here.house.writer, now=here.clock.now, hasher=Watched())
    assert not await without.stands(session)
    assert await without.verify("zhang", PASSWORD) is None
    assert not without.may("zhang", "broadcast")


async def test_a_program_computes_once_a_minute(here: Any, accounts: Accounts, hasher: Watched) -> None:
    for _ in range(3):
        assert await accounts.remembered("张三", PASSWORD) is not None
    assert len(hasher.asked) == 1
    assert await accounts.remembered("zhang", "wrong") is None
    here.clock.move(here.clock.now() + timedelta(seconds=61))
    assert await accounts.remembered("zhang", PASSWORD) is not None
    assert len(hasher.asked) == 3


async def test_what_is_remembered_ends_with_the_password(accounts: Accounts) -> None:
    assert await accounts.remembered("zhang", PASSWORD) is not None
    await accounts.give("zhang", "another " + PASSWORD, by="")
    assert await accounts.remembered("zhang", PASSWORD) is None
