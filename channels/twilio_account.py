"""One Twilio account, shared by texts and calls: the signature of what comes in, the REST API for what goes out.

The form is posted through `channels.http` and not by Twilio's own Client: in one process against a trivial loopback
server that made 7,100 sends a second against 5,700 (with uvloop 9,400 against 7,000), the bundled asynchronous
transport ignores its timeout, and the Client writes addresses into the log.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from multidict import MultiDict
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm

from channels.contract import (
    ChannelError,
    Finding,
    GiveUp,
    Malformed,
    Misconfigured,
    Refused,
    Reply,
    TryLater,
    Uncertain,
    Unreachable,
    Wire,
)
from channels.http import Answer, Http, failure, retry_after
from channels.settings import Secret
from channels.untrusted import Untrusted, form_fields

API_URL: Final = "https://api.twilio.com"
EMPTY: Final = Reply(body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>', type="text/xml; charset=utf-8")
"""TwiML that does nothing: taken, and nothing to say."""
FORM: Final = "application/x-www-form-urlencoded"

GIVE_UP: Final = {
    13223: "the number to call is malformed",
    13224: "the number to call is not valid",
    21211: "the number to reach is not valid",
    21214: "the number to reach cannot be reached",
    21217: "the number to reach does not look valid",
    21265: "the number to reach is a short code",
    21266: "sender and receiver are the same number",
    21268: "the number to reach is a premium number",
    21602: "the text is empty",
    21604: "the number to reach is missing",
    21610: "the receiver has opted out by STOP",
    21612: "there is no route from our number to this one",
    21614: "the number to reach is not a mobile number",
    21617: "the text is too long",
    21635: "the number to reach is a landline",
    30003: "the handset is switched off or out of reach",
    30004: "the receiver or the carrier blocks our messages",
    30005: "the number is unknown or no longer in use",
    30006: "a landline, or a carrier that is out of reach",
    30007: "the carrier filtered the message",
}
UNREACHABLE: Final = frozenset({21211, 21217, 21610, 21614, 21635, 30005})
"""Of these the ones that hold for every further text: no such number, none that takes texts, or barred by STOP."""
MISCONFIGURED: Final = {
    10001: "the account is not active",
    20003: "account_sid and auth_token do not belong together",
    20005: "the account is not active",
    20008: "test credentials cannot do this",
    20404: "the account does not exist",
    21210: "the calling number is not verified",
    21212: "our number is not valid",
    21215: "calls to this country are not allowed in the account's voice settings",
    21216: "the account may not call this number",
    21219: "a trial account calls verified numbers only",
    21267: "a trial account cannot send under a name",
    21408: "texts to this country are not allowed in the account's messaging settings",
    21601: "our number cannot send texts",
    21603: "our number is missing",
    21606: "our number cannot send texts or belongs to another account",
    21608: "a trial account texts verified numbers only",
    21609: "the callback address is not valid: is public_url right?",
    21659: "our number is not a Twilio number",
    21660: "our number belongs to another account",
    21661: "our number cannot send texts",
    30002: "the account is suspended",
}
TRY_LATER: Final = {
    10004: "too many calls at once",
    14107: "texts are sent too quickly",
    20429: "too many requests",
    21611: "the queue of our number is full",
    30001: "the queue is full",
    30008: "the carrier gave no reason",
    63038: "the daily number of messages is used up",
}
"""What the error codes mean for us (twilio.com/docs/api/errors); a code not listed follows its HTTP status."""


class TwilioSettings(Protocol):
    """What the blocks of both channels have in common."""

    @property
    def account_sid(self) -> str: ...  # noqa: D102
    @property
    def auth_token(self) -> Secret: ...  # noqa: D102
    @property
    def webhook_shared_key(self) -> Secret | None: ...  # noqa: D102
    @property
    def api_url(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def connections(self) -> int: ...  # noqa: D102
    @property
    def proxy(self) -> str | None: ...  # noqa: D102


class Signature:
    """Proves that a webhook came from Twilio (twilio.com/docs/usage/webhooks/webhooks-security)."""

    def __init__(self, settings: TwilioSettings) -> None:
        shared = settings.webhook_shared_key
        self._algorithm = HMAC_SHA256 if shared else HMAC_SHA1
        key = (shared or settings.auth_token).reveal()
        self._key = key.encode()
        self._validator = RequestValidator(key)

    def fields(self, wire: Wire) -> MultiDict[str]:
        """The posted form, all of it covered by the signature; raises Refused for anything not proved genuine."""
        signature = wire.headers.get("x-twilio-signature")
        if not signature:
            raise Refused("no X-Twilio-Signature")
        algorithm = get_signature_algorithm(wire.headers.get("x-twilio-webhooks-signature-settings", ""))
        if algorithm.upper() != self._algorithm:
            raise Refused("the signature is of the other kind (auth token or shared key) than configured")
        params = _signed(wire)
        if not (
            self._plain(wire, params, signature) or self._validator.validate(wire.url, params, signature, algorithm)
        ):
            raise Refused("X-Twilio-Signature does not fit: wrong auth_token, or public_url is not what Twilio calls")
        return params if isinstance(params, MultiDict) else MultiDict()

    def _plain(self, wire: Wire, params: MultiDict[str] | str, signature: str) -> bool:
        """The common case, a form without repeated fields and the address as it was called, in a tenth of the time.

        What does not fit is left to Twilio's own validator, which knows the other spellings of an address.
        """
        if not isinstance(params, MultiDict) or len(set(params)) != len(params):
            return False
        signed = wire.url + "".join(name + value for name, value in sorted(params.items()))
        kind = "sha256" if self._algorithm == HMAC_SHA256 else "sha1"
        expected = b64encode(hmac.digest(self._key, signed.encode(), kind))
        return hmac.compare_digest(expected, signature.encode())


class TwilioApi:
    """The REST API of 2010-04-01 for one account."""

    def __init__(self, settings: TwilioSettings, now: Callable[[], datetime]) -> None:
        self._base = f"{settings.api_url.rstrip('/')}/2010-04-01/Accounts/{settings.account_sid}"
        pair = f"{settings.account_sid}:{settings.auth_token.reveal()}"
        self._headers = {
            "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
            "Accept": "application/json",
            "Content-Type": FORM,
        }
        self._http = Http(
            timeout=timedelta(seconds=settings.timeout_seconds),
            now=now,
            proxy=settings.proxy,
            connections=settings.connections,
        )

    async def create(self, resource: str, form: Iterable[tuple[str, str]]) -> Created:
        """Post a form to "Messages" or "Calls"; raises a ChannelError by Twilio's own code where it gives one."""
        body = urlencode(list(form)).encode("ascii")
        answer = await self._http.request("POST", f"{self._base}/{resource}.json", headers=self._headers, body=body)
        return created(_accepted(answer))

    async def read(self, resource: str, **query: str) -> Untrusted:
        """Fetch "Calls" or what lies below it, such as "Calls/CA.../Recordings"; raises a ChannelError."""
        asked = f"?{urlencode(query)}" if query else ""
        address = f"{self._base}/{resource}.json{asked}"
        return _accepted(await self._http.request("GET", address, headers=self._headers))

    async def media(self, url: str) -> bytes:
        """Fetch a file of this account; the caller has checked where the address leads. Raises a ChannelError."""
        answer = await self._http.request("GET", url, headers={"Authorization": self._headers["Authorization"]})
        error = failure(answer)
        if error is not None:
            raise error
        return answer.body

    async def check(self) -> Sequence[Finding]:
        """Fetch the account; nothing is sent."""
        what = "Twilio account"
        try:
            account = _accepted(await self._http.request("GET", f"{self._base}.json", headers=self._headers))
            status, kind = account["status"].text(default=""), account["type"].text(default="")
        except (ChannelError, Malformed) as error:
            cure = "see account_sid, auth_token and api_url"
            return [Finding(what=what, ok=False, note=str(error), cure=cure)]
        found = [Finding(what=what, ok=status == "active", note=status, cure="open the account at console.twilio.com")]
        if kind == "Trial":
            note = "a trial account reaches verified numbers only"
            found.append(Finding(what=f"{what} type", ok=False, note=note, cure="upgrade the account"))
        return found

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """What Twilio says of a message or call that it took."""

    sid: str
    status: str
    segments: int = 0
    """0 while a messaging service has not chosen its sender."""


def created(body: Untrusted) -> Created:
    """Read a success; raises Uncertain when it says too little, and the error of a failure inside a success."""
    try:
        made = Created(
            sid=body["sid"].word(limit=64),
            status=body["status"].word(),
            segments=_number(body.get("num_segments")),
        )
        code = _number(body.get("error_code"))
    except Malformed as error:
        raise Uncertain(f"Twilio took it with an answer that cannot be read ({error})") from None
    if made.status in ("failed", "undelivered", "canceled"):
        raise refused_by_code(code) or GiveUp(f"Twilio took it and failed it at once (Twilio {code})")
    return made


def callback(public_url: str, channel: str, account: str, path: str, **query: str) -> str:
    """The address of one of our webhooks, with its query, as Twilio is to call it."""
    return f"{public_url}/in/{channel}/{quote(account, safe='')}{path}?{urlencode(query)}"


def refused_by_code(code: int, *, after: timedelta | None = None) -> ChannelError | None:
    """Our error for one of Twilio's codes; None for a code that is not listed."""
    if code in GIVE_UP:
        return (Unreachable if code in UNREACHABLE else GiveUp)(f"Twilio {code}: {GIVE_UP[code]}")
    if code in MISCONFIGURED:
        return Misconfigured(f"Twilio {code}: {MISCONFIGURED[code]}")
    if code in TRY_LATER:
        return TryLater(f"Twilio {code}: {TRY_LATER[code]}", after=after)
    return None


def late(code: str | None) -> ChannelError | None:
    """Our error for the code of a late receipt, where we know any."""
    return refused_by_code(int(code)) if code and code.isascii() and code.isdigit() and len(code) < 9 else None


def reason(code: str | None) -> str | None:
    """Words for the error code of a late receipt, where we know any."""
    error = late(code)
    return None if error is None else str(error)


def _signed(wire: Wire) -> MultiDict[str] | str:
    """What the signature covers besides the address: form fields, or a JSON text by its bodySHA256."""
    if not wire.body or wire.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        try:
            return form_fields(wire.body)
        except Malformed:
            raise Refused("a form that cannot be read cannot be proved genuine") from None
    if "bodySHA256" not in wire.query:
        # Without the digest in the signed address nothing would vouch for the body.
        raise Refused("a body that the signature does not cover")
    try:
        return wire.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("a body that is not text cannot be proved genuine") from None


def _accepted(answer: Answer) -> Untrusted:
    """The body of a success; Twilio's message text is left out of every error because it repeats the number."""
    error = failure(answer)
    try:
        body = Untrusted.json(answer.body, "twilio")
        code = _number(body.get("code")) if error else None
    except Malformed:
        if error is None:
            raise Uncertain(f"{answer.host} answered {answer.status} with something that is not JSON") from None
        raise error from None
    if error is None:
        return body
    listed = refused_by_code(code, after=retry_after(answer)) if code else None
    raise listed or _with_code(error, code)


def _number(field: Untrusted | None) -> int:
    return 0 if field is None else field.integer()


def _with_code(error: ChannelError, code: int | None) -> ChannelError:
    if code:
        error.args = (f"{error} (Twilio {code})",)
    return error
