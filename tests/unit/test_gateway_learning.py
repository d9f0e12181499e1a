"""The judge learns from corrections and changes only for the better; the one in use is never half a file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from gateway.commands.judge import command
from gateway.judges import judge_of, packaged_judge
from gateway.learning import Compared, compared, corpus, parted, put_in_place, rows_of
from router.judge import Facts, Verdict
from router.learned import CLASSES, dump
from store.db import open_database, table_of
from store.model import Correction

ROW = {"channel": "sms", "subject": None, "text": "x", "kind": "fault", "severity": 1}


def saying(kind: str, level: int | None) -> Any:
    return lambda facts: Verdict(kind=kind, level=level, confidence=1.0, reasons=())  # type: ignore[arg-type]


def site(model: Path) -> Any:
    return SimpleNamespace(router=SimpleNamespace(model=str(model)))


def test_a_correction_is_a_labelled_message() -> None:
    one = Correction(
        id=7,
        at=datetime(2026, 11, 24, tzinfo=UTC),
        by="zhang",
        message_id=1,
        channel="sms:main",
        subject=None,
        text="红灯",
        kind_before="followup",
        kind_after="complaint",
        level_after=2,
    )
    (row,) = rows_of([one])
    assert row == {**ROW, "id": "correction 7", "text": "红灯", "kind": "complaint", "severity": None, "weight": 3}


def test_a_third_is_held_back_the_same_way_every_time() -> None:
    rows = [{**ROW, "text": str(n)} for n in range(9)]
    taught, held_back = parted(rows)
    assert (len(taught), len(held_back)) == (6, 3)
    assert parted(rows[::-1]) == (taught, held_back)


@pytest.mark.parametrize(
    ("old", "new", "better"),
    [
        pytest.param(saying("fault", 2), saying("fault", 1), True, id="more are right"),
        pytest.param(saying("fault", 1), saying("fault", 1), False, id="as many"),
        pytest.param(saying("fault", 1), saying("followup", None), False, id="fewer"),
    ],
)
def test_only_the_better_one_is_taken(old: Any, new: Any, better: bool) -> None:
    result = compared([ROW], old, new)
    assert result.better is better
    assert isinstance(result, Compared)


def test_the_model_before_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "data" / "judge.model"
    put_in_place(path, b"one")
    put_in_place(path, b"two")
    assert (path.read_bytes(), path.with_name("judge.model.before").read_bytes()) == (b"two", b"one")
    assert sorted(file.name for file in path.parent.iterdir()) == ["judge.model", "judge.model.before"]


def test_a_site_is_judged_by_what_it_taught_and_a_damaged_model_is_left(tmp_path: Path) -> None:
    path = tmp_path / "judge.model"
    assert judge_of(site(path)) is packaged_judge()
    about = {"sharpness": 1, "rarity": 16, "bias": [0] * len(CLASSES), "scale": [1] * len(CLASSES)}
    path.write_bytes(dump(about, ["x"], [[0] * (len(CLASSES) + 1)]))
    assert list(judge_of(site(path)).rows) == ["x"]
    path.write_bytes(path.read_bytes()[:-9])
    assert judge_of(site(path)) is packaged_judge()
    assert judge_of(site(tmp_path)) is packaged_judge()


def test_explain_shows_the_shares_and_the_words() -> None:
    result = CliRunner().invoke(command, ["explain", "全院的电脑都打不开病历，挂号收费全停了"])
    assert result.exit_code == 0, result.output
    assert '"kind": "fault", "level": 1' in result.output
    assert "words: “" in result.output


def test_no_corpus_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["train", "--corpus", str(tmp_path), "--out", str(tmp_path / "m")])
    assert (result.exit_code, "no author_*.jsonl" in result.output) == (1, True)
    assert len(corpus()) > 15_000


def test_a_third_judge_needs_facts_only() -> None:
    assert packaged_judge().evidence(Facts(channel="sms", text="谢谢")).kinds["praise_or_chat"] > -1


def test_what_people_corrected_is_learned_and_takes_the_old_ones_place(tmp_path: Path) -> None:
    """Nine times the lead said that a word of the house is an outage; the judge that never saw it learns it."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    some = [{key: row[key] for key in row if key != "author"} for row in corpus()[:1850:3]]
    (folder / "author_a.jsonl").write_text("\n".join(json.dumps(row) for row in some), "utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"""router:
  people: {{zhang: {{name: 张三, addresses: {{tel: "+8613800000101"}}}}}}
  rota: {{lead: zhang}}
  model: {tmp_path}/data/judge.model
store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}
""",
        "utf-8",
    )
    env, words = {"YIZHAN_CONFIG": str(config)}, ["train", "--corpus", str(folder)]
    keep(tmp_path / "yizhan.db", [])
    few = CliRunner().invoke(command, words, env=env)
    keep(tmp_path / "yizhan.db", [f"紫色灯笼挂出来了{sign}" for sign in "甲乙丙丁戊己庚辛壬"])
    learned = CliRunner().invoke(command, words, env=env)
    assert (few.exit_code, "0 corrections are too few" in few.output) == (1, True)
    assert learned.exit_code == 0, learned.output
    told = json.loads(learned.stdout)
    assert (told["corrections"], told["held_back"], told["right_after"], told["switched"]) == (9, 3, 3, True)
    asked = CliRunner().invoke(command, ["explain", "紫色灯笼挂出来了"], env=env)
    assert '"kind": "fault", "level": 1' in asked.output


def keep(file: Path, texts: list[str]) -> None:
    """Put corrections into a store: each text was taken for chatter and is an outage."""
    database = open_database(f"sqlite:///{file}", now=lambda: datetime(2026, 11, 24, tzinfo=UTC))
    database.migrate()
    with database.engine.begin() as connection:
        for number, text in enumerate(texts, 1):
            made = {"id": number, "message_id": number, "at": datetime(2026, 11, 24, tzinfo=UTC), "by": "zhang"}
            said = {"channel": "sms:main", "text": text, "kind_before": "praise_or_chat", "kind_after": "fault"}
            connection.execute(insert(table_of(Correction)).values(**made, **said, level_after=1))
    database.close()
