"""A smart bot of WeCom, by the transport that its block names."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from channels.contract import Around, Channel
from channels.http import Http
from channels.settings import Settings
from channels.wechat.bot.called import CalledBot
from channels.wechat.bot.config import Account
from channels.wechat.bot.files import LOOPBACK, Files
from channels.wechat.bot.linked import CAN, LinkedBot

__all__ = ["CAN", "build"]


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the smart bot needs the settings of channels.wechat.bot.config")
    timeout = timedelta(seconds=account.timeout_seconds)
    http = Http(timeout=timeout, now=around.now, proxy=account.proxy, connections=account.connections)
    server = account.socket_url if account.transport == "connection" else account.api_url
    loopback = urlsplit(server).hostname in LOOPBACK
    key = account.aes_key.reveal() if account.aes_key else ""
    files = Files(http, hosts=account.file_hosts, loopback=loopback, key=key)
    if account.transport == "callback":
        return CalledBot(account, around, files=files, http=http)
    return LinkedBot(account, around, files=files, http=http)
