"""`yizhan broadcast suppressions`: the addresses to which texts for many do not go."""

from __future__ import annotations

import click

from gateway.commands.broadcast_wire import Wire, person_option, talking, writer
from gateway.commands.common import config_option, fail, json_option, put, reading

MOST = 1000
SAID = {
    "no_right": "only who may broadcast can change this: give them rights: [broadcast]",
    "no_why": "give a reason with --why",
    "no_method": "this site cannot write that way; see yizhan channels",
    "no_address": "this is no address for that way: a mobile number for sms, a mail address for mail",
}
why_option = click.option("--why", required=True, help="Stands in the history.")


@click.group(invoke_without_command=True)
@click.pass_context
def suppressions(context: click.Context) -> None:
    """List and change the addresses to which texts for many do not go."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


@suppressions.command("list")
@click.option("--search", default="", help="A part of the address or of the reason.")
@click.option("--method", default="", help="Only of sms, mail or a channel's own name.")
@click.option("--before", type=int, help="Only older ones than the one with this id.")
@config_option
@json_option
def listing(
    *,
    search: str = "",
    method: str = "",
    before: int | None = None,
    config_path: str | None = None,
    as_json: bool = False,
) -> None:
    """List them, the newest first, 1000 at most."""
    from store.suppressions import listed

    with reading(config_path) as (_, connection):
        rows = listed(connection, search=search, method=method, before=before, limit=MOST)
    for row in rows:
        if as_json:
            put(row.model_dump())
        else:
            by = f" ({row.by})" if row.by else ""
            click.echo(f"{row.id}  {row.at:%Y-%m-%d %H:%M}Z  {row.channel} {row.address}  {row.kind}{by}: {row.why}")
    if not rows and not as_json:
        click.echo("there are none", err=True)


@suppressions.command()
@click.argument("method")
@click.argument("address")
@why_option
@person_option
def add(method: str, address: str, why: str, person: str | None, config_path: str | None) -> None:
    """Send nothing for many to ADDRESS any more; METHOD is sms, mail or a channel's own name."""
    _change(writer(config_path, person), "suppress", {"method": method, "address": address, "why": why})


@suppressions.command()
@click.argument("method")
@click.argument("address")
@why_option
@person_option
def allow(method: str, address: str, why: str, person: str | None, config_path: str | None) -> None:
    """Let texts for many go to ADDRESS again, whatever stood against it."""
    _change(writer(config_path, person), "allow", {"method": method, "address": address, "why": why})


def _change(wire: Wire, what: str, wish: dict[str, str]) -> None:
    with talking():
        made = wire.send("POST", f"/suppressions/{what}", wish)
    if not made["ok"]:
        fail(SAID[made["answer"]])
    click.echo("done" if made["answer"] == "done" else "it was so already", err=True)


command = suppressions
"""As the group around it asks for it."""
