"""`yizhan tickets hold|resume|workaround|second-line`: what cannot be settled now, ordered from the command line."""

from __future__ import annotations

import click

from gateway.commands.common import config_option
from gateway.commands.relating import by_option, order


@click.command()
@click.argument("number", type=int)
@click.argument("reason", nargs=-1, required=True)
@by_option
@config_option
def hold(number: int, reason: tuple[str, ...], by: str, config_path: str | None) -> None:
    """Put ticket NUMBER on hold for REASON, which may end with how long ("2h") or until when ("明天 9:00")."""
    order(config_path, by, number=number, move="hold", text=" ".join(reason))


@click.command()
@click.argument("number", type=int)
@by_option
@config_option
def resume(number: int, by: str, config_path: str | None) -> None:
    """Go on with ticket NUMBER, which is on hold."""
    order(config_path, by, number=number, move="resume")


@click.command()
@click.argument("number", type=int)
@click.argument("how", nargs=-1, required=True)
@by_option
@config_option
def workaround(number: int, how: tuple[str, ...], by: str, config_path: str | None) -> None:
    """Record HOW the customer of ticket NUMBER can work again although the cause is not mended; they are told."""
    order(config_path, by, number=number, move="workaround", text=" ".join(how))


@click.command("second-line")
@click.argument("number", type=int)
@click.argument("why", nargs=-1, required=True)
@by_option
@config_option
def second_line(number: int, why: tuple[str, ...], by: str, config_path: str | None) -> None:
    """Hand ticket NUMBER to senior staff or the manufacturer; WHY it was not solved on site."""
    order(config_path, by, number=number, move="second_line", text=" ".join(why))
