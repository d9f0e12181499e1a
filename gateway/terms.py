"""Single terms inside a text: times, levels, kinds, counts and numbers, as people read or hear them; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from gateway import wording_en as en
from gateway import wording_zh as zh

_DIGITS: Final = "零一二三四五六七八九"
_SPOKEN: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def chinese(language: str) -> bool:
    """Whether a language tag (BCP 47) is served by the Chinese table; all others get the English one."""
    return language.lower().startswith("zh")


def spelled(number: int | str, language: str) -> str:
    """Spell a ticket number digit by digit, as a voice has to say it: 一零四二, one zero four two."""
    digits = [int(sign) for sign in str(number) if sign.isdecimal()]
    return "".join(_DIGITS[d] for d in digits) if chinese(language) else " ".join(_SPOKEN[d] for d in digits)


def clock_time(instant: datetime, zone: tzinfo, now: datetime) -> str:
    """Write an aware instant in the site's zone: 03:27, or 11-25 08:00 when that is not today."""
    local = instant.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%m-%d %H:%M}"


def level_word(level: int | None) -> str:
    """Mark a level in a text, the same in every language; "" for what has none."""
    return f"P{level}" if level else ""


def kind_word(kind: str, language: str) -> str:
    """Name a kind of message; an unknown one stays as it is."""
    return (zh.KINDS if chinese(language) else en.KINDS).get(kind, kind)


def label(kind: str, level: int | None, language: str) -> str:
    """Begin a page: the level of a fault, else the kind."""
    return level_word(level) or kind_word(kind, language)


def spoken_label(kind: str, level: int | None, language: str) -> str:
    """Begin a call: 一级故障, level one fault, or the kind."""
    spoken = (zh.LEVELS if chinese(language) else en.LEVELS).get(level or 0)
    return spoken or kind_word(kind, language)


def state_word(state: str, language: str) -> str:
    """Name a ticket's state."""
    return (zh.STATES if chinese(language) else en.STATES).get(state, state)


def clock_word(clock: str, language: str) -> str:
    """Name a promise that runs."""
    return (zh.CLOCKS if chinese(language) else en.CLOCKS).get(clock, clock)


def reason_word(reason: str, language: str) -> str:
    """Say why a page cannot be put off."""
    return (zh.REASONS if chinese(language) else en.REASONS).get(reason, reason)


def role_word(role: str, language: str) -> str:
    """Name what somebody does on duty."""
    return (zh.ROLES if chinese(language) else en.ROLES).get(role, role)


def next_step(level: int | None, language: str) -> str:
    """Say what happens after a fault was reported; a fault without a level is treated as the third."""
    return (zh.NEXT if chinese(language) else en.NEXT)[level or 3]


def more_word(more: int, language: str) -> str:
    """End a list that was cut; "" when nothing is left out."""
    if not more:
        return ""
    return f"，还有{more}单" if chinese(language) else f", {more} more"


def questions_word(questions: str, language: str) -> str:
    """Name what somebody was asked: kinds of inquiries, each with its ticket, with commas between."""
    names = zh.INQUIRIES if chinese(language) else en.INQUIRIES
    words = [one.split(" ") for one in questions.split(", ")]
    named = [" ".join((names.get(kind, kind), *number)) for kind, *number in words]
    return ("、" if chinese(language) else ", ").join(named)


def offers_word(offers: str, language: str) -> str:
    """Name whom to send and why: 张三(近滨江,懂OLT,空闲) 李雷(在1042), packed by `router.dispatch.packed`."""
    words = zh.OFFERS if chinese(language) else en.OFFERS
    try:
        found = json.loads(offers)
    except ValueError:
        return offers
    named = []
    for one in found:
        reasons = [words["near"].format(area=one["near"])] if one["near"] else []
        reasons += [words["knows"].format(what="/".join(one["knows"]))] if one["knows"] else []
        reasons += [words["on"].format(numbers="/".join(map(str, one["on"]))) if one["on"] else words["free"]]
        named.append(f"{one['name']}({','.join(reasons)})".replace(" ", "-"))
    return " ".join(named) or (zh.NO_OFFER if chinese(language) else en.NO_OFFER)


def count_word(count: int) -> str:
    """Write a count of tickets in Chinese up to 99, two as 两; more in digits after a space."""
    if count == 2 or not 0 <= count < 100:
        return "两" if count == 2 else f" {count}"
    tens, ones = divmod(count, 10)
    ten = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return ten + (_DIGITS[ones] if ones or not tens else "")


def per_level(counts: Mapping[str, int], language: str) -> str:
    """Write how many wait by label, in the given order: P1两单、P2十单, or 2xP1 10xP2."""
    if chinese(language):
        return "、".join(f"{name}{count_word(count)}单" for name, count in counts.items())
    return " ".join(f"{count}x{name}" for name, count in counts.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where and when a text is read."""

    language: str
    zone: tzinfo
    now: datetime


def readable(variables: Mapping[str, str], place: Place) -> dict[str, str]:
    """Turn what decisions carry (ISO 8601 instants, state and clock names, levels) into what people read.

    A value that is already readable stays as it is.
    """
    return {name: _READ[name](value, place) if name in _READ else value for name, value in variables.items()}


def _instant(value: str, place: Place) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return clock_time(instant, place.zone, place.now) if instant.tzinfo else value


_READ: Final[Mapping[str, Callable[[str, Place], str]]] = {
    "at": _instant,
    "until": _instant,
    "begins": _instant,
    "ends": _instant,
    "role": lambda value, place: role_word(value, place.language),
    "state": lambda value, place: state_word(value, place.language),
    "clock": lambda value, place: clock_word(value, place.language),
    "offers": lambda value, place: offers_word(value, place.language),
    "questions": lambda value, place: questions_word(value, place.language),
    "why": lambda value, place: reason_word(value, place.language),
    "more": lambda value, place: more_word(int(value), place.language) if re.fullmatch(r"\d+", value) else value,
    "level": lambda value, place: (
        level_word(int(value)) if re.fullmatch(r"[1-9]", value) else kind_word(value, place.language)
    ),
}
