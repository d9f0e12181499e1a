"""`yizhan visit`: the address of the form by which a customer asks for a visit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.commands.common import config_option, fail, json_option, put, read_config

CHANNEL = "visit"
PICTURES = (".svg", ".png")
SCALE = 8
"""Pixels of one module of the code: a hand's breadth on paper, and sharp on a screen."""


@click.group()
def command() -> None:
    """Give customers the address of the form by which they ask for a visit."""


@command.command()
@click.argument("customer")
@click.option("--account", metavar="NAME", help="Which account of the channel, where there are several.")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A QR code: .svg or .png.")
@config_option
@json_option
def link(customer: str, account: str | None, qr: Path | None, config_path: str | None, as_json: bool) -> None:
    """Print the address that is signed for CUSTOMER, and write it as a QR code."""
    if qr is not None and qr.suffix.lower() not in PICTURES:
        raise click.BadParameter("the name of the file ends in .svg or .png", param_hint="--qr")
    config = read_config(config_path)
    name = _account(config, account)
    try:
        address = _channel(config, name).invitation(customer)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="CUSTOMER") from None
    if qr is not None:
        _draw(address, qr)
    if as_json:
        put({"customer": customer, "account": f"{CHANNEL}:{name}", "address": address, "qr": str(qr) if qr else None})
    else:
        click.echo(address)


def _account(config: Any, wanted: str | None) -> str:
    accounts = config.channels.get(CHANNEL, {})
    if not accounts:
        fail(f"there is no account of the channel {CHANNEL}; add one to the configuration: docs/channels/visit.md")
    if wanted is None and len(accounts) > 1:
        fail(f"there are several accounts; choose one with --account: {', '.join(accounts)}")
    if wanted is not None and wanted not in accounts:
        fail(f"there is no account {CHANNEL}:{wanted}; known here: {', '.join(accounts)}")
    return wanted or next(iter(accounts))


def _channel(config: Any, account: str) -> Any:
    from channels import registry
    from channels.contract import Around
    from channels.powers import Invites

    around = Around(account=account, public_url=config.gateway.public_url, now=lambda: datetime.now(UTC))
    channel = registry.build(CHANNEL, config.channels[CHANNEL][account], around)
    assert isinstance(channel, Invites)  # noqa: S101 - a mistake of ours
    return channel


def _draw(address: str, file: Path) -> None:
    """Write the code with the border that the standard asks for (ISO/IEC 18004: four modules)."""
    import segno

    try:
        segno.make(address, error="m", micro=False).save(str(file), scale=SCALE, border=4, light="white")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
