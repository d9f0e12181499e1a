"""`yizhan account`: the passwords with which the staff sign in; a password is typed or piped, and never an argument."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.common import config_option, fail, json_option, put, reading

if TYPE_CHECKING:
    from gateway.account_rows import Account
    from gateway.config import Config


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Set and list the passwords with which the staff sign in."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


@command.command("list")
@config_option
@json_option
def listing(config_path: str | None = None, as_json: bool = False) -> None:
    """List everybody of the staff: rights, whether there is a password, when it was last used, whether it is locked."""
    from gateway.account_rows import accounts

    with reading(config_path) as (config, connection):
        rows = accounts(connection, config.router.people, datetime.now(UTC))
    for row in rows:
        if as_json:
            put(asdict(row))
        else:
            click.echo(_line(row))


def _line(row: Account) -> str:
    seen = f"last used {row.seen_at:%Y-%m-%d %H:%M}Z" if row.seen_at else "never used"
    told = [
        f"{row.person:<8}{row.name}".rstrip(),
        f"rights: {', '.join(row.rights) or 'none'}" if row.staff else "not among people any more: lets nobody in",
        f"password of {row.password_at:%Y-%m-%d}, {seen}" if row.password_at else "no password",
        f"locked until {row.locked_until:%Y-%m-%d %H:%M}Z" if row.locked_until else "",
    ]
    return "  ".join(filter(None, told))


@command.command("set")
@click.argument("person")
@click.option("--stdin", "piped", is_flag=True, help="Read the password from the first line of stdin.")
@config_option
def set_(person: str, piped: bool, config_path: str | None) -> None:
    """Set the password of PERSON, a key or name of one of the staff; it is asked for twice. Their sessions end."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        key = _key(config, person)
        return {"person": key, "password": _password(config, key, piped=piped)}

    ask(config_path, "account.set", choose)
    click.echo("the password is set", err=True)


def _password(config: Config, person: str, *, piped: bool) -> str:
    from gateway.web.words import Words
    from router.passwords import flaw

    if piped:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = str(click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))
    if wrong := flaw(given, (person, config.router.people[person].name)):
        fail(Words("en")(f"flaw.{wrong}"))
    return given


@command.command()
@click.argument("person")
@config_option
def remove(person: str, config_path: str | None) -> None:
    """Take the password of PERSON away, also of somebody who left the configuration. Their sessions end."""
    from gateway.commands.desk import ask

    ask(config_path, "account.remove", lambda config: {"person": _key(config, person, gone=True)})
    click.echo("the password is taken away", err=True)


@command.command()
@click.argument("person")
@config_option
def unlock(person: str, config_path: str | None) -> None:
    """Let PERSON try again at once after too many wrong passwords."""
    from gateway.commands.desk import ask

    ask(config_path, "account.unlock", lambda config: {"person": _key(config, person)})
    click.echo("unlocked", err=True)


def _key(config: Config, said: str, *, gone: bool = False) -> str:
    """Return the key of one of the staff; `gone`: or what was said, which may have been one."""
    people = config.router.people
    found = [key for key, person in people.items() if said in (key, person.name)]
    if len(found) > 1 and said not in found:
        fail(f"{said!r} is the name of several: {', '.join(found)}")
    if not found and not gone:
        fail(f"{said!r} is not among people: {', '.join(people)}")
    return said if said in found or not found else found[0]
