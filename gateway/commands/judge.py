"""`yizhan judge`: explain a judgement, learn from what people corrected, and measure over authors or domains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.common import config_option, fail, put, reading

if TYPE_CHECKING:
    from gateway.learning import Row
    from router.judge import Facts, Judge, Verdict
    from router.rules import Table

EXTRA = "learning needs more than judging: pip install 'yizhan[train]'"


@click.group()
def command() -> None:
    """Explain a judgement, and let the judge learn from what people corrected."""


@command.command()
@click.argument("text")
@click.option("--channel", default="sms", show_default=True, help="As in the corpus.")
@click.option("--subject", help="Of a mail or a fax.")
@config_option
def explain(text: str, channel: str, subject: str | None, config_path: str | None) -> None:
    """Judge TEXT and show how sure the judge is of every kind and level, and why."""
    from math import exp

    from gateway.commands.classify import judging
    from router.judge import Facts

    table, judge = judging(config_path)
    facts = Facts(channel=channel, subject=subject, text=text)
    evidence = judge.evidence(facts)
    verdict = _verdict(table, judge)(facts)
    put(
        {
            "kind": verdict.kind,
            "level": verdict.level,
            "confidence": round(verdict.confidence, 4),
            "doubt": verdict.doubt,
            "reasons": list(verdict.reasons),
            "words_alone": {str(name): round(exp(weight), 4) for name, weight in evidence.kinds.items()},
            "levels_alone": {str(name): round(exp(weight), 4) for name, weight in evidence.levels.items()},
        }
    )


@command.command()
@click.option("--corpus", "folder", type=click.Path(path_type=Path), help="Labelled messages instead of the packaged.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Learn from these alone and write here.")
@config_option
def train(folder: Path | None, out: Path | None, config_path: str | None) -> None:
    """Learn anew from the packaged messages and the site's corrections; the judge changes only for the better."""
    from gateway.learning import corpus, digest

    try:
        rows = corpus(folder)
    except (OSError, ValueError) as error:
        fail(f"the labelled messages cannot be read: {error}")
    if out:
        sharpness = _sharpness(rows)
        out.write_bytes(_train(rows, sharpness, {"corpus": digest(folder)}))
        put({"model": str(out), "bytes": out.stat().st_size, "messages": len(rows), "sharpness": round(sharpness, 4)})
        return
    _learn(rows, config_path, {"corpus": digest(folder)})


@command.command("cross-validate")
@click.option("--by", type=click.Choice(["author", "domain"]), default="author", show_default=True)
@click.option("--corpus", "folder", type=click.Path(path_type=Path), help="Labelled messages instead of the packaged.")
def cross_validate(by: str, folder: Path | None) -> None:
    """Judge each author's (or domain's) messages by what was learned from all others; prints one object."""
    from gateway.learning import corpus
    from router.evaluate import evaluated

    rows = [{**row, "domain": row.get("domain") or "unsaid"} for row in corpus(folder)]
    training = _training()
    judged, logits = training.held_out(rows, by)
    sharpness = training.sharpness_of(judged, logits)
    verdicts = [training.verdict_of(one, sharpness) for one in logits]
    put({"by": by, "sharpness": round(sharpness, 4), **evaluated(list(zip(judged, verdicts, strict=True)))})


def _learn(rows: list[Row], config_path: str | None, about: dict[str, Any]) -> None:
    """Compare old and new on corrections held back, and put the new judge in place when it is better."""
    from gateway.app import table_of
    from gateway.judges import judge_of
    from gateway.learning import LEAST, compared, parted, put_in_place, rows_of
    from router.learned import load
    from store.corrections import latest

    with reading(config_path) as (config, connection):
        corrections = rows_of(latest(connection))
    if len(corrections) < LEAST:
        fail(f"{len(corrections)} corrections are too few to compare old and new; {LEAST} are the least")
    table, now = table_of(config), judge_of(config)
    taught, held_back = parted(corrections)
    trial = load(_train([*rows, *taught], now.header["sharpness"], about))
    result = compared(held_back, _verdict(table, now), _verdict(table, trial))
    if result.better:
        put_in_place(
            Path(config.router.model), _train([*rows, *corrections], now.header["sharpness"], {**about, "site": True})
        )
        click.echo("the new judge is in place; the gateway uses it from its next start", err=True)
    else:
        click.echo("the judge in use stays: the new one was not better on the corrections held back", err=True)
    put(
        {
            "corrections": len(corrections),
            "held_back": result.held_back,
            "right_before": result.old,
            "right_after": result.new,
            "switched": result.better,
            "model": config.router.model if result.better else None,
        }
    )


def _verdict(table: Table, learned: Judge) -> Callable[[Facts], Verdict]:
    from router.judge import judge

    return lambda facts: judge(facts, table, learned)


def _sharpness(rows: list[Row]) -> float:
    """How honest the judge is on authors it has not seen; five groups of authors are enough for one number."""
    training = _training()
    authors = sorted({row["author"] for row in rows})
    grouped = [{**row, "group": authors.index(row["author"]) % 5} for row in rows]
    return float(training.sharpness_of(*training.held_out(grouped, "group")))


def _train(rows: list[Row], sharpness: float, about: dict[str, Any]) -> bytes:
    try:
        model: bytes = _training().train(rows, sharpness=sharpness, about=about)
    except ValueError as error:
        fail(str(error))
    return model


def _training() -> Any:
    try:
        from router import training
    except ImportError:
        fail(EXTRA)
    return training
