"""`yizhan classify`: the judgement alone, on JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from gateway.commands.common import config_option, fail, put, read_config

if TYPE_CHECKING:
    from router.learned import Learned
    from router.rules import Table


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--evaluate", is_flag=True, help="Compare with `kind` and `severity` of the input; prints one object.")
@config_option
def command(file: TextIO, evaluate: bool, config_path: str | None) -> None:
    """Judge messages (id, channel, subject, text); prints id, kind, level, confidence, reasons."""
    from router.evaluate import evaluate as figures
    from router.evaluate import facts_of
    from router.judge import judge

    table, learned = judging(config_path)
    rows = list(_rows(file))
    if evaluate:
        put(figures(rows, lambda facts: judge(facts, table, learned)))
        return
    for row in rows:
        verdict = judge(facts_of(row), table, learned)
        put(
            {
                "id": row.get("id"),
                "kind": verdict.kind,
                "level": verdict.level,
                "confidence": round(verdict.confidence, 4),
                "reasons": list(verdict.reasons),
            }
        )


def judging(config_path: str | None) -> tuple[Table, Learned]:
    """Give the rules and the judge of the site, or the packaged ones where there is no configuration."""
    from pathlib import Path

    from gateway.app import packaged_rules, table_of
    from gateway.config import find
    from gateway.judges import judge_of, packaged_judge
    from router.rules import compile_rules

    if config_path or Path(find(None)).exists():
        config = read_config(config_path, channels=False)
        return table_of(config), judge_of(config)
    return compile_rules(packaged_rules()), packaged_judge()


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
