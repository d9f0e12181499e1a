"""Which channels there are: the only file that lists them, one line each; modules load when configured.

A channel that several providers serve has a line for each, "<channel>/<provider>"; the `provider` key of an account
chooses, and the first line is the one that is meant without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from channels.contract import Around, Can, Channel
from channels.settings import Settings
from channels.simulation import Simulator, Ticker

CHANNELS = {
    "email": "channels.email",
    "sms/twilio": "channels.sms.twilio",
    "sms/aliyun": "channels.sms.aliyun",
    "sms/android": "channels.sms.android",
    "phone/twilio": "channels.phone.twilio",
    "qq/official": "channels.im.qq",
    "qq/onebot": "channels.im.onebot",
    "telegram": "channels.im.telegram",
    "pager": "channels.im.pager",
    "hotline/twilio": "channels.phone.hotline",
    "hotline/records": "channels.phone.records",
    "phone/aliyun": "channels.phone.aliyun",
    "fax": "channels.phone.fax",
    "visit": "channels.visit",
    "apprise": "channels.im.apprise",
    "wechat/app": "channels.wechat.app",
    "wechat/official": "channels.wechat.official",
    "wechat/robot": "channels.wechat.robot",
    "wechat/kf": "channels.wechat.kf",
    "wechat/bot": "channels.wechat.bot",
    "wechat/paste": "channels.wechat.paste",
}


def makes() -> Iterator[str]:
    """Every line of the registry."""
    return iter(CHANNELS)


def names() -> Iterator[str]:
    """Every channel name once, as it stands in config.yaml."""
    return iter(dict.fromkeys(make.partition("/")[0] for make in CHANNELS))


def providers(name: str) -> tuple[str, ...]:
    """The providers of a channel, the usual one first; () when there is only one way and no key for it."""
    return tuple(make.partition("/")[2] for make in CHANNELS if make.startswith(f"{name}/"))


def make(name: str, provider: str = "") -> str:
    """The line of a channel's provider, without one the first; raises KeyError for what is not listed."""
    if not provider:
        return next((one for one in CHANNELS if one.partition("/")[0] == name), name)
    line = f"{name}/{provider}"
    if line not in CHANNELS:
        raise KeyError(line)
    return line


def settings(name: str, provider: str = "") -> type[Settings]:
    """The typed block of one account of the channel; raises KeyError for an unknown provider."""
    kind: type[Settings] = import_module(f"{CHANNELS[make(name, provider)]}.config").Account
    return kind


def can(line: str) -> Can:
    """What the channel behind a line of the registry is able to do; where its account chooses, the usual choice."""
    known: Can = import_module(f"{CHANNELS[line]}.adapter").CAN
    return known


def build(name: str, account: Settings, around: Around) -> Channel:
    """One account of the channel, ready to use; nothing is connected yet."""
    provider = getattr(account, "provider", "")
    channel: Channel = import_module(f"{CHANNELS[make(name, provider)]}.adapter").build(account, around)
    return channel


def simulator(
    name: str, *, clock: Ticker, gateway_url: str, account: str, provider: str = "", **more: Any
) -> Simulator:
    """The provider's side of one account; it calls back to `gateway_url`/in/<name>/<account>."""
    module = import_module(f"{CHANNELS[make(name, provider)]}.simulator")
    built: Simulator = module.build(clock=clock, gateway_url=gateway_url, account=account, **more)
    return built
