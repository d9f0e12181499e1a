"""A WeCom app and the phones of colleagues; knows nothing of the adapter.

Written from developer.work.weixin.qq.com/document/path/90236 (message/send), .../path/94867 (recall), .../path/94888
(update_template_card),
.../path/90239 and .../path/90240 (callbacks).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from channels.simulation import Fault, Heard, Ticker
from channels.wecom_simulation import WecomServer

CORP: Final = "ww1234567890abcdef"
AGENT: Final = 1000002
CODE_LASTS: Final = timedelta(hours=72)
RECALLS: Final = timedelta(hours=24)


class AppSimulator:
    """One app and the members who see it."""

    staff = "zhang"
    """One of the staff, who is nobody's customer."""

    def __init__(self, wecom: WecomServer) -> None:
        self.heard: list[Heard] = []
        self.person = "zhangsan"
        self.exempt: Mapping[str, str] = {
            "headers": "WeCom signs with parameters of the address and no header",
            "url": "WeCom signs four of the address's parameters and not the address",
            "type": "WeCom does not sign the content type",
        }
        self.strangers: set[str] = set()
        """Members who do not see the app."""
        self.cards: dict[str, dict[str, Any]] = {}
        """What each card shows now, by its task_id."""
        self.wecom = wecom
        self._codes: dict[str, tuple[str, datetime]] = {}
        """The card that a response_code changes, and since when there is that code."""
        self._media: dict[str, tuple[str, bytes]] = {}
        self._count = 22409229427342621
        wecom.app.router.add_post("/cgi-bin/message/{name}", self._called)
        wecom.app.router.add_get("/cgi-bin/agent/get", self._agent)
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
        return {"provider": "app", "corp_id": CORP, "agent_id": AGENT, "api_url": wecom.url, **kept}

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
        """A member writes; returns the MsgId."""
        del subject, group, answers
        return await self.write(sender, MsgType="text", Content=text)

    async def write(self, sender: str, **elements: str) -> str:
        """A member sends a message of any kind; returns the MsgId."""
        self._count += 1
        await self.call(sender, MsgId=str(self._count), **elements)
        return str(self._count)

    async def press_button(self, sender: str, task_id: str, nth: int) -> None:
        """A member presses a button of a card."""
        key = self.cards[task_id]["button_list"][nth]["key"]
        code = self._code(task_id)
        card = {"TaskId": task_id, "CardType": "button_interaction", "ResponseCode": code}
        await self.call(sender, MsgType="event", Event="template_card_event", EventKey=key, **card)

    async def call(self, sender: str, **elements: str) -> None:
        """Call the gateway back with any elements."""
        about = {"ToUserName": CORP, "FromUserName": sender, "CreateTime": str(int(self.wecom.now.timestamp()))}
        whole = about | {"AgentID": str(AGENT)} | elements
        inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in whole.items())
        await self.wecom.call_back(f"<xml>{inside}</xml>")

    def file(self, content: bytes, kind: str = "image/png") -> str:
        """Lay a file into WeCom's store; returns its media_id."""
        media = f"media_{uuid4().hex}"
        self._media[media] = (kind, content)
        return media

    async def _called(self, request: web.Request) -> web.Response:
        calls = {"send": self._send, "update_template_card": self._update, "recall": self._recall}
        with self.wecom.working():
            stopped = await self.wecom.door(request)
            if stopped is not None:
                return stopped
            call = calls.get(request.match_info["name"])
            if call is None:
                return web.json_response(_refused(40008))
            return web.json_response({"errcode": 0, "errmsg": "ok"} | call(await request.json()))

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the interface checks, in its order."""
        if body.get("agentid") != AGENT:
            return _refused(40056)
        if not body.get("touser") or body["touser"] in self.strangers:
            return _refused(81013)
        if body.get("msgtype") == "template_card":
            return self._card(body["touser"], body["template_card"])
        text = body["text"]["content"]
        if body.get("msgtype") != "text" or not text:
            return _refused(40008)
        return {"msgid": self._hear(body["touser"], text.encode()[:2048].decode("utf-8", "ignore"))}

    def _card(self, to: str, card: dict[str, Any]) -> dict[str, Any]:
        """A card with buttons: one to six of them, and a task_id that was never used."""
        buttons = card.get("button_list", [])
        known = card.get("card_type") == "button_interaction" and 1 <= len(buttons) <= 6
        if not known or not card.get("task_id") or card["task_id"] in self.cards or not card["main_title"]["title"]:
            return _refused(40058)
        self.cards[card["task_id"]] = card
        said = card["main_title"]["title"] + card.get("sub_title_text", "")
        return {"msgid": self._hear(to, said), "response_code": self._code(card["task_id"])}

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        """A code changes one card once, within 72 hours."""
        task_id, since = self._codes.pop(body.get("response_code", ""), ("", self.wecom.now))
        if body.get("agentid") != AGENT:
            return _refused(40056)
        if not task_id or self.wecom.now - since > CODE_LASTS:
            return _refused(40058)
        card = body["template_card"]
        if card["card_type"] == "text_notice" and not card["card_action"].get("url"):
            return _refused(40058)
        self.cards[task_id] = card
        return {"invaliduser": []}

    def _recall(self, body: dict[str, Any]) -> dict[str, Any]:
        """What an app sent within 24 hours is taken back (path/94867)."""
        found = next((one for one in self.heard if one.id == body.get("msgid")), None)
        if found is None or self.wecom.now - found.at > RECALLS:
            return _refused(40058)
        self.heard.remove(found)
        return {}

    def _code(self, task_id: str) -> str:
        code = f"CODE_{uuid4().hex}"
        self._codes[code] = (task_id, self.wecom.now)
        return code

    def _hear(self, to: str, text: str) -> str:
        msgid = f"msg_{uuid4().hex}"
        self.heard.append(Heard(at=self.wecom.now, to=to, text=text, id=msgid))
        return msgid

    async def _agent(self, request: web.Request) -> web.Response:
        stopped = await self.wecom.door(request)
        if stopped is not None:
            return stopped
        known = request.query.get("agentid") == str(AGENT)
        return web.json_response({"errcode": 0, "errmsg": "ok", "name": "驿站"} if known else _refused(301003))

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


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> AppSimulator:
    """The provider's side of one app."""
    del more
    return AppSimulator(WecomServer(clock=clock, gateway_url=gateway_url, account=account, receiver=CORP))
