"""A mail as bytes to what it says: `Mail`, and from it the `Inbound` of the contract.

Raises TooMuch beyond the limits, and nothing else whatever the bytes are. It reads no clock, no network and no file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from channels.contract import Attachment, Automatic, Inbound
from channels.email import body
from channels.email.automatic import automatic
from channels.email.bounces import Bounce, bounce
from channels.email.errors import TooMuch
from channels.email.headers import Fields, Mailbox, first, ids, mailboxes, moment, words
from channels.email.quotes import new_text
from channels.email.structure import Limits, Part, read

__all__ = ["OURS", "Limits", "Mail", "TooMuch", "describe", "key_of", "our_keys", "parse", "to_inbound"]

OURS: Final = re.compile(r"<yizhan\.([A-Za-z0-9-]{1,200})@([^<>\s@]+)>")
"""The Message-ID of a mail that we sent: the key of the Outgoing and our domain."""
KEY: Final = 250
"""Bytes of a Message-ID that may be a key; a longer one is replaced by a digest."""
ADDRESS: Final = 320
"""Characters of the longest address (RFC 3696 erratum 1690 and the display of internationalised ones)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """Everything that is read of one mail."""

    message_id: str | None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """As in the header: oldest first."""
    from_: str = ""
    from_name: str = ""
    reply_to: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str | None = None
    sent_at: datetime | None = None
    text: str = field(repr=False, default="")
    """The whole text, quotes and signature included."""
    reply: str = field(repr=False, default="")
    """What is new in it."""
    automatic: Automatic | None = None
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None


def parse(raw: bytes, limits: Limits | None = None) -> Mail:
    """Read one mail; raises TooMuch."""
    root = read(raw, limits or Limits())
    found, hint = root.fields, _charset(root)
    subject = words(first(found, "subject"), hint)
    text = body.text(root, hint).strip("\n")
    sender = _sender(found, hint)
    to, cc = _addresses(found, "to", hint), _addresses(found, "cc", hint)
    report, kind = _machine(root, sender, subject, text, to)
    reply_to = _addresses(found, "reply-to", hint)
    return Mail(
        message_id=next(iter(ids(first(found, "message-id"))), None),
        in_reply_to=tuple(ids(first(found, "in-reply-to"))),
        references=tuple(ids(first(found, "references"))),
        from_=sender.address,
        from_name=sender.name,
        reply_to=reply_to[0] if reply_to and reply_to[0] != sender.address else None,
        to=to,
        cc=cc,
        subject=subject if "subject" in found else None,
        sent_at=moment(first(found, "date")),
        text=text,
        reply=new_text(text, subject),
        automatic=kind,
        attachments=body.attachments(root, hint),
        bounce=report,
    )


def to_inbound(mail: Mail, raw: bytes, *, our_domain: str) -> Inbound:
    """The mail as the gateway takes it: our own Message-IDs become `answers`, others `references`, nearest first."""
    near = list(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))
    bounced = mail.bounce.original_id if mail.bounce else None
    answers = our_keys([bounced, *near] if bounced else near, our_domain)
    return Inbound(
        key=key_of(mail, raw),
        sender=mail.from_[:ADDRESS],
        text=mail.reply,
        raw=raw,
        whole=mail.text if mail.text.strip() != mail.reply else None,
        sender_name=mail.from_name[:ADDRESS],
        reply_to=mail.reply_to,
        subject=mail.subject,
        sent_at=mail.sent_at,
        references=tuple(each for each in near if not our_keys([each], our_domain)),
        answers=answers,
        automatic=mail.automatic,
        attachments=mail.attachments,
        bounce=mail.bounce.means if mail.bounce else None,
    )


def key_of(mail: Mail, raw: bytes) -> str:
    """The Message-ID, or a digest of the bytes where there is none that can serve."""
    found = mail.message_id
    return found if found and len(found.encode()) <= KEY else digest_key(raw)


def digest_key(raw: bytes) -> str:
    """The key of bytes that have no usable Message-ID."""
    return f"sha256:{sha256(raw).hexdigest()}"


def our_keys(found: Sequence[str], our_domain: str) -> tuple[str, ...]:
    """The keys of our own Outgoings among these Message-IDs, each once."""
    matches = (OURS.fullmatch(each) for each in found)
    return tuple(dict.fromkeys(m[1] for m in matches if m and m[2].lower() == our_domain.lower()))


def describe(raw: bytes, file: str, limits: Limits | None = None) -> dict[str, Any]:
    """The mail as one JSON object of `yizhan parse-mail`; raises TooMuch."""
    mail = parse(raw, limits)
    return {
        "file": file,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to[0] if mail.in_reply_to else None,
        "references": list(mail.references),
        "from": mail.from_ or None,
        "to": list(mail.to),
        "subject": mail.subject,
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "text": mail.text,
        "reply": mail.reply,
        "automatic": mail.automatic.value if mail.automatic else None,
        "attachments": [
            {"name": each.name or None, "type": each.type, "size": each.size, "sha256": each.sha256}
            for each in mail.attachments
        ],
    }


def _charset(root: Part) -> str | None:
    """The charset that the first text part claims: what raw letters in the header are likely to be in."""
    return next((part.label for part in root.walk() if part.label and part.type.startswith("text/")), None)


def _sender(found: Fields, hint: str | None) -> Mailbox:
    for name in ("from", "sender", "reply-to"):
        boxes = mailboxes(first(found, name), hint)
        if boxes:
            return boxes[0]
    return Mailbox(address="", name=words(first(found, "from"), hint))


def _addresses(found: Fields, name: str, hint: str | None) -> tuple[str, ...]:
    return tuple(box.address for value in found.get(name, ()) for box in mailboxes(value, hint))


def _machine(
    root: Part, sender: Mailbox, subject: str, text: str, to: tuple[str, ...]
) -> tuple[Bounce | None, Automatic | None]:
    paths = root.fields.get("return-path")
    empty_path = bool(paths) and paths[0].strip() == "<>" if paths else False
    kind = automatic(root.fields, subject=subject, empty_path=empty_path)
    vacation = kind is Automatic.AUTO_REPLY and not root.type.startswith("multipart/report")
    report = bounce(
        root,
        sender=sender.address,
        name=sender.name,
        subject=subject,
        text=text,
        empty_path=empty_path and not vacation,
        ours=to,
    )
    return report, Automatic.BOUNCE if report else kind
