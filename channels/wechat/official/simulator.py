"""An official account at WeChat and the phones of its followers; knows nothing of the adapter.

Written from developers.weixin.qq.com/doc/offiaccount: Message_Management (callbacks, custom/send), Basic_Information
(stable_token), Asset_Management (media/get).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from channels.simulation import Fault, Heard, Ticker
from channels.wecom_simulation import TOKEN, WecomServer

APP: Final = "wxb11529c136998cb6"
WINDOW: Final = timedelta(hours=48)
MOST: Final = 5


class OfficialSimulator:
    """One official account and everybody who follows it; callbacks are in the safe mode."""

    def __init__(self, wecom: WecomServer) -> None:
        self.heard: list[Heard] = []
        self.person = "o9uKB5hniJXLYJTtfjxMSSmo477k"
        self.exempt: Mapping[str, str] = {
            "headers": "WeChat signs with parameters of the address and no header",
            "url": "WeChat signs parameters of the address and not the address",
            "type": "WeChat does not sign the content type",
        }
        self.wecom = wecom
        self._wrote: dict[str, tuple[datetime, int]] = {}
        """When each follower last wrote, and how many of ours followed."""
        self._media: dict[str, tuple[str, bytes]] = {}
        self._count = 22409229427342621
        wecom.app.router.add_post("/cgi-bin/stable_token", self._stable)
        wecom.app.router.add_post("/cgi-bin/message/custom/send", self._called)
        wecom.app.router.add_get("/cgi-bin/media/get", self._get)

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.wecom.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.wecom.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.wecom.start()

    async def stop(self) -> None:
        """End what `start` began."""
        await self.wecom.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; secrets are written into `folder`."""
        wecom = self.wecom
        kept = wecom.keep(folder, secret=wecom.secret, token=wecom.token, aes_key=wecom.aes_key)
        return {"provider": "official", "app_id": APP, "api_url": wecom.url, **kept}

    def busy(self) -> bool:
        """A request or a callback is under way at this instant."""
        return self.wecom.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A follower writes; returns the MsgId."""
        del subject, group, answers
        return await self.write(sender, MsgType="text", Content=text)

    async def write(self, sender: str, **elements: str) -> str:
        """A follower sends a message of any kind; returns the MsgId."""
        self._count += 1
        self._wrote[sender] = (self.wecom.now, 0)
        await self.call(sender, **elements, MsgId=str(self._count))
        return str(self._count)

    async def call(self, sender: str, **elements: str) -> None:
        """Call the gateway back with any elements."""
        stamp = str(int(self.wecom.now.timestamp()))
        whole = {"ToUserName": "gh_fd189404d989", "FromUserName": sender, "CreateTime": stamp, **elements}
        inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in whole.items())
        await self.wecom.call_back(f"<xml>{inside}</xml>")

    def file(self, content: bytes, kind: str = "image/jpeg") -> str:
        """Lay a file into WeChat's store; returns its media_id."""
        media = f"media_{uuid4().hex}"
        self._media[media] = (kind, content)
        return media

    async def _stable(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("grant_type") != "client_credential" or body.get("appid") != APP:
            return web.json_response({"errcode": 40013, "errmsg": "invalid appid"})
        if body.get("secret") != self.wecom.secret:
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        return web.json_response({"access_token": TOKEN, "expires_in": 7200})

    async def _called(self, request: web.Request) -> web.Response:
        with self.wecom.working():
            stopped = await self.wecom.door(request)
            return stopped or web.json_response({"errcode": self._take(await request.json()), "errmsg": "said"})

    def _take(self, body: dict[str, Any]) -> int:
        """What the interface checks; a follower who wrote has five of ours to come."""
        text, to = body.get("text", {}).get("content", ""), body.get("touser", "")
        if body.get("msgtype") != "text" or not text:
            return 40008
        if len(text.encode()) > 2048:
            return 45002
        wrote, used = self._wrote.get(to, (self.wecom.now - WINDOW * 2, 0))
        if self.wecom.now - wrote > WINDOW:
            return 45015
        if used >= MOST:
            return 45047
        self._wrote[to] = (wrote, used + 1)
        self.heard.append(Heard(at=self.wecom.now, to=to, text=text))
        return 0

    async def _get(self, request: web.Request) -> web.Response:
        stopped = await self.wecom.door(request)
        if stopped is not None:
            return stopped
        if request.query.get("media_id") not in self._media:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        kind, content = self._media[request.query["media_id"]]
        return web.Response(body=content, content_type=kind)


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> OfficialSimulator:
    """The provider's side of one official account."""
    del more
    return OfficialSimulator(WecomServer(clock=clock, gateway_url=gateway_url, account=account, receiver=APP))
