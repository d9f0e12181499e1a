"""Simulated phones that text with one Twilio number; knows nothing of the adapter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from channels.simulation import Fault, Heard, Ticker
from channels.twilio_simulation import (
    Form,
    TwilioRefusal,
    TwilioServer,
    dialled,
    magic,
    new_sid,
    required,
)

TO: Final = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
FROM: Final = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 14107}
"""Test numbers and the errors they give (twilio.com/docs/iam/test-credentials#test-sms-messages)."""
OUR_NUMBER: Final = "+15005550006"


class SmsSimulator:
    """One number at Twilio and everybody's phones."""

    def __init__(self, twilio: TwilioServer, account: str) -> None:
        self.heard: list[Heard] = []
        self.unreachable: dict[str, int] = {}
        """Numbers whose messages are taken and then end undelivered, with Twilio's error code."""
        self.twilio = twilio
        self._account = account
        twilio.serves("Messages", self._create)

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.twilio.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.twilio.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.twilio.start()

    async def stop(self) -> None:
        """End what `start` began."""
        await self.twilio.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the auth token is written into `folder`."""
        return self.twilio.credentials(folder, f"sms_{self._account}")

    def busy(self) -> bool:
        """A request or callback is under way at this instant."""
        return self.twilio.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person texts our number; returns the MessageSid. A text has no subject, group or reference."""
        del subject, group, answers
        sid = new_sid("SM")
        fields = {
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "From": sender,
            "To": self.twilio.number,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": str(_segments(text)),
        }
        await self.twilio.callback(self.twilio.webhook("sms", self._account), fields)
        return sid

    async def _create(self, form: Form) -> Mapping[str, Any]:
        to = dialled(form, missing=21604, invalid=21211)
        required(form, "From", 21603, "MessagingServiceSid")
        body = required(form, "Body", 21602, "MediaUrl", "ContentSid")
        if len(body) > 1600:
            raise TwilioRefusal(21617, "The concatenated message body exceeds the 1600 character limit")
        magic(form, TO, FROM)
        sid = new_sid("SM")
        self.heard.append(Heard(at=self.twilio.clock.now(), to=to, text=body, id=sid))
        if form.get("StatusCallback"):
            self.twilio.spawn(self._progress(sid, to, form["StatusCallback"]))
        return self._resource(sid, to, form)

    async def _progress(self, sid: str, to: str, url: str) -> None:
        """No callback tells the first status: the answer to the request already did."""
        fields = {"MessageSid": sid, "SmsSid": sid, "To": to, "From": self.twilio.number}
        code = self.unreachable.get(to)
        last = {"MessageStatus": "undelivered", "ErrorCode": str(code)} if code else {"MessageStatus": "delivered"}
        for status in ({"MessageStatus": "sent"}, last):
            await self.twilio.callback(url, {**fields, **status, "SmsStatus": status["MessageStatus"]})

    def _resource(self, sid: str, to: str, form: Form) -> Mapping[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.twilio.account_sid}/Messages/{sid}"
        service = form.get("MessagingServiceSid")
        return {
            "account_sid": self.twilio.account_sid,
            "api_version": "2010-04-01",
            "body": form.get("Body", ""),
            "date_created": self.twilio.moment(),
            "date_sent": None,
            "date_updated": self.twilio.moment(),
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else str(_segments(form.get("Body", ""))),
            "price": None,
            "price_unit": None,
            "sid": sid,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": to,
            "uri": f"{uri}.json",
        }


def build(
    *,
    clock: Ticker,
    gateway_url: str,
    account: str,
    public_url: str | None = None,
    number: str = OUR_NUMBER,
) -> SmsSimulator:
    """The provider's side of one sms account; `public_url` is what callbacks are signed for, if not `gateway_url`."""
    server = TwilioServer(clock=clock, gateway_url=gateway_url, public_url=public_url, number=number)
    return SmsSimulator(server, account)


def _segments(text: str) -> int:
    """Roughly as Twilio counts: it is close enough for ASCII and for Chinese."""
    length, single, part = (len(text), 160, 153) if text.isascii() else (len(text.encode("utf-16-le")) // 2, 70, 67)
    return 1 if length <= single else math.ceil(length / part)
