"""What a browser says of itself, where a page of ours shows something else because of it; pure."""

from __future__ import annotations

import re
from typing import Final

HINDERING: Final = re.compile(r"micromessenger|wxwork|\bqq/\d|dingtalk", re.IGNORECASE)
"""Browsers inside apps (WeChat, WeCom, QQ, DingTalk). QQ's own browser is `MQQBrowser` and no hindrance by itself."""
MACHINES: Final = re.compile(
    r"bot\b|bot/|crawl|spider|preview|slurp|facebookexternalhit|whatsapp/|curl/|wget/|python|okhttp|go-http|\bjava/",
    re.IGNORECASE,
)
"""What draws previews of links, scans them, or fetches without anybody reading."""


def hinders_downloads(user_agent: str) -> bool:
    """Tell whether it is a browser inside a chat app, which blocks or hinders the download of files."""
    return bool(HINDERING.search(user_agent))


def reads(user_agent: str) -> bool:
    """Tell whether somebody reads with it: it calls itself a browser and none of the machines that open links."""
    return user_agent.startswith("Mozilla/") and not MACHINES.search(user_agent)
