"""Times, reasons and history of broadcasts, in words; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.broadcast.fields import Problem
from gateway.web.view import Eye, span
from gateway.web.words import Words
from gateway.web.words_composing import PROBLEMS, sentence
from gateway.web.words_reasons import reason, refusal
from store.model import Event, Recipient, RecipientState

GATED: Final = ("troubles", "success", "errors", "refused", "revoked")
"""Why a broadcast paused by itself."""
LINES: Final = ("count", "expected", "withdrawn", "wave")
"""What of an event is told beside its words."""
BEIJING: Final = ("Asia/Shanghai", "Asia/Chongqing", "PRC")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of history."""

    at: str
    who: str
    what: str
    text: str


def planned(at: datetime, zone: str, eye: Eye) -> str:
    """Write a planned start with its zone in words, and how far away it is."""
    said = wall(at, zone, eye)
    return eye.words("bc_planned", at=said, span=span(at - eye.now, eye.words)) if at > eye.now else said


def wall(at: datetime, zone: str, eye: Eye) -> str:
    """Write an instant on the wall of a zone, which is written out."""
    place = ZoneInfo(zone) if zone else eye.zone
    local, today = at.astimezone(place), eye.now.astimezone(place).date()
    ahead = (local.date() - today).days
    day = eye.words("bc_today") if ahead == 0 else eye.words("bc_tomorrow") if ahead == 1 else f"{local:%Y-%m-%d}"
    return f"{day} {local:%H:%M} {zone_name(str(place), eye.words)}"


def zone_name(zone: str, words: Words) -> str:
    """Say a time zone in words."""
    return words("bc_beijing") if zone in BEIJING else words("bc_zone", zone=zone)


def why_words(text: str, words: Words) -> str:
    """Say why somebody, or the gateway itself, paused."""
    return words.named("bc_paused", text) if text in GATED else reason(text, words)


def left_word(text: str, words: Words) -> str:
    """Say why somebody is left out."""
    said = words.named("bc_left", text)
    return reason(text, words) if said == text else said


def outcome_word(one: Recipient, words: Words) -> str:
    """Say why a recipient is in this state."""
    if not one.reason:
        return ""
    return left_word(one.reason, words) if one.state == RecipientState.SKIPPED else failure(one.reason, words)


def failure(text: str, words: Words) -> str:
    """Say why a text failed: a fault of ours in our words, what a provider said in its own."""
    code, *more = text.rpartition(": ")[2].split()
    if code not in PROBLEMS:
        return refusal(text, words)
    named = {"what": "", "size": "", "limit": "", "unit": ""} | dict(pair.split("=", 1) for pair in more if "=" in pair)
    return sentence(Problem(code=code, more={name: value for name, value in named.items() if value}), words.language)


def line(event: Event, eye: Eye) -> Line:
    """Lay out one line of history."""
    more = event.more or {}
    told = [eye.words.named("bc_more", name).format(value=more[name]) for name in LINES if more.get(name)]
    if more.get("at"):
        told.append(wall(datetime.fromisoformat(str(more["at"])), str(more.get("zone", "")), eye))
    if more.get("states"):
        told.insert(0, " ".join(eye.words.named("recipient", state) for state in str(more["states"]).split()))
    said = [why_words(str(more["why"]), eye.words)] if more.get("why") else []
    said += [refusal(str(more["reason"]), eye.words)] if more.get("reason") else []
    what = eye.words.named("bc_event", event.text)
    return Line(at=eye.at(event.at), who=eye.name(event.actor), what=what, text=" · ".join([*told, *said]))
