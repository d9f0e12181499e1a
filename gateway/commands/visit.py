"""`yizhan visit`: the form by which customers ask for a visit, the codes of sites, and the visits there are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.commands.common import config_option, fail, json_option, put, read_config, reading

CHANNEL = "visit"
PICTURES = (".svg", ".png")
LAST = ("ended", "arrived", "left", "accepted", "sent")
HIDDEN = ("code_digest", "language")
"""What a list does not show."""
SCALE = 8
"""Pixels of one module of the code: a hand's breadth on paper, and sharp on a screen."""


@click.group()
def command() -> None:
    """Make the addresses of forms and sites, and list visits."""


@command.command()
@click.argument("customer")
@click.option("--account", metavar="NAME", help="Which account of the channel, where there are several.")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A QR code: .svg or .png.")
@config_option
@json_option
def link(customer: str, account: str | None, qr: Path | None, config_path: str | None, as_json: bool) -> None:
    """Print the address that is signed for CUSTOMER, and write it as a QR code."""
    _drawable(qr)
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


@command.command("site-code")
@click.argument("site")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A QR code: .svg or .png.")
@config_option
@json_option
def site_code(site: str, qr: Path | None, config_path: str | None, as_json: bool) -> None:
    """Print the address by which engineers report at SITE, with its QR code: to the terminal, or to a file."""
    from gateway.signing import Seals, key_of

    _drawable(qr)
    config = read_config(config_path, channels=False)
    key = key_of(config)
    if key is None:
        fail("set gateway.operator_token: without it the code on the wall would be void with the next start")
    if site not in config.router.sites:
        click.echo(f"note: {site} is not among router.sites; it must be what tickets call the site", err=True)
    address = f"{config.gateway.public_url}/s/{Seals(key).site(site)}"
    if qr is not None:
        _draw(address, qr)
    if as_json:
        put({"site": site, "address": address, "qr": str(qr) if qr else None})
        return
    click.echo(address)
    if qr is None:
        _print(address)


@command.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--limit", default=50, show_default=True)
@config_option
@json_option
def listing(only_open: bool, limit: int, config_path: str | None, as_json: bool) -> None:
    """List visits, the newest first: ticket, state, who goes, where, how far, and the proof."""
    from gateway.commands.tickets import local, name
    from store import visits

    with reading(config_path) as (config, connection):
        rows = visits.listed(connection, open_only=only_open, limit=limit)
        for row in rows:
            if as_json:
                put({key: value for key, value in row.items() if key not in HIDDEN})
                continue
            last = next((row[f"{at}_at"] for at in LAST if row[f"{at}_at"]), row["created_at"])
            who, proof = name(config, row["engineer"]) or "-", row["proof"] or "no proof"
            where = row["place"] or row["site"]
            click.echo(f"{row['number']}  {row['state']:<11} {local(config, last)}  {who:<6} {proof:<9} {where}")
    if not rows and not as_json:
        click.echo("there is no visit", err=True)


def _drawable(qr: Path | None) -> None:
    if qr is not None and qr.suffix.lower() not in PICTURES:
        raise click.BadParameter("the name of the file ends in .svg or .png", param_hint="--qr")


def _print(address: str) -> None:
    """Draw the code in the terminal, to standard error: the address alone is data."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(drawn, border=2, compact=True)
    click.echo(drawn.getvalue(), err=True)


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
