"""WeChat customer service at WeCom, and the customers' phones; knows nothing of the adapter.

Written from developer.work.weixin.qq.com/document/path/94670 (sync_msg) and .../path/94677 (send_msg).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from channels.simulation import Fault, Heard, Ticker
from channels.wecom_simulation import WecomServer

CORP: Final = "ww1234567890abcdef"
KFID: Final = "wkAJ2GCAAASSm4FhToWMFea0xAFfd3Q"
KEPT: Final = timedelta(days=3)
WINDOW: Final = timedelta(hours=48)
MOST: Final = 5
HINT_LASTS: Final = timedelta(minutes=10)
Call = Callable[[dict[str, Any]], dict[str, Any]]


class KfSimulator:
    """One customer-service account and everybody who writes to it."""

    def __init__(self, wecom: WecomServer) -> None:
        self.heard: list[Heard] = []
        self.person = "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
        self.exempt: Mapping[str, str] = {
            "headers": "WeCom signs with parameters of the address and no header",
            "url": "WeCom signs four of the address's parameters and not the address",
            "type": "WeCom does not sign the content type",
        }
        self.names = {self.person: "张三"}
        self.page = 1000
        """Messages that one answer of sync_msg carries at most."""
        self.asked: list[dict[str, Any]] = []
        """What sync_msg was called with."""
        self.menus: list[dict[str, Any]] = []
        self.sessions: dict[str, int] = {}
        """Customers whose conversation is not the app's: 3 a servicer has it, 4 it has ended."""
        self.wecom = wecom
        self._log: list[dict[str, Any]] = []
        self._media: dict[str, tuple[str, bytes]] = {}
        self.hints: dict[str, datetime] = {}
        """The tokens that hints carried, and since when."""
        self._used: dict[str, int] = {}
        wecom.app.router.add_post("/cgi-bin/kf/{name:.+}", self._called)
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
        return {"provider": "kf", "corp_id": CORP, "open_kfid": KFID, "api_url": wecom.url, **kept}

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
        """A customer writes; returns the msgid."""
        del subject, group, answers
        return await self.write(sender, {"msgtype": "text", "text": {"content": text}})

    async def write(self, sender: str, body: Mapping[str, Any], *, origin: int = 3) -> str:
        """A customer, or with origin 5 a servicer, sends a message of any kind."""
        self._used[sender] = 0
        return await self.put({"external_userid": sender, "origin": origin, **body})

    async def press_button(self, sender: str, menu: Mapping[str, Any], nth: int) -> str:
        """A customer presses an entry of a menu: it comes as a text with the entry's id (path/94670)."""
        click = menu["list"][nth]["click"]
        return await self.write(
            sender, {"msgtype": "text", "text": {"content": click["content"], "menu_id": click["id"]}}
        )

    async def fail(self, msgid: str, why: int) -> None:
        """A message of the app did not reach the customer."""
        event = {"event_type": "msg_send_fail", "open_kfid": KFID, "fail_msgid": msgid, "fail_type": why}
        await self.put({"origin": 4, "msgtype": "event", "event": event})

    async def put(self, row: Mapping[str, Any]) -> str:
        """Add to what sync_msg brings, and hint at it."""
        msgid = f"msg_{uuid4().hex}"
        now = int(self.wecom.now.timestamp())
        self._log.append({"msgid": msgid, "open_kfid": KFID, "send_time": now, **row})
        await self.hint()
        return msgid

    async def hint(self, event: str = "kf_msg_or_event", open_kfid: str = KFID) -> None:
        """Call the gateway back, as after every message and event."""
        token = f"ENC{uuid4().hex}"
        self.hints[token] = self.wecom.now
        await self.wecom.call_back(
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>{int(self.wecom.now.timestamp())}</CreateTime>"
            f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>"
            f"<Token><![CDATA[{token}]]></Token><OpenKfId><![CDATA[{open_kfid}]]></OpenKfId></xml>"
        )

    def file(self, content: bytes, kind: str = "image/png") -> str:
        """Lay a file into WeCom's store; returns its media_id."""
        media = f"media_{uuid4().hex}"
        self._media[media] = (kind, content)
        return media

    async def _called(self, request: web.Request) -> web.Response:
        calls: Mapping[str, Call] = {
            "sync_msg": self._sync,
            "send_msg": self._send,
            "account/list": self._accounts,
            "customer/batchget": self._customers,
        }
        with self.wecom.working():
            stopped = await self.wecom.door(request)
            if stopped is not None:
                return stopped
            call = calls.get(request.match_info["name"])
            if call is None:
                return web.json_response({"errcode": 40008, "errmsg": "no such interface"})
            return web.json_response({"errcode": 0, "errmsg": "ok"} | call(await request.json()))

    def _sync(self, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        if body.get("open_kfid") != KFID:
            return _refused(95000)
        token = body.get("token")
        if token is not None and self.wecom.now - self.hints.get(token, self.wecom.now - KEPT) > HINT_LASTS:
            return _refused(95007)
        if not 1 <= body.get("limit", 1000) <= 1000:
            return _refused(40058)
        start = int(body.get("cursor", "c0")[1:])
        end = min(start + min(self.page, body.get("limit", 1000)), len(self._log))
        since = (self.wecom.now - KEPT).timestamp()
        rows = [row for row in self._log[start:end] if row["send_time"] >= since]
        return {"next_cursor": f"c{end}", "has_more": int(end < len(self._log)), "msg_list": rows}

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the interface checks, in its order; an answered customer has five of ours to come."""
        customer, kind = body.get("touser", ""), body.get("msgtype")
        if body.get("open_kfid") != KFID:
            return _refused(95000)
        if not re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", body.get("msgid", "x")):
            return _refused(40058)
        text = body["text"]["content"] if kind == "text" else body.get("msgmenu", {}).get("head_content", "")
        if kind not in ("text", "msgmenu") or not text:
            return _refused(40008)
        if len(text.encode()) > (2048 if kind == "text" else 1024):
            return _refused(45002)
        refused = self._window(customer)
        if refused:
            return _refused(refused)
        self._used[customer] += 1
        msgid = body.get("msgid") or uuid4().hex
        if kind == "msgmenu":
            self.menus.append(body["msgmenu"])
        self.heard.append(Heard(at=self.wecom.now, to=customer, text=text, id=msgid))
        return {"msgid": msgid}

    def _window(self, customer: str) -> int:
        if self.sessions.get(customer, 1) in (3, 4):
            return 95018
        said = [row["send_time"] for row in self._log if row.get("external_userid") == customer and row["origin"] == 3]
        if not said or self.wecom.now.timestamp() - max(said) > WINDOW.total_seconds():
            return 95002
        return 95001 if self._used[customer] >= MOST else 0

    def _accounts(self, body: dict[str, Any]) -> dict[str, Any]:
        del body
        return {"account_list": [{"open_kfid": KFID, "name": "驿站", "avatar": ""}]}

    def _customers(self, body: dict[str, Any]) -> dict[str, Any]:
        wanted = body["external_userid_list"]
        if len(wanted) > 100:
            return _refused(40058)
        known = [{"external_userid": one, "nickname": self.names[one]} for one in wanted if one in self.names]
        return {"customer_list": known, "invalid_external_userid": [one for one in wanted if one not in self.names]}

    async def _get(self, request: web.Request) -> web.Response:
        stopped = await self.wecom.door(request)
        if stopped is not None:
            return stopped
        if request.query.get("media_id") not in self._media:
            return web.json_response(_refused(40007))
        kind, content = self._media[request.query["media_id"]]
        return web.Response(body=content, content_type=kind)


def _refused(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": "refused"}


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> KfSimulator:
    """The provider's side of one customer-service account."""
    del more
    return KfSimulator(WecomServer(clock=clock, gateway_url=gateway_url, account=account, receiver=CORP))
