"""`yizhan rota`: who is on duty when, what is wrong with that, stand-ins, absences, tables and calendars."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.common import config_option, fail, json_option, put, reading

if TYPE_CHECKING:
    from gateway.config import Config
    from router.rota import Flaw

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
SAID: Mapping[str, str] = {
    "hole": "nobody leads",
    "double": "is lead and {role} at once",
    "overlap": "stand in for the same role; the later word counts",
    "calendar": "make-up workdays are not known: add them to router.calendar.workdays",
}


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Show and change who is on duty when."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@command.command()
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far ahead.")
@config_option
@json_option
def show(days: int = 14, config_path: str | None = None, as_json: bool = False) -> None:
    """Show who has each role now, and the turns ahead."""
    from gateway.duty import read_plan
    from router.rota import ROLES, turns

    now = datetime.now(UTC)
    with reading(config_path) as (config, connection):
        plan = read_plan(connection, config.router, now)
    for role in ROLES:
        for place, turn in enumerate(turns(plan, role, now, now + timedelta(days=days))):
            if as_json:
                put(_row(config, turn) | {"now": place == 0})
            elif turn.person or role == "lead":
                since = "now" if place == 0 else _at(config, turn.begins)
                click.echo(f"{role:<8} {since:<17} {_at(config, turn.ends)}  {_name(config, turn.person)}  {turn.by}")


@command.command()
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How far ahead.")
@config_option
@json_option
def check(days: int, config_path: str | None, as_json: bool) -> None:
    """Look for holes, two roles at once, two stand-ins at once, and unknown make-up workdays; exit 1 for a hole."""
    from gateway.duty import read_plan
    from router.rota import flaws_ahead

    now = datetime.now(UTC)
    with reading(config_path) as (config, connection):
        found = flaws_ahead(read_plan(connection, config.router, now), now, timedelta(days=days))
    for flaw in found:
        if as_json:
            span = {"begins": flaw.begins.isoformat(), "ends": flaw.ends.isoformat()}
            put({"what": flaw.what, "role": flaw.role, **span, "people": list(flaw.people)})
        else:
            click.echo(_said(config, flaw))
    holes = sum(flaw.what == "hole" for flaw in found)
    click.echo(f"{holes} hole(s), {len(found) - holes} other finding(s) in the next {days} days", err=True)
    sys.exit(1 if holes else 0)


@command.command()
@click.option("--from", "begin", type=MOMENT, help="Default: now. In the site's time zone.")
@click.option("--until", "end", type=MOMENT, help="Default: 30 days after it.")
@config_option
@json_option
def export(begin: datetime | None, end: datetime | None, config_path: str | None, as_json: bool) -> None:
    """Write all turns of a span as CSV: role, person, begins, ends, by what."""
    from gateway.duty import read_plan
    from gateway.rota_table import written
    from router.rota import ROLES, turns

    with reading(config_path) as (config, connection):
        first = _instant(config, begin) or datetime.now(UTC)
        last = _instant(config, end) or first + timedelta(days=30)
        if last <= first:
            raise click.UsageError("--until must be later than --from")
        plan = read_plan(connection, config.router, first)
    found = [turn for role in ROLES for turn in turns(plan, role, first, last)]
    if as_json:
        for turn in found:
            put(_row(config, turn))
    else:
        click.echo(
            written([turn for turn in found if turn.person or turn.role == "lead"], config.router.zone), nl=False
        )


@command.command("import")
@click.argument("file", type=click.File("rb"))
@config_option
def import_(file: Any, config_path: str | None) -> None:
    """Take stand-ins from a table of role, person, begins, ends; with one bad line nothing is taken."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        from channels.contract import Malformed
        from gateway.rota_table import read

        names = {key: person.name for key, person in config.router.people.items()}
        try:
            stands, faults = read(file.read(), names, config.router.zone, datetime.now(UTC))
        except Malformed as error:
            fail(f"{file.name}: {error}; the first line must name the columns: role,person,begins,ends")
        for fault in faults:
            click.echo(f"{file.name}:{fault.line}: {fault.why}", err=True)
        if faults or not stands:
            fail(f"{len(faults)} bad line(s); nothing was taken" if faults else "there is nothing in it")
        rows = [
            {"role": s.role, "person": s.person, "begins": s.begins.isoformat(), "ends": s.ends.isoformat()}
            for s in stands
        ]
        return {"shifts": rows, "by": "command", "why": ""}

    made = ask(config_path, "rota.stand_in", choose)
    click.echo(f"{len(set(made['ids']))} stand-in(s)", err=True)


@command.command()
@click.argument("person")
@click.option("--from", "begin", type=MOMENT, help="Default: now. In the site's time zone.")
@click.option("--until", "end", type=MOMENT, required=True, help="In the site's time zone.")
@click.option("--why", default="", help="Shown on the page of the rota.")
@config_option
def away(person: str, begin: datetime | None, end: datetime, why: str, config_path: str | None) -> None:
    """Note that PERSON is away: the next of the rotation has their turns, and a hole is a finding of check."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        first, last = _instant(config, begin) or datetime.now(UTC), _instant(config, end)
        if last is None or last <= max(first, datetime.now(UTC)):
            raise click.UsageError("--until must be later than --from, and than now")
        span = {"begins": first.isoformat(), "ends": last.isoformat()}
        return {"person": _key(config, person), **span, "by": "command", "why": why[:200]}

    ask(config_path, "rota.leave", choose)
    click.echo("done", err=True)


@command.command()
@click.argument("person")
@click.option("--planned", is_flag=True, help="What is planned for later, too.")
@config_option
def back(person: str, planned: bool, config_path: str | None) -> None:
    """Note that PERSON is back: the absence ends now."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        return {"person": _key(config, person), "by": "command", "planned": planned}

    made = ask(config_path, "rota.come_back", choose)
    click.echo(f"{made['ended']} absence(s) ended", err=True)


@command.command()
@click.argument("person")
@click.option("--revoke", is_flag=True, help="Close every address of this calendar instead.")
@config_option
def feed(person: str, revoke: bool, config_path: str | None) -> None:
    """Print a new secret address of the calendar of PERSON, or of everybody with `all`; it is shown this once."""
    from gateway.commands.desk import ask

    def choose(config: Config) -> dict[str, Any]:
        return {"person": "" if person == "all" else _key(config, person), "by": "command"}

    made = ask(config_path, "rota.revoke_feeds" if revoke else "rota.open_feed", choose)
    if revoke:
        click.echo(f"{made['ended']} address(es) closed", err=True)
    else:
        click.echo(made["url"])


def _key(config: Config, person: str) -> str:
    key = next((k for k, p in config.router.people.items() if person in (k, p.name)), None)
    if key is None:
        fail(f"{person!r} is not among people: {', '.join(config.router.people)}")
    return key


def _name(config: Config, person: str | None) -> str:
    known = config.router.people.get(person or "")
    return known.name if known else person or "nobody"


def _instant(config: Config, given: datetime | None) -> datetime | None:
    from router.wall import begins

    return begins(given, config.router.zone) if given else None


def _at(config: Config, instant: datetime) -> str:
    return f"{instant.astimezone(config.router.zone):%Y-%m-%d %H:%M}"


def _row(config: Config, turn: Any) -> dict[str, Any]:
    from gateway.rota_table import row_of

    return row_of(turn, config.router.zone) | {"person": turn.person, "name": _name(config, turn.person)}


def _said(config: Config, flaw: Flaw) -> str:
    people = " and ".join(_name(config, person) for person in flaw.people)
    span = f"{_at(config, flaw.begins)}  {_at(config, flaw.ends)}"
    return f"{flaw.what:<9} {span}  {f'{people} ' if people else ''}{SAID[flaw.what].format(role=flaw.role)}"
