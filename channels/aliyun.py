"""Alibaba Cloud's RPC API for the channels of that provider: signature, requests, and what its codes mean for us.

Signature: ACS3-HMAC-SHA256, the current one (help.aliyun.com/document_detail/2593177.html); parameters stand in the
query, as the descriptions of SendSms and IvrCall have them. There is no idempotence at the provider (SendSms, notes).
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from channels.contract import ChannelError, GiveUp, Malformed, Misconfigured, TryLater, Uncertain, Unreachable
from channels.http import Answer, Http, failure, retry_after
from channels.numbers import number
from channels.settings import Secret
from channels.untrusted import Untrusted

VERSION: Final = "2017-05-25"
"""Of dysmsapi and dyvmsapi alike."""
ALGORITHM: Final = "ACS3-HMAC-SHA256"
EMPTY: Final = sha256(b"").hexdigest()
MINUTE: Final = timedelta(minutes=1)
LIMITED: Final = "isv.BUSINESS_LIMIT_CONTROL"
OF_MINUTES: Final = "分钟级"
"""The message of the limit code names which one was met: 触发分钟级流控Permits:1, 小时级, 天级."""

GIVE_UP: Final = {
    "isv.MOBILE_NUMBER_ILLEGAL": "the number is not valid",
    "isv.MOBILE_COUNT_OVER_LIMIT": "too many numbers at once",
    "isv.INVALID_PARAMETERS": "a parameter is not valid: a variable longer than its kind allows, most often",
    "isv.PARAM_LENGTH_LIMIT": "a variable is longer than the template allows",
    "isv.PARAM_NOT_SUPPORT_URL": "a variable may not hold a link",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "a variable holds what the template does not allow",
    "isv.INVALID_JSON_PARAM": "the variables are not valid",
    "isv.BLACK_KEY_CONTROL_LIMIT": "a variable holds a forbidden word",
    "isv.SMS_CONTENT_ILLEGAL": "the text holds forbidden content",
    "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE": "the text does not suit the kind of the template",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "the template is for numbers abroad only",
    "isv.BLACK_LIST": "the receiver is on the provider's list of those who refuse",
    "isv.COMPLAINT_REJECT": "the call was blocked because of complaints",
    "ComplaintReject": "the call was blocked because of complaints",
    "isv.VOICE_CALL_FAIL": "the call could not be started",
    "isv.VOICE_ROBOT_NOT_PERIOD": "calls are not allowed at this time of day",
    "isv.VOICE_CALL_PERIOD_ERROR": "calls are not allowed at this time of day",
    "isv.DAY_LIMIT_CONTROL": "the account's own limit for this day is used up",
    "isv.MONTH_LIMIT_CONTROL": "the account's own limit for this month is used up",
}
MISCONFIGURED: Final = {
    "InvalidAccessKeyId.NotFound": "access_key_id is unknown",
    "InvalidAccessKeyId.Inactive": "the access key is switched off",
    "InvalidAccessKeyId": "access_key_id is not valid",
    "SignatureDoesNotMatch": "access_key_id and access_key_secret do not belong together",
    "IncompleteSignature": "access_key_id and access_key_secret do not belong together",
    "InvalidTimeStamp.Expired": "the clock of this machine is wrong by more than 15 minutes",
    "IllegalTimestamp": "the clock of this machine is wrong by more than 15 minutes",
    "Forbidden.RAM": "the access key lacks a permission",
    "NoPermission": "the access key lacks a permission",
    "isp.RAM_PERMISSION_DENY": "the access key lacks a permission (AliyunDysmsFullAccess, AliyunDyvmsFullAccess)",
    "isv.OUT_OF_SERVICE": "the account is out of credit",
    "isv.AMOUNT_NOT_ENOUGH": "the account is out of credit",
    "isv.AMOUNT_NOT_ENOUG": "the account is out of credit",
    "isv.PRODUCT_UN_SUBSCRIPT": "the product is not opened for this account",
    "isv.PRODUCT_UNSUBSCRIBE": "the product is not opened for this account",
    "isv.ACCOUNT_NOT_EXISTS": "the account does not exist",
    "isv.ACCOUNT_ABNORMAL": "something is wrong with the account",
    "isv.BILLID_NOT_EXIST": "the calling number does not belong to this account",
    "BillidNotExist": "the calling number does not belong to this account",
    "isv.DISPLAY_NUMBER_ILLEGAL": "the calling number is not valid",
    "isv.DENY_IP_RANGE": "requests from this machine's address are not allowed: it must be in mainland China",
    "isv.SMS_TEMPLATE_ILLEGAL": "the template is unknown or not approved",
    "isv.TTS_TEMPLATE_ILLEGAL": "the template is unknown or not approved",
    "isv.TEMPLATE_ILLEGAL": "the template is unknown or not approved",
    "isv.TEMPLATE_MISSING_PARAMETERS": "the template has a variable that the configuration does not fill",
    "isv.SMS_SIGNATURE_ILLEGAL": "the sign is unknown or not approved",
    "isv.SMS_SIGN_ILLEGAL": "the sign may not be used",
    "isv.SIGN_STATE_ILLEGAL": "the sign may not be used in its present state",
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "the sign and the template are of different kinds",
    "isv.VOICE_FILE_ILLEGAL": "the voice file is unknown or not approved",
}
UNREACHABLE: Final = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_LIST"})
"""Those of GIVE_UP that hold for every further text to that number."""
TRY_LATER: Final = {
    "Throttling": "too many requests",
    "Throttling.User": "too many requests",
    "Throttling.Api": "too many requests",
    "ServiceUnavailable": "the service is not available",
    "InternalError": "an error at the provider",
    "isp.SYSTEM_ERROR": "an error at the provider",
    "isp.GATEWAY_ERROR": "an error at the provider",
    "SignatureNonceUsed": "the request was taken for a repeat",
}
"""Codes: help.aliyun.com/document_detail/101346.html (texts), .../178344.html (calls), and those of every API."""


class AliyunSettings(Protocol):
    """What the blocks of both channels have in common."""

    @property
    def access_key_id(self) -> str: ...  # noqa: D102
    @property
    def access_key_secret(self) -> Secret: ...  # noqa: D102
    @property
    def api_url(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def connections(self) -> int: ...  # noqa: D102
    @property
    def proxy(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What makes each request its own."""

    date: str
    """UTC, as 2018-01-01T12:00:00Z."""
    nonce: str


class AliyunApi:
    """One product of the provider for one account."""

    def __init__(self, settings: AliyunSettings, now: Callable[[], datetime], *, patient: bool = True) -> None:
        """`patient`: a limit per minute is waited for; else it is given up, so that another way is tried at once."""
        self._url = settings.api_url.rstrip("/")
        self._host = urlsplit(self._url).netloc
        self._id = settings.access_key_id
        self._secret = settings.access_key_secret
        self._now = now
        self._patient = patient
        self._http = Http(
            timeout=timedelta(seconds=settings.timeout_seconds),
            now=now,
            proxy=settings.proxy,
            connections=settings.connections,
        )

    async def call(self, action: str, parameters: Mapping[str, str]) -> Untrusted:
        """One operation; the body of a success, whose Code is OK. Raises our errors for everything else."""
        stamp = Stamp(date=self._now().strftime("%Y-%m-%dT%H:%M:%SZ"), nonce=secrets.token_hex(16))
        headers = {
            "host": self._host,
            "x-acs-action": action,
            "x-acs-content-sha256": EMPTY,
            "x-acs-date": stamp.date,
            "x-acs-signature-nonce": stamp.nonce,
            "x-acs-version": VERSION,
        }
        query = canonical_query(parameters)
        signed = authorization(headers, query, key_id=self._id, secret=self._secret.reveal())
        answer = await self._http.request(
            "POST", f"{self._url}/?{query}", headers={**headers, "Authorization": signed, "Accept": "application/json"}
        )
        return accepted(answer, patient=self._patient)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Names and values by RFC 3986, sorted by name."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters.items()))


def authorization(headers: Mapping[str, str], query: str, *, key_id: str, secret: str) -> str:
    """The Authorization header of a POST to / without a body; all `headers` (names in lower case) are signed."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    request = "\n".join(["POST", "/", query, lines, ";".join(names), headers["x-acs-content-sha256"]])
    to_sign = f"{ALGORITHM}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"


def accepted(answer: Answer, *, patient: bool = True) -> Untrusted:
    """The body of a success; the provider's message is left out of every error because it may repeat the number."""
    error = failure(answer)
    try:
        body = Untrusted.json(answer.body, "aliyun")
        code = body["Code"].text(default="", limit=64)
        message = body["Message"].text(default="") if code == LIMITED else ""
    except Malformed:
        if error is None:
            raise Uncertain(f"{answer.host} answered {answer.status} with something that cannot be read") from None
        raise error from None
    if error is None and code == "OK":
        return body
    if code and code != "OK":
        raise refused(code, minutes=patient and OF_MINUTES in message, after=retry_after(answer)) or _with_code(
            error, code
        )
    raise error or Uncertain(f"{answer.host} answered {answer.status} without a code")


def refused(code: str, *, minutes: bool = False, after: timedelta | None = None) -> ChannelError | None:
    """Our error for one of the provider's codes; None for a code that is not listed.

    A limit of minutes passes in time; one of hours or days does not, so that another method is tried at once.
    """
    if code == LIMITED and minutes:
        return TryLater(f"Aliyun {code}: the limit per minute for this number is used up", after=MINUTE)
    if code == LIMITED:
        return GiveUp(f"Aliyun {code}: the limit of calls or texts to this number is used up")
    if code in GIVE_UP:
        return (Unreachable if code in UNREACHABLE else GiveUp)(f"Aliyun {code}: {GIVE_UP[code]}")
    if code in MISCONFIGURED:
        return Misconfigured(f"Aliyun {code}: {MISCONFIGURED[code]}")
    if code in TRY_LATER:
        return TryLater(f"Aliyun {code}: {TRY_LATER[code]}", after=after)
    return None


def mainland(address: str) -> str:
    """The number as the provider dials it at home: 13800138000 or 02155558888; raises GiveUp for one abroad."""
    found = number(address, "CN")
    if found.e164 is None or not found.e164.startswith("+86"):
        raise GiveUp("the number is not one of mainland China (+86)")
    if found.extension:
        raise GiveUp("an extension cannot be reached")
    national = found.e164.removeprefix("+86")
    return national if is_mobile(national) or national.startswith(("400", "800")) else f"0{national}"


def is_mobile(national: str) -> bool:
    """Whether a number without +86 is a mobile one: eleven digits from 13 to 19."""
    return len(national) == 11 and national[0] == "1" and national[1] in "3456789"


def compact(values: Mapping[str, Any]) -> str:
    """JSON as the template parameters want it."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _with_code(error: ChannelError | None, code: str) -> ChannelError:
    """An unlisted code follows its HTTP status; in a 200 it is a refusal of this text."""
    name = code if code.replace(".", "").replace("_", "").isalnum() and code.isascii() else "?"
    if error is None:
        return GiveUp(f"the provider refused (Aliyun {name})")
    error.args = (f"{error} (Aliyun {name})",)
    return error


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
