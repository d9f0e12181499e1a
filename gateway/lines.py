"""Short lines of one person in a chat: those within a minute are judged as one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.files import Files
from router.linking import code_in
from store import judging
from store.model import Event, EventKind, Message
from store.windows import of_page

SPAN = timedelta(minutes=1)
"""Between the first line and the last (the product's design: several short lines within a minute are one message)."""
MOST = 5
"""Lines that are looked back at."""
SHOWN = 500
"""Characters of a line that the history repeats."""


class Lines:
    """What the people of a batch said just before; it grows while the batch is judged."""

    def __init__(self, files: Files, messages: Sequence[Message]) -> None:
        self._files = files
        self._before: dict[int, list[Message]] = {}
        chats = [m for m in messages if self._chats(m)]
        for at, message in enumerate(chats):
            stored = files.work.load(Message, judging.lines_before(files.tx.connection, message, SPAN, MOST))
            same = [one for one in chats[:at] if _one_voice(one, message) and message.at - one.at <= SPAN]
            lines = {one.id: one for one in (*stored, *same)}
            if lines:
                self._before[message.id] = [lines[ident] for ident in sorted(lines)][-MOST:]

    def _chats(self, message: Message) -> bool:
        can = self._files.standing.ways.can.get(message.channel)
        return bool(can and can.chats and not message.automatic and not of_page(message.key))

    def before(self, message: Message) -> list[Message]:
        """Return the lines that this one goes on from: those that belong to no matter and are no code."""
        return [one for one in self._before.get(message.id, ()) if one.ticket_id is None and code_in(one.text) is None]

    def together(self, message: Message) -> str:
        """Return the words to judge; the stored text stays what was said."""
        return "\n".join([*(one.text for one in self.before(message)), message.text])

    def join(self, lines: Sequence[Message], ticket_id: int | None) -> None:
        """Put the earlier lines to the matter that the last one belongs to."""
        for one in lines if ticket_id is not None else ():
            self._files.work.change(one, ticket_id=ticket_id)
            event = Event(
                id=self._files.work.id(),
                at=self._files.tx.now,
                kind=EventKind.JOINED,
                ticket_id=ticket_id,
                message_id=one.id,
                actor="customer",
                text=one.text[:SHOWN],
            )
            self._files.work.add(event)


def _one_voice(one: Message, other: Message) -> bool:
    return (one.channel, one.group, one.sender) == (other.channel, other.group, other.sender)
