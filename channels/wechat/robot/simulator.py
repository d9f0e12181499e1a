"""WeCom's webhook of group robots; knows nothing of the adapter.

Written from developer.work.weixin.qq.com/document/path/99110.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from channels.simulation import Fault, Heard, Ticker
from channels.wecom_simulation import TOKEN, WecomServer

MOST: Final = 20
MINUTE: Final = timedelta(minutes=1)


class RobotSimulator:
    """One robot in one group."""

    def __init__(self, wecom: WecomServer) -> None:
        self.heard: list[Heard] = []
        self.person = "值班群一号"
        self.exempt: Mapping[str, str] = {}
        self.wecom = wecom
        self._taken: list[datetime] = []
        wecom.app.router.add_post("/cgi-bin/webhook/send", self._called)

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
        """The account's block for config.yaml; the key is written into `folder`."""
        return {"provider": "robot", "api_url": self.wecom.url, **self.wecom.keep(folder, key=self.wecom.secret)}

    def busy(self) -> bool:
        """A request is under way at this instant."""
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
        """Nobody can say anything to a robot; raises RuntimeError."""
        del sender, text, subject, group, answers
        raise RuntimeError("a group robot hears nothing")

    async def _called(self, request: web.Request) -> web.Response:
        with self.wecom.working():
            stopped = await self.wecom.door(request.clone(rel_url=request.rel_url.update_query(access_token=TOKEN)))
            return stopped or web.json_response(self._take(request.query.get("key", ""), await request.json()))

    def _take(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the interface checks, in its order."""
        now = self.wecom.now
        if key != self.wecom.secret:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        text = body.get("text", {}).get("content", "")
        if body.get("msgtype") != "text" or not 1 <= len(text.encode()) <= 2048:
            return {"errcode": 40058, "errmsg": "content exceed max length"}
        self._taken = [at for at in self._taken if now - at < MINUTE]
        if len(self._taken) >= MOST:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self._taken.append(now)
        self.heard.append(Heard(at=now, to=self.person, text=text))
        return {"errcode": 0, "errmsg": "ok"}


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> RobotSimulator:
    """The provider's side of one robot."""
    del more
    return RobotSimulator(WecomServer(clock=clock, gateway_url=gateway_url, account=account, receiver=""))
