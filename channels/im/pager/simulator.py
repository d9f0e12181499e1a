"""The simulated phones of staff with the pager bot on them; knows nothing of the adapter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from channels.simulation import Fault, Heard, Ticker
from channels.telegram_chats import Chats
from channels.telegram_simulation import TelegramServer

USERNAME: Final = "yizhan_pager_bot"
LEAD: Final = "7100000101"


class PagerSimulator:
    """One pager bot and the phones it reaches; those of `allowed` may speak to it."""

    person = LEAD
    exempt: Mapping[str, str] = {}

    def __init__(self, server: TelegramServer, account: str, allowed: list[str]) -> None:
        self.server = server
        self.chats = Chats(server)
        self._account = account
        self._allowed = allowed
        server.me["can_join_groups"] = False

    @property
    def heard(self) -> list[Heard]:
        """Everything that staff got, oldest first."""
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
        """The account's block for config.yaml; the token is written into `folder`."""
        return {
            "token": self.server.secret(folder, f"pager_{self._account}_token", self.server.token),
            "allowed": self._allowed,
            "api_url": self.server.url,
        }

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
        """One of the staff writes to the bot; returns "chat:number". There are no subjects."""
        del subject
        return await self.chats.said(sender, group or sender, answers=answers, text=text)


def build(
    *, clock: Ticker, gateway_url: str, account: str, public_url: str | None = None, allowed: list[str] | None = None
) -> PagerSimulator:
    """The Bot API's side of one pager; it never calls the gateway."""
    del public_url
    server = TelegramServer(clock=clock, gateway_url=gateway_url, username=USERNAME)
    return PagerSimulator(server, account, allowed or [LEAD])
