"""What somebody wrote into the form, read into a message or into what is wrong with it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from channels.contract import Inbound, Refused
from channels.numbers import Number, number
from channels.untrusted import Untrusted, form_fields
from channels.visit.words import FIELDS, LANGUAGES, TRAP

LONGEST: Final = 24_000
"""Bytes of a form: all fields full of Chinese, each byte written as %XX, come near to it and no real one does."""
TYPE: Final = "application/x-www-form-urlencoded"
SUBJECT: Final = 60
"""Most characters of the subject, which is the beginning of what it is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form as it was sent."""

    typed: Mapping[str, str] = field(repr=False)
    """Name of a field to what was typed, whatever it is."""
    wrong: Mapping[str, str]
    """Name of a field to the word for what is wrong with it."""
    phone: Number
    language: str
    seal: str = field(repr=False)
    trapped: bool
    switched: bool
    """The switch of language was pressed, and nothing is to be sent."""


def filled(body: bytes, *, type_: str, region: str) -> Filled:
    """Read a form; raises Refused for what no form of ours sends, and Malformed for what is not UTF-8."""
    if len(body) > LONGEST:
        raise Refused("the form is too long")
    if type_.partition(";")[0].strip().lower() != TYPE:
        raise Refused("the request is not a form")
    fields = form_fields(body)
    form = Untrusted.form(fields)
    typed = {one.name: _clean(form[one.name].text(default=""), one.type) for one in FIELDS}
    phone = number(typed["phone"], region) if len(typed["phone"]) <= 40 else Number(e164=None, raw="")
    to = form["to"].text(default="")
    return Filled(
        typed=typed,
        wrong=_wrong(typed, phone),
        phone=phone,
        language=_known(to) or _known(form["lang"].text(default="")) or LANGUAGES[0],
        seal=form["seal"].text(default="").strip(),
        trapped=bool(form[TRAP].text(default="").strip()),
        switched=bool(_known(to)),
    )


def inbound(filled: Filled, *, key: str, customer: str, raw: bytes) -> Inbound:
    """The message that a good form is: lines with labels, in the language of the form."""
    at = LANGUAGES.index(filled.language)
    said = {name: " ".join(text.split()) for name, text in filled.typed.items()}
    extension = f" {'转' if at == 0 else 'ext. '}{filled.phone.extension}" if filled.phone.extension else ""
    said["phone"] = f"{filled.phone.address}{extension}"
    colon = ("：", ": ")[at]
    lines = [f"{one.line[at]}{colon}{said[one.name]}" for one in FIELDS if said[one.name]]
    return Inbound(
        key=key,
        sender=filled.phone.address,
        sender_name=said["contact"],
        subject=f"{('上门服务', 'Visit')[at]}{colon}{said['what']}"[:SUBJECT],
        text="\n".join(lines),
        raw=raw,
        customer=customer,
    )


def language(asked: str, accepted: str) -> str:
    """The language of an empty form: the one asked for, else what the browser likes best (RFC 9110 12.5.4)."""
    if _known(asked):
        return asked
    liked: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary in LANGUAGES:
            liked.append((_weight(weight), primary))
    best = max(liked, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] > 0 else LANGUAGES[0]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not parameter.strip():
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _wrong(typed: Mapping[str, str], phone: Number) -> Mapping[str, str]:
    wrong: dict[str, str] = {}
    for one in FIELDS:
        text = typed[one.name]
        if len(text) > one.limit:
            wrong[one.name] = "long"
        elif one.needed and not text:
            wrong[one.name] = "empty"
        elif one.name == "phone" and phone.e164 is None:
            wrong[one.name] = "phone"
    return wrong


def _clean(text: str, type_: str) -> str:
    """Without space around it; only what is written over several lines keeps them."""
    if type_ == "area":
        return "\n".join(line.strip() for line in text.splitlines()).strip()
    return " ".join(text.split())


def _known(language: str) -> str:
    return language if language in LANGUAGES else ""
