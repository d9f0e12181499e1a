"""Calls through Aliyun: an approved template is spoken, and the key that is pressed comes back by push."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from channels.aliyun import AliyunApi, compact, mainland
from channels.aliyun_push import TAKEN, admitted, alone, secret_finding
from channels.aliyun_templates import CALLS, Template, filled, previewed
from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Misconfigured,
    Outgoing,
    Parsed,
    Quota,
    Receipt,
    TryLater,
    Uncertain,
    Unreadable,
    Webhook,
    Wire,
)
from channels.phone.aliyun import parse
from channels.phone.aliyun.config import Account
from channels.settings import Settings

QUOTAS: Final = (
    Quota(most=1, within=timedelta(minutes=1)),
    Quota(most=5, within=timedelta(hours=1)),
    Quota(most=20, within=timedelta(hours=24)),
)
"""To one callee, calls that failed counted in (help.aliyun.com/document_detail/149826.htm); raised on request."""
CAN: Final = Can(
    book="tel",
    receives=False,
    confirms=True,
    text_limit=500,
    links=False,
    speaks=True,
    live=False,
    templates=True,
    quotas=QUOTAS,
)
PRODUCT: Final = "11000000300005"
"""ProdId in QueryCallDetailByCallId; the check only wants any answer of the business, so a wrong one does no harm."""


class AliyunPhone:
    """One number at Aliyun that calls."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"phone:{around.account}"
        self._account = account
        self._around = around
        self._api = AliyunApi(account, around.now, patient=False)

    def webhooks(self) -> Sequence[Webhook]:
        """Keys and what became of calls; the rest of the path is looked at by `read`."""
        return (Webhook(method="POST", prefix="", read=self._pushed),)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a push again that was genuine and could not be read."""
        try:
            return alone(key, raw, parse.pressed(raw))
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Start a call; raises GiveUp when the callee's limit is met, so that another way is tried at once."""
        parameters = self._parameters(outgoing)
        body = await self._api.call("IvrCall", parameters)
        try:
            return Receipt(provider_id=body["CallId"].word(limit=64))
        except Malformed as error:
            raise Uncertain(f"Aliyun took it with an answer that cannot be read ({error})") from None

    def preview(self, outgoing: Outgoing) -> str:
        """The template that opens the call, and its values."""
        opening = self._account.registry.find(outgoing.template, outgoing.language)
        return previewed(opening, outgoing.variables, text=outgoing.text, language=outgoing.language, aloud=True)

    async def check(self) -> Sequence[Finding]:
        """Whether every call has a template, and whether the access key is good; no call is made."""
        secret = secret_finding(self._account.push_secret)
        return (self._account.registry.finding(CALLS), await self._key_is_good(), secret)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    def _parameters(self, outgoing: Outgoing) -> dict[str, str]:
        account = self._account
        called = mainland(outgoing.to)
        opening = account.registry.find(outgoing.template, outgoing.language)
        parameters = {
            "CalledShowNumber": account.number,
            "CalledNumber": called,
            "PlayTimes": str(account.play_times),
            "Timeout": str(account.digit_seconds * 1000),
            "OutId": called,
            **_said(opening, outgoing, code="StartCode", values="StartTtsParams"),
        }
        for at, (key, template) in enumerate(sorted(account.keys.items()), start=1):
            name = f"MenuKeyMap.{at}."
            said = _said(template, outgoing, code=f"{name}Code", values=f"{name}TtsParams")
            parameters |= {f"{name}Key": key, **said}
        if account.bye is not None:
            parameters |= _said(account.bye, outgoing, code="ByeCode", values="ByeTtsParams")
        return parameters

    async def _key_is_good(self) -> Finding:
        """Ask for a call that never was: whatever the provider says of it, it has read our signature first."""
        what = "access key"
        at = str(int(self._around.now().timestamp() * 1000))
        try:
            await self._api.call("QueryCallDetailByCallId", {"CallId": "0^0", "ProdId": PRODUCT, "QueryDate": at})
        except Misconfigured as error:
            return Finding(what=what, ok=False, note=str(error), cure="see the table of errors of this channel")
        except (TryLater, Uncertain) as error:
            return Finding(what=what, ok=False, note=str(error), cure="try again; look at api_url and proxy")
        except GiveUp as error:
            return Finding(what=what, ok=True, note=f"read by the provider: {error}")
        return Finding(what=what, ok=True)

    def _pushed(self, wire: Wire) -> Parsed:
        if admitted(wire, self._account.push_secret) != "report":
            raise Malformed("path", "not report")
        return Parsed(reply=TAKEN, inbounds=parse.pressed(wire.body), updates=parse.updates(wire.body))


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the phone channel needs the settings of channels.phone.aliyun.config")
    return AliyunPhone(account, around)


def _said(template: Template, outgoing: Outgoing, *, code: str, values: str) -> Mapping[str, str]:
    language = outgoing.language
    fitted = filled(template, outgoing.variables, text=outgoing.text, language=language, aloud=True)
    return {code: fitted.code} | ({values: compact(fitted.values)} if fitted.values else {})
