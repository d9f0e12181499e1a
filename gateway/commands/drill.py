"""`yizhan drill`: proves that phones ring and are answered, and shows when each was proved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.common import config_option, fail, json_option, put, read_config

if TYPE_CHECKING:
    from gateway.config import Config

METHODS = ("sms", "voice", "push", "mail")


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Prove that phones ring and are answered, and show when each was proved."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


@command.command("list")
@config_option
@json_option
def listing(config_path: str | None = None, as_json: bool = False) -> None:
    """Show for each person when they were last proved by each method."""
    from dataclasses import asdict

    from gateway.health_drill import known
    from store.db import StoreUnavailable, open_database

    config = read_config(config_path)
    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC), writes=False)
        with database.read() as connection:
            found = known(connection, config, datetime.now(UTC))
        database.close()
    except StoreUnavailable as error:
        fail(f"the store cannot be read: {error}; was the gateway ever started with this configuration?")
    people: dict[str, list[Any]] = {}
    for one in found:
        people.setdefault(one.person, []).append(one)
        if as_json:
            put(asdict(one))
    for key, proofs in people.items() if not as_json else ():
        person = config.router.people.get(key)
        words = ", ".join(f"{one.method} {_last(config, one)}" for one in proofs)
        click.echo(f"{person.name if person else key}: {words}")
    if not found:
        click.echo("nobody was asked yet: yizhan drill run, or set gateway.drill", err=True)


def _last(config: Config, one: Any) -> str:
    """Say when a phone was proved, and what came of a later ask."""
    proven = f"{one.proven_at.astimezone(config.router.zone):%a %m-%d}" if one.proven_at else "never"
    later = one.asked_at and (one.proven_at is None or one.asked_at > one.proven_at)
    return f"{proven} ({one.answer or 'asked, no answer yet'})" if later else proven


@command.command()
@click.option("--person", help="A staff key or name; without, everybody whom gateway.drill means.")
@click.option("--method", type=click.Choice(METHODS), help="Without, every method of gateway.drill.")
@config_option
@json_option
def run(person: str | None, method: str | None, config_path: str | None, as_json: bool) -> None:
    """Ask phones for an answer now, or as soon as the office is open; each must answer within 30 minutes."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        key = next((k for k, p in config.router.people.items() if person in (k, p.name)), None)
        if person and key is None:
            fail(f"{person!r} is not among people: {', '.join(config.router.people)}")
        return {"person": key or "", "method": method or ""}

    rows = ask(config_path, "drill", choose, channels=True).get("rows", [])
    if not rows:
        fail("nobody can be reached so: no account carries that method, or the person has no address for it")
    zone = read_config(config_path, channels=False).router.zone
    for row in rows:
        at = datetime.fromisoformat(row["at"]).astimezone(zone)
        if as_json:
            put(row)
        else:
            click.echo(f"{at:%m-%d %H:%M:%S}  {row['person']}  {row['method']}")
