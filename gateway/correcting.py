"""Keeps what a person said of a judgement, with the words that were judged, so that it can be learned from."""

from __future__ import annotations

from gateway.files import File, Files
from router.effects import Correct
from store import corrections
from store.model import Correction, Message


def keep(files: Files, file: File, effect: Correct) -> None:
    """Write down a correction of the message behind a ticket; nobody can learn from a ticket that no message opened."""
    files.work.flush()
    found = corrections.judged(files.tx.connection, file.ticket.id)
    if found is not None:
        message, words = found
        write(files, message, effect, ticket_id=file.ticket.id, words=words)


def write(files: Files, message: Message, effect: Correct, *, ticket_id: int, words: str) -> None:
    """Write down what a message was, and what it had been taken for."""
    files.work.add(
        Correction(
            id=files.work.id(),
            message_id=message.id,
            ticket_id=ticket_id,
            at=files.tx.now,
            by=effect.by,
            kind_before=effect.kind_before,
            kind_after=effect.kind_after,
            level_before=effect.level_before,
            level_after=effect.level_after,
            channel=message.channel,
            subject=message.subject,
            text=words,
            automatic=message.automatic,
        )
    )
