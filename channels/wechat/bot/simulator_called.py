"""WeCom's side of a smart bot that is called back: encrypted JSON, and an address for one answer.

Written from developer.work.weixin.qq.com/document/path/100719 (messages), .../path/101138 (answers) and .../path/101032
(cards).
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from channels.simulation import Fault, Heard
from channels.wecom_simulation import WecomServer

LASTS: Final = timedelta(hours=1)
LONGEST: Final = 20480


class CallbackSimulator:
    """One smart bot at WeCom and the people who talk to it."""

    def __init__(self, wecom: WecomServer) -> None:
        self.heard: list[Heard] = []
        self.person = "zhangsan"
        self.exempt: Mapping[str, str] = {
            "headers": "WeCom signs with parameters of the address and no header",
            "url": "WeCom signs four of the address's parameters and not the address",
            "type": "WeCom does not sign the content type",
        }
        self.bot_id = f"aib{secrets.token_hex(12)}"
        self.bot_name = "驿站"
        self.wecom = wecom
        self.answers: list[dict[str, Any]] = []
        """What the bot posted, oldest first."""
        self.url_host = ""
        """Another server than WeCom's for the addresses of answers, as a forger would give."""
        self._codes: dict[str, tuple[str, str | None, datetime]] = {}
        wecom.app.router.add_post("/cgi-bin/aibot/response", self._answered)

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
        kept = self.wecom.keep(folder, token=self.wecom.token, aes_key=self.wecom.aes_key)
        named = {"bot_id": self.bot_id, "bot_name": self.bot_name, "api_url": self.wecom.url}
        return {"provider": "bot", "transport": "callback", **named, **kept}

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
        """Somebody writes to the bot, in a group by mentioning it; returns the msgid."""
        del subject, answers
        content = f"@{self.bot_name} {text}" if group else text
        return await self.tell(sender, {"msgtype": "text", "text": {"content": content}}, group=group)

    async def press_button(self, sender: str, card: Mapping[str, Any], says: str, *, group: str | None = None) -> str:
        """Somebody presses a button of a card that the bot sent."""
        pressed = {"card_type": card["card_type"], "event_key": says, "task_id": card["task_id"]}
        event = {"eventtype": "template_card_event", "template_card_event": pressed}
        return await self.tell(sender, {"msgtype": "event", "event": event}, group=group)

    async def tell(self, sender: str, body: Mapping[str, Any], *, group: str | None = None) -> str:
        """Call the gateway back with one message, and with the address for its answer."""
        msgid, code = f"CAIQ{uuid4().hex}", secrets.token_urlsafe(24)
        self._codes[code] = (sender, group, self.wecom.now)
        chat = {"chatid": group, "chattype": "group"} if group else {"chattype": "single"}
        url = f"{self.url_host or self.wecom.url}/cgi-bin/aibot/response?response_code={code}"
        whole = {
            "msgid": msgid,
            "aibotid": self.bot_id,
            **chat,
            "from": {"userid": sender},
            "response_url": url,
            **body,
        }
        await self.wecom.call_back(json.dumps(whole, ensure_ascii=False), json=True)
        return msgid

    async def _answered(self, request: web.Request) -> web.Response:
        with self.wecom.working():
            if self.fault is Fault.DOWN:
                return web.Response(status=503)
            body = await request.json()
            known = self._codes.get(request.query.get("response_code", ""))
            if known is None or self.wecom.now - known[2] > LASTS:
                return web.json_response({"errcode": 40058, "errmsg": "response_code is used or over"})
            text, code = shown(body)
            if code:
                return web.json_response({"errcode": code, "errmsg": "refused"})
            del self._codes[request.query["response_code"]]
            self.answers.append(body)
            self.heard.append(Heard(at=self.wecom.now, to=known[0], text=text, id=uuid4().hex, group=known[1]))
            return web.json_response({"errcode": 0, "errmsg": "ok"})


def shown(body: Mapping[str, Any]) -> tuple[str, int]:
    """What people read of a message, and 0; or the code of what is wrong with it."""
    kind = body.get("msgtype")
    if kind not in ("markdown", "template_card"):
        return "", 40008
    text = body["markdown"]["content"] if kind == "markdown" else _card(body["template_card"])
    if not text:
        return "", 40058
    return (text, 0) if len(text.encode()) <= LONGEST else ("", 45002)


def _card(card: Mapping[str, Any]) -> str:
    """The text of a card; "" when WeCom would not take it."""
    buttons = card.get("button_list", [])
    good = (
        card.get("card_type") == "button_interaction"
        and re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", card.get("task_id", ""))
        and 1 <= len(buttons) <= 6
        and all(one.get("text") and one.get("key") for one in buttons)
    )
    return str(card.get("sub_title_text") or card.get("main_title", {}).get("title", "")) if good else ""
