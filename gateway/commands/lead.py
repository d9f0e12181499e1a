"""`yizhan lead`: who is on duty, and who stands in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import click

from gateway.commands.common import config_option, fail, json_option, put, reading
from gateway.commands.rota_swap import swap

ROLES: tuple[Literal["lead", "second", "manager"], ...] = ("lead", "second", "manager")


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show or change who is on duty."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@command.command()
@config_option
@json_option
def show(config_path: str | None = None, as_json: bool = False) -> None:
    """Show who leads now, and how each can be reached."""
    from gateway.duty import read_plan
    from router.rota import holder

    now = datetime.now(UTC)
    with reading(config_path) as (config, connection):
        plan = read_plan(connection, config.router, now)
    for role in ROLES:
        who = holder(plan, role, now)
        key = who.person
        person = config.router.people.get(key) if key else None
        row: dict[str, Any] = {
            "role": role,
            "person": key,
            "name": person.name if person else None,
            "stands_in": who.by == "shift",
            "addresses": dict(person.addresses) if person else {},
        }
        if as_json:
            put(row)
        else:
            addresses = "  ".join(f"{book} {value}" for book, value in row["addresses"].items())
            click.echo(f"{role:<8} {row['name'] or 'nobody'}{' (stands in)' if row['stands_in'] else ''}  {addresses}")


@command.command()
@click.option("--policy", help="Only this one.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="In the site's time zone.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@config_option
@json_option
def explain(policy: str | None, at: datetime | None, language: str, config_path: str | None, as_json: bool) -> None:
    """Say whom each policy asks, how and when, at an instant; and what is wrong with it."""
    from gateway.commands.explaining import as_row, explain_at, lines

    config, found = explain_at(config_path, at)
    known = list(dict.fromkeys(one.policy for one in found))
    if policy is not None and policy not in known:
        fail(f"{policy!r} is not among the policies: {', '.join(known)}")
    for one in (one for one in found if policy in (None, one.policy)):
        if as_json:
            put(as_row(one, config))
        else:
            click.echo("\n".join(lines(one, config, language)))


@command.command("set")
@click.argument("person")
@click.option("--role", type=click.Choice(ROLES), default="lead", show_default=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="In the site's time zone.")
@config_option
def set_(person: str, role: str, until: datetime | None, config_path: str | None) -> None:
    """Let PERSON stand in for a role, from now until --until or for good."""
    from gateway.commands.desk import ask

    def choose(config: Any) -> dict[str, Any]:
        key = next((k for k, p in config.router.people.items() if person in (k, p.name)), None)
        if key is None:
            fail(f"{person!r} is not among people: {', '.join(config.router.people)}")
        end = until.replace(tzinfo=config.router.zone).astimezone(UTC) if until else None
        return {"role": role, "person": key, "until": end.isoformat() if end else None, "by": "command"}

    ask(config_path, "stand_in", choose)
    click.echo("done", err=True)


command.add_command(swap)
