"""`yizhan channels`: what each channel of the program can do, as its adapter declares it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.common import json_option, put

if TYPE_CHECKING:
    from channels.contract import Can, Window

HEAD = (
    "channel",
    "receives",
    "sends",
    "confirms",
    "groups",
    "buttons",
    "edits",
    "one text holds",
    "answers only",
    "more",
)


@click.command()
@json_option
@click.option("--markdown", is_flag=True, help="As the table in docs/channels/README.md.")
def command(as_json: bool, markdown: bool) -> None:
    """Show what each channel can do; no configuration is needed."""
    if as_json:
        for make, can in _all():
            put({"channel": make, **{key: value for key, value in asdict(can).items() if value is not None}})
        return
    rows = [HEAD, *(row(make, can) for make, can in _all())]
    if markdown:
        rows.insert(1, ("---",) * len(HEAD))
        click.echo("\n".join(f"| {' | '.join(cells)} |" for cells in rows))
        return
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEAD))]
    for cells in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _all() -> Iterator[tuple[str, Can]]:
    from channels import registry

    return ((make, registry.can(make)) for make in registry.makes())


def row(make: str, can: Can) -> tuple[str, ...]:
    """Return the cells of one channel."""
    words = (yes(can.receives), yes(can.sends), yes(can.confirms), yes(can.groups), str(can.buttons or "-"))
    holds = f"{can.text_limit} {can.unit.value}" if can.sends else "-"
    return (make, *words, yes(can.edits), holds, _windows(can), ", ".join(_more(can)) or "-")


def yes(able: bool) -> str:
    """Say whether."""
    return "yes" if able else "-"


def _windows(can: Can) -> str:
    parts = [("", can.window), ("in groups ", can.group_window)]
    return "; ".join(f"{where}{_window(one)}" for where, one in parts if one) or "-"


def _window(window: Window) -> str:
    minutes = int(window.lasts.total_seconds() // 60)
    length = f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
    return f"{window.most} within {length}"


def _more(can: Can) -> list[str]:
    said: dict[str, Any] = {
        "calls": can.speaks,
        "push": can.pushes,
        "approved templates only": can.templates,
        "no links": can.sends and not can.links,
        "cannot be answered": can.sends and not can.replies,
        "sender not proved": can.receives and not can.vouches,
    }
    return [word for word, holds in said.items() if holds]
