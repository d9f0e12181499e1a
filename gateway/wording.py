"""Everything the gateway says to people: a template's name and its variables in, a text out; pure.

A text message is one segment where its fixed words leave room: what people wrote is shortened, numbers never are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from channels.contract import Unit
from channels.text import SINGLE_GSM7, SINGLE_UCS2, clusters, fits_gsm7, units
from gateway import wording_en, wording_zh
from gateway.terms import (
    Place,
    chinese,
    clock_time,
    clock_word,
    kind_word,
    label,
    level_word,
    more_word,
    next_step,
    per_level,
    readable,
    reason_word,
    spelled,
    spoken_label,
    state_word,
)

__all__ = [
    "NotSayable",
    "Place",
    "clock_time",
    "clock_word",
    "fields",
    "fit",
    "kind_word",
    "label",
    "level_word",
    "more_word",
    "next_step",
    "per_level",
    "readable",
    "reason_word",
    "say",
    "spelled",
    "spoken_label",
    "state_word",
    "templates",
    "with_remark",
]

SHORTENED: Final[Mapping[str, int]] = {
    "symptom": 6,
    "text": 6,
    "what": 6,
    "site": 4,
    "contact": 2,
    "questions": 4,
    "offers": 4,
    "list": 4,
    "lines": 4,
    "word": 3,
    "person": 3,
    "per_level": 6,
    "who": 4,
    "to": 4,
    "lead": 4,
    "second": 4,
}
"""Variables that may be cut, in this order, and the fewest signs that still say something."""
LATIN_SIGNS: Final = 3
"""English needs this many signs for one Chinese."""
LISTS: Final = {"list", "lines", "questions", "offers"}
"""Cut between two items only, so that no cut number becomes another ticket's."""
SENTENCES: Final = {"symptom", "text", "what"}
"""Their own full stop falls away: the template has one."""
_FIELD: Final = re.compile(r"\{(\w+)\}")
_SPACES: Final = re.compile(r"[\s\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_LINK: Final = re.compile(r"(?:https?://|www\.)[^\s\u3000-\uffef]+", re.IGNORECASE)
_LATIN: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..", "。": ".", "、": ","}
)
_REFUSED: Final = re.compile("[★☆→←↑↓]")


class NotSayable(LookupError):
    """There is no such template, or one of its variables was not given."""


def templates() -> tuple[str, ...]:
    """Return the names of all templates."""
    return tuple(wording_zh.TEMPLATES)


def fields(template: str) -> tuple[str, ...]:
    """Return the variables of a template in their Chinese order, each once; raises NotSayable."""
    return tuple(dict.fromkeys(_FIELD.findall(_pattern(template, "zh"))))


def say(template: str, language: str, /, **variables: str) -> str:
    """Render a template at full length; raises NotSayable for an unknown template or a missing variable.

    `language` beginning with "zh" is Chinese, everything else English. Variables are cleaned of line breaks and of
    the brackets 【】 that only a sign may have; `sign` stays as it is. More variables than needed are ignored.
    """
    cleaned = {name: _cleaned(name, value) for name, value in variables.items()}
    return _rendered(template, language, cleaned)


def fit(template: str, language: str, limit: int | None = None, /, **variables: str) -> str:
    """Render a template as one text message: what people wrote is made fit for carriers and shortened.

    `limit` is counted as a message is (GSM-7 septets or UTF-16 units); by default one segment, 160 or 70. A text whose
    fixed words alone are longer comes back longer, because a page in two segments is better than none.
    """
    values = {
        name: value if name == "sign" else _carried(_cleaned(name, value), language)
        for name, value in variables.items()
    }
    text = _rendered(template, language, values)
    for name, signs in SHORTENED.items():
        over = _over(text, limit)
        if over <= 0:
            break
        if f"{{{name}}}" in _pattern(template, language):
            least = signs if chinese(language) else signs * LATIN_SIGNS
            values[name] = _cut(name, values[name], max(least, len(values[name]) - over), language)
            text = _rendered(template, language, values)
    return text


def with_remark(text: str, remark: str, *, short: bool) -> str:
    """Add a remark to a text; a short one keeps it only where its one segment has room."""
    return text if short and _over(text + remark, None) > 0 else text + remark


def _pattern(template: str, language: str) -> str:
    table = wording_zh.TEMPLATES if chinese(language) else wording_en.TEMPLATES
    if template not in table:
        raise NotSayable(f"there is no template {template!r}")
    return table[template]


def _rendered(template: str, language: str, values: Mapping[str, str]) -> str:
    pattern = _pattern(template, language)
    missing = [name for name in dict.fromkeys(_FIELD.findall(pattern)) if name not in values]
    if missing:
        raise NotSayable(f"template {template!r} ({language}) needs {', '.join(missing)}")
    signed = pattern.removeprefix("{sign}")
    body = _tidy(_FIELD.sub(lambda found: values[found[1]], signed))
    return body if signed == pattern else values["sign"] + body


def _tidy(text: str) -> str:
    """Close the gaps that empty variables leave."""
    closed = re.sub(r" +(?=[：:，,。])|[，,] *(?=[，,])", "", text)
    return re.sub(r" +", " ", closed).strip()


def _cleaned(name: str, value: str) -> str:
    if name == "sign":
        return value
    plain = _SPACES.sub(" ", value).replace("【", "(").replace("】", ")").strip()
    return plain.rstrip("。.,，;； ") if name in SENTENCES else plain


def _carried(value: str, language: str) -> str:
    """Take out what carriers refuse in a variable: mobile numbers, links, ornaments."""
    value = _REFUSED.sub("", _LINK.sub("(链接)" if chinese(language) else "(link)", value))
    value = _MOBILE.sub("(电话)" if chinese(language) else "(phone)", value)
    if chinese(language):
        return "".join(unicodedata.normalize("NFKC", s) if "\u2460" <= s <= "\u24ff" else s for s in value)
    return unicodedata.normalize("NFKC", value.translate(_LATIN))


def _over(text: str, limit: int | None) -> int:
    room = limit if limit is not None else SINGLE_GSM7 if fits_gsm7(text) else SINGLE_UCS2
    return units(text, Unit.SMS) - room


def _cut(name: str, value: str, room: int, language: str) -> str:
    """Shorten to at most `room` signs with its mark of omission; a list between two items."""
    mark = "…" if chinese(language) else ".."
    if len(value) <= room:
        return value
    if name in LISTS:
        return _first_items(value, room - len(mark)) + mark
    kept = ""
    for cluster in clusters(value):
        if len(kept) + len(cluster) + len(mark) > room:
            break
        kept += cluster
    return kept.rstrip(" ,，") + mark


def _first_items(value: str, room: int) -> str:
    items = value.split(" ")
    while len(items) > 1 and len(" ".join(items)) > room:
        items.pop()
    first = " ".join(items)
    number = re.match(r"\d*", first)
    return first if len(first) <= room else first[: max(room, number.end() if number else 0)]
