"""A part of the labelled conversations, played through the real intake: messages are put to their matters."""

import json
from pathlib import Path

from click.testing import CliRunner

from gateway import config
from gateway.commands.replay import command
from gateway.replay.matters import Tally
from gateway.replay.quick import Quick
from gateway.replay.scenario import Speak, read

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "corpus" / "conversations"
EVERY = 6
"""One in so many; all of them by `yizhan replay --evaluate`."""


def test_every_conversation_is_labelled_and_long_enough():
    for path in FOLDER.rglob("*.jsonl"):
        said = [line for line in read(path.read_text(encoding="utf-8").splitlines()) if isinstance(line, Speak)]
        assert 5 <= len(said) <= 14, path.name
        assert any(line.matter for line in said), path.name
        known = {line.id for line in said}
        assert {line.reply_to for line in said if line.reply_to} <= known, path.name


async def test_messages_of_conversations_are_put_to_their_matters(tmp_path):
    known = config.load(str(ROOT / "config.yaml"), channels=False)
    quick, tally = Quick(known, tmp_path), Tally()
    for path in sorted((FOLDER / "dev").glob("*.jsonl"))[::EVERY]:
        tally.add(path.stem, await quick.play(read(path.read_text(encoding="utf-8").splitlines())))
    figures = tally.figures()
    assert figures["conversations"] >= 15
    assert figures["precision"] >= 0.95, tally.mistakes
    assert figures["recall"] >= 0.9, tally.mistakes


def test_the_command_prints_one_object_and_the_mistakes_before_it():
    where = ["--config", str(ROOT / "config.yaml")]
    lines = [FOLDER / "dev" / "021-wrong-number.jsonl", FOLDER / "dev" / "003-unknown-chaser-with-the-number.jsonl"]
    done = CliRunner().invoke(command, ["--evaluate", "--mistakes", *where, *map(str, lines)])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert rows[-1]["conversations"] == 2
    assert all(row["conversation"] == "021-wrong-number" for row in rows[:-1])


def test_several_scenarios_without_the_option_are_a_wrong_call():
    paths = [str(path) for path in sorted((FOLDER / "dev").glob("*.jsonl"))[:2]]
    assert CliRunner().invoke(command, paths).exit_code == 2


async def test_a_replay_tells_that_the_lines_before_joined_and_who_else_of_the_group_spoke_of_it(play):
    story = await play(
        """10:00 wechat chen room as a: 在吗
        10:00:20 wechat chen room as b: 滨江机房断电了，业务全断
        10:20 wechat sun room as c: 滨江机房的电还没来，有人管吗
        10:21 wechat wu room as d: 哈哈 中午吃什么"""
    )
    assert story.tickets() == {"a": 1001, "b": 1001, "c": 1001}
