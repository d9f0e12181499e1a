"""Turns a template and a ticket into the text that a person reads, in the person's language and the site's time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from channels import numbers
from gateway import wording
from gateway.files import File, Files
from store.model import ClockKind, Ticket

LATIN_OPEN, LATIN_CLOSE = "[", "] "
PEOPLE = ("who", "second")
"""Variables that are a person, or nobody."""


def language_of(text: str) -> str:
    """Guess the language to answer in: Chinese when any Han character is in the text."""
    return "zh" if any("\u3400" <= char <= "\u9fff" for char in text) else "en"


def telephone(number: str) -> str:
    """Return the one form under which a telephone number is kept."""
    return numbers.number(number).address


def limit(file: File) -> datetime | None:
    """Return until when somebody must answer for the ticket."""
    kinds = (ClockKind.RESPOND, ClockKind.ANSWER)
    return min((c.due_at for c in file.clocks if c.stopped_at is None and c.kind in kinds), default=None)


def sign(files: Files, language: str) -> str:
    """Return the signature with which a text begins; mainland carriers want it in these brackets."""
    name = files.standing.sign(language)
    return f"【{name}】" if language == "zh" else f"{LATIN_OPEN}{name}{LATIN_CLOSE}"


def about(files: Files, ticket: Ticket, language: str) -> dict[str, str]:
    """Return the variables that every text about a ticket may use."""
    until = limit(files.by_id[ticket.id])
    return {
        "number": str(ticket.number),
        "level": wording.label(ticket.kind, ticket.level, language),
        "site": ticket.site,
        "symptom": ticket.title.replace(ticket.site, "", 1).strip() or ticket.title,
        "until": until.isoformat() if until else "",
        "next": wording.next_step(ticket.level, language),
        "who": ticket.owner or "",
    }


def nobody(language: str) -> str:
    """Say that there is no such person."""
    return "无人" if language == "zh" else "nobody"


def filled(files: Files, ticket: Ticket | None, language: str, given: Mapping[str, str]) -> dict[str, str]:
    """Put a ticket's own variables under those of an effect, and all of them into what people read."""
    base = about(files, ticket, language) if ticket else {}
    both = {**base, **given}
    for name in PEOPLE:
        if name in both:
            both[name] = files.scene.name(both[name]) or nobody(language)
    place = wording.Place(language=language, zone=files.scene.settings.zone, now=files.tx.now)
    return {**wording.readable(both, place), "sign": sign(files, language)}


def subject(ticket: Ticket | None, language: str) -> str:
    """Return the subject of a mail about a ticket."""
    number = str(ticket.number) if ticket else ""
    return wording.say("mail_subject", language, number=number, title=ticket.title if ticket else "")


def render(template: str, language: str, variables: Mapping[str, str], *, short: bool) -> str:
    """Render; a text for a phone is cut to one SMS segment at its longest free part."""
    if short:
        return wording.fit(template, language, **variables)
    return wording.say(template, language, **variables)


def doubted(ticket: Ticket, language: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Put the doubt about a fault's level among the variables of a page, and into the level itself: P1?P2."""
    if not ticket.doubt or not ticket.level:
        return dict(variables)
    mark = "？" if language == "zh" else "?"
    other = wording.level_word(ticket.doubt)
    return {**variables, "level": f"{variables['level']}{mark}{other}", "n": str(ticket.doubt)}


def with_doubt(text: str, variables: Mapping[str, str], language: str, *, short: bool) -> str:
    """Say in a page, where it has room, that the level is in doubt and how one reply corrects it."""
    if "n" not in variables:
        return text
    return wording.with_remark(text, wording.say("page_doubt", language, **variables), short=short)


def remarked(text: str, remark: str, variables: Mapping[str, str], *, language: str, short: bool) -> str:
    """Add what a template says to a text, where that has room for it; without a template nothing."""
    return wording.with_remark(text, wording.say(remark, language, **variables), short=short) if remark else text


def waiting_words(files: Iterable[File], language: str) -> str:
    """Count what waits by level, the worst first."""
    counts = Counter(wording.label(file.ticket.kind, file.ticket.level, language) for file in files)
    return wording.per_level(counts, language)
