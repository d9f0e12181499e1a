"""Logs of real switchboards, and the folder into which a simulated one writes."""

import asyncio
import csv
import json
from datetime import timedelta

import pytest

from channels.contract import Automatic, GiveUp, Inbound, Misconfigured
from channels.phone.records import asterisk, parse
from channels.phone.records.config import Account
from channels.powers import Imports, NotTaken

from .conftest import A_NUMBER, START

EVERYBODY = Account(extensions="")


def lines(text):
    return list(enumerate(text.splitlines(), 1))


def read(path, account=EVERYBODY):
    found = list(parse.calls(path.read_bytes(), account))
    taken = {one.key: one for one in found if isinstance(one, Inbound)}
    assert len(taken) == sum(isinstance(one, Inbound) for one in found)
    return taken, [one for one in found if isinstance(one, NotTaken)]


# the samples


@pytest.mark.parametrize("name", ["Master_hotline", "Master_old_18_columns"])
def test_every_row_of_a_log_of_asterisk_is_read_and_its_legs_are_one_call(contracts, name):
    folder = contracts / "phone" / "asterisk"
    expected = json.loads((folder / f"{name}.expected.json").read_text("utf-8"))
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert [asterisk.named(row) for row in csv.reader(file)] == expected["rows"]
    taken, refused = read(folder / f"{name}.csv")
    assert (len(taken), refused) == (expected["calls_by_linkedid"], [])


def test_what_became_of_each_call_in_the_log_of_asterisk(contracts):
    taken, _ = read(contracts / "phone" / "asterisk" / "Master_hotline.csv")
    assert {key: (one.sender, one.sender_name, one.text) for key, one in taken.items()} == {
        "asterisk:1706368044.0": (
            "89005550101", "", "[未接来电] 主叫 89005550101 呼入 211474，等待 27 秒，未接通，请回电",
        ),
        "asterisk:1706369600.6": (
            "89005550101", "", "[未接来电] 主叫 89005550101 呼入 211553，等待 1分00秒，未接通，请回电",
        ),
        "asterisk:1719821130.1": ("+8613800138000", "张三", "[来电] 已接听 3分21秒，坐席 801"),
        "asterisk:1719821400.3": (
            "anonymous", "", "[未接来电] 主叫隐藏号码，呼入 4008000000，等待 35 秒，未接通，备注：语音信箱有留言",
        ),
        "asterisk:1719821520.4": (
            "+8613900139000", 'a""b, c', "[未接来电] 主叫 +8613900139000 呼入 4008000000，等待 44 秒，未接通，请回电",
        ),
        "asterisk:1719821580.6": (
            "+862155550199", "", "[未接来电] 主叫 +862155550199 呼入 4008000000，等待 2 秒，占线，请回电",
        ),
        "asterisk:1719821610.7": (
            "+862155550198", "", "[未接来电] 主叫 +862155550198 呼入 4008000000，等待 1 秒，未接通，请回电",
        ),
    }  # fmt: skip
    assert taken["asterisk:1719821130.1"].sent_at.isoformat() == "2024-07-01T08:05:30+00:00"


def test_the_log_of_a_queue_tells_the_outcome_that_is_known(contracts):
    folder = contracts / "phone" / "asterisk"
    expected = json.loads((folder / "queue_log.expected.json").read_text("utf-8"))
    calls = asterisk.queued(lines((folder / "queue_log").read_text("utf-8")))
    found = {call.callid: call for call in calls if isinstance(call, asterisk.Queued)}
    seen = {
        ident: {
            "queue": call.queue,
            "outcome": call.outcome,
            "caller": call.caller,
            "events": [line.split("|")[4] for line in call.raw],
        }
        for ident, call in found.items()
    }
    assert seen == {ident: {name: call[name] for name in seen[ident]} for ident, call in expected.items()}
    waited = {ident: call["waited"] for ident, call in expected.items() if "waited" in call}
    assert {ident: found[ident].waited for ident in waited} == waited


def test_the_log_of_a_queue_gives_missed_and_answered_calls_and_says_why_not_the_others(contracts):
    taken, refused = read(contracts / "phone" / "asterisk" / "queue_log", Account())
    assert {key: one.text for key, one in taken.items()} == {
        "asterisk:1719821130.1": "[来电] 已接听 3分17秒，坐席 802",
        "asterisk:1719821520.4": "[未接来电] 主叫隐藏号码，呼入 support，等待 44 秒，未接通",
        "asterisk:1719821600.5": "[未接来电] 主叫 +862155550199 呼入 support，等待 5分00秒，未接通，请回电",
    }
    assert [(one.line, one.why) for one in refused] == [
        (3, "outgoing call"),
        (5, "the call has not ended in this file"),
        (15, "the caller left the queue by a key"),
        (18, "the call has not ended in this file"),
    ]


def test_both_logs_of_asterisk_give_one_call_one_key(contracts):
    folder = contracts / "phone" / "asterisk"
    records, _ = read(folder / "Master_hotline.csv")
    queue, _ = read(folder / "queue_log", Account())
    assert set(records) & set(queue) == {"asterisk:1719821130.1", "asterisk:1719821520.4"}


def test_the_records_of_freeswitch(contracts):
    folder = contracts / "phone" / "freeswitch"
    found = {name: read(folder / f"{name}.json") for name in ("cdr_1", "cdr_2", "cdr_3", "no_answer")}
    told = {name: [(one.key, one.sender, one.text) for one in taken.values()] for name, (taken, _) in found.items()}
    first, second = "5a3a1d91-90d3-4db4-af5c-cc3ae15d93a4", "3da8bf84-c133-4959-9e24-e72875cb33a1"
    missed = "4d1c0001-0000-4000-8000-000000000004"
    assert told == {
        "cdr_1": [(f"freeswitch:{first}", "1001", "[来电] 已接听 21 秒，坐席 1002")],
        "cdr_2": [(f"freeswitch:{second}", "1001", "[来电] 已接听 1分08秒，坐席 1002")],
        "cdr_3": [],
        "no_answer": [
            (
                f"freeswitch:{missed}",
                "+861055550101",
                "[未接来电] 主叫 +861055550101 呼入 4008000000，等待 30 秒，未接通，请回电",
            )
        ],
    }
    assert found["cdr_3"][1] == [NotTaken(line=1, why="no number that was called")]
    (one,) = found["no_answer"][0].values()
    assert (one.sender_name, one.sent_at.isoformat()) == ("李四", "2024-07-01T08:05:30+00:00")


def test_calls_between_extensions_are_not_taken(contracts):
    _, refused = read(contracts / "phone" / "freeswitch" / "cdr_1.json", Account())
    assert refused == [NotTaken(line=1, why="internal call")]


# the folder


@pytest.fixture
def channel_name():
    return "hotline/records"


async def passes(house, clock, true):
    """The clock goes on until it is so."""
    for _ in range(2000):
        if true():
            return
        await clock.advance(timedelta(seconds=1))
        await house.channel.check()
    pytest.fail("it did not come true in time")


async def test_a_file_put_into_the_folder_becomes_a_call_and_is_put_away(house):
    ident = await house.say()
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender) == (f"freeswitch:{ident}", A_NUMBER)
    assert inbound.text == f"[未接来电] 主叫 {A_NUMBER} 呼入 4008000000，等待 35 秒，未接通，请回电"
    assert inbound.sent_at == START - timedelta(seconds=35)
    assert (house.simulator.folder / "done" / f"{ident}.cdr.json").is_file()
    assert await house.channel.check() != []


async def test_a_log_that_grows_stays_and_only_what_is_new_is_new(house, clock):
    first = house.simulator.log(A_NUMBER)
    await passes(house, clock, lambda: len(house.gateway.heard) == 1)
    second = house.simulator.log("01055550101", talked=125)
    await passes(house, clock, lambda: len(house.gateway.heard) == 2)
    assert [one.key for one in house.gateway.heard] == [f"asterisk:{first}", f"asterisk:{second}"]
    assert house.gateway.heard[1].text == "[来电] 已接听 2分05秒，坐席 801"
    assert [path.name for path in house.simulator.folder.iterdir()] == ["Master.csv"]


async def test_a_log_that_does_not_grow_is_not_read_again(house, clock):
    house.simulator.log(A_NUMBER)
    await passes(house, clock, lambda: house.gateway.heard)
    house.gateway.heard.clear()
    for _ in range(20):
        await clock.advance(timedelta(seconds=1))
        await house.channel.check()
    assert house.gateway.heard == []


async def test_a_file_that_is_still_being_written_is_left_alone(house, clock):
    path = house.simulator.folder / "calls.csv"
    text = "主叫号码,被叫号码,呼叫时间,通话时长\n"
    for n in range(5):
        text += f"1380013800{n},4008000000,2026-11-20 11:0{n}:00,0\n"
        path.write_text(text, encoding="utf-8")
        await clock.advance(timedelta(seconds=1))
        await house.channel.check()
    await passes(house, clock, (house.simulator.folder / "done" / "calls.csv").exists)
    assert len(house.gateway.heard) == 5


async def test_what_cannot_be_read_is_put_aside_with_the_reasons_beside_it(house, clock):
    folder = house.simulator.folder
    (folder / "letter.txt").write_text("Dear Sirs,\nnothing.\n", encoding="utf-8")
    (folder / ".hidden").write_text("x", encoding="utf-8")
    (folder / "half.csv.part").write_text("x", encoding="utf-8")
    await passes(house, clock, (folder / "failed" / "letter.txt").exists)
    reasons = (folder / "failed" / "letter.txt.not-taken.txt").read_text("utf-8")
    assert reasons.startswith("1: no header")
    assert sorted(path.name for path in folder.iterdir()) == [".hidden", "failed", "half.csv.part"]


async def test_rows_that_are_not_taken_are_listed_and_a_second_file_of_that_name_replaces_nothing(house, clock):
    folder = house.simulator.folder
    text = "主叫号码,被叫号码,呼叫时间\n13800138000,400,2026-11-20 11:00:00\n1.38E+10,400,2026-11-20 11:00:00\n"
    for count in (1, 2):
        (folder / "day.csv").write_text(text, encoding="utf-8")
        await passes(house, clock, lambda count=count: len(list((folder / "done").glob("day*.csv"))) == count)
    assert len(house.gateway.heard) == 1
    listed = (folder / "done" / "day.csv.not-taken.txt").read_text("utf-8")
    assert listed == "3: the number was turned into scientific notation; export the column as text\n"


async def test_a_file_with_nothing_but_outgoing_calls_is_done_and_not_failed(house, clock):
    folder = house.simulator.folder
    (folder / "out.csv").write_text("主叫,被叫,呼叫时间\n801,13800138000,2026-11-20 11:00:00\n", encoding="utf-8")
    await passes(house, clock, (folder / "done" / "out.csv").exists)
    assert house.gateway.heard == []


async def test_calls_of_the_past_are_history_and_ring_nobody(house, clock):
    (house.simulator.folder / "old.csv").write_text(
        "主叫号码,被叫号码,呼叫时间\n13800138000,400,2026-11-19 10:00:00\n13800138001,400,2026-11-20 10:00:00\n",
        encoding="utf-8",
    )
    await passes(house, clock, lambda: len(house.gateway.heard) == 2)
    assert [one.automatic for one in house.gateway.heard] == [Automatic.HISTORY, None]


async def test_a_file_stays_until_its_calls_are_stored(house, clock):
    kept = house.gateway.accept

    async def refuses(items, *, cursor=None):
        raise ConnectionError

    folder = house.folder / "other"
    folder.mkdir()
    house.simulator.folder = folder
    ident = house.simulator.call(A_NUMBER)
    channel = house.rebuilt(folder=str(folder))
    task = asyncio.create_task(channel.listen(refuses, house.gateway.receipts))
    await passes(house, clock, task.done)
    assert isinstance(task.exception(), ConnectionError)
    assert [path.name for path in folder.iterdir()] == [f"{ident}.cdr.json"]
    again = asyncio.create_task(channel.listen(kept, house.gateway.receipts))
    await passes(house, clock, (folder / "done" / f"{ident}.cdr.json").is_file)
    again.cancel()
    assert len(house.gateway.heard) == 1


async def test_a_folder_that_is_not_there_is_said_by_the_check_and_by_the_watch(house):
    channel = house.rebuilt(folder=str(house.folder / "nowhere"))
    (finding,) = await channel.check()
    assert (finding.ok, finding.note) == (False, "No such file or directory")
    with pytest.raises(Misconfigured, match="No such file"):
        await channel.listen(house.gateway.accept, house.gateway.receipts)


async def test_without_a_folder_files_come_by_import_only(house):
    assert isinstance(house.channel, Imports)
    channel = house.rebuilt(folder=None)
    (finding,) = await channel.check()
    assert finding.ok is None
    assert channel.imports == "calls"
    content = "主叫号码,被叫号码,呼叫时间\n13800138000,400,2020-01-01 10:00:00\n".encode()
    (inbound,) = channel.rows("x.csv", content)
    assert isinstance(inbound, Inbound)
    assert inbound.automatic is None
    with pytest.raises(GiveUp):
        await channel.send(house.outgoing())
