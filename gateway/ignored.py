"""Opens a ticket for what was ignored, when a person says that it was a matter, and keeps what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway import customers
from gateway.correcting import write
from gateway.files import Files
from gateway.gather import Known, gather
from gateway.reading import Reading, about_of, read
from gateway.standing import Standing
from router.alerts import alert_in
from router.effects import Correct
from router.judge import LEVELS, Verdict
from router.matter import Open
from router.rules import Kind, Level
from store import corrections
from store.model import Message, MessageState
from store.writer import Tx, exclusive


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeUp:
    """One of the staff says what an ignored message was."""

    message_id: int
    by: str
    kind: Kind
    level: int | None = None
    """For a fault; 3 where nobody said it."""


class TakingUp:
    """The move of the page and of the API."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def take_up(self, tx: Tx, items: Sequence[TakeUp]) -> list[int | None]:
        """Open a ticket for each and return its number; None for what is not there or belongs to a ticket."""
        return [self._one(tx, item) for item in items]

    def _one(self, tx: Tx, item: TakeUp) -> int | None:
        message = corrections.by_id(tx.connection, item.message_id)
        if message is None or message.ticket_id is not None or message.state != MessageState.JUDGED:
            return None
        if "kind" not in (message.verdict or {}):
            return None  # one of the staff said it, or it was a code: nobody judged it
        files = Files(tx, self._standing)
        message = files.work.load(Message, [message.__dict__])[0]
        files.hearing = message.id
        number = opened(files, message, item)
        files.numbers.flush()
        files.work.flush()
        return number


def opened(files: Files, message: Message, item: TakeUp) -> int:
    """Open the ticket: its promises count from now, since nobody knew of it before; the verdict stays what it was."""
    found = about_of(files, message)
    known = gather(files, [message], [found.site or ""])
    reading = told(files, known, message, item)
    why = f"taken up by {files.scene.name(item.by)}"
    ticket_id = customers.open_new(files, known, message, reading, Open(why=why))
    files.work.change(message, ticket_id=ticket_id)
    files.heard(ticket_id, message.key)
    before = message.verdict
    effect = Correct(
        by=item.by,
        kind_before=before["kind"],
        kind_after=item.kind,
        level_before=before.get("level"),
        level_after=reading.verdict.level,
    )
    write(files, message, effect, ticket_id=ticket_id, words=message.text)
    return files.by_id[ticket_id].ticket.number


def told(files: Files, known: Known, message: Message, item: TakeUp) -> Reading:
    """Return the reading of a message with the kind and level that a person gave it."""
    level: Level | None = next((one for one in LEVELS if one == (item.level or 3)), None)
    verdict = Verdict(
        kind=item.kind,
        level=level if item.kind == "fault" else None,
        confidence=1.0,
        reasons=(f"{files.scene.name(item.by)} said so",),
    )
    alert = alert_in(message.subject, message.text, automatic=message.automatic == "bulk")
    reading = read(files, known, message, about_of(files, message))
    return replace(reading, verdict=verdict, alert=alert if item.kind == "fault" else None)
