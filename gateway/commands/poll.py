"""`yizhan poll`: the proof that mailboxes were read, and reading one now."""

from __future__ import annotations

from typing import Any

import click

from gateway.commands.common import config_option, json_option, put, reading


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Read a mailbox now, or show when it was read."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


@command.command("list")
@click.option("--limit", default=20, show_default=True)
@config_option
@json_option
def listing(limit: int = 20, config_path: str | None = None, as_json: bool = False) -> None:
    """List the last looks into every mailbox: when, for which promised time, UID range, how many, or why not."""
    from store.polls import recent_polls

    with reading(config_path) as (config, connection):
        for row in recent_polls(connection, limit):
            if as_json:
                put(row.model_dump())
                continue
            slot = f"{row.slot.astimezone(config.router.zone):%H:%M}" if row.slot else "between"
            range_ = f"{row.first}-{row.last}" if row.first is not None else "-"
            at = f"{row.started_at.astimezone(config.router.zone):%m-%d %H:%M:%S}"
            click.echo(f"{at}  {row.account}  slot {slot}  UIDs {range_}  new {row.count}  {row.error or 'ok'}")


@command.command()
@click.argument("account")
@config_option
def now(account: str, config_path: str | None) -> None:
    """Have ACCOUNT (such as email:support) read at once by the running gateway."""
    from gateway.commands.desk import ask

    def choose(config: Any) -> dict[str, Any]:
        del config
        return {"account": account}

    ask(config_path, "poll", choose)
    click.echo("asked", err=True)
