"""Simulated people and groups that write to the customers' bot; knows nothing of the adapter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from channels.simulation import Fault, Heard, Ticker
from channels.telegram_chats import Chats
from channels.telegram_simulation import TelegramServer

USERNAME: Final = "yizhan_service_bot"
PERSON: Final = "7100000042"
NOT_SIGNED: Final = "the secret in the header proves who calls, and nothing of the address or the body"


class TelegramSimulator:
    """One bot for customers, and everybody who writes to it."""

    person = PERSON
    group = "-1002000000042"
    exempt: Mapping[str, str] = {"body": NOT_SIGNED, "url": NOT_SIGNED, "type": NOT_SIGNED}

    def __init__(self, server: TelegramServer, account: str, public_url: str, *, polling: bool) -> None:
        self.server = server
        self.chats = Chats(server)
        self._account = account
        self._secret = uuid.uuid4().hex
        self._polling = polling
        if not polling:
            server.hook = {"url": f"{public_url}/in/telegram/{account}", "secret_token": self._secret}

    @property
    def heard(self) -> list[Heard]:
        """Everything that people and groups got, oldest first."""
        return self.chats.heard

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.server.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.server.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.server.start()

    async def stop(self) -> None:
        """End what `start` began."""
        await self.server.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; its secrets are written into `folder`."""
        block: dict[str, Any] = {
            "token": self.server.secret(folder, f"telegram_{self._account}_token", self.server.token),
            "username": USERNAME,
            "transport": "polling" if self._polling else "webhook",
            "api_url": self.server.url,
        }
        if not self._polling:
            block["webhook_secret"] = self.server.secret(folder, f"telegram_{self._account}_secret", self._secret)
        return block

    def busy(self) -> bool:
        """A request or callback is under way at this instant."""
        return self.server.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person writes, alone or in a group; returns "chat:number". There are no subjects."""
        del subject
        entities: dict[str, Any] = {}
        at = text.find(f"@{USERNAME}")
        if at >= 0:
            place = len(text[:at].encode("utf-16-le")) // 2
            entities["entities"] = [{"type": "mention", "offset": place, "length": len(USERNAME) + 1}]
        return await self.chats.said(sender, group or sender, answers=answers, text=text, **entities)


def build(
    *, clock: Ticker, gateway_url: str, account: str, public_url: str | None = None, transport: str = "webhook"
) -> TelegramSimulator:
    """The Bot API's side of one account; `transport` as in the account's block."""
    server = TelegramServer(clock=clock, gateway_url=gateway_url, username=USERNAME, public_url=public_url)
    return TelegramSimulator(server, account, public_url or gateway_url, polling=transport == "polling")
