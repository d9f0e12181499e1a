"""`swap`: asks somebody to take a turn, for one of theirs or for nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from gateway.commands.common import config_option, fail

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("person")
@click.argument("other")
@click.argument("day", type=DAY)
@click.option("--for", "for_day", type=DAY, help="The day of OTHER's turn that PERSON takes.")
@config_option
def swap(person: str, other: str, day: datetime, for_day: datetime | None, config_path: str | None) -> None:
    """Ask OTHER to take PERSON's turn of DAY; it holds once OTHER says yes."""
    from gateway.commands.desk import ask
    from router.swaps import person_of

    def choose(config: Any) -> dict[str, Any]:
        keys = [person_of(name, config.router.people) for name in (person, other)]
        for name, key in zip((person, other), keys, strict=True):
            if key is None:
                fail(f"{name!r} is not one of the people: {', '.join(config.router.people)}")
        until = for_day.date().isoformat() if for_day else None
        return {"by": keys[0], "other": keys[1], "day": day.date().isoformat(), "for_day": until}

    made = ask(config_path, "swap", choose, channels=True)
    if not made["ok"]:
        why = made["variables"].get("why", "").removeprefix("swap_").replace("_", " ")
        fail(f"no swap: {why} {made['variables'].get('word', '')}".rstrip())
    click.echo("asked", err=True)
