"""`yizhan tickets merge|split|child|apart|dispatch`: what is ordered on a ticket from the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from gateway.commands.common import config_option, fail

F = TypeVar("F", bound=Callable[..., Any])


def by_option(function: F) -> F:
    """Add --by: every move stands in the history under somebody's name."""
    return click.option("--by", required=True, metavar="PERSON", help="Who orders it: a key or name of people.")(
        function
    )


@click.command()
@click.argument("number", type=int)
@click.argument("into", type=int)
@by_option
@config_option
def merge(number: int, into: int, by: str, config_path: str | None) -> None:
    """Make ticket NUMBER a part of ticket INTO; no customer is written to."""
    order(config_path, by, number=number, move="merge", other=into)


@click.command()
@click.argument("number", type=int)
@click.argument("parent", type=int)
@by_option
@config_option
def child(number: int, parent: int, by: str, config_path: str | None) -> None:
    """Make ticket NUMBER a report of the great outage PARENT; it keeps its own customer."""
    order(config_path, by, number=number, move="child", other=parent)


@click.command()
@click.argument("number", type=int)
@by_option
@config_option
def apart(number: int, by: str, config_path: str | None) -> None:
    """Undo the merge of ticket NUMBER, or take it out from under its parent."""
    order(config_path, by, number=number, move="apart")


@click.command()
@click.argument("number", type=int)
@click.option("--message", required=True, type=int, help="The id of what was said, as tickets show --json has it.")
@click.option("--following", is_flag=True, help="With what the same sender said after it.")
@click.option("--receipt", is_flag=True, help="Tell the customer the new number; else nobody is written to.")
@by_option
@config_option
def split(number: int, by: str, config_path: str | None, **given: Any) -> None:
    """Take a message out of ticket NUMBER into a ticket of its own."""
    order(config_path, by, number=number, move="split", **{**given, "message": str(given["message"])})


@click.command()
@click.argument("number", type=int)
@click.argument("person")
@by_option
@config_option
def dispatch(number: int, person: str, by: str, config_path: str | None) -> None:
    """Send PERSON (a key or name) on site for ticket NUMBER; they are asked, and must accept."""
    order(config_path, by, number=number, move="dispatch", to=person)


def order(config_path: str | None, by: str, **wish: Any) -> None:
    """Make a move on a ticket and say what became of it; ends with exit 1 and the reason when nothing was done."""
    from gateway.commands.desk import ask

    def choose(config: Any) -> dict[str, Any]:
        key = next((k for k, p in config.router.people.items() if by in (k, p.name)), None)
        if key is None:
            fail(f"{by!r} is not among people: {', '.join(config.router.people)}")
        return {**wish, "by": key}

    answer = ask(config_path, "move", choose, channels=True)
    variables = dict(answer.get("variables") or {})
    told = " ".join(str(part) for part in (answer.get("answer"), variables.get("other"), variables.get("why")) if part)
    if not answer.get("ok"):
        fail(f"nothing was done: {told}")
    click.echo(told, err=True)
