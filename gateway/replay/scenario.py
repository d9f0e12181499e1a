"""The lines of a scenario, checked before anything is played."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CHANNELS = ("sms", "email", "wechat", "qq", "telegram", "hotline", "fax", "visit")
CHATS = ("wechat", "qq", "telegram")
"""Where people write in short lines and in groups."""
STATES = ("up", "down", "slow", "twice")
DIGITS = tuple("0123456789*#")


class ScenarioError(Exception):
    """A line cannot be played; names it and the cure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speak:
    """Somebody writes, phones or faxes."""

    at: datetime
    id: str
    channel: str
    sender: str
    text: str
    group: str | None = None
    subject: str | None = None
    reply_to: str | None = None
    matter: str | None = ""
    """The matter it truly belongs to, None: to none, "": nobody said. Playing does not look at it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """Somebody answers a call and presses a digit; None: voicemail took it."""

    at: datetime
    number: str
    digit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """A provider breaks or recovers."""

    at: datetime
    provider: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """Up to when to play."""

    at: datetime


Line = Speak | Press | Switch | End


def read(lines: Iterable[str]) -> list[Line]:
    """Read a scenario, in order of time; raises ScenarioError with the number of the line."""
    found: list[Line] = []
    ids: dict[str, int] = {}
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _line(_object(text), number)
        except ValueError as error:
            raise ScenarioError(f"line {number}: {error}") from None
        if isinstance(line, Speak) and ids.setdefault(line.id, number) != number:
            raise ScenarioError(f"line {number}: the id {line.id!r} stands in line {ids[line.id]} already")
        found.append(line)
    if not found:
        raise ScenarioError("the scenario has no lines")
    return sorted(found, key=lambda line: line.at)


def _object(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(row, dict):
        raise ValueError('is not an object; write {"at": ..., ...}')
    return row


def _line(row: dict[str, Any], number: int) -> Line:
    at = _instant(row)
    if row.get("end"):
        return End(at=at)
    if "call" in row:
        return Press(at=at, number=_text(row, "call"), digit=_digit(row.get("press")))
    if "provider" in row:
        return Switch(at=at, provider=_text(row, "provider"), state=_known(row, "state", STATES))
    return Speak(
        at=at,
        id=str(row.get("id") or f"line-{number}"),
        channel=_known(row, "channel", CHANNELS),
        sender=_text(row, "from"),
        text=_optional(row, "text") or "",
        group=_optional(row, "group"),
        subject=_optional(row, "subject"),
        reply_to=_optional(row, "reply_to"),
        matter=_optional(row, "matter") if "matter" in row else "",
    )


def _instant(row: dict[str, Any]) -> datetime:
    text = _text(row, "at")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"at {text!r} is no time; write it as 2026-03-02T08:00:00+08:00") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _digit(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, bool) and str(value) in DIGITS:
        return str(value)
    raise ValueError(f"press {value!r} is no key; write one of {' '.join(DIGITS)}, or null for voicemail")


def _text(row: dict[str, Any], key: str) -> str:
    """Return what must be there; a number, such as one to call, is taken as it stands."""
    value = row.get(key)
    if value in (None, "") or isinstance(value, (bool, float, list, dict)):
        raise ValueError(f"needs a text as {key!r}")
    return str(value)


def _optional(row: dict[str, Any], key: str) -> str | None:
    return None if row.get(key) in (None, "") else _text(row, key)


def _known(row: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    value = row.get(key)
    if value not in known:
        raise ValueError(f"{key} {value!r} is none of {', '.join(known)}")
    return str(value)
