"""A mail of ours came back: it failed, and an address that will not take the next one either is left alone."""

from __future__ import annotations

from channels.contract import Bounced
from gateway.broadcast.suppressing import Against, leave_alone
from gateway.failing import note
from gateway.files import Files
from store import outbox
from store.model import EventKind, Message, MessageState, SuppressionKind

FAILED = "the mail bounced"
GONE = "the mail bounced: there is no such mailbox"
LATE = "the mail is delayed: its server still tries"


def came_back(files: Files, message: Message) -> None:
    """Mark the mails that a report is about; one that is still being tried has not failed and is only noted."""
    said = (message.variables or {}).get("bounce", "")
    for key in message.answers:
        ours = outbox.find(files.tx.connection, message.channel, key=key, provider_id=None)
        if ours is None:
            continue
        if said == Bounced.DELAYED:
            note(files, ours, EventKind.RECEIPT, LATE)
            continue
        why = GONE if said == Bounced.HARD else FAILED
        if outbox.progress(files.tx, ours, MessageState.FAILED, why):
            note(files, ours, EventKind.FAILED, why)
        if said == Bounced.HARD:
            method = files.standing.ways.method(ours.channel)
            against = Against(method=method, address=ours.recipient, kind=SuppressionKind.BOUNCED, why=GONE)
            leave_alone(files.tx, [against])
