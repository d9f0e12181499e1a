"""`yizhan import`: calls, faxes and contacts out of files; done again it changes nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.commands.common import config_option, fail, json_option, put, read_config

if TYPE_CHECKING:
    from gateway.commands.bringing import Report, Wish
    from gateway.config import Config
    from store.contacts import Outcome, Row

F = TypeVar("F", bound=Callable[..., Any])
LOCKED = "a gateway runs on this database, and on SQLite only one may write: stop it for the import, or use PostgreSQL"


def _files(function: F) -> F:
    kind = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.argument("files", nargs=-1, required=True, type=kind)(function)


def _dry_run(function: F) -> F:
    return click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")(function)


def _of_the_past(function: F) -> F:
    """Add the options of what a channel brings in."""
    within = click.option("--open-within", default="24h", metavar="AGE", help="Older rows open nothing. Default 24h.")
    return click.option("--account", metavar="NAME", help="Such as main or fax:main; needed where there are several.")(
        within(function)
    )


@click.group()
def command() -> None:
    """Bring in calls, faxes or contacts from files."""


@command.command()
@_files
@_of_the_past
@_dry_run
@config_option
@json_option
def calls(files: tuple[Path, ...], **options: Any) -> None:
    """Bring in calls from the records of a telephone system."""
    _bring("calls", files, **options)


@command.command()
@_files
@_of_the_past
@_dry_run
@config_option
@json_option
def faxes(files: tuple[Path, ...], **options: Any) -> None:
    """Bring in faxes from the log of a fax server or a table (CSV, XLSX)."""
    _bring("faxes", files, **options)


@command.command()
@_files
@_dry_run
@config_option
@json_option
def contacts(files: tuple[Path, ...], dry_run: bool, config_path: str | None, as_json: bool) -> None:
    """Bring in customers and contacts from tables (CSV, XLSX)."""
    from store.contacts import Refusal

    config = read_config(config_path, channels=False)
    rows, refused, unread = _people(config, files)
    outcome = _write_people(config, rows, dry_run=dry_run)
    outcome.refused[:0] = [Refusal(place=place, why=why) for place, why in refused]
    _tell_people(outcome, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if unread or (outcome.refused and not rows) else 0)


def _bring(
    what: str,
    files: Sequence[Path],
    *,
    account: str | None,
    open_within: str,
    dry_run: bool,
    config_path: str | None,
    as_json: bool,
) -> None:
    from gateway.commands.bringing import Wish
    from router.blocks import read_span

    try:
        since = datetime.now(UTC) - read_span(open_within)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--open-within") from error
    config = read_config(config_path)
    wish = Wish(files=files, since=since, progress=_progress)
    report = asyncio.run(_brought(config, wish, what, account, dry_run=dry_run))
    _tell(report, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if report.failed else 0)


async def _brought(config: Config, wish: Wish, what: str, account: str | None, *, dry_run: bool) -> Report:
    from gateway.app import House, build_channels
    from gateway.clock import SystemClock
    from gateway.commands.bringing import Pretend, bring, takers
    from store.db import StoreLocked

    built = build_channels(config, SystemClock())
    found = takers(built, what)
    name = _chosen(list(found), what, account)
    channel: Any = found[name]
    try:
        if dry_run:
            pretend = Pretend(database=_reader(config), channel=name, vouches=channel.can.vouches)
            report = await bring(wish, channel, pretend.keep)
            if pretend.database is not None:
                pretend.database.close()
            return report
        async with House(config, works=False, channels={name: channel}) as house:
            return await bring(wish, channel, lambda rows: house.intake.accept(name, rows))
    except StoreLocked:
        fail(LOCKED)
    finally:
        for one in built.values():
            await one.close()


def _chosen(names: Sequence[str], what: str, account: str | None) -> str:
    """The account that takes the files; ends with words that say what to do when there is none or more than one."""
    fitting = [name for name in names if account in (None, name, name.partition(":")[2])]
    if not names:
        fail(f"no channel is configured that takes {what}; add one to config.yaml, see docs/channels")
    if not fitting:
        fail(f"{account} takes no {what}; --account is one of: {', '.join(names)}")
    if len(fitting) > 1:
        fail(f"several accounts take {what}; choose one with --account: {', '.join(fitting)}")
    return fitting[0]


def _reader(config: Config) -> Any:
    from store.db import StoreUnavailable, open_database

    try:
        return open_database(config.store.address, now=lambda: datetime.now(UTC), writes=False)
    except StoreUnavailable:
        return None


def _progress(file: str, count: int) -> None:
    """Say how far it is: over and over on one line of a terminal, else in lines."""
    if sys.stderr.isatty():
        click.echo(f"\r{file}: {count} rows ", nl=False, err=True)
    else:
        click.echo(f"{file}: {count} rows", err=True)


def _tell(report: Report, *, dry_run: bool, as_json: bool) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    for file, line, why in report.not_taken:
        if as_json:
            put({"file": file, "line": line, "why": why})
        else:
            click.echo(f"{file}:{line}: {why}" if line else f"{file}: {why}")
    counts = {"taken": report.taken, "history": report.history, "known": report.known}
    counts["not_taken"] = len(report.not_taken)
    if as_json:
        put({**counts, "dry_run": dry_run})
        return
    words = f"taken {report.taken}, history {report.history}, already there {report.known}"
    click.echo(f"{words}, not taken {len(report.not_taken)}{'; nothing was written' if dry_run else ''}")


def _people(config: Config, files: Sequence[Path]) -> tuple[list[Row], list[tuple[str, str]], bool]:
    """The rows of all files, what is wrong with others, and whether a file could not be read at all."""
    from channels.contract import Malformed
    from gateway.commands.contact_table import read
    from store.contacts import Row

    books = sorted({book for one in config.router.people.values() for book in one.addresses} - {"tel", "email"})
    rows: list[Row] = []
    refused: list[tuple[str, str]] = []
    unread = False
    for file in files:
        try:
            found = list(read(str(file), file.read_bytes(), more_books=books))
        except (Malformed, OSError) as error:
            refused.append((str(file), str(error)))
            unread = True
            continue
        rows += [one for one in found if isinstance(one, Row)]
        refused += [(one.place, one.why) for one in found if not isinstance(one, Row)]
        _progress(str(file), len(found))
    return rows, refused, unread


def _write_people(config: Config, rows: Sequence[Row], *, dry_run: bool) -> Outcome:
    from store.contacts import preview
    from store.db import StoreLocked, open_database

    if dry_run:
        database = _reader(config)
        if database is None:
            fail("there is no store yet, so there is nothing to compare with; run without --dry-run")
        with database.read() as connection:
            outcome: Outcome = preview(connection, rows, now=datetime.now(UTC))
        database.close()
        return outcome
    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC))
    except StoreLocked:
        fail(LOCKED)
    try:
        database.migrate()
        return asyncio.run(_written(config, database, rows))
    finally:
        database.close()


async def _written(config: Config, database: Any, rows: Sequence[Row]) -> Outcome:
    from gateway.app import table_of
    from gateway.contracting import Contracting
    from gateway.standing import Standing, Ways
    from store.writer import Writer

    writer = Writer(database, woken=lambda _: None)
    writer.start()
    try:
        standing = Standing(config=config, ways=Ways(can={}), table=table_of(config), judges=())
        return await writer.do(Contracting(standing).bring, rows)
    finally:
        await writer.stop()


def _tell_people(outcome: Outcome, *, dry_run: bool, as_json: bool) -> None:
    for one in outcome.refused:
        if as_json:
            put({"place": one.place, "why": one.why})
        else:
            click.echo(f"{one.place}: {one.why}")
    counts = {
        "contacts_new": outcome.contacts_new,
        "contacts_changed": outcome.contacts_changed,
        "contacts_same": outcome.contacts_same,
        "customers_new": outcome.customers_new,
        "customers_changed": outcome.customers_changed,
        "addresses_new": outcome.addresses_new,
        "groups_new": outcome.groups_new,
        "members_new": outcome.members_new,
        "installations_new": outcome.installations_new,
        "installations_changed": outcome.installations_changed,
        "not_taken": len(outcome.refused),
    }
    if as_json:
        put({**counts, "dry_run": dry_run})
    else:
        words = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        click.echo(f"{words}{'; nothing was written' if dry_run else ''}")
