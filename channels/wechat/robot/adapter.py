"""A group robot: texts into one internal WeCom group, by a webhook whose key is the only secret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from channels.contract import Around, Can, Channel, Finding, Outgoing, Quota, Receipt, Unit, Webhook
from channels.http import Http, failure
from channels.parts import in_parts
from channels.settings import Settings
from channels.text import split
from channels.wechat.robot import parse
from channels.wechat.robot.config import Account

TEXT: Final = 2048
"""Bytes of a text (developer.work.weixin.qq.com/document/path/99110)."""
QUOTAS: Final = (Quota(most=20, within=timedelta(minutes=1), per="account"),)
"""Of one robot (developer.work.weixin.qq.com/document/path/99110)."""
CAN: Final = Can(receives=False, replies=False, book="wecom-group", text_limit=TEXT, unit=Unit.UTF8, quotas=QUOTAS)


class Robot:
    """One robot; its key decides the group, so that `Outgoing.to` is a name for people."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"wechat:{around.account}"
        self._url = f"{account.api_url.rstrip('/')}/cgi-bin/webhook/send?{urlencode({'key': account.key.reveal()})}"
        timeout = timedelta(seconds=account.timeout_seconds)
        self._http = Http(timeout=timeout, now=around.now, proxy=account.proxy, connections=account.connections)

    def webhooks(self) -> Sequence[Webhook]:
        """WeCom tells a robot nothing."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send to the group; a text over 2048 bytes takes several of the 20. WeCom gives no id: ours stands."""
        parts = split(outgoing.text, TEXT, Unit.UTF8)
        await in_parts(parts, self._part)
        return Receipt(provider_id=outgoing.key, segments=len(parts))

    async def check(self) -> Sequence[Finding]:
        """Nothing can be asked without sending."""
        return [Finding(what="WeCom group robot", ok=None, note="only a text would show whether the key is right")]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def _part(self, text: str) -> str:
        body = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = await self._http.request("POST", self._url, headers=headers, body=body)
        error = failure(answer) or parse.error(answer.body)
        if error is not None:
            raise error
        return ""


def build(account: Settings, around: Around) -> Channel:
    """The channel of one robot; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("a group robot needs the settings of channels.wechat.robot.config")
    return Robot(account, around)
