"""`yizhan doctor`: asks every part whether it works; read-only, and nothing is sent to anybody."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from channels.contract import Finding
from gateway.commands.common import config_option, json_option, put, read_config

if TYPE_CHECKING:
    from gateway.config import Config

WORDS = {True: "ok", False: "FAIL", None: "not checked"}
LOW = 1 << 30
"""Bytes of free disk below which something must be done."""


@click.command()
@config_option
@json_option
def command(config_path: str | None, as_json: bool) -> None:
    """Check configuration, store, judge, disk, channels and duty; each finding has its cure. Exit 1 when one fails."""
    config = read_config(config_path)
    failed = False
    for group, finding in _findings(config):
        failed = failed or finding.ok is False
        if as_json:
            row = {"group": group, "what": finding.what, "ok": finding.ok, "note": finding.note, "cure": finding.cure}
            put(row)
        else:
            cure = f"  -> {finding.cure}" if finding.cure and finding.ok is not True else ""
            click.echo(
                f"{WORDS[finding.ok]:<12}{group}: {finding.what}{f' ({finding.note})' if finding.note else ''}{cure}"
            )
    sys.exit(1 if failed else 0)


def _findings(config: Config) -> Iterator[tuple[str, Finding]]:
    yield "config", Finding(what=f"{config.file} is read", ok=True)
    yield "config", _channels_there(config)
    for finding in _store(config):
        yield "store", finding
    yield "judge", _judge(config)
    yield "disk", _disk()
    for name, findings in asyncio.run(_channels(config)).items():
        for finding in findings:
            yield name, finding
    yield "duty", _reachable(config)
    from gateway.commands import doctor_opinion

    for finding in doctor_opinion.findings(config):
        yield "second opinion", finding


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


def _store(config: Config) -> Iterator[Finding]:
    from store.db import StoreUnavailable, open_database
    from store.depth import depths
    from store.quarantine import quarantined

    now = datetime.now(UTC)
    try:
        database = open_database(config.store.address, now=lambda: now, writes=False)
        with database.read() as connection:
            waiting = depths(connection)
            aside = quarantined(connection)
        database.close()
    except StoreUnavailable as error:
        yield Finding(
            what="the store answers", ok=False, note=str(error), cure="start the gateway once, or the database"
        )
        return
    yield Finding(what="the store answers", ok=True)
    late = [depth for depth in waiting if depth.oldest and (now - depth.oldest).total_seconds() > 60]
    names = ", ".join(f"{depth.destination} lane {depth.lane}: {depth.waiting}" for depth in late)
    yield Finding(what="nothing waits longer than a minute to be sent", ok=not late, note=names, cure="is it running?")
    yield Finding(
        what="the quarantine is empty",
        ok=not aside,
        note=f"{len(aside)} rows" if aside else "",
        cure="yizhan quarantine",
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    return Finding(
        what=f"{free // (1 << 20)} MiB free", ok=free > LOW, cure="make room; a full disk loses nothing but stops"
    )


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
