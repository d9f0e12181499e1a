"""What the judgement reaches on the labelled messages."""

from pathlib import Path

import yaml

from gateway.judges import packaged_judge
from gateway.learning import corpus
from router.evaluate import evaluate, figures, reliability
from router.judge import Verdict, judge
from router.rules import compile_rules, load

ROOT = Path(__file__).resolve().parents[2]
BOOK = load(yaml.safe_load((ROOT / "router" / "default_rules.yaml").read_text(encoding="utf-8")))
TABLE = compile_rules(BOOK)


def test_figures_count_what_they_say() -> None:
    def said(kind: str, level: int | None) -> Verdict:
        return Verdict(kind=kind, level=level, confidence=1.0, reasons=())  # type: ignore[arg-type]

    found = figures(
        [
            ("fault", 1, said("fault", 1)),
            ("fault", 1, said("followup", None)),
            ("praise_or_chat", None, said("fault", 1)),
        ]
    )
    assert (found["kind_accuracy"], found["level1_recall"], found["level1_precision"]) == (0.3333, 0.5, 0.5)
    assert found["chatter_paged"] == 1.0
    assert found["macro_f1"] == 0.25


# A little under what is reached on messages that the judge learned from: what falls below was broken on the way from
# the model to the verdict. What to expect of people never met is measured by `yizhan judge cross-validate`.
FLOORS = {
    "kind_accuracy": 0.97,
    "macro_f1": 0.96,
    "level_accuracy": 0.96,
    "level1_recall": 0.97,
    "level1_precision": 0.93,
}


def test_the_judge_knows_what_it_learned() -> None:
    learned = packaged_judge()
    found = evaluate(corpus()[::9], lambda facts: judge(facts, TABLE, learned))
    assert {name: found[name] for name in FLOORS if found[name] < FLOORS[name]} == {}
    assert found["chatter_paged"] <= 0.05
    assert {"en", "mixed", "zh-Hans", "zh-Hant"} == set(found["by_language"])
    assert {"sms", "email", "fax"} <= set(found["by_channel"])


def test_the_confidence_is_laid_beside_what_came_true() -> None:
    said = [(0.95, True), (0.95, True), (1.0, False), (0.31, False), (0.35, True)]
    assert reliability(said) == [
        {"messages": 2, "confidence": 0.33, "right": 0.5},
        {"messages": 3, "confidence": 0.967, "right": 0.6667},
    ]
