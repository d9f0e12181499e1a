"""`yizhan contacts`: who is known by which addresses, and codes that tie one more to a person."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from gateway.commands.common import config_option, fail, json_option, put, reading


@click.group()
def command() -> None:
    """Show contacts, and give out one-time codes that link a chat identity to a known person."""


@command.command("list")
@click.argument("word", required=False, default="")
@config_option
@json_option
def list_(word: str, config_path: str | None, as_json: bool) -> None:
    """List contacts whose name, customer or address holds WORD, with all their addresses."""
    from store.linking import contacts

    with reading(config_path) as (_, connection):
        found = contacts(connection, word)
    for row in found:
        if as_json:
            put(row)
        else:
            addresses = "  ".join(f"{book} {value}" for book, value in row["addresses"])
            click.echo(f"{row['id']}  {row['name'] or '-'}  {row['customer'] or '-'}  {addresses}")


@command.command()
@click.argument("who")
@click.option("--minutes", type=click.IntRange(1, 1440), default=15, show_default=True, help="How long it is good.")
@config_option
@json_option
def code(who: str, minutes: int, config_path: str | None, as_json: bool) -> None:
    """Give out a code for WHO: a staff key or name, or a contact's name, address or id.

    Whoever writes "link CODE" or "绑定 CODE" from a chat makes that identity one of this person's.
    """
    from gateway.commands.desk import ask
    from gateway.linking import digest

    made = f"{secrets.randbelow(1_000_000):06d}"
    target = _target(who, config_path)
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    wish = {**target, "digest": digest(made), "expires_at": until.isoformat()}
    ask(config_path, "link", lambda _: wish)
    if as_json:
        put({"code": made, "expires_at": until, **target})
    else:
        click.echo(made)
        click.echo(f"for {who}, good for {minutes} minutes; have them write: 绑定 {made}  or: link {made}", err=True)


def _target(who: str, config_path: str | None) -> dict[str, Any]:
    from store.linking import contacts

    with reading(config_path) as (config, connection):
        staff = next((key for key, p in config.router.people.items() if who in (key, p.name)), None)
        if staff is not None:
            return {"person": staff, "contact_id": None}
        found = [row for row in contacts(connection, who) if _is(row, who)]
    if not found:
        fail(f"nobody is known as {who!r}; see: yizhan contacts list {who}")
    if len(found) > 1:
        fail(f"{len(found)} contacts fit {who!r}; give the id: {', '.join(str(row['id']) for row in found)}")
    return {"person": "", "contact_id": found[0]["id"]}


def _is(row: dict[str, Any], who: str) -> bool:
    return who in (row["name"], str(row["id"]), *(value for _, value in row["addresses"]))
