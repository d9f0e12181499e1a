"""Ordinary WeChat groups, and what a person copies out of them; knows nothing of the parser."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from channels.simulation import Fault, Heard, Ticker

CHINA: Final = timezone(timedelta(hours=8))
GROUP: Final = "滨江机房报修群"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    at: datetime
    group: str
    name: str
    text: str


class GroupSimulator:
    """People who write in groups that no program reads; `copied` is what somebody takes out by hand."""

    def __init__(self, clock: Ticker) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.person = "张三"
        self.exempt: Mapping[str, str] = {}
        self._clock = clock
        self._lines: list[_Line] = []
        self._count = itertools.count(1)

    async def start(self) -> None:
        """Nothing listens."""

    async def stop(self) -> None:
        """Nothing to end."""

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; there is no secret and no address."""
        del folder
        return {"provider": "paste", "ours": ["华信值班"]}

    def busy(self) -> bool:
        """Nothing goes on by itself."""
        return False

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person writes in a group; it reaches nobody until somebody copies and pastes it."""
        del subject, answers
        self._lines.append(_Line(at=self._clock.now(), group=group or GROUP, name=sender, text=text))
        return f"wechat-line-{next(self._count)}"

    def copied(self, group: str = GROUP) -> str:
        """All messages of a group as the computer's client copies them."""
        chosen = [line for line in self._lines if line.group == group]
        return "\n\n".join(f"{line.name} {line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}\n{line.text}" for line in chosen)


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> GroupSimulator:
    """Groups that know nothing of the gateway."""
    del gateway_url, account, more
    return GroupSimulator(clock)
