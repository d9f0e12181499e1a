"""Approved templates: which of ours goes out as which of the provider's, and how variables are made fit; pure.

A variable of an approved template may hold no link, no mobile number and none of the signs that carriers refuse, and
is 1 to 35 characters long unless the template says otherwise (help.aliyun.com/document_detail/463270.htm).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from channels.contract import Finding, GiveUp
from channels.settings import Settings
from channels.text import clusters

TEXTS: Final = frozenset(
    (
        "page", "page_no_limit", "page_again", "page_fold", "transferred_ask", "still_on_it", "handover",
        "shift_reminder", "shift_moved", "test_page", "storm", "breach", "clock_warning", "alarm", "reserved_word",
        "taken", "taken_all", "too_late", "already_settled", "which_one", "not_understood", "listing", "nothing_open",
        "status", "page_one_way", "customer_linked", "customer_not_linked", "customer_contact_kept", "customer_named",
        "customer_status", "correction_kept", "false_alarm", "opinion_raised",
        "escalated", "snoozed", "not_snoozed", "arrived", "resolve_needs_text", "resolved", "released",
        "undone", "nothing_to_undo", "transfer_done", "who_is_that", "noted", "level_changed", "reply_sent",
        "reply_failed", "awake", "duty", "test_ok", "help", "unknown_ticket", "no_right", "taken_from_you",
        "page_cancelled", "customer_added", "customer_fixed", "customer_rated", "customer_receipt",
        "customer_receipt_question", "customer_receipt_complaint", "customer_receipt_visit",
        "customer_receipt_change", "customer_receipt_emergency", "customer_joined", "customer_taken",
        "customer_arrived", "customer_resolved", "customer_reopened", "customer_thanks", "customer_which",
        "merged", "merged_other", "merged_away", "not_merged", "unmerged", "child_of", "not_child", "apart",
        "not_apart", "needs_two", "no_children", "resolved_parent", "false_alarm_parent", "children_resolved",
        "status_merged", "status_similar", "dismissed",
        "which_question", "awake_over", "awake_no_app", "rota_hole", "rota_calendar",
        "untouched", "silent", "lives_again", "drill_failed",
        "handover_late", "handover_kept", "handover_open_end", "handover_alone", "handover_over",
        "handover_over_kept", "shift_off", "duty_now", "duty_week", "swap_ask", "swap_ask_both", "swap_done",
        "swap_done_both", "swap_no", "swap_void", "away_other", "away_hole_other", "duty_until",
        "handover_yes", "handover_stays", "swap_sent", "swap_refused", "away_how", "away_free", "away_covered",
        "away_hole", "back", "not_away",
        "held", "hold_needs_text", "hold_over", "resumed", "workaround_kept",
        "workaround_needs_text", "workaround_open", "second_line_asked", "second_line_needs_text", "second_line_told",
        "still_yes", "still_lapsed", "customer_workaround",
        "visit_ask", "visit_due", "visit_sent", "visit_offers", "visit_who", "visit_already", "visit_accepted",
        "visit_declined", "visit_not_going", "visit_yours", "visit_noted", "visit_off", "visit_digits", "visit_page",
        "code_right", "code_wrong", "code_locked", "code_needed", "code_none",
        "customer_visit_code", "customer_on_the_way", "customer_on_the_way_in",
        "broadcast", "broadcast_package", "broadcast_advert", "broadcast_reminder", "broadcast_reminder_link",
    )
)  # fmt: skip
CALLS: Final = frozenset(("voice_page", "voice_page_fold", "voice_test"))
"""Templates that a text, and a call, may be asked to carry; a test holds them against the gateway's wording."""
NAMES: Final = frozenset(
    (
        "at", "begins", "choices", "clock", "code", "contact", "count", "held", "late", "lead", "level", "lines",
        "link", "list", "minutes", "more", "name", "next", "number", "offers", "other", "package", "per_level",
        "person", "questions", "rating", "role", "second", "sign", "site", "state", "symptom", "text", "to",
        "until", "version", "waiting", "what", "who", "why", "word",
    )
)  # fmt: skip
"""Variables that our texts have."""
WHOLE: Final = "whole"
"""Stands for the whole text without its sign, for a template that only carries what others cannot."""
LIMIT: Final = 35
NOTHING: Final = {"zh": "无", "en": "none"}
"""A variable may not be empty."""
LINK: Final = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+", re.IGNORECASE)
MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?![\d:])")
UNSPOKEN: Final = re.compile(r"[#/:%$¥￥\-]")
SIGN: Final = re.compile(r"^(?:【[^】]*】|\[[^\]]*\])")
REFUSED: Final = frozenset("【】〖〗『』「」〔〕[]{}<>\\^`|•·①★☆※→←↑↓’‘\"'")
KEPT: Final = frozenset("+=%~°℃￥¥")
SEPARATORS: Final = frozenset(" ,，、;；。")
ELLIPSIS: Final = "…"


class Template(Settings):
    """One approved template."""

    code: str = Field(min_length=1, max_length=64)
    """The provider's name for it: SMS_123456789 or TTS_123456789."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Its variables and which of ours fills each: {number: number, place: site}."""
    limits: dict[str, int] = Field(default_factory=dict)
    """Longest value of a variable in characters, where it is not 35."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """An approved template and its values."""

    code: str
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """The approved templates of one account, by our own keys."""

    zh: Mapping[str, Template]
    en: Mapping[str, Template]
    fallback: str

    def find(self, key: str, language: str) -> Template:
        """The template for one of ours: of the language, else the Chinese one, else the fallback; raises GiveUp."""
        own, other = (self.en, self.zh) if language == "en" else (self.zh, {})
        for name in (key, self.fallback):
            found = own.get(name) or other.get(name)
            if found and name:
                return found
        raise GiveUp(f"no approved template for {key or 'a text without a template'}: add it under templates")

    def missing(self, wanted: Iterable[str]) -> list[str]:
        """Which of our templates have none of the provider's."""
        return sorted(set(wanted) - set(self.zh))

    def codes(self) -> set[str]:
        """Every code of the provider that is named."""
        return {one.code for one in self._all()}

    def finding(self, wanted: Iterable[str]) -> Finding:
        """Report variables that cannot be filled, and our texts without a template, never sent without a fallback."""
        unknown = sorted({ours for one in self._all() for ours in one.variables.values()} - NAMES - {WHOLE})
        if unknown:
            note, cure = f"variables that no text of ours has: {', '.join(unknown)}", "correct them under templates"
            return Finding(what="approved templates", ok=False, note=note, cure=cure)
        missing = self.missing(wanted)
        names = ", ".join(missing)
        if not missing:
            return Finding(what="approved templates", ok=True, note="every text has one")
        if self.fallback in self.zh:
            return Finding(what="approved templates", ok=True, note=f"these go out as {self.fallback}: {names}")
        cure = "have them approved and add them under templates, or name a fallback"
        return Finding(what="approved templates", ok=False, note=f"missing: {names}", cure=cure)

    def _all(self) -> tuple[Template, ...]:
        return (*self.zh.values(), *self.en.values())


def filled(
    template: Template, variables: Mapping[str, str], *, text: str, language: str, aloud: bool = False
) -> Filled:
    """Fill a template, one that is spoken `aloud` or one that is read.

    Raises GiveUp for a variable that the text does not have or that cannot be cut.
    """
    values = {}
    for theirs, ours in template.variables.items():
        given = SIGN.sub("", text) if ours == WHOLE and WHOLE not in variables else variables.get(ours)
        if given is None:
            raise GiveUp(f"the approved template {template.code} wants {ours}, which this text does not have")
        value = cleaned(speakable(given) if aloud else given) or NOTHING["en" if language == "en" else "zh"]
        values[theirs] = cut(value, template.limits.get(theirs, LIMIT), name=theirs)
    return Filled(code=template.code, values=values)


def previewed(
    template: Template, variables: Mapping[str, str], *, text: str, language: str, aloud: bool = False
) -> str:
    """What is handed in for a text, in one line; raises GiveUp where a value would not arrive whole."""
    fitted = filled(template, variables, text=text, language=language, aloud=aloud)
    for theirs, ours in template.variables.items():
        given = SIGN.sub("", text) if ours == WHOLE and WHOLE not in variables else variables[ours]
        if any(pattern.search(given) for pattern in (LINK, MAIL, MOBILE)):
            raise GiveUp(f"{ours} holds a link, a mail address or a mobile number, which {fitted.code} may not carry")
        limit, size = template.limits.get(theirs, LIMIT), len(cleaned(speakable(given) if aloud else given))
        if size > limit:
            raise GiveUp(f"{ours} has {size} characters, and {theirs} of {fitted.code} holds {limit}")
    return " ".join((fitted.code, *(f"{name}={value}" for name, value in fitted.values.items())))


def cleaned(text: str) -> str:
    """What a carrier lets through: one line, no links, addresses and mobile numbers, no signs that are refused."""
    for pattern in (LINK, MAIL, MOBILE):
        text = pattern.sub(" ", text)
    kept = "".join(c if _allowed(c) else " " if c.isspace() or c in REFUSED else "" for c in text)
    return re.sub(r"\s+", " ", kept).strip()


def speakable(text: str) -> str:
    """Without the signs that a spoken template may not hold (help.aliyun.com/document_detail/414170.html)."""
    for pattern in (LINK, MAIL, MOBILE):
        text = pattern.sub(" ", text)
    return UNSPOKEN.sub(" ", CLOCK.sub(r"\1点\2分", text.replace("：", "，")))


def cut(text: str, limit: int, *, name: str = "a variable") -> str:
    """At most `limit` code points, with … where something is gone.

    A run of letters and digits is never cut in two, so that no number becomes another one; raises GiveUp when the
    first run alone is too long.
    """
    if len(text) <= limit:
        return text
    end = 0
    for piece in clusters(text):
        if end + len(piece) > limit - len(ELLIPSIS):
            break
        end += len(piece)
    while 0 < end < len(text) and _run(text[end - 1]) and _run(text[end]):
        end -= 1
    kept = text[:end].rstrip("".join(SEPARATORS))
    if not kept:
        raise GiveUp(f"the value of {name} is longer than {limit} characters and cannot be cut")
    return kept + ELLIPSIS


def _run(c: str) -> bool:
    return c.isascii() and c.isalnum()


def _allowed(c: str) -> bool:
    if c in REFUSED:
        return False
    return c in KEPT or c == " " or unicodedata.category(c) in ("Lu", "Ll", "Lo", "Nd", "Po", "Pd", "Ps", "Pe", "Pc")
