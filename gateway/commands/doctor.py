"""`yizhan doctor`: the story of the running gateway, and what its parts say; nothing is sent to anybody."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from channels.contract import Finding
from gateway.commands.common import config_option, json_option, put, read_config
from gateway.commands.direct import straight

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.health import Found

WORDS = {"ok": "ok", "failed": "FAIL", "warns": "WARN", "open": "not checked"}
CURE = "pip install 'yizhan[s3]', or take gateway.broadcasts.packages.s3 out"
TIMEOUT = 10.0
"""Seconds that a running gateway gets to answer."""


@click.command()
@config_option
@json_option
def command(config_path: str | None, as_json: bool) -> None:
    """Tell how the gateway does; each finding has its cure. Exit 1 when something fails, 2 when there are warnings."""
    config = read_config(config_path)
    marks = set()
    for one in _findings(config):
        marks.add(one.mark)
        if as_json:
            put({name: getattr(one, name) for name in ("group", "what", "ok", "note", "cure", "grave")})
        else:
            cure = f"  -> {one.cure}" if one.cure and one.ok is not True else ""
            click.echo(f"{WORDS[one.mark]:<12}{one.group}: {one.what}{f' ({one.note})' if one.note else ''}{cure}")
    sys.exit(1 if "failed" in marks else 2 if "warns" in marks else 0)


def _findings(config: Config) -> Iterator[Found]:
    """Ask the running gateway how it does, else look into the store; and ask what only a command may take time for."""
    from gateway.commands import doctor_opinion
    from gateway.health import Found, of_finding

    yield Found(group="config", what=f"{config.file} is read", ok=True)
    yield of_finding("config", _channels_there(config))
    yield from _state(config)
    yield of_finding("judge", _judge(config))
    for name, findings in asyncio.run(_channels(config)).items():
        yield from (of_finding(name, one) for one in findings)
    yield of_finding("duty", _reachable(config))
    yield from (of_finding("packages", one, grave=False) for one in _packages(config))
    yield from (of_finding("second opinion", one) for one in doctor_opinion.findings(config))


def _state(config: Config) -> Iterator[Found]:
    from gateway.commands.desk import address, headers
    from gateway.health import Found, disk

    url = address(config, "/health")
    try:
        request = urllib.request.Request(url, headers=headers(config))  # noqa: S310
        with straight(request, TIMEOUT) as answer:
            told = [Found(**one) for one in json.loads(answer.read())["findings"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        note = f"no gateway answers at {url}: {error}"
        yield Found(group="gateway", what="it runs", ok=None, note=note, cure="yizhan run")
        yield from _alone(config)
        yield disk(config)
        return
    yield Found(group="gateway", what="it runs", ok=True)
    yield from told


def _alone(config: Config) -> Iterator[Found]:
    """Say what the store alone tells while no gateway answers."""
    from gateway.health import Found, of_store
    from store.db import StoreUnavailable, open_database

    now = datetime.now(UTC)
    try:
        database = open_database(config.store.address, now=lambda: now, writes=False)
        with database.read() as connection:
            found = list(of_store(connection, config, now, works=True))
        database.close()
    except StoreUnavailable as error:
        cure = "start the gateway once, or the database"
        found = [Found(group="store", what="the store answers", ok=False, note=str(error), cure=cure, grave=True)]
    yield from found


def _judge(config: Config) -> Finding:
    from gateway.judges import packaged_judge, site_judge

    try:
        own = site_judge(config)
    except ValueError as error:
        cure = f"the packaged judge is used meanwhile; remove {config.router.model} or run 'yizhan judge train'"
        return Finding(what="what the judge learned here", ok=False, note=str(error), cure=cure)
    judge = own or packaged_judge()
    whose = "from here" if own else "as packaged"
    return Finding(what=f"the judge learned from {judge.header['messages']} messages, {whose}", ok=True)


def _channels_there(config: Config) -> Finding:
    count = sum(len(accounts) for accounts in config.channels.values())
    return Finding(what=f"{count} channel accounts", ok=count > 0, cure="configure one: docs/channels/")


async def _channels(config: Config) -> dict[str, list[Finding]]:
    from gateway.app import build_channels
    from gateway.clock import SystemClock

    found: dict[str, list[Finding]] = {}
    for name, channel in build_channels(config, SystemClock()).items():
        try:
            async with asyncio.timeout(20):
                found[name] = list(await channel.check())
        except Exception as error:  # noqa: BLE001 - the doctor tells of every trouble and dies of none
            found[name] = [Finding(what="asked", ok=None, note=f"{type(error).__name__}: {error}", cure="try again")]
        finally:
            await channel.close()
    return found


def _packages(config: Config) -> list[Finding]:
    """Ask where packages lie, as the user who types the command."""
    from gateway.broadcast.hands import Hands
    from gateway.broadcast.uploads import kept_by

    async def ask() -> list[Finding]:
        hands = Hands()
        try:
            return await kept_by(config.gateway.broadcasts.packages, hands)
        finally:
            await hands.close()

    try:
        return asyncio.run(ask())
    except ValueError as error:
        return [Finding(what="packages have a storage", ok=False, note=str(error), cure=CURE)]


def _reachable(config: Config) -> Finding:
    from channels import registry

    books: set[Any] = set()
    for name, accounts in config.channels.items():
        for account in accounts.values():
            can = registry.can(registry.make(name, getattr(account, "provider", "")))
            carries = can.sends and (can.pushes or can.book in ("tel", "email"))
            books |= {can.book or name} if carries else set()
    out = [p.name for p in config.router.people.values() if not books & set(p.addresses)]
    return Finding(
        what="everybody on the roster can be reached",
        ok=not out if books else None,
        note=", ".join(out) if books else "no channel that carries a page is configured",
        cure="give them an address of a configured channel",
    )
