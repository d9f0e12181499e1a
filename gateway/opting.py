"""Hears a customer who wants no more texts for many by SMS, or wants them again: it is no matter and rings nobody.

Nothing is answered: where a law wants an answer (Messaging Principles of the CTIA) the provider itself gives it, and
in China an answer to a refusal would be one more text.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway import customers
from gateway.broadcast.suppressing import OWNER, Against, allow_again, leave_alone
from gateway.files import Files
from gateway.gather import Known, address
from gateway.judged import Judged
from router import matter
from router.judge import Verdict
from router.opting import Opting, opting
from store import addressed
from store.model import OPEN_STATES, Kind, Message, SuppressionKind
from store.suppressions import suppressed

METHOD = "sms"
WHY: Mapping[Opting, str] = {
    Opting.OUT: "wants no more texts for many by SMS",
    Opting.AGAIN: "wants texts for many by SMS again",
}


def hear(files: Files, known: Known, message: Message) -> Judged | None:
    """Take such a word from a number that we know or wrote to for many; None for everything else."""
    wish = opting(message.text)
    if wish is None or not _by_text(files, message):
        return None
    files.work.flush()  # an earlier message of the batch may have made the contact
    pair = (METHOD, message.sender)
    if wish is Opting.OUT:
        if not (known.contacts.get(address(files, message)) or addressed.written_to(files.tx.connection, pair[1])):
            return None
        kind, why = SuppressionKind.OPTED_OUT, f"wrote {message.text.strip()}"
        leave_alone(files.tx, [Against(method=METHOD, address=pair[1], kind=kind, why=why, by=OWNER)])
    elif not _wanted(files, known, message):
        return None
    else:
        allow_again(files.tx, pair, by=OWNER, why=f"wrote {message.text.strip()}")
    return _ignored(files, known, message, WHY[wish])


def _by_text(files: Files, message: Message) -> bool:
    can = files.standing.ways.can.get(message.channel)
    text = can is not None and can.sends and files.standing.ways.method(message.channel) == METHOD
    return text and not message.group and message.automatic is None


def _wanted(files: Files, known: Known, message: Message) -> bool:
    """Tell whether a word to begin again can mean that: something stands against the number, and no matter is open.

    "恢复" from somebody who reported a fault says that it works again.
    """
    pair = (METHOD, message.sender)
    own = known.own.get(known.contacts.get(address(files, message)) or 0, ())
    told = message.text.strip().isascii() or not any(ticket.state in OPEN_STATES for ticket in own)
    return told and pair in suppressed(files.tx.connection, [pair])


def _ignored(files: Files, known: Known, message: Message, why: str) -> Judged:
    """Show it among what opened nothing, with its reason."""
    customers.ignore(files, known, message, matter.Ignore(why=why))
    verdict = Verdict(kind=Kind.CHAT.value, level=None, confidence=1.0, reasons=("one word alone",))
    customers.mark(files, message, verdict, None, why)
    files.work.change(message, contact_id=known.contacts.get(address(files, message)))
    return Judged(message_id=message.id)
