"""Aliyun's pushes about calls, already admitted, read into records; pure.

On the way: VoiceCallReport (help.aliyun.com/document_detail/214640.htm), with a key under status 300000
(help.aliyun.com/zh/vms/developer-reference/voicecallreport-4). At the end: VoiceReport (help.aliyun.com/zh/vms/
voicereport-6). Codes: help.aliyun.com/document_detail/55085.html and .../112804.htm.
"""

from __future__ import annotations

from typing import Final

from channels.aliyun_push import items, moment
from channels.contract import Inbound, Status, Update
from channels.numbers import number
from channels.untrusted import Untrusted

PRESSED: Final = "300000"
ON_THE_WAY: Final = {"200101": Status.SENT, "200201": Status.RINGING, "200102": Status.ANSWERED}
ENDED: Final = {"200000": Status.ANSWERED, "200001": Status.ANSWERED, "200008": Status.ANSWERED}
"""Heard to the end, hung up early, no key in time: somebody or something picked up."""
REASON: Final = {
    "200002": "the line was busy",
    "200003": "nobody answered",
    "200004": "the number does not exist",
    "200005": "the call was rejected or could not be connected",
    "200006": "the words could not be played",
    "200007": "the handset is out of reach",
    "200010": "the handset is switched off",
    "200011": "the number is out of service",
    "200012": "the call was lost on the way",
    "200104": "the calling number is restricted",
    "200117": "the calling number may not be used so",
    "200118": "calls are not allowed at this time of day",
    "200119": "too many calls to this number or from ours",
    "200121": "too many calls at once",
}


def pressed(body: bytes) -> list[Inbound]:
    """The keys that people pressed, each once per call; raises Malformed naming the place.

    The key of a call on its way and the same key in the report of its end have one key, so that they are one message.
    """
    found = {one.key: one for item in items(body) for one in _keys(item, body)}
    return list(found.values())


def updates(body: bytes) -> list[Update]:
    """What became of calls; found again by the call's id. Raises Malformed naming the place."""
    return [update for item in items(body) if (update := _update(item)) is not None]


def _keys(item: Untrusted, raw: bytes) -> list[Inbound]:
    digits = _optional(item, "dtmf")
    # OutId has room for 15 bytes only: it holds the called number, since a report on the way names no other.
    person = number(_optional(item, "out_id"), "CN").e164
    if not digits or person is None:
        return []
    call = item["call_id"].word(limit=64)
    at = moment(item["status_time"])
    return [
        Inbound(key=f"{call}:{digit}", sender=person, text=digit, raw=raw, answers=(call,), sent_at=at)
        for digit in digits[:16]
        if digit in "0123456789*#"
    ]


def _update(item: Untrusted) -> Update | None:
    call = item["call_id"].word(limit=64)
    code = item["status_code"].word(limit=16)
    if not item["status_time"].missing:
        status = ON_THE_WAY.get(code)
        return None if status is None else Update(status=status, provider_id=call)
    status = ENDED.get(code) or (Status.ANSWERED if code not in REASON and _connected(item) else Status.FAILED)
    if status is not Status.FAILED:
        return Update(status=status, provider_id=call)
    return Update(status=status, provider_id=call, code=code, reason=REASON.get(code))


def _connected(item: Untrusted) -> bool:
    return any(_optional(item, name) for name in ("start_time", "b_start_time"))


def _optional(item: Untrusted, name: str) -> str:
    field = item.get(name)
    return field.text(limit=128).strip() if field else ""
