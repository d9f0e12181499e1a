"""Calls that came in, from Twilio's webhooks (already proved genuine) and from its call log; pure.

Fields: twilio.com/docs/voice/twiml#request-parameters, twilio.com/docs/voice/twiml/dial#action and
twilio.com/docs/api/twiml/record; the log as in Twilio's OpenAPI description, api.v2010.account.call.

However it became known, and whatever became of it, a call has one key: its CallSid. The first to say so counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from multidict import MultiDict

from channels.calls import ANONYMOUS, ANSWERED, MISSED, WITHHELD, joined, length
from channels.contract import Inbound, Malformed, Remote
from channels.numbers import number
from channels.untrusted import Untrusted

NOBODY: Final = frozenset(
    {"", "anonymous", "restricted", "unavailable", "unknown", "+266696687", "+7378742833", "+8656696", "+86282452253"}
)
"""What stands in From when the number is withheld: a word, or that word typed on a keypad (266696687: ANONYMOUS)."""
CONNECTED: Final = ("completed", "answered")
UNDER_WAY: Final = ("queued", "ringing", "in-progress")
UNFINISHED: Final = ("in-progress", "paused", "stopped", "processing")
"""A recording that will be ready later (call_recording_enum_status)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who calls, in which call."""

    call: str
    address: str
    """A number, or "anonymous"."""
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """One line of the call log."""

    sid: str
    number: str
    """Who called or, for a leg of ours, who was called, as Twilio writes it."""
    status: str
    started: datetime
    ended: datetime | None
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One recording of a call."""

    sid: str
    status: str
    seconds: int


def caller(fields: MultiDict[str], *, region: str) -> Caller:
    """Who calls; raises Malformed naming the field."""
    form = Untrusted.form(fields)
    call = form["CallSid"].word(limit=64)
    name = form["CallerName"].text(default="", limit=255).strip()
    return Caller(call=call, address=address(form["From"].text(default="", limit=255), region), name=name)


def address(raw: str, region: str) -> str:
    """The caller's number, or "anonymous"."""
    bare = raw.strip()
    return ANONYMOUS if bare.lower() in NOBODY else number(bare, region).address


def dialled(fields: MultiDict[str]) -> tuple[bool, int, bool]:
    """Whether somebody talked to the caller, for how many seconds, and whether the caller is still there."""
    form = Untrusted.form(fields)
    status = form["DialCallStatus"].word(limit=32)
    bridged = form["DialBridged"].text(default="true", limit=8) != "false"
    here = form["CallStatus"].text(default="in-progress", limit=32) == "in-progress"
    return status in CONNECTED and bridged, form["DialCallDuration"].integer(default=0), here


def answered(who: Caller, *, seconds: int, by: str, raw: bytes, at: datetime | None = None) -> Inbound:
    """A call that one of the staff took."""
    text = joined(ANSWERED, length(seconds), f"应答 {by}" if by else "", _hidden(who))
    return _inbound(who, text, raw=raw, at=at)


def left(who: Caller, *, seconds: int, url: str, raw: bytes, at: datetime | None = None) -> Inbound:
    """A call that ended in a message; `url` is where the recording lies, without an ending."""
    next_ = "请听留言" if who.address == ANONYMOUS else "请回电"
    text = joined(MISSED, _hidden(who), f"留言 {length(seconds)}", next_)
    remote = Remote(ref=f"{url}.mp3", name=f"{url.rpartition('/')[2]}.mp3", type="audio/mpeg")
    return _inbound(who, text, raw=raw, at=at, remotes=(remote,))


def silent(who: Caller, *, raw: bytes, at: datetime | None) -> Inbound:
    """A call that nobody took and that left no message."""
    text = joined(MISSED, _hidden(who), "未留言", "" if who.address == ANONYMOUS else "请回电")
    return _inbound(who, text, raw=raw, at=at)


def recorded(fields: MultiDict[str]) -> tuple[str, int, str] | None:
    """CallSid, seconds and address of a recording that can be fetched; None where there is none (yet)."""
    form = Untrusted.form(fields)
    call = form["CallSid"].word(limit=64)
    if form["RecordingStatus"].text(default="completed", limit=32) != "completed":
        return None
    url, seconds = form["RecordingUrl"].word(limit=1024), form["RecordingDuration"].integer(default=0)
    return (call, seconds, url) if seconds > 0 else None


def calls(page: Untrusted) -> list[Logged]:
    """The calls that came in, of one page of the log; raises Malformed."""
    return [_logged(one, "from") for one in page["calls"].items() if one["direction"].text() == "inbound"]


def legs(page: Untrusted) -> list[Logged]:
    """The calls to the staff that one call led to."""
    return [_logged(one, "to") for one in page["calls"].items()]


def recordings(page: Untrusted) -> list[Recording]:
    """The recordings of one call."""
    return [
        Recording(sid=one["sid"].word(), status=one["status"].word(), seconds=_seconds(one["duration"]))
        for one in page["recordings"].items()
    ]


def settled(call: Logged, *, now: datetime, after: timedelta) -> bool:
    """Whether a call ended long enough ago for its recording to be known."""
    if call.status in UNDER_WAY:
        return False
    return (call.ended or call.started) + after <= now


def _logged(one: Untrusted, person: str) -> Logged:
    ended = one.get("end_time")
    return Logged(
        sid=one["sid"].word(limit=64),
        number=one[person].text(default="", limit=255),
        status=one["status"].word(limit=32),
        started=_moment(one.get("start_time") or one["date_created"]),
        ended=None if ended is None else _moment(ended),
        seconds=_seconds(one["duration"]),
    )


def _seconds(field: Untrusted) -> int:
    """A whole number as text; null and -1 stand for what is not known yet."""
    try:
        return max(field.integer(default=0), 0)
    except Malformed:
        return 0


def _moment(field: Untrusted) -> datetime:
    try:
        found = parsedate_to_datetime(field.word(limit=64))
    except ValueError:
        raise Malformed(field.path, "not a date of RFC 2822") from None
    if found.tzinfo is None:
        raise Malformed(field.path, "a date without its zone")
    return found


def _hidden(who: Caller) -> str:
    return WITHHELD if who.address == ANONYMOUS else ""


def _inbound(who: Caller, text: str, *, raw: bytes, at: datetime | None, remotes: tuple[Remote, ...] = ()) -> Inbound:
    name = who.name if who.address != ANONYMOUS else ""
    return Inbound(key=who.call, sender=who.address, sender_name=name, text=text, raw=raw, sent_at=at, remotes=remotes)
