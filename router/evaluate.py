"""How good the judgement is on labelled messages. Pure: rows and verdicts in, figures out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from router.judge import Facts, Verdict

_SHORT = ("messages", "kind_accuracy", "level_accuracy", "level1_recall", "level1_precision")


def facts_of(row: Mapping[str, Any]) -> Facts:
    """The facts in one line of labelled or unlabelled messages (`channel`, `subject`, `text`; no more is known)."""
    return Facts(channel=row.get("channel") or "", subject=row.get("subject"), text=row.get("text") or "")


def evaluate(rows: Iterable[Mapping[str, Any]], judge: Callable[[Facts], Verdict]) -> dict[str, Any]:
    """Figures over rows that carry `kind` and `severity` (1 to 3 for a fault, else null); shares between 0 and 1."""
    return evaluated([(row, judge(facts_of(row))) for row in rows])


def evaluated(judged: Sequence[tuple[Mapping[str, Any], Verdict]]) -> dict[str, Any]:
    """Figures over labelled rows and their verdicts: of all, of each language and channel, and of the confidence."""
    return {
        **figures([_labelled(row, verdict) for row, verdict in judged]),
        "by_language": _by("lang", judged),
        "by_channel": _by("channel", judged),
        "reliability": reliability([(verdict.confidence, _right(row, verdict)) for row, verdict in judged]),
    }


def reliability(said: Sequence[tuple[float, bool]]) -> list[dict[str, Any]]:
    """For every tenth of confidence: how many verdicts, what they promised on average, and how many were right."""
    table = []
    for tenth in range(10):
        inside = [(sure, right) for sure, right in said if tenth == min(int(sure * 10), 9)]
        if inside:
            promised = sum(sure for sure, _ in inside) / len(inside)
            right = _share(sum(right for _, right in inside), len(inside))
            table.append({"messages": len(inside), "confidence": round(promised, 3), "right": right})
    return table


def _labelled(row: Mapping[str, Any], verdict: Verdict) -> tuple[str, int | None, Verdict]:
    return row["kind"], row.get("severity"), verdict


def _right(row: Mapping[str, Any], verdict: Verdict) -> bool:
    return (row["kind"], row.get("severity")) == (verdict.kind, verdict.level)


def _by(key: str, judged: Sequence[tuple[Mapping[str, Any], Verdict]]) -> dict[str, dict[str, Any]]:
    """The main figures of each value of a key, where rows carry it."""
    values = sorted({str(row[key]) for row, _ in judged if row.get(key)})
    groups = {value: [_labelled(*one) for one in judged if str(one[0].get(key)) == value] for value in values}
    return {value: {name: figures(rows)[name] for name in _SHORT} for value, rows in groups.items()}


def figures(judged: list[tuple[str, int | None, Verdict]]) -> dict[str, Any]:
    """Figures over (true kind, true level, verdict).

    `level_accuracy` counts only faults that were found to be faults; `level1_recall` counts every true level 1,
    whatever it was taken for. `chatter_paged` is the chatter that would ring a phone as a fault of level 1 or 2.
    """
    kinds: Counter[tuple[str, str]] = Counter((kind, verdict.kind) for kind, _, verdict in judged)
    levels = Counter((level, verdict.level) for _, level, verdict in judged)
    faults = [(level, verdict.level) for kind, level, verdict in judged if kind == verdict.kind == "fault"]
    chatter = [verdict.level for kind, _, verdict in judged if kind == "praise_or_chat"]
    return {
        "messages": len(judged),
        "kind_accuracy": _share(sum(n for (true, said), n in kinds.items() if true == said), len(judged)),
        "macro_f1": _macro_f1(kinds),
        "level_accuracy": _share(sum(true == said for true, said in faults), len(faults)),
        "level1_recall": _share(levels[1, 1], sum(n for (true, _), n in levels.items() if true == 1)),
        "level1_precision": _share(levels[1, 1], sum(n for (_, said), n in levels.items() if said == 1)),
        "chatter_paged": _share(sum(level in (1, 2) for level in chatter), len(chatter)),
        "confusion": _nested(kinds),
        "level_confusion": _nested(Counter({(str(a), str(b)): n for (a, b), n in levels.items() if a or b})),
    }


def _macro_f1(kinds: Counter[tuple[str, str]]) -> float | None:
    """The mean of F1 over the kinds that occur among the true ones."""
    scores = []
    for kind in {true for true, _ in kinds}:
        said = sum(n for (_, other), n in kinds.items() if other == kind)
        true = sum(n for (other, _), n in kinds.items() if other == kind)
        scores.append(2 * kinds[kind, kind] / (said + true))
    return round(sum(scores) / len(scores), 4) if scores else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts by the true name, then by what it was taken for, most frequent first."""
    table: dict[str, dict[str, int]] = {}
    for (true, said), count in sorted(counts.items(), key=lambda item: (item[0][0], -item[1])):
        table.setdefault(true, {})[said] = count
    return table
