"""Text messages through Aliyun: approved templates out, free text back, receipts and replies by push."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from channels.aliyun import AliyunApi, compact, is_mobile, mainland
from channels.aliyun_push import TAKEN, admitted, alone, secret_finding
from channels.aliyun_templates import TEXTS, filled, previewed
from channels.contract import (
    Around,
    Can,
    Channel,
    ChannelError,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Quota,
    Receipt,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
    Wire,
)
from channels.settings import Settings
from channels.sms.aliyun import parse
from channels.sms.aliyun.config import Account
from channels.text import segments
from channels.untrusted import Untrusted

QUOTAS: Final = (Quota(most=50, within=timedelta(hours=24), per="template"),)
"""Of one template to one number, counted when it is handed in (help.aliyun.com/document_detail/44335.htm)."""
CAN: Final = Can(
    book="tel",
    confirms=True,
    templates=True,
    links=False,
    text_limit=500,
    unit=Unit.CODE_POINTS,
    vouches=True,
    quotas=QUOTAS,
)
"""A template is at most 500 characters with its variables (help.aliyun.com/document_detail/463270.htm)."""
PAGE: Final = 50
PAGES: Final = 10
PASSED: Final = "AUDIT_STATE_PASS"


class AliyunSms:
    """One sign at Aliyun."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"sms:{around.account}"
        self._account = account
        self._api = AliyunApi(account, around.now)

    def webhooks(self) -> Sequence[Webhook]:
        """Replies and receipts; the rest of the path is looked at by `read`, so that a wrong one is refused."""
        return (Webhook(method="POST", prefix="", read=self._pushed),)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a push again that was genuine and could not be read."""
        try:
            return alone(key, raw, parse.replies(raw))
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send the approved template of this text; raises GiveUp when there is none or the number is abroad."""
        to = mainland(outgoing.to)
        if not is_mobile(to):
            raise GiveUp("the number is not a mobile one")
        template = self._account.registry.find(outgoing.template, outgoing.language)
        fitted = filled(template, outgoing.variables, text=outgoing.text, language=outgoing.language)
        parameters = {
            "PhoneNumbers": to,
            "SignName": self._account.sign_name,
            "TemplateCode": fitted.code,
            "TemplateParam": compact(fitted.values),
            "OutId": outgoing.key,
        }
        body = await self._api.call("SendSms", parameters)
        try:
            return Receipt(provider_id=body["BizId"].word(limit=64), segments=segments(outgoing.text))
        except Malformed as error:
            raise Uncertain(f"Aliyun took it with an answer that cannot be read ({error})") from None

    def preview(self, outgoing: Outgoing) -> str:
        """The sign, the template and its values; the provider alone knows the words around them."""
        template = self._account.registry.find(outgoing.template, outgoing.language)
        said = previewed(template, outgoing.variables, text=outgoing.text, language=outgoing.language)
        return f"【{self._account.sign_name}】{said}"

    async def check(self) -> Sequence[Finding]:
        """Whether every text has a template, and whether each is approved at the provider."""
        registry = self._account.registry
        secret = secret_finding(self._account.push_secret)
        return (registry.finding(TEXTS), await self._approved(registry.codes()), secret)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    async def _approved(self, codes: set[str]) -> Finding:
        what = "templates at the provider"
        try:
            passed = await self._passed()
        except ChannelError as error:
            return Finding(what=what, ok=False, note=str(error), cure="see the table of errors of this channel")
        except Malformed as error:
            return Finding(what=what, ok=None, note=f"the answer cannot be read ({error})")
        wrong = sorted(codes - passed)
        note = f"not approved: {', '.join(wrong)}" if wrong else f"{len(codes)} approved"
        return Finding(
            what=what, ok=not wrong, note=note, cure="look at them in the provider's console" if wrong else ""
        )

    async def _passed(self) -> set[str]:
        """Codes of approved templates (QuerySmsTemplateList, 50 a page)."""
        found: set[str] = set()
        for page in range(1, PAGES + 1):
            body = await self._api.call("QuerySmsTemplateList", {"PageIndex": str(page), "PageSize": str(PAGE)})
            listed = list(body["SmsTemplateList"].items())
            found |= {_code(one) for one in listed if one["AuditStatus"].text(default="") == PASSED}
            if len(listed) < PAGE:
                break
        return found

    def _pushed(self, wire: Wire) -> Parsed:
        match admitted(wire, self._account.push_secret):
            case "up":
                return Parsed(reply=TAKEN, inbounds=parse.replies(wire.body))
            case "report":
                return Parsed(reply=TAKEN, updates=parse.updates(wire.body))
        raise Malformed("path", "neither up nor report")


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the sms channel needs the settings of channels.sms.aliyun.config")
    return AliyunSms(account, around)


def _code(listed: Untrusted) -> str:
    return listed["TemplateCode"].word(limit=64)
