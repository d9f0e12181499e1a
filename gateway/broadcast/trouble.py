"""Takes the word of a recipient that the upgrade went wrong: it comes in like any message, and counts at the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from channels.contract import Inbound
from gateway.app import House
from gateway.post import short_id
from store import landing
from store.landing import Found, Trouble
from store.windows import PAGED

AGAIN: Final = timedelta(minutes=10)
"""The same words within this time are a second press and no second report."""
MOST: Final = 50
"""Reports of one recipient; a group of many people may share one page."""
NOWHERE: Final = "page:main"
"""Where a report is kept whose recipient has no channel: a person sees it, and nobody can be answered there."""
LONG: Final = 1_000
SHORT: Final = 100
SAYS: Final = {
    "zh": ("升级出问题了：{about}，{what}", "设备或站点：{where}", "回电：{phone}", "没有写具体情况", "。"),
    "en": (
        "The upgrade went wrong: {about}, {what}",
        "Device or site: {where}",
        "Call back: {phone}",
        "no details",
        ". ",
    ),
}
"""What is judged; the rule that calls it a fault (`router/default_rules.yaml`) knows its beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What somebody wrote into the form; all of it may be empty."""

    what: str = field(default="", repr=False)
    where: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


def report_of(form: Mapping[str, object]) -> Report:
    """Read the form; what is too long is cut."""
    given = {name: " ".join(str(form.get(name, "")).split()) for name in ("what", "where", "phone")}
    return Report(what=given["what"][:LONG], where=given["where"][:SHORT], phone=given["phone"][:SHORT])


def words(found: Found, report: Report, language: str) -> str:
    """Say it in one text, which begins the same for every report of a package."""
    first, where, phone, nothing, end = SAYS[language]
    package = found.package
    about = f"{package.name} {package.version}".strip() if package else found.broadcast.title
    said = [first.format(about=about, what=report.what.rstrip("。. ") or nothing)]
    said += [where.format(where=report.where)] if report.where else []
    said += [phone.format(phone=report.phone)] if report.phone else []
    return f"{end.join(said)}{end}".strip()


async def reported(house: House, found: Found, text: str) -> bool:
    """Let it come in, and note it; False when this recipient has reported too often already."""
    channel = found.recipient.channel or NOWHERE
    while True:
        before = _before(house, found, channel)
        message = placed(found, text, before, now=house.clock.now())
        if message is None:
            return False
        (ident,) = await house.intake.accept(channel, [message])
        stored = before.get(message.key)
        if ident is not None or (stored and stored[0] == text):
            break  # else somebody else's words took the key meanwhile: these come under the next one
    trouble = Trouble(recipient_id=found.recipient.id, message_id=ident, text=text)
    await house.writer.do(landing.troubled, trouble)
    return True


def _before(house: House, found: Found, channel: str) -> Mapping[str, tuple[str, datetime]]:
    keys = [key_of(found, number) for number in range(1, MOST + 1)]
    with house.database.read() as connection:
        return landing.reports(connection, channel, keys)


def key_of(found: Found, number: int) -> str:
    """Return the key of the n-th report of a recipient."""
    return f"{PAGED}{short_id(found.recipient.id)}-{number}"


def placed(found: Found, text: str, before: Mapping[str, tuple[str, datetime]], *, now: datetime) -> Inbound | None:
    """Return the report as a message of the recipient; None beyond the most.

    The same words pressed again are the same message. Others answer those before, so that they join their matter.
    """
    lately = [key for key, (said, at) in before.items() if said == text and now - at < AGAIN]
    number = len(before) + 1
    if not lately and number > MOST:
        return None
    one = found.recipient
    others = [key for key in before if key not in lately]
    earlier = tuple(sorted(others, key=lambda key: before[key][1], reverse=True))
    address = one.address or one.who
    return Inbound(
        key=lately[0] if lately else key_of(found, number),
        sender=address,
        sender_name=one.name,
        text=text,
        raw=text.encode(),
        references=earlier,
        group=address if one.group else None,
        group_name=one.name if one.group else "",
        named=one.group,
    )
