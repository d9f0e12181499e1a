"""`yizhan sandbox`: the whole house with pretend providers."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click


@click.command()
@click.option("--port", default=8000, show_default=True, help="Of the page on 127.0.0.1.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep the data here; default: nowhere."
)
@click.option("--verbose", is_flag=True, help="Show the log on stderr.")
def command(port: int, folder: Path | None, verbose: bool) -> None:
    """Run a complete gateway with pretend phones and mailboxes; nothing leaves this machine."""
    from gateway.log import set_up
    from gateway.sandbox import run

    set_up(level=logging.INFO if verbose else logging.WARNING)
    click.echo(f"sandbox: http://127.0.0.1:{port}  (Ctrl+C ends it)", err=True)
    asyncio.run(run(port=port, folder=folder))
