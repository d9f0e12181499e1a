"""`yizhan broadcast`: one text or package for many, written, looked at, approved, sent and followed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.commands import broadcast_look as look
from gateway.commands.broadcast_wire import Wire, end, person_option, talking, writer
from gateway.commands.common import fail, json_option, put
from gateway.commands.lazy import Lazy

if TYPE_CHECKING:
    from gateway.broadcast.yaml_form import Form
    from gateway.yaml_page import Page

LATER: Mapping[str, str] = {
    "groups": "Show and change user groups: whom a broadcast may be meant for.",
    "package": "Upload, list and revoke the files that broadcasts hand out.",
    "suppressions": "List and change the addresses to which texts for many do not go.",
}
"""Groups of their own, each in the module of its name."""
AT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
NUMBER = click.argument("number", type=click.IntRange(1))
YES = click.option("--yes", is_flag=True, help="Do not ask.")
WHY = click.option("--why", default="", help="Stands in the history.")
SEEN = click.option("--seen", type=click.IntRange(1), help="The version that you looked at; refused when it changed.")
COUNT = click.option("--count", type=click.IntRange(0), help="The number of messages, instead of being asked for it.")


@click.group(cls=Lazy, later=LATER, at="gateway.commands.broadcast_")
def command() -> None:
    """Send one text or package to many: to exactly those who need it, once."""


for one in (look.listed, look.show, look.preview, look.status, look.recipients, look.result):
    command.add_command(one)


@command.command()
@click.argument("file", metavar="FILE.yaml")
@person_option
@json_option
def new(file: str, person: str | None, config_path: str | None, as_json: bool) -> None:
    """Write a draft as FILE.yaml says, `-` for stdin, and print its number."""
    form, page = _form(file)
    wire = writer(config_path, person)
    with talking(page):
        made = wire.send("POST", "/broadcasts", form.wish)
    number = made["broadcast"]["number"]
    if as_json:
        put(made)
    else:
        click.echo(number)
    click.echo(f"draft {number}; next: yizhan broadcast preview {number}", err=True)


@command.command()
@NUMBER
@click.argument("file", metavar="FILE.yaml")
@person_option
@json_option
def edit(number: int, file: str, person: str | None, config_path: str | None, as_json: bool) -> None:
    """Write draft NUMBER anew as FILE.yaml says; with `version` in it, only while nobody else changed it."""
    form, page = _form(file)
    wire = writer(config_path, person)
    with talking(page):
        made = wire.send("PUT", f"/broadcasts/{number}", {**form.wish, "version": form.version})
    _told(made, as_json)


def _form(file: str) -> tuple[Form, Page]:
    from gateway.broadcast.yaml_form import read
    from gateway.yaml_page import ConfigError, read_text

    try:
        text = sys.stdin.read() if file == "-" else read_text(file, cure="give another file")
        form, page = read(text, file)
    except ConfigError as error:
        end([str(fault) for fault in error.faults])
    if form is None or page.faults:
        end([str(fault) for fault in sorted(page.faults, key=lambda fault: fault.line)])
    return form, page


@command.command()
@NUMBER
@click.option("--channel", "channels", multiple=True, help="Only by this account, such as sms:main; several may stand.")
@person_option
@json_option
def test(number: int, channels: tuple[str, ...], person: str | None, config_path: str | None, as_json: bool) -> None:
    """Send broadcast NUMBER to your own addresses, as its recipients would get it, and to nobody else."""
    wire = writer(config_path, person)
    with talking():
        made = wire.send("POST", f"/broadcasts/{number}/test", {"channels": list(channels)})
    if as_json:
        put(made)
        return
    for channel, address in made["written"].items():
        click.echo(f"{channel} {address}")
    for problem in made["problems"]:
        click.echo(problem["words"], err=True)
    if made["without"]:
        click.echo(f"no address of yours: {', '.join(made['without'])}", err=True)


@command.command()
@NUMBER
@COUNT
@click.option("--at", "begin", type=AT, help='Not now, but then: "2026-12-01 20:00".')
@click.option("--zone", help="The time zone of --at, such as Asia/Shanghai; default: the site's.")
@person_option
@json_option
def start(
    *,
    number: int,
    count: int | None,
    begin: datetime | None,
    zone: str | None,
    person: str | None,
    config_path: str | None,
    as_json: bool,
) -> None:
    """Send the first wave of NUMBER, once you typed how many messages that is in all."""
    if zone and begin is None:
        raise click.UsageError("--zone says where the clock of --at hangs: give --at as well")
    wire = writer(config_path, person)
    if begin is None:
        _told(_confirmed(wire, number, count, {"move": "start"}), as_json)
    else:
        _told(_scheduled(wire, number, count, begin, zone), as_json)


@command.command()
@NUMBER
@COUNT
@click.option("--at", "begin", type=AT, required=True, help='"2026-12-01 20:00".')
@click.option("--zone", help="The time zone of --at, such as Asia/Shanghai; default: the site's.")
@person_option
@json_option
def schedule(
    *,
    number: int,
    count: int | None,
    begin: datetime,
    zone: str | None,
    person: str | None,
    config_path: str | None,
    as_json: bool,
) -> None:
    """Let NUMBER start by itself at a time; the same as start --at."""
    _told(_scheduled(writer(config_path, person), number, count, begin, zone), as_json)


def _scheduled(wire: Wire, number: int, count: int | None, begin: datetime, zone: str | None) -> Any:
    from zoneinfo import ZoneInfo

    from gateway.commands.broadcast_shown import moment
    from router.blocks import read_zone
    from router.wall import begins

    try:
        name = read_zone(zone or wire.config.router.time_zone)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    instant = begins(begin, ZoneInfo(name))
    now = datetime.now(UTC)
    if instant <= now:
        fail(f"{begin:%Y-%m-%d %H:%M} {name} is past")
    click.echo(f"start: {moment(instant, ZoneInfo(name), name, now)}", err=True)
    return _confirmed(wire, number, count, {"move": "schedule", "at": instant.isoformat(), "zone": name})


def _confirmed(wire: Wire, number: int, count: int | None, act: dict[str, Any]) -> Any:
    """Show whom it goes to, have the number typed, and make the move."""
    with talking():
        found = wire.get(f"/broadcasts/{number}")
        if found["state"] == "freezing":
            fail(f"its list is still being written, {found['frozen']} so far: try again in a moment")
        look.asked(found)
        if act["move"] not in found["may"]:
            fail(f"{act['move']} cannot be done while it is {found['state']}; now: {', '.join(found['may'])}")
        if count is None:
            if not sys.stdin.isatty():
                raise click.UsageError("there is nobody to type the number of messages: give --count")
            count = click.prompt("Type the number of messages to go on", type=int, err=True)
        if count != found["frozen"]:
            fail(f"nothing was sent: the list has {found['frozen']} messages, not {count}")
        return wire.send("POST", f"/broadcasts/{number}/moves", {**act, "count": count, "version": found["version"]})


def _told(made: Mapping[str, Any], as_json: bool) -> None:
    from gateway.commands.broadcast_shown import gone

    if as_json:
        put(made)
    found, variables = made["broadcast"], made["variables"]
    words = f"{found['number']} is {found['state']}"
    if made["answer"] == "needs_second":
        words += "; somebody else approves it: yizhan broadcast approve"
    elif found["state"] == "freezing":
        words += f"; its list of {found['expected']} messages is being written, then: start"
    elif "sent" in variables:
        words += f"; {gone(variables)}"
    elif "count" in variables:
        words += f"; {variables['count']} messages"
    click.echo(words, err=True)


def _move(wire: Wire, number: int, move: str, **more: Any) -> Any:
    with talking():
        return wire.send("POST", f"/broadcasts/{number}/moves", {"move": move, **more})


def _simple(move: str, words: str) -> Callable[..., None]:
    """Make the command of a move that asks nothing."""

    @command.command(move, help=words)
    @NUMBER
    @WHY
    @SEEN
    @person_option
    @json_option
    def made(
        *, number: int, why: str, seen: int | None, person: str | None, config_path: str | None, as_json: bool
    ) -> None:
        _told(_move(writer(config_path, person), number, move, why=why, version=seen), as_json)

    return made


_simple("submit", "Hand draft NUMBER in: it is approved, or waits for a second person if it is large or goes by SMS.")
_simple("approve", "Approve NUMBER as the second person; its list of recipients is written then.")
_simple("return", "Make NUMBER a draft again; its list is thrown away.")
_simple("unschedule", "Take back that NUMBER starts by itself.")
_simple("pause", "Stop NUMBER: nothing more is handed over from now on; says what is out already.")
_simple("resume", "Let NUMBER go on where it stopped; nobody gets it twice.")
_simple("next", "Let the next wave of NUMBER go now.")


def _grave(move: str, words: str, warning: str) -> Callable[..., None]:
    """Make the command of a move that cannot be undone: it asks first."""

    @command.command(move, help=words)
    @NUMBER
    @YES
    @WHY
    @person_option
    @json_option
    def made(*, number: int, yes: bool, why: str, person: str | None, config_path: str | None, as_json: bool) -> None:
        wire = writer(config_path, person)
        with talking():
            found = wire.get(f"/broadcasts/{number}")
        click.echo(look.warned(found, warning), err=True)
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("there is nobody to ask: give --yes")
            click.confirm("Go on?", abort=True, err=True)
        _told(_move(wire, number, move, why=why), as_json)

    return made


_grave(
    "cancel",
    "End NUMBER for good: who has not got it does not get it.",
    "{sent} are out and stay out, {waiting} will not be sent; what is cancelled is never resumed.",
)
_grave(
    "recall",
    "Have the providers take NUMBER back from those who got it, where they can.",
    "{sent} are out; mails and SMS stay where they are, messages of apps go where the provider lets it.",
)
_grave(
    "revoke",
    "Make every link of NUMBER worthless: nobody fetches its package any more.",
    "{downloaded} fetched the package and keep it; every other link is dead for good.",
)


@command.command()
@NUMBER
@click.option("--unknown", is_flag=True, help="Also those whose outcome nobody knows: some may get it twice.")
@WHY
@person_option
@json_option
def retry(*, number: int, unknown: bool, why: str, person: str | None, config_path: str | None, as_json: bool) -> None:
    """Send NUMBER once more to those whom it failed to reach."""
    again = ["failed", *(["unknown"] if unknown else [])]
    _told(_move(writer(config_path, person), number, "retry", why=why, again=again), as_json)
