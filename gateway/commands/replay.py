"""`yizhan replay`: a story in, what happened out."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TextIO

import click

from gateway.commands.common import config_option, fail, put, read_config


@click.command()
@click.argument("scenario", type=click.File(encoding="utf-8"))
@config_option
@click.option("--verbose", is_flag=True, help="Show the log on stderr.")
def command(scenario: TextIO, config_path: str | None, verbose: bool) -> None:
    """Play SCENARIO (JSON lines, "-" for stdin) on a moved clock, a fresh store and simulated providers."""
    from gateway.log import set_up
    from gateway.replay.scenario import ScenarioError, read

    set_up(level=logging.INFO if verbose else logging.CRITICAL)
    config = read_config(config_path, channels=False)
    try:
        lines = read(scenario)
    except ScenarioError as error:
        fail(f"{scenario.name}: {error}")

    async def play() -> None:
        from gateway.replay.play import replay

        with tempfile.TemporaryDirectory(prefix="yizhan-replay-") as folder:
            async for row in replay(config, lines, Path(folder)):
                put(row)

    asyncio.run(play())
