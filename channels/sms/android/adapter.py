"""Text messages through an Android phone: free text both ways, with receipts, without any provider."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

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
    Receipt,
    Refused,
    Reply,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
    Wire,
)
from channels.http import Answer, Http, failure
from channels.numbers import number
from channels.settings import Settings
from channels.sms.android import parse
from channels.sms.android.config import Account
from channels.text import segments
from channels.untrusted import Untrusted

CAN: Final = Can(book="tel", confirms=True, text_limit=670, unit=Unit.UTF16)
"""Ten segments; a phone sends more, but many carriers do not carry it."""
MOST: Final = 255
"""Segments that one text can have (3GPP TS 23.040 9.2.3.24.1)."""
WINDOW: Final = timedelta(minutes=5)
"""How old a signed webhook may be (docs.sms-gate.app/features/webhooks, best practices)."""
WANTED: Final = frozenset({"sms:received", "sms:sent", "sms:delivered", "sms:failed"})


class AndroidSms:
    """One phone, or the server behind which it stands."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"sms:{around.account}"
        self._account = account
        self._address = f"{around.public_url}/in/sms/{around.account}"
        self._url = account.api_url.rstrip("/")
        self._key = account.signing_key.reveal().encode()
        self._http = Http(
            timeout=timedelta(seconds=account.timeout_seconds),
            now=around.now,
            proxy=account.proxy,
            connections=account.connections,
        )

    def webhooks(self) -> Sequence[Webhook]:
        """All events come to one address."""
        return (Webhook(method="POST", prefix="", read=self._event),)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a webhook's body again that was genuine and could not be read."""
        try:
            found = parse.event(raw, region=self._account.region).inbounds
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)
        return found[0] if found else Unreadable(key=f"{key}:again", raw=raw, where="body", why="no message in it")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand the whole text to the phone, which splits it; our key is its id, so that a repeat is recognised."""
        parts = segments(outgoing.text)
        if parts > MOST:
            raise GiveUp(f"the text is longer than {MOST} segments")
        answer = await self._ask("POST", self._account.send_path, self._message(outgoing))
        if answer.status == 409:  # "Message with such ID already exists": an earlier attempt of ours arrived
            return Receipt(provider_id=outgoing.key, segments=parts)
        body = _read(answer)
        try:
            return Receipt(provider_id=body["id"].word(limit=64), segments=parts)
        except Malformed as error:
            raise Uncertain(f"the phone took it with an answer that cannot be read ({error})") from None

    async def check(self) -> Sequence[Finding]:
        """Whether there is a phone, and whether it tells us of texts."""
        return (await self._phones(), await self._told())

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    def _message(self, outgoing: Outgoing) -> bytes:
        account = self._account
        message: dict[str, Any] = {
            "id": outgoing.key,
            "textMessage": {"text": outgoing.text},
            "phoneNumbers": [number(outgoing.to, account.region).address],
            "withDeliveryReport": True,
            "ttl": account.ttl_minutes * 60,
            "priority": account.priority,
        }
        message |= {"simNumber": account.sim} if account.sim else {}
        message |= {"deviceId": account.device_id} if account.device_id else {}
        return json.dumps(message, ensure_ascii=False).encode()

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        login = f"{self._account.user}:{self._account.password.reveal()}".encode()
        headers = {"Authorization": f"Basic {b64encode(login).decode()}", "Accept": "application/json"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        return await self._http.request(method, f"{self._url}{path}", headers=headers, body=body)

    async def _phones(self) -> Finding:
        what = "phone"
        try:
            found = list(_read(await self._ask("GET", "/devices")).items())
        except (ChannelError, Malformed) as error:
            return Finding(what=what, ok=False, note=str(error), cure="look at api_url, user, password and the app")
        cure = "" if found else "open the app and switch it on"
        return Finding(what=what, ok=bool(found), note=f"{len(found)} known", cure=cure)

    async def _told(self) -> Finding:
        """Which events are registered for our address."""
        what = "webhooks"
        try:
            listed = list(_read(await self._ask("GET", "/webhooks")).items())
            ours = {one["event"].text() for one in listed if one["url"].text().startswith(self._address)}
        except (ChannelError, Malformed) as error:
            return Finding(what=what, ok=None, note=str(error))
        missing = sorted(WANTED - ours)
        cure = f"register them for {self._address}, see this channel's README" if missing else ""
        note = f"not registered: {', '.join(missing)}" if missing else "registered"
        return Finding(what=what, ok=not missing, note=note, cure=cure)

    def _event(self, wire: Wire) -> Parsed:
        self._admit(wire.headers, wire)
        found = parse.event(wire.body, region=self._account.region)
        return Parsed(reply=Reply(), inbounds=found.inbounds, updates=found.updates)

    def _admit(self, headers: Mapping[str, str], wire: Wire) -> None:
        """HMAC-SHA256 of the body and the time, in hexadecimal; the time may not be old."""
        stamp, signature = headers.get("x-timestamp", ""), headers.get("x-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and signature):
            raise Refused("no X-Signature and X-Timestamp")
        expected = hmac.digest(self._key, wire.body + stamp.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), signature.lower().encode("utf-8", "replace")):
            raise Refused("X-Signature does not fit: is signing_key what the app shows?")
        if abs(wire.at.timestamp() - int(stamp)) > WINDOW.total_seconds():
            raise Refused("X-Timestamp is more than 5 minutes off: a replay, or a wrong clock")


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the sms channel needs the settings of channels.sms.android.config")
    return AndroidSms(account, around)


def _read(answer: Answer) -> Untrusted:
    """The body of a success; the phone's message is left out of every error because it may repeat the number."""
    error = failure(answer)
    if error is not None:
        raise error
    try:
        return Untrusted.json(answer.body, "answer")
    except Malformed:
        raise Uncertain(f"{answer.host} answered {answer.status} with something that is not JSON") from None
