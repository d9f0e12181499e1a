"""One demand on one person, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway import texts, wording
from gateway.files import File, Files
from gateway.post import Letter
from router.effects import Rung
from store import tickets
from store.model import EventKind, Lane, Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One demand about to be made: who, about which ticket, by which way."""

    file: File
    page: Page
    rung: Rung
    reach: tuple[str, str]
    """Destination and address."""
    foremost: File | None = None
    """The most urgent of a bundle, which the words name, when it is another ticket."""


def letter(files: Files, call: Call, template: str, **more: str) -> Letter:
    """Write the text of a page."""
    file, page, rung, reach = call.file, call.page, call.rung, call.reach
    person = files.scene.settings.people[rung.person]
    if rung.giver:
        more = {"who": rung.giver, **more}
    named = (call.foremost or file).ticket
    variables = texts.filled(files, named, person.language, more)
    if rung.by == "voice":
        variables["number"] = wording.spelled(named.number, person.language)
        variables["level"] = wording.spoken_label(named.kind, named.level, person.language)
    elif template == "page":
        template = words_for(files, call, variables)
        variables = texts.doubted(named, person.language, variables)
    text = texts.render(template, person.language, variables, short=rung.by == "sms")
    return Letter(
        destination=reach[0],
        recipient=reach[1],
        text=texts.with_doubt(text, variables, person.language, short=rung.by == "sms"),
        template=template,
        variables={**variables, "numbers": more.get("numbers", str(file.ticket.number))},
        language=person.language,
        lane=Lane.PAGE,
        kind=EventKind.PAGE,
        to=rung.person,
        ticket=file.ticket,
        page_id=page.id,
        subject=wording.say("mail_subject", person.language, number=str(file.ticket.number), title=file.ticket.title),
    )


def words_for(files: Files, call: Call, variables: Mapping[str, str]) -> str:
    """Choose the words of a page: handed over, the first, one more, or one without a limit."""
    can = files.standing.ways.can.get(call.reach[0])
    if can is not None and not can.replies:
        return "page_one_way"
    if call.rung.giver:
        return "transferred_ask"
    if not variables["until"]:
        return "page_no_limit"
    if call.page.asked_at == files.tx.now:
        return "page"
    return "page_again" if tickets.reached(files.tx.connection, [call.page.id]) else "page"
