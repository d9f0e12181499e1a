"""`yizhan tickets`: what is open, and the whole story of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from gateway.commands import moving, relating
from gateway.commands.common import config_option, fail, json_option, put, reading
from gateway.commands.promises import status


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List and show tickets."""
    if context.invoked_subcommand is None:
        context.invoke(listing)


for _one in (
    relating.merge,
    relating.split,
    relating.child,
    relating.apart,
    relating.dispatch,
    moving.hold,
    moving.resume,
    moving.workaround,
    moving.second_line,
):
    command.add_command(_one)


@command.command("list")
@click.option("--all", "every", is_flag=True, help="The settled ones too, newest first.")
@click.option("--limit", default=50, show_default=True)
@config_option
@json_option
def listing(every: bool = False, limit: int = 50, config_path: str | None = None, as_json: bool = False) -> None:
    """List tickets, the worst and oldest first."""
    from store import tickets

    with reading(config_path) as (config, connection):
        rows = tickets.listed(connection, open_only=not every, limit=limit)
        for row in rows:
            if as_json:
                put({key: row[key] for key in row if key != "plan"})
            else:
                level = f"P{row['level']}" if row["level"] else row["kind"]
                owner = name(config, row["owner"]) or "-"
                at = local(config, row["opened_at"])
                click.echo(f"{row['number']}  {level:<6} {row['state']:<9} {at}  {owner:<6} {row['title']}")
    if not rows and not as_json:
        click.echo("no ticket is open" if not every else "there is no ticket yet", err=True)


@command.command()
@click.argument("number", type=int)
@config_option
@json_option
def show(number: int, config_path: str | None, as_json: bool) -> None:
    """Tell the whole story of ticket NUMBER: everything said, asked, sent and decided, in order."""
    from store import tickets

    with reading(config_path) as (config, connection):
        found = tickets.by_numbers(connection, [number])
        if not found:
            fail(f"there is no ticket {number}")
        ticket = found[0]
        story = _story(connection, ticket["id"])
        if as_json:
            put({"ticket": dict(ticket), **story})
        else:
            _tell(config, dict(ticket), story)


def _related(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("number", "state", "title", "owner")}


def _shown(row: Any) -> dict[str, Any]:
    """Return a message without what only its reader may see."""
    from gateway.post import hidden

    kept = {key: value for key, value in row["variables"].items() if key != "code"}
    return {**row, "text": hidden(row["text"], row["variables"]), "variables": kept}


def _story(connection: Any, ticket_id: int) -> dict[str, list[dict[str, Any]]]:
    from store import matters, tickets

    return {
        "messages": [_shown(row) for row in tickets.messages_of(connection, ticket_id)],
        "events": [dict(row) for row in tickets.history(connection, ticket_id)],
        "pages": [dict(row) for row in tickets.pages_of(connection, [ticket_id])],
        "clocks": [dict(row) for row in tickets.clocks_of(connection, [ticket_id])],
        "visits": [dict(row) for row in tickets.visits_of(connection, [ticket_id])],
        "parts": [_related(row) for row in matters.parts_of(connection, [ticket_id])],
        "children": [_related(row) for row in matters.children_of(connection, [ticket_id])],
        "similar": [dict(row) for row in matters.suggested(connection, [ticket_id])],
    }


def _tell(config: Any, ticket: Mapping[str, Any], story: Mapping[str, list[dict[str, Any]]]) -> None:
    level = f"P{ticket['level']}" if ticket["level"] else ticket["kind"]
    click.echo(f"{ticket['number']}  {level}  {ticket['state']}  {ticket['title']}")
    click.echo(
        f"customer {ticket['reply_to']} on {ticket['channel']}; owner {name(config, ticket['owner']) or 'nobody'}"
    )
    click.echo(f"judged by: {'; '.join(ticket['reasons'])}")
    for kin in ("parts", "children"):
        for row in story[kin]:
            click.echo(f"{kin}: {row['number']}  {row['state']}  {name(config, row['owner']) or '-'}  {row['title']}")
    for row in story["similar"]:
        click.echo(f"may be one matter: {row['number']} and {row['other']} ({row['why']} {row['likeness']:.2f})")
    for visit in story["visits"]:
        click.echo(_visit(config, visit))
    if ticket["held_until"]:
        click.echo(f"on hold until {local(config, ticket['held_until'])}")
    for clock in story["clocks"]:
        stands = status(clock, datetime.now(UTC))
        click.echo(f"clock {clock['kind']}: until {local(config, clock['due_at'])}, {stands}")
    click.echo("")
    said = {row["id"]: row for row in story["messages"]}
    for event in story["events"]:
        click.echo(_line(config, event, said.get(event["message_id"] or 0)))


def _line(config: Any, event: Mapping[str, Any], message: Mapping[str, Any] | None) -> str:
    more = event["more"] or {}
    who = "customer" if event["actor"] == "customer" else name(config, event["actor"])
    to = f" to {name(config, more['to'])} by {more.get('by')}" if more.get("to") else ""
    became = f" [{message['state']}]" if message and message["direction"] == "out" else ""
    raw = (
        f"  «{message['text']}»"
        if message and message["direction"] == "in" and message["text"] != event["text"]
        else ""
    )
    text = f": {event['text']}" if event["text"] else ""
    return f"{local(config, event['at'])}  {event['kind']}{f' by {who}' if who else ''}{to}{became}{text}{raw}"


def _visit(config: Any, visit: Mapping[str, Any]) -> str:
    at = f" ({local(config, visit['wanted_at'])})" if visit["wanted_at"] else ""
    said = {"by": name(config, visit["engineer"]), "at": visit["place"], "wanted": f"{visit['wanted']}{at}"}
    said |= {"ask for": visit["contact"], "phone": visit["phone"], "bring": visit["bring"]}
    for step in ("sent", "accepted", "left", "arrived", "ended"):
        said[step] = local(config, visit[f"{step}_at"]) if visit[f"{step}_at"] else ""
    said |= {"known by": visit["arrived_by"], "position": visit["position"]}
    said |= {"proof": f"{visit['proof']} {visit['proved_by']}".strip(), "report": visit["report"]}
    return f"visit {visit['state']}: {'; '.join(f'{what} {text}' for what, text in said.items() if text)}"


def name(config: Any, person: str | None) -> str:
    """Name one of the staff; "" for nobody."""
    found = config.router.people.get(person or "")
    return found.name if found else (person or "")


def local(config: Any, at: Any) -> str:
    """Write an instant as the site's time."""
    return f"{at.astimezone(config.router.zone):%m-%d %H:%M:%S}" if at else "-"
