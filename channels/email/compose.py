"""An Outgoing as the bytes of a mail (RFC 5322), and the addresses that a machine must never write to."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime
from typing import Final

from channels.contract import GiveUp, Outgoing
from channels.email.config import Account


class _Whole(UnstructuredHeader):
    """A field on one line: the library would write a long address as encoded words, which no mail program follows."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        """Write it as it is."""
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]  # the registry adds the base
    return SMTP.clone(cte_type="7bit", header_factory=registry)


_POLICY: Final = _policy()
_TO = re.compile(r"^[!-~]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$")
_FORBIDDEN = re.compile(r'[\s<>",;:()\[\]\\]')
_ID = re.compile(r"^<[^<>\s]{1,900}>")
_MACHINE = re.compile(
    r"^(?:mailer[-_.]?daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|not?[-_.]?responder|bounces?|nobody|null|"
    r"listserv|majordomo|.{0,60}-(?:bounces?|owner|request|noreply|no-reply)|owner-.{0,60})(?:[+=].{0,60})?$",
    re.IGNORECASE,
)
"""Local parts behind which nobody reads; answering them makes loops."""
_HTTPS = re.compile(r"https://[!-;=?-~]{1,900}")
REFERENCES: Final = 30
"""Message-IDs in one References field."""


def message_id(key: str, domain: str) -> str:
    """Our Message-ID of an Outgoing, the same at every attempt."""
    return f"<yizhan.{key}@{domain}>"


def recipient(outgoing: Outgoing, account: Account) -> str:
    """The address it goes to; raises GiveUp for one that is wrong, ours, or a machine's."""
    to = outgoing.to.strip()
    if not to or to == "<>":
        raise GiveUp("there is no address; an empty sender is a machine (RFC 5321 4.5.5)")
    local, _, domain = to.rpartition("@")
    if not _TO.match(to) or _FORBIDDEN.search(to) or ".." in to:
        raise GiveUp("not a mail address")
    if to.lower() in (account.address, *account.also_ours):
        raise GiveUp("the address is our own; answering it would never end")
    if _MACHINE.match(local):
        raise GiveUp("nobody reads mail to this address (mailer-daemon, no-reply or a list)")
    return f"{local}@{domain.lower()}"


def compose(outgoing: Outgoing, account: Account, *, now: datetime) -> bytes:
    """The whole message, headers and text, with CRLF line ends."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(display_name=_line(account.name), addr_spec=account.address)
    mail["To"] = recipient(outgoing, account)
    mail["Subject"] = _line(outgoing.subject or "")
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(outgoing.key, account.our_domain)
    for name, value in _thread(outgoing):
        mail[name] = value
    for name, value in (*_by_machine(outgoing), *_for_many(outgoing)):
        mail[name] = value
    text = outgoing.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    mail.set_content(text.encode("utf-8", "replace").decode(), charset="utf-8")
    return mail.as_bytes()


def _thread(outgoing: Outgoing) -> list[tuple[str, str]]:
    """In-Reply-To and References; keys that are no Message-IDs are left out (RFC 5322 3.6.4: oldest first)."""
    answered = _ID.match(outgoing.in_reply_to or "")
    older = [found[0] for each in reversed(outgoing.references) if (found := _ID.match(each))]
    nearest = [answered[0]] if answered else []
    known = list(dict.fromkeys([*(each for each in older if each not in nearest), *nearest]))[-REFERENCES:]
    fields = [("In-Reply-To", nearest[0])] if nearest else []
    return fields + ([("References", " ".join(known))] if known else [])


def _by_machine(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Say that a machine wrote it (RFC 3834 5); of a text for many the reports of what failed are still wanted."""
    automatic = [("Auto-Submitted", "auto-replied" if outgoing.in_reply_to else "auto-generated")]
    if outgoing.unsubscribe:
        return [*(automatic if outgoing.automatic else ()), ("X-Auto-Response-Suppress", "OOF, AutoReply")]
    return [*automatic, ("X-Auto-Response-Suppress", "All")] if outgoing.automatic else []


def _for_many(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Let a mail program offer the one click (RFC 8058 3.1: https only), and absent people not answer."""
    if not outgoing.unsubscribe:
        return []
    if not _HTTPS.fullmatch(outgoing.unsubscribe):
        return [("Precedence", "bulk")]
    return [
        ("List-Unsubscribe", f"<{outgoing.unsubscribe}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    ]


def _line(text: str) -> str:
    """One line without what could begin another header."""
    return " ".join(re.sub(r"[\0-\x1f\x7f\u2028\u2029\x85]+", " ", text).encode("utf-8", "replace").decode().split())[
        :900
    ]
