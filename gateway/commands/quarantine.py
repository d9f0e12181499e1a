"""`yizhan quarantine`: what could not be read or judged, and taking it in again after the cure."""

from __future__ import annotations

import sys
from typing import Any

import click

from gateway.commands.common import config_option, fail, json_option, put, reading


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List, show and release what could not be read."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


@command.command("list")
@click.option("--all", "every", is_flag=True, help="The released ones too.")
@config_option
@json_option
def listing(every: bool = False, config_path: str | None = None, as_json: bool = False) -> None:
    """List what lies in quarantine, newest first."""
    from store.quarantine import quarantined

    with reading(config_path) as (_, connection):
        rows = quarantined(connection, released=every)
    for row in rows:
        if as_json:
            put(row.model_dump(exclude={"raw"}))
        else:
            click.echo(f"{row.id}  {row.at:%Y-%m-%d %H:%M}Z  {row.channel}  {row.where}: {row.why}")
    if not rows and not as_json:
        click.echo("the quarantine is empty", err=True)


@command.command()
@click.argument("number", type=int)
@config_option
def show(number: int, config_path: str | None) -> None:
    """Write the raw bytes of row NUMBER to stdout; place and reason go to stderr."""
    from store.quarantine import quarantined_one

    with reading(config_path) as (_, connection):
        found = quarantined_one(connection, number)
    if found is None:
        fail(f"there is no row {number} in quarantine")
    click.echo(f"{found.channel}  {found.where}: {found.why}", err=True)
    sys.stdout.buffer.write(found.raw)


@command.command()
@click.argument("number", type=int)
@config_option
def release(number: int, config_path: str | None) -> None:
    """Take row NUMBER in again: read and judged anew."""
    from gateway.commands.desk import ask

    def choose(config: Any) -> dict[str, Any]:
        del config
        return {"number": number}

    ask(config_path, "release", choose)
    click.echo("released", err=True)
