"""The pages of the form, as bytes: one request each, no script, no image, at most 8 KB; pure.

They follow WCAG 2.2 AA (w3.org/TR/WCAG22): labels, errors beside their fields and named by them, contrast of 4.5 and
more in both colour schemes, and nothing to press that is lower than 44 px.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

from channels.contract import Reply
from channels.visit.words import FIELDS, LANGUAGES, TRAP, Field, say

STYLE: Final = (
    "body{margin:0 auto;max-width:36em;padding:1em;font:1.0625em/1.5 sans-serif;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.375em;margin:.5em 0}label{display:block;font-weight:bold;margin-top:1em}"
    "small{display:block;font-size:.875em;font-weight:normal}"
    "input,textarea{box-sizing:border-box;width:100%;min-height:44px;padding:.5em;font:inherit;color:inherit;"
    "background:#fff;border:1px solid #767676;border-radius:4px}"
    "button,.b{display:inline-block;box-sizing:border-box;min-height:44px;min-width:44px;padding:.6em 1.2em;"
    "font:inherit;border:1px solid #0b5394;border-radius:4px;background:#fff;color:#0b5394}"
    ".go{background:#0b5394;color:#fff;font-weight:bold;margin:1.2em .5em 0 0}"
    ".e{color:#b00020;font-weight:bold}.bad{border:2px solid #b00020}.t{position:absolute;left:-9999px}"
    ":focus{outline:3px solid #b35c00;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}input,textarea{background:#1e1e1e;"
    "border-color:#8c8c8c}button,.b{background:#121212;color:#8ab4f8;border-color:#8ab4f8}"
    ".go{background:#8ab4f8;color:#0b1a33}.e{color:#ff8a80}.bad{border-color:#ff8a80}:focus{outline-color:#ffb74d}}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a form shows."""

    language: str
    customer: str
    seal: str
    house: str = ""
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    wrong: Mapping[str, str] = field(default_factory=dict)
    """Name of a field to the word for what is wrong with it."""
    notice: str = ""
    """A word for what is wrong with the whole."""
    again: bool = False
    """Somebody has typed already: the switch of language is then a button that keeps it."""


def policy() -> str:
    """Content-Security-Policy (w3.org/TR/CSP3): nothing but this style, and forms to ourselves."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def reply(body: str, *, language: str, status: int = 200) -> Reply:
    """A page with the headers that keep it private: not stored, not indexed, and its address told to nobody."""
    headers = {
        "Content-Security-Policy": policy(),
        "Cache-Control": "no-store",
        "Content-Language": _lang(language),
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(status=status, body=body.encode(), type="text/html; charset=utf-8", headers=headers)


def form(shown: Shown) -> str:
    """The form, empty or with what was typed and what is wrong with it."""
    language = shown.language
    failed = "failed" if shown.wrong else ""
    notice = shown.notice or failed
    title = say("title", language)
    parts = [
        "" if shown.again else f'<p><a class="b" {_in_other(language)}>{say("other", language)}</a></p>',
        f"<h1>{title}</h1>",
        f"<p>{escape(say('for', language, customer=shown.customer))}</p>",
        f'<p class="e" role="alert">{say(notice, language)}</p>' if notice else "",
        '<form method="post" accept-charset="utf-8">',
        f'<input type="hidden" name="seal" value="{escape(shown.seal)}">',
        f'<input type="hidden" name="lang" value="{language}">',
        *(_field(one, shown) for one in FIELDS),
        _trap(language),
        f'<button class="go">{say("send", language)}</button>',
        f'<button formnovalidate name="to" value="{_other(language)}" lang="{_lang(_other(language))}">'
        f"{say('other', language)}</button>"
        if shown.again
        else "",
        "</form>",
    ]
    head = f"{say('error', language)}: {title}" if notice else title
    return _page(language, head, shown.house, parts)


def done(*, language: str, house: str, phone: str) -> str:
    """What somebody sees whose request was taken."""
    parts = [
        f'<h1>{say("done", language)}</h1><p role="status">{escape(say("done_text", language, phone=phone))}</p>',
        f'<p><a class="b" href="?lang={language}">{say("more", language)}</a></p>',
    ]
    return _page(language, say("done", language), house, parts)


def _field(one: Field, shown: Shown) -> str:
    at = LANGUAGES.index(shown.language)
    wrong, hint = shown.wrong.get(one.name), one.hint[at]
    ids = [f"{mark}-{one.name}" for mark, said in (("e", wrong), ("h", hint)) if said]
    needed = f" {say('needed', shown.language)}" if one.needed else ""
    names = " ".join(ids)
    described = f' aria-describedby="{names}"' if ids else ""
    first = " autofocus" if wrong and one.name == next(iter(shown.wrong)) else ""
    marked = f' class="bad" aria-invalid="true"{first}' if wrong else ""
    attributes = (
        f'id="{one.name}" name="{one.name}" maxlength="{one.limit}" autocomplete="{one.fill}"'
        f"{' required' if one.needed else ''}{described}{marked}"
    )
    typed = escape(shown.typed.get(one.name, ""))
    return (
        f'<label for="{one.name}">{one.label[at]}{needed}</label>'
        + (f'<small id="h-{one.name}">{hint}</small>' if hint else "")
        + (f'<small class="e" id="e-{one.name}">{say(wrong, shown.language, limit=one.limit)}</small>' if wrong else "")
        + (
            f'<textarea {attributes} rows="3">\n{typed}</textarea>'
            if one.type == "area"
            else f'<input type="{one.type}" {attributes} value="{typed}">'
        )
    )


def _trap(language: str) -> str:
    """A field that people do not see, and a browser without styles says that it stays empty."""
    label = f'<label for="{TRAP}">{say("trap", language)}</label>'
    return (
        f'<p class="t" aria-hidden="true">{label}<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></p>'
    )


def _page(language: str, title: str, house: str, parts: list[str]) -> str:
    body = "\n".join(part for part in parts if part)
    heading = f"<p><b>{escape(house)}</b></p>\n" if house else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{_lang(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
        f'<link rel="icon" href="data:,"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><main>\n{heading}{body}\n</main></body></html>\n"
    )


def _other(language: str) -> str:
    return "en" if language == "zh" else "zh"


def _in_other(language: str) -> str:
    other = _other(language)
    return f'href="?lang={other}" hreflang="{_lang(other)}" lang="{_lang(other)}"'


def _lang(language: str) -> str:
    """The language as BCP 47 names it."""
    return "zh-CN" if language == "zh" else "en"
