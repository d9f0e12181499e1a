"""`yizhan replay`: a story in, what happened out."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.common import config_option, fail, put, read_config

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.replay.scenario import Line


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--evaluate", is_flag=True, help="Compare with the `matter` of each message; prints one object.")
@click.option("--mistakes", is_flag=True, help="With --evaluate: one line for each mistake before the object.")
@config_option
@click.option("--verbose", is_flag=True, help="Show the log on stderr.")
def command(
    scenarios: tuple[Path, ...], evaluate: bool, mistakes: bool, config_path: str | None, verbose: bool
) -> None:
    """Play a scenario (JSON lines, "-" for stdin) on a moved clock, a fresh store and simulated providers.

    With --evaluate SCENARIOS may be many, and folders of them.
    """
    from gateway.log import set_up

    if (len(scenarios) > 1 and not evaluate) or (mistakes and not evaluate):
        raise click.UsageError("several scenarios, and --mistakes, go with --evaluate only")
    set_up(level=logging.INFO if verbose else logging.CRITICAL)
    config = read_config(config_path, channels=False)
    if evaluate:
        asyncio.run(_evaluate(config, scenarios, mistakes=mistakes))
    else:
        asyncio.run(_play(config, _read(scenarios[0])))


async def _play(config: Config, lines: list[Line]) -> None:
    from gateway.replay.play import replay

    with tempfile.TemporaryDirectory(prefix="yizhan-replay-") as folder:
        async for row in replay(config, lines, Path(folder)):
            put(row)


async def _evaluate(config: Config, paths: tuple[Path, ...], *, mistakes: bool) -> None:
    from gateway.replay.matters import Tally
    from gateway.replay.quick import Quick

    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="yizhan-replay-") as folder:
        quick = Quick(config, Path(folder))
        for path in _files(paths):
            tally.add(path.stem, await quick.play(_read(path)))
    for one in tally.mistakes if mistakes else ():
        put(one)
    put(tally.figures())


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.jsonl")) if path.is_dir() else (path,)


def _read(path: Path) -> list[Line]:
    from gateway.replay.scenario import ScenarioError, read

    try:
        with click.open_file(str(path), encoding="utf-8") as file:
            return read(file)
    except (ScenarioError, OSError) as error:
        fail(f"{path}: {error}")
