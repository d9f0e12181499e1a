"""How the learned judge learns: labelled messages in, the bytes of a model out. Pure; needs the `train` extra.

Logistic regression over the words of `router/features.py`, each weighed by how rare it is (tf-idf, a message's weights
of length one); docs/judging.md says against what it was measured. The probabilities are then made honest on authors
held out (temperature scaling, Guo et al. 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from router.evaluate import facts_of
from router.features import features
from router.judge import Facts, Verdict, decide
from router.learned import CLASSES, ZERO, dump, weighed

Row = Mapping[str, Any]
"""One labelled message: `channel`, `subject`, `text`, `kind`, `severity`, and whatever it is grouped by."""
Floats = NDArray[np.float64]

STRENGTH: Final = 60.0
"""How much the words may weigh (sklearn's C)."""
LEAST: Final = 2
"""In how many messages a word must stand to count."""
MOST_WORDS: Final = 60_000
"""The heaviest words are kept; beyond this more of them did not judge better, and each costs some 200 bytes."""
RARITY: Final = 16
"""How finely the rarity of a word is written down."""
_FINEST: Final = ZERO - 1


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that count, with how rare each is."""

    place: Mapping[str, int]
    rarity: Floats


def class_of(row: Row) -> str:
    """The class of a labelled message; raises ValueError for a label that is none."""
    name = f"fault {row.get('severity')}" if row["kind"] == "fault" else str(row["kind"])
    if name not in CLASSES:
        raise ValueError(f"{row.get('id')}: kind {row['kind']!r} with severity {row.get('severity')!r} is no label")
    return name


def train(rows: Sequence[Row], *, sharpness: float, about: Mapping[str, Any]) -> bytes:
    """Learn from all rows (`weight` repeats one) and write the model; its header says `about`, where it comes from."""
    words = [features(facts_of(row).reading) for row in rows]
    vocabulary = vocabulary_of(words)
    vocabulary = _telling(_fit(_matrix(words, vocabulary), rows), vocabulary)
    learner = _fit(_matrix(words, vocabulary), rows)
    return _written(learner, vocabulary, {**about, "messages": len(rows), "sharpness": round(sharpness, 4)})


def held_out(rows: Sequence[Row], by: str) -> tuple[list[Row], Floats]:
    """Judge each group of rows by what was learned from all other groups; returns rows and logits in the same order."""
    words = [features(facts_of(row).reading) for row in rows]
    judged: list[Row] = []
    found: list[Floats] = []
    for group in sorted({str(row[by]) for row in rows}):
        inside = [at for at, row in enumerate(rows) if str(row[by]) == group]
        outside = [at for at, row in enumerate(rows) if str(row[by]) != group]
        vocabulary = vocabulary_of([words[at] for at in outside])
        learner = _fit(_matrix([words[at] for at in outside], vocabulary), [rows[at] for at in outside])
        logits = learner.decision_function(_matrix([words[at] for at in inside], vocabulary))
        judged += [rows[at] for at in inside]
        found.append(logits[:, _order(learner)])
    return judged, np.vstack(found)


def verdict_of(logits: Floats, sharpness: float) -> Verdict:
    """What the judge says of one held-out message whose logits are these."""
    odds = np.exp((logits - logits.max()) * sharpness)
    return decide(Facts(channel="", text=""), [weighed((odds / odds.sum()).tolist())])


def sharpness_of(rows: Sequence[Row], logits: Floats) -> float:
    """The factor on the logits by which the probabilities of held-out rows are most honest (least log loss)."""
    true = np.array([CLASSES.index(class_of(row)) for row in rows])

    def loss(factor: float) -> float:
        scaled = logits * factor
        highest = scaled.max(axis=1)
        return float(np.mean(np.log(np.exp(scaled - highest[:, None]).sum(axis=1)) + highest - _picked(scaled, true)))

    return float(minimize_scalar(loss, bounds=(0.2, 3.0), method="bounded").x)


def vocabulary_of(words: Iterable[set[str]]) -> Vocabulary:
    """Count in how many messages each word stands; the rarest are left out."""
    counts: Counter[str] = Counter()
    total = 0
    for one in words:
        counts.update(one)
        total += 1
    names = sorted(word for word, count in counts.items() if count >= LEAST)
    rarity = np.array([log((total + 1) / (counts[name] + 1)) + 1 for name in names])
    return Vocabulary({name: at for at, name in enumerate(names)}, rarity)


def _matrix(words: Sequence[set[str]], vocabulary: Vocabulary) -> csr_matrix:
    columns: list[int] = []
    values: list[Floats] = []
    starts = [0]
    for one in words:
        known = sorted(vocabulary.place[word] for word in one if word in vocabulary.place)
        weights = vocabulary.rarity[known]
        values.append(weights / (sqrt(float((weights**2).sum())) or 1.0))
        columns += known
        starts.append(len(columns))
    data = np.concatenate(values) if values else np.zeros(0)
    return csr_matrix((data, columns, starts), shape=(len(words), len(vocabulary.rarity)))


def _fit(matrix: csr_matrix, rows: Sequence[Row]) -> LogisticRegression:
    learner = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3)
    return learner.fit(
        matrix, [class_of(row) for row in rows], sample_weight=[float(row.get("weight", 1)) for row in rows]
    )


def _order(learner: LogisticRegression) -> list[int]:
    """Where each of our classes stands in the learner; raises ValueError when one was never seen."""
    known = list(learner.classes_)
    missing = [name for name in CLASSES if name not in known]
    if missing:
        raise ValueError(f"no message is labelled {', '.join(missing)}: there is nothing to learn that from")
    return [known.index(name) for name in CLASSES]


def _telling(learner: LogisticRegression, vocabulary: Vocabulary) -> Vocabulary:
    """The words without those that decide nothing, which would only cost memory."""
    heaviest = np.abs(_weights(learner, vocabulary)).max(axis=0)
    kept = np.sort(np.argsort(-heaviest, kind="stable")[:MOST_WORDS])
    names = sorted(vocabulary.place, key=vocabulary.place.__getitem__)
    return Vocabulary({names[at]: place for place, at in enumerate(kept)}, vocabulary.rarity[kept])


def _weights(learner: LogisticRegression, vocabulary: Vocabulary) -> Floats:
    """What each word adds to each of our classes; what it adds to all of them alike is nothing."""
    weights: Floats = (learner.coef_[_order(learner)] - learner.coef_.mean(axis=0)) * vocabulary.rarity
    return weights


def _written(learner: LogisticRegression, vocabulary: Vocabulary, about: Row) -> bytes:
    """Round the weights to whole numbers and write them down; rarity is folded into them."""
    weights = _weights(learner, vocabulary)
    scale = _FINEST / np.abs(weights).max(axis=1)
    fields = np.rint(weights * scale[:, None]).astype(int) + ZERO
    rarity = np.rint(vocabulary.rarity**2 * RARITY).astype(int)
    header = {
        **about,
        "bias": [round(float(one), 5) for one in learner.intercept_[_order(learner)]],
        "scale": [round(float(one), 5) for one in scale],
        "rarity": RARITY,
    }
    return dump(
        header, sorted(vocabulary.place, key=vocabulary.place.__getitem__), np.vstack([fields, rarity]).T.tolist()
    )


def _picked(scaled: Floats, true: NDArray[np.int64]) -> Floats:
    return scaled[np.arange(len(true)), true]
