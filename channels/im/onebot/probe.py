"""Whether an account that is quiet is alive: what the program says of it, and whether a text still gets out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from channels.contract import ChannelError, Finding, Malformed, Misconfigured
from channels.im.onebot.api import OneBotApi
from channels.im.onebot.config import Account
from channels.untrusted import Untrusted

WHAT: Final = "qq account"
LOGIN: Final = "log the account in again in the program's own window, and look into QQ on the phone for a notice"


class Pulse:
    """When the program last gave a sign of life to this process, and what it said of the account."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.online: bool | None = None

    def felt(self, at: datetime, *, online: bool | None = None) -> None:
        """Remember it."""
        self.at = at
        self.online = online if online is not None else self.online

    def said(self, now: datetime) -> str:
        """How long ago, in words."""
        if self.at is None:
            return "no event so far"
        ago = f"last event {max(0, int((now - self.at).total_seconds()))} s ago"
        return f"{ago}, which called the account offline" if self.online is False else ago


async def logged_in(api: OneBotApi, account: Account) -> Finding | None:
    """What is wrong by the program's own word; None when it says that our account is online."""
    try:
        status = await api.call("get_status")
        login = await api.call("get_login_info")
        if status is None or login is None:
            return Finding(what=WHAT, ok=None, note="the program put the question off")
        return _told(status, login, account)
    except Misconfigured as error:
        return Finding(what=WHAT, ok=False, note=str(error), cure="compare access_token here and in the program")
    except ChannelError as error:
        cure = "start the program, and see that api_url or its WebSocket works"
        return Finding(what=WHAT, ok=False, note=f"dead: the program does not answer ({error})", cure=cure)
    except Malformed as broken:
        return Finding(what=WHAT, ok=None, note=f"the program's answer lacks {broken.where}")


def _told(status: Untrusted, login: Untrusted, account: Account) -> Finding | None:
    told = [found for name in ("online", "good") if (found := status.get(name)) is not None]
    if not all(one.boolean() for one in told):
        return Finding(what=WHAT, ok=False, note="dead: the account is logged out", cure=LOGIN)
    if login["user_id"].integer() != account.self_id:
        cure = "log in with the account of self_id, or correct self_id"
        return Finding(what=WHAT, ok=False, note="dead: the program is logged in with another account", cure=cure)
    return None


async def alive(api: OneBotApi, account: Account, pulse: Pulse, now: datetime) -> Finding:
    """Ask, then write a real text where one may be written: programs call a blocked account online (NapCatQQ#39)."""
    wrong = await logged_in(api, account)
    if wrong is not None:
        return wrong
    target = _target(account)
    if target is None:
        note = f"online by the program's word, {pulse.said(now)}; set probe_group or probe_user for proof"
        return Finding(what=WHAT, ok=None, note=note)
    action, params = target
    try:
        await api.call(action, params)
    except ChannelError as error:
        note = f"dead: online by the program's word, but no text gets out ({error})"
        return Finding(what=WHAT, ok=False, note=note, cure=LOGIN)
    return Finding(what=WHAT, ok=True, note=f"alive: a text got out; {pulse.said(now)}")


def _target(account: Account) -> tuple[str, dict[str, Any]] | None:
    message = [{"type": "text", "data": {"text": account.probe_text}}]
    if account.probe_group is not None:
        return "send_group_msg", {"group_id": account.probe_group, "message": message}
    if account.probe_user is not None:
        return "send_private_msg", {"user_id": account.probe_user, "message": message}
    return None
