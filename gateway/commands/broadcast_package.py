"""`yizhan broadcast package`: the files that broadcasts hand out, uploaded, listed and revoked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.broadcast_wire import identity, person_option
from gateway.commands.common import config_option, fail, json_option, put, reading

if TYPE_CHECKING:
    from gateway.commands.package_sender import Sender, Told
    from store.packages import Listed

STEP = 10
"""Percent between two lines of an upload where nobody watches a bar."""


@click.group()
def package() -> None:
    """Upload, list and revoke the files that broadcasts hand out."""


command = package


@package.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="What people call it.")
@click.option("--version", required=True, help="Of the package; name and version are used once and never again.")
@click.option("--product", default="", help="What it upgrades.")
@click.option("--applies", default="", help='For which installed versions: ">=2.0 <2.3". Default: every one.')
@click.option("--notes-zh", default="", help="What is new, in Chinese; @FILE reads it from a file.")
@click.option("--notes-en", default="", help="The same in English.")
@click.option("--intranet", is_flag=True, help="It can be fetched inside the customer's network only.")
@person_option
@json_option
def add(file: Path, person: str | None, config_path: str | None, as_json: bool, **about: Any) -> None:
    """Upload FILE. Interrupted, it goes on by itself; given up, the same command goes on where it stopped."""
    notes = {"zh": _text(about.pop("notes_zh")), "en": _text(about.pop("notes_en"))}
    sender = _sender(config_path, person, _Progress(file.name))
    made = _done(sender, lambda: sender.add(file, {**about, "notes": notes}))
    if as_json:
        put(made)
    else:
        click.echo(f"{made['sha256']}  {made['name']} {made['version']}")


@package.command("list")
@config_option
@json_option
def list_(config_path: str | None, as_json: bool) -> None:
    """List packages, the newest first."""
    from store import packages

    with reading(config_path) as (_, connection):
        found = packages.listed(connection, limit=1000)
    for one in found:
        if as_json:
            put(_shown(one))
        else:
            click.echo(_line(one))


@package.command()
@click.argument("name")
@click.argument("version")
@click.option("--why", default="", help="Stands in the history.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@person_option
def revoke(*, name: str, version: str, why: str, yes: bool, person: str | None, config_path: str | None) -> None:
    """Hand VERSION of NAME out no more: every link ends at once and the file is deleted. Asks first."""
    from store import packages

    with reading(config_path) as (_, connection):
        found = [one for one in packages.listed(connection, limit=1000) if _means(one, name, version)]
    if not found:
        fail(f"there is no package {name} {version}; see yizhan broadcast package list")
    (one,) = found
    sender = _sender(config_path, person)
    if not yes:
        got = f"{one.downloads} have fetched it and keep it"
        click.confirm(f"Revoke {name} {version}? {got}; every link ends, and the file is deleted", abort=True, err=True)
    path = f"/packages/{one.package.id}/revoke"
    _done(sender, lambda: sender.ask("POST", path, {"why": why[:200]}))
    click.echo(f"{name} {version} is revoked", err=True)


def _means(one: Listed, name: str, version: str) -> bool:
    return (one.package.name, one.package.version) == (name, version)


def _text(given: str) -> str:
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{given[1:]} cannot be read: {error}")


def _sender(config_path: str | None, person: str | None, told: Told | None = None) -> Sender:
    """Return the way of a person to the gateway; ends with words where it is not said who, or nobody can be asked."""
    from gateway.commands.desk import address
    from gateway.commands.package_sender import Sender

    config, key, secret = identity(config_path, person)
    more: dict[str, Any] = {"told": told} if told else {}
    return Sender(base=address(config, ""), person=key, password=secret, **more)


def _done(sender: Sender, work: Any) -> Any:
    from gateway.commands.package_sender import Interrupted, Refused

    try:
        return work()
    except Refused as error:
        fail(f"the gateway refused ({error.status}): {error}")
    except Interrupted as error:
        fail(f"no gateway answers at {sender.base}: {error}; start it with yizhan run, and run this again to go on")
    except OSError as error:
        fail(f"the file cannot be read: {error}")


class _Progress:
    """A bar where somebody watches, else a line now and then; on stderr, so that stdout has only the result."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._what = ""
        self._shown = -1

    def __call__(self, what: str, at: int, size: int) -> None:
        percent = at * 100 // max(1, size)
        watched = sys.stderr.isatty()
        step = 1 if watched else STEP
        if what == self._what and percent // step == self._shown // step:
            return
        if watched and what != self._what and self._what:
            click.echo(err=True)
        self._what, self._shown = what, percent
        if watched:
            bar = "#" * (percent * 30 // 100)
            click.echo(f"\r{what:<9}[{bar:<30}] {percent:>3}%", nl=what == "check", err=True)
        else:
            click.echo(f"{self._name}: {what} {percent}%", err=True)


def _shown(one: Listed) -> dict[str, Any]:
    kept = one.package
    names = (
        "name",
        "version",
        "file",
        "size",
        "received",
        "sha256",
        "product",
        "applies",
        "notes",
        "intranet",
        "state",
    )
    about = {name: getattr(kept, name) for name in names}
    return {"id": str(kept.id), **about, "by": kept.by, "at": kept.at, "downloads": one.downloads}


def _line(one: Listed) -> str:
    kept = one.package
    state = f"{kept.state} {kept.received * 100 // max(1, kept.size)}%" if kept.state == "coming" else kept.state
    size = f"{kept.size / 1_000_000:.1f} MB"
    return f"{kept.name} {kept.version}  {size}  {state}  {kept.sha256[:12] or '-'}  {one.downloads} fetched  {kept.by}"
