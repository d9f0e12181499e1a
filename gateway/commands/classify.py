"""`yizhan classify`: the judgement alone, on JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import click

from gateway.commands.common import config_option, fail, put


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--evaluate", is_flag=True, help="Compare with `kind` and `severity` of the input; prints one object.")
@config_option
def command(file: TextIO, evaluate: bool, config_path: str | None) -> None:
    """Judge messages (id, channel, subject, text); prints id, kind, level, confidence, reasons."""
    from pathlib import Path

    from gateway.app import packaged_rules, table_of
    from gateway.config import find, load
    from router.evaluate import evaluate as figures
    from router.evaluate import facts_of
    from router.judge import judge
    from router.rules import compile_rules

    known = config_path or Path(find(None)).exists()
    table = table_of(load(find(config_path), channels=False)) if known else compile_rules(packaged_rules())
    rows = list(_rows(file))
    if evaluate:
        put(figures(rows, lambda facts: judge(facts, table)))
        return
    for row in rows:
        verdict = judge(facts_of(row), table)
        put(
            {
                "id": row.get("id"),
                "kind": verdict.kind,
                "level": verdict.level,
                "confidence": round(verdict.confidence, 4),
                "reasons": list(verdict.reasons),
            }
        )


def _rows(file: TextIO) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row["text"], str):
                raise TypeError("text is not a string")
        except (ValueError, KeyError, TypeError) as error:
            fail(f"{getattr(file, 'name', sys.stdin.name)}:{number}: not a message: {error}")
        yield row
