"""The scenarios of the documentation happen as the documentation says."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from gateway import config
from gateway.replay.scenario import read

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "scenarios"
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")
TOLD = dict(re.findall(r"^## (\S+)\n.*?^```\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))


def test_every_scenario_is_told_of():
    assert sorted(TOLD) == sorted(path.stem for path in FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("name", sorted(TOLD))
async def test_a_scenario_happens_as_told(play, names, name):
    known = config.load(str(ROOT / "config.yaml"), channels=False)
    lines = read((FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    story = await play(lines, known=known)
    happened = [written(row, known, names) for row in story.rows if row["event"] != "warning"]
    assert happened == TOLD[name].splitlines()


def written(row, known, names) -> str:
    at = datetime.fromisoformat(row["at"]).astimezone(known.router.zone)
    who = names.get(row["to"] or "", row["to"]) or "-"
    clock = f"{at:%H:%M:%S}".removesuffix(":00")
    return " ".join(str(part) for part in (clock, row["event"], row["ticket"] or "-", who, row["method"] or "-"))
