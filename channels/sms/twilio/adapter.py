"""Text messages through Twilio: free text both ways, with receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from channels import twilio_account
from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Receipt,
    Status,
    TryLater,
    Uncertain,
    Unit,
    Unreachable,
    Unreadable,
    Webhook,
    Wire,
)
from channels.numbers import number
from channels.settings import Settings
from channels.sms.twilio import parse
from channels.sms.twilio.config import Account
from channels.text import segments, split
from channels.twilio_account import Signature, TwilioApi
from channels.untrusted import form_fields

BODY_LIMIT: Final = 1600
"""Longest Body (twilio.com/docs/api/errors/21617), counted here in UTF-16 units, the stricter reading."""
CAN: Final = Can(book="tel", confirms=True, text_limit=BODY_LIMIT, unit=Unit.UTF16)


class TwilioSms:
    """One Twilio number or messaging service."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"sms:{around.account}"
        self._account = account
        self._around = around
        self._signature = Signature(account)
        self._api = TwilioApi(account, around.now)

    def webhooks(self) -> Sequence[Webhook]:
        """Texts that come in, and receipts."""
        return (
            Webhook(method="POST", prefix="", read=self._message),
            Webhook(method="POST", prefix="/status", read=self._status),
        )

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a webhook's body again that was genuine and could not be read."""
        try:
            return parse.message(form_fields(raw), raw=raw, region=self._account.region)
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send the whole text; one over 1600 characters goes out as several, and the last one's receipt counts.

        Once a part is out, a passing failure of a later one is Uncertain: the receiver has something.
        """
        parts = split(outgoing.text, BODY_LIMIT, Unit.UTF16)
        receipt = await self._part(outgoing, parts[0], early="1" if len(parts) > 1 else None)
        for at, part in enumerate(parts[1:], start=2):
            try:
                sent = await self._part(outgoing, part, early=str(at) if at < len(parts) else None)
            except TryLater as error:
                raise Uncertain(f"part {at} of {len(parts)} was not taken: {error}") from None
            receipt = replace(sent, segments=receipt.segments + sent.segments)
        return receipt

    async def check(self) -> Sequence[Finding]:
        """Whether the account is active."""
        return await self._api.check()

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    async def _part(self, outgoing: Outgoing, text: str, *, early: str | None) -> Receipt:
        made = await self._api.create("Messages", self._form(outgoing, text, early))
        status = parse.STATUS.get(made.status, Status.ACCEPTED)
        return Receipt(provider_id=made.sid, status=status, segments=made.segments or segments(text))

    def _form(self, outgoing: Outgoing, text: str, early: str | None) -> list[tuple[str, str]]:
        query = {"key": outgoing.key} | ({"part": early} if early else {})
        around = self._around
        form = [
            ("To", number(outgoing.to, self._account.region).address),
            ("Body", text),
            ("StatusCallback", twilio_account.callback(around.public_url, "sms", around.account, "/status", **query)),
        ]
        if self._account.number:
            form.append(("From", self._account.number))
        if self._account.messaging_service_sid:
            form.append(("MessagingServiceSid", self._account.messaging_service_sid))
        return form

    def _message(self, wire: Wire) -> Parsed:
        fields = self._signature.fields(wire)
        inbound = parse.message(fields, raw=wire.body, region=self._account.region)
        return Parsed(reply=twilio_account.EMPTY, inbounds=(inbound,))

    def _status(self, wire: Wire) -> Parsed:
        fields = self._signature.fields(wire)
        update = parse.update(fields, key=wire.query.get("key"), early_part="part" in wire.query)
        if update is None:
            return Parsed(reply=twilio_account.EMPTY)
        error = twilio_account.late(update.code)
        gone = isinstance(error, Unreachable)
        explained = replace(update, reason=str(error) if error else None, unreachable=gone)
        return Parsed(reply=twilio_account.EMPTY, updates=(explained,))


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the sms channel needs the settings of channels.sms.twilio.config")
    return TwilioSms(account, around)
