"""How the judge learns: from few rows, the same bytes every time, and honest about what it is not sure of."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.judges import packaged_judge
from gateway.learning import corpus, digest
from router.evaluate import evaluate
from router.judge import decide
from router.learned import CLASSES, load
from router.training import class_of, held_out, sharpness_of, train, verdict_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def few() -> list[dict[str, Any]]:
    """Some hundred messages, of every class by three authors."""
    taken: dict[tuple[str, str], int] = {}
    rows = []
    for row in corpus():
        key = row["author"], class_of(row)
        if row["author"] in ("author_a", "author_e", "author_n") and taken.setdefault(key, 0) < 9:
            taken[key] += 1
            rows.append(row)
    return rows


def test_the_same_messages_make_the_same_model_and_it_knows_them(few: list[dict[str, Any]]) -> None:
    made = train(few, sharpness=1.0, about={"corpus": "few"})
    assert made == train(few, sharpness=1.0, about={"corpus": "few"})
    judge = load(made)
    figures = evaluate(few, lambda facts: decide(facts, [judge.evidence(facts)]))
    assert figures["kind_accuracy"] > 0.95
    assert judge.header["messages"] == len(few)


def test_every_author_is_judged_by_what_the_others_taught(few: list[dict[str, Any]]) -> None:
    judged, logits = held_out(few, "author")
    assert sorted(row["id"] for row in judged) == sorted(row["id"] for row in few)
    right = [verdict_of(one, 1.0).kind == row["kind"] for row, one in zip(judged, logits, strict=True)]
    assert 0.3 < sum(right) / len(right) < 0.95


def test_sure_but_wrong_is_made_less_sure() -> None:
    rows = [{"kind": "complaint", "severity": None}] * 3 + [{"kind": "followup", "severity": None}]
    logits = np.zeros((4, len(CLASSES)))
    logits[:, CLASSES.index("complaint")] = 9.0
    assert sharpness_of(rows, logits) < 0.7


def test_a_label_that_is_none_is_refused(few: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="x7: kind 'fault' with severity 4"):
        class_of({"id": "x7", "kind": "fault", "severity": 4})
    with pytest.raises(ValueError, match="no message is labelled site_visit"):
        train([row for row in few if row["kind"] != "site_visit"], sharpness=1.0, about={})


def test_the_packaged_model_was_learned_from_the_packaged_messages() -> None:
    about = packaged_judge().header
    assert about["corpus"] == digest(), "make it anew: yizhan judge train --out router/judge.model"
    assert about["messages"] == len(corpus())
    assert (ROOT / "router" / "judge.model").stat().st_size <= 5_000_000


def test_every_labelled_message_has_a_label_that_is_one() -> None:
    rows = corpus()
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids) > 15_000
    assert {class_of(row) for row in rows} == set(CLASSES)
    channels = {"sms", "email", "wechat", "qq", "telegram", "hotline", "fax"}
    assert {row["channel"] for row in rows} == channels
    assert all(row["text"].strip() and (row["subject"] is None or row["channel"] in ("email", "fax")) for row in rows)
    assert json.loads(json.dumps(rows[0])) == rows[0]
