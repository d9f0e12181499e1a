"""How the judge learns from what people corrected, beside the packaged messages, and only for the better."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from router.evaluate import facts_of
from router.judge import Facts, Verdict
from store.model import Correction

WEIGHT = 3
"""How many packaged messages one correction is worth: it is of this site, and somebody took the trouble."""
LEAST = 6
"""Corrections below which old and new cannot be compared."""
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """How two judges did on corrections that neither had learned."""

    held_back: int
    old: int
    """How many the judge in use has right, kind and level."""
    new: int

    @property
    def better(self) -> bool:
        """Whether to switch."""
        return self.new > self.old


def corpus(folder: Path | None = None) -> list[Row]:
    """Read the labelled messages of a folder, or the packaged ones; each tells its author, the file it stands in."""
    files = sorted((folder or _packaged()).glob("author_*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no author_*.jsonl in {folder or _packaged()}")
    return [{**json.loads(line), "author": file.stem} for file in files for line in _lines(file)]


def digest(folder: Path | None = None) -> str:
    """Name the state of a corpus: two that are equal learn the same model."""
    whole = hashlib.sha256()
    for file in sorted((folder or _packaged()).glob("author_*.jsonl")):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def rows_of(corrections: Iterable[Correction]) -> list[Row]:
    """Turn corrections into labelled messages."""
    return [
        {
            "id": f"correction {one.id}",
            "channel": one.channel.partition(":")[0],
            "subject": one.subject,
            "text": one.text,
            "kind": one.kind_after,
            "severity": one.level_after if one.kind_after == "fault" else None,
            "weight": WEIGHT,
        }
        for one in corrections
    ]


def parted(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Part corrections into those to learn from and every third, held back; the same way every time."""
    ordered = sorted(rows, key=lambda row: hashlib.sha256(row["text"].encode("utf-8", "replace")).digest())
    return [row for at, row in enumerate(ordered) if at % 3], ordered[::3]


def compared(held_back: Sequence[Row], old: Callable[[Facts], Verdict], new: Callable[[Facts], Verdict]) -> Compared:
    """Count how many held-back corrections each judge has right."""
    return Compared(held_back=len(held_back), old=_right(held_back, old), new=_right(held_back, new))


def put_in_place(path: Path, model: bytes) -> None:
    """Write a model beside and move it into place, so that no start ever reads half of one; the old one is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(model)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before"))
    beside.replace(path)


def _right(rows: Sequence[Row], judge: Callable[[Facts], Verdict]) -> int:
    verdicts = [(row, judge(facts_of(row))) for row in rows]
    return sum((row["kind"], row["severity"]) == (verdict.kind, verdict.level) for row, verdict in verdicts)


def _packaged() -> Path:
    return Path(str(resources.files("router"))).parent / "corpus"


def _lines(file: Path) -> Iterable[str]:
    return (line for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
