"""What `yizhan lead explain` and `yizhan check` share: ladders explained in lines and rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from gateway.commands.common import read_config
from gateway.config import Config
from gateway.explaining import Kept, explained
from router.explain import Explained
from router.explain_words import heading, sentences, warning

LANGUAGES = ("zh", "en")


def explain_at(config_path: str | None, at: datetime | None) -> tuple[Config, list[Explained]]:
    """Explain every ladder at a time on the wall, by what the store knows where it can be read."""
    config = read_config(config_path)
    now = at.replace(tzinfo=config.router.zone).astimezone(UTC) if at else datetime.now(UTC)
    return config, explained(config, now, _kept(config, now))


def _kept(config: Config, now: datetime) -> Kept | None:
    from gateway.duty import read_plan
    from store.db import StoreUnavailable, open_database
    from store.linking import staff_addresses

    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC), writes=False)
        with database.read() as connection:
            kept = Kept(plan=read_plan(connection, config.router, now), linked=staff_addresses(connection))
        database.close()
    except StoreUnavailable:
        click.echo("the store cannot be read: stand-ins, absences and proved addresses are left out", err=True)
        return None
    return kept


def lines(one: Explained, config: Config, language: str) -> list[str]:
    """Return a ladder as lines to read."""
    people = config.router.people
    said = [f"  {sentence}" for sentence in sentences(one, people, language)]
    return [heading(one, language), *said, *(f"  ! {warning(flaw, people, language)}" for flaw in one.flaws)]


def as_row(one: Explained, config: Config) -> dict[str, Any]:
    """Return a ladder as one object."""
    people = config.router.people
    return {
        "policy": one.policy,
        "urgencies": one.urgencies,
        "when": one.choice.model_dump(mode="json", by_alias=True, exclude={"policy"}) if one.choice else None,
        "steps": [asdict(step) for step in one.steps],
        "repeat_seconds": one.repeat,
        "asleep": one.asleep,
        "sentences": {language: sentences(one, people, language) for language in LANGUAGES},
        "warnings": [
            {"what": flaw.what, "fatal": flaw.fatal, **{name: warning(flaw, people, name) for name in LANGUAGES}}
            for flaw in one.flaws
        ],
    }


def warnings(found: Iterable[Explained], config: Config) -> list[str]:
    """Return each thing that is wrong once, with the policies that it is wrong in."""
    where: dict[str, list[str]] = {}
    for one in found:
        for flaw in one.flaws:
            places = where.setdefault(warning(flaw, config.router.people, "en"), [])
            places += [one.policy] if one.policy not in places else []
    return [f"{', '.join(places)}: {text}" for text, places in where.items()]


def fatal(found: Iterable[Explained]) -> bool:
    """Tell whether a page of level 1 reaches nobody."""
    return any(flaw.fatal for one in found for flaw in one.flaws)
