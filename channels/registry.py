"""Which channels there are: the only file that lists them, one line each; modules load when configured."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from channels.contract import Around, Channel
from channels.settings import Settings
from channels.simulation import Simulator, Ticker

CHANNELS = {
    "email": "channels.email",
    "sms": "channels.sms",
    "phone": "channels.phone",
}


def names() -> Iterator[str]:
    """Every channel name, as it stands in config.yaml."""
    return iter(CHANNELS)


def settings(name: str) -> type[Settings]:
    """The typed block of one account of the channel."""
    kind: type[Settings] = import_module(f"{CHANNELS[name]}.config").Account
    return kind


def build(name: str, account: Settings, around: Around) -> Channel:
    """One account of the channel, ready to use; nothing is connected yet."""
    channel: Channel = import_module(f"{CHANNELS[name]}.adapter").build(account, around)
    return channel


def simulator(name: str, *, clock: Ticker, gateway_url: str, account: str, **options: Any) -> Simulator:
    """The provider's side of one account; it calls back to `gateway_url`/in/<name>/<account>."""
    make = import_module(f"{CHANNELS[name]}.simulator").build
    built: Simulator = make(clock=clock, gateway_url=gateway_url, account=account, **options)
    return built
