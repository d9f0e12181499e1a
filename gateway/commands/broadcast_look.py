"""The commands about broadcasts that only look: they change nothing, and ask nobody who they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.broadcast_wire import Wire, reader, talking
from gateway.commands.common import config_option, fail, json_option, put

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NUMBER = click.argument("number", type=click.IntRange(1))
PAGE = 1000


def _zone(wire: Wire) -> ZoneInfo:
    return wire.config.router.zone


@click.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are over, too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@config_option
@json_option
def listed(every: bool, limit: int, config_path: str | None, as_json: bool) -> None:
    """List broadcasts, the newest first."""
    from gateway.commands.broadcast_shown import head

    wire = reader(config_path)
    with talking():
        found = wire.get("/broadcasts", state="all" if every else "open", limit=limit)
    for one in found:
        if as_json:
            put(one)
        else:
            click.echo(head(one, _zone(wire)))


@click.command()
@NUMBER
@click.option("--yaml", "as_yaml", is_flag=True, help="As the file that new and edit take.")
@config_option
@json_option
def show(number: int, as_yaml: bool, config_path: str | None, as_json: bool) -> None:
    """Show broadcast NUMBER: what it says to whom, how far it is, what may be done, and its history."""
    from gateway.broadcast.yaml_form import written

    if as_yaml and as_json:
        raise click.UsageError("choose one of --yaml and --json")
    wire = reader(config_path)
    with talking():
        found = wire.get(f"/broadcasts/{number}")
        events = wire.get(f"/broadcasts/{number}/events")
    if as_json:
        put({**found, "events": events})
        return
    package = found["package"] and {key: found["package"][key] for key in ("name", "version")}
    text = written(found["title"], package, found["plan"], found["version"])
    if as_yaml:
        click.echo(text, nl=False)
        return
    _described(wire, found, text)
    for event in events:
        click.echo(_event(event, _zone(wire)))


def _described(wire: Wire, found: Mapping[str, Any], text: str) -> None:
    from gateway.commands.broadcast_shown import at, head, progress

    click.echo(head(found, _zone(wire)))
    click.echo(text)
    for line in progress(found, bars=False):
        click.echo(line)
    if found["channels"]:
        click.echo("by channel: " + ", ".join(f"{name} {count}" for name, count in found["channels"].items()))
    if found["link_until"]:
        click.echo(f"links hold until {at(found['link_until'], _zone(wire))}")
    click.echo(f"may now: {', '.join(found['may'])}")


def _event(event: Mapping[str, Any], zone: ZoneInfo) -> str:
    from gateway.commands.broadcast_shown import at

    more = ", ".join(f"{key} {value}" for key, value in event["more"].items())
    return f"{at(event['at'], zone)}  {event['actor'] or 'gateway'}: {event['text']}{f' ({more})' if more else ''}"


def asked(found: Mapping[str, Any]) -> None:
    """Say on stderr whom a start would reach."""
    from gateway.commands.broadcast_shown import counted

    channels = ", ".join(f"{name} {count}" for name, count in found["channels"].items())
    click.echo(f"{found['number']}  {found['title']}: {found['frozen']} messages ({channels})", err=True)
    click.echo(f"waves: {', '.join(str(size) for size in found['waves'])}", err=True)
    if found["left_out"]:
        click.echo(f"left out: {counted(found['left_out'])}", err=True)


def warned(found: Mapping[str, Any], warning: str) -> str:
    """Fill what cannot be undone with what is true now."""
    from gateway.commands.broadcast_shown import size

    states = found["states"]
    sent = sum(states.get(state, 0) for state in ("sent", "delivered"))
    waiting = sum(states.get(state, 0) for state in ("pending", "queued")) if size(states) else found["expected"]
    return warning.format(sent=sent, waiting=waiting, downloaded=found["downloaded"])


@click.command()
@NUMBER
@click.option("--watch", is_flag=True, help="Go on until it is done, or stands still.")
@click.option("--every", type=click.FloatRange(0.05), default=2.0, show_default=True, help="Seconds between two looks.")
@config_option
@json_option
def status(number: int, watch: bool, every: float, config_path: str | None, as_json: bool) -> None:
    """Show how far NUMBER is. Exit 1 when it stands still and is not done."""
    from gateway.commands.broadcast_shown import GOOD, OVER, rich, why

    wire = reader(config_path)
    drawn = 0 if rich() and not as_json else None
    last = ""
    while True:
        with talking():
            found = wire.get(f"/broadcasts/{number}", channels="false")
        drawn, last = _shown(wire, found, drawn, last, watch=watch, as_json=as_json)
        if not watch or found["state"] in OVER:
            break
        time.sleep(every)
    good = found["state"] in GOOD or (not watch and found["state"] not in ("paused", "held", "cancelled"))
    if not good:
        click.echo(why(found), err=True)
    sys.exit(0 if good else 1)


def _shown(
    wire: Wire, found: Mapping[str, Any], drawn: int | None, last: str, *, watch: bool, as_json: bool
) -> tuple[int | None, str]:
    """Show the state once more; on a terminal over what stood there, else only where it changed."""
    from gateway.commands.broadcast_shown import frame, head, news, progress, rows

    if as_json:
        line = news(found)
        if line != last:
            put(found)
        return drawn, line
    if watch and drawn is None:
        line = news(found)
        if line != last:
            click.echo(line)
        return drawn, line
    lines = [head(found, _zone(wire)), *progress(found, bars=drawn is not None)]
    click.echo(frame(lines, drawn or 0))
    return (rows(lines, get_terminal_size().columns) if drawn is not None else None), last


@click.command()
@NUMBER
@click.option("--state", help="Only those in this state, such as failed, unknown or skipped.")
@click.option("--channel", help="Only those of this account, such as sms:main.")
@click.option("--wave", type=click.IntRange(0), help="Only those of this wave.")
@click.option("--reason", help="Only those with this reason, such as opted_out.")
@click.option("--search", default="", help="Only those in whose name or address this stands.")
@click.option("--limit", type=click.IntRange(1), help="Not more than this; default: all.")
@config_option
@json_option
def recipients(
    *,
    number: int,
    state: str | None,
    channel: str | None,
    wave: int | None,
    reason: str | None,
    search: str,
    limit: int | None,
    config_path: str | None,
    as_json: bool,
) -> None:
    """List who gets NUMBER by which channel, what became of it, and who is left out why."""
    wire, after, left = reader(config_path), None, limit
    filters = {"state": state, "channel": channel, "wave": wave, "reason": reason, "search": search}
    while left is None or left > 0:
        with talking():
            page = wire.get(f"/broadcasts/{number}/recipients", after=after, limit=min(left or PAGE, PAGE), **filters)
        for row in page["rows"]:
            if as_json:
                put(row)
            else:
                click.echo(_recipient(row))
        left, after = left and left - len(page["rows"]), page["after"]
        if after is None:
            return


def _recipient(row: Mapping[str, Any]) -> str:
    wave = f"wave {row['wave']}" if row["wave"] else "-"
    reason = f" ({row['reason']})" if row["reason"] else ""
    fetched = "  downloaded" if row["downloaded_at"] else "  opened" if row["opened_at"] else ""
    trouble = "  went wrong" if row["trouble_at"] else ""
    return f"{row['name']}  {row['channel']} {row['address']}  {wave}  {row['state']}{reason}{fetched}{trouble}"


@click.command()
@NUMBER
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="FILE.xlsx; an old one is replaced.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the headings; default: Chinese.")
@config_option
def result(number: int, file: Path, language: str | None, config_path: str | None) -> None:
    """Write what became of every recipient of NUMBER as an XLSX table."""
    if not file.absolute().parent.is_dir():
        fail(f"there is no folder {file.parent}")
    wire = reader(config_path)
    with talking():
        size = wire.fetch(f"/broadcasts/{number}/result.xlsx?lang={language or 'zh'}", file)
    click.echo(f"{file}: {size} bytes", err=True)


@click.command()
@NUMBER
@config_option
@json_option
def preview(number: int, config_path: str | None, as_json: bool) -> None:
    """Show whom NUMBER would reach, its text for the longest and the emptiest of them, and what blocks it."""
    from gateway.commands.broadcast_shown import previewed

    wire = reader(config_path)
    with talking():
        found = wire.get(f"/broadcasts/{number}/preview")
    if as_json:
        put(found)
    else:
        for line in previewed(found):
            click.echo(line)
    for problem in found["problems"]:
        click.echo(f"{'blocks' if problem['blocks'] else 'note'}: {problem['words']}", err=True)
    if not found["total"]:
        click.echo("blocks: nobody would get it", err=True)
    sys.exit(1 if found["blocked"] else 0)
