"""`yizhan backup`: a copy of the live database, checked before it is called a backup."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands.common import config_option, fail, put, read_config


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def command(target: Path, config_path: str | None) -> None:
    """Copy the live SQLite database to TARGET while the gateway runs."""
    from store.backup import backup

    config = read_config(config_path)
    try:
        backup(config.store.address, target)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, there is no backup, and that must be said
        fail(f"no backup was made: {error}")
    put({"backup": str(target), "bytes": target.stat().st_size})
