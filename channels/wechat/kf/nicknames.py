"""What customers call themselves in WeChat; a message is never held up for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final

from channels.contract import ChannelError, Malformed
from channels.wecom_account import WecomAccount

KEPT: Final = 10_000
"""Names in memory; the oldest is asked for again."""
AT_ONCE: Final = 100
"""Customers that one call may ask for (developer.work.weixin.qq.com/document/path/95159)."""


class Nicknames:
    """Names that were asked for once."""

    def __init__(self, wecom: WecomAccount) -> None:
        self._wecom = wecom
        self._known: OrderedDict[str, str] = OrderedDict()

    async def of(self, customers: Iterable[str]) -> Mapping[str, str]:
        """The names of some customers, without those that WeCom does not tell just now."""
        wanted = list(dict.fromkeys(customers))
        new = [one for one in wanted if one not in self._known]
        for start in range(0, len(new), AT_ONCE):
            self._known.update(await self._asked(new[start : start + AT_ONCE]))
        found = {one: self._known[one] for one in wanted if one in self._known}
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    async def _asked(self, customers: list[str]) -> Mapping[str, str]:
        body = {"external_userid_list": customers, "need_enter_session_context": 0}
        try:
            said = await self._wecom.call("kf/customer/batchget", body)
            rows = said.read["customer_list"].items() if not said.code else ()
            return {
                row["external_userid"].word(limit=128): row["nickname"].text(default="").strip()[:255] for row in rows
            }
        except (ChannelError, Malformed):
            return {}  # a nickname is a comfort: the message is worth more than its name
