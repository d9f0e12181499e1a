"""Reports that a mail of ours did not arrive: whom it did not reach, and which mail it was (RFC 3464, RFC 3798).

Many servers report in plain words; those are recognised by who writes and by the shape of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from channels.contract import Bounced
from channels.email.charsets import decode
from channels.email.headers import Fields, fields, first, ids
from channels.email.structure import Part

REPORT: Final = 100_000
"""Characters of a report that are looked at."""
MACHINES: Final = re.compile(
    r"^(?:mailer[-_.]?daemon|postmaster|mail[-_.]?delivery|mdaemon|bounces?|mail\.delivery\.system)\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"mail delivery|delivery (?:sub)?system|mailer[- ]daemon|mail administrator|系统退信|邮件系统|postmaster",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|undelivered|non[- ]?deliver|not deliverable|returned mail|failure notice|"
    r"mail(?: system)? (?:delivery )?(?:failed|failure|problem|warning|error)|"
    r"delivery (?:status|failure|failed|problem|has failed|notification|report|unsuccessful|error|"
    r"delayed)|could not (?:be delivered|send)|"
    r"delayed mail|message (?:delayed|delivery failure|undeliverable)|rejected mail|mail rejected|"
    r"returning message|processing error|"
    r"non remis|退信|无法投递|投递失败|无法送达|未送达|投递延迟|发送失败",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"could not be delivered|couldn't be delivered|was not delivered|did not reach|unable to deliver|"
    r"undeliverable|delivery (?:to|of).{0,60}(?:failed|postponed|aborted)|"
    r"wasn't able to deliver|has been returned|permanent (?:fatal )?error|following address(?:es|"
    r"\(es\))? (?:failed|had)|delivery problems|user unknown|unknown user|"
    r"mailbox (?:is )?full|user's mailbox|mail delivery|delivery failed|invalid final delivery|"
    r"has been delayed|have not been delivered|rejected|returned message|"
    r"无法投递|退回|未能送达|投递失败|不存在",
    re.IGNORECASE | re.DOTALL,
)
_RETURNED = re.compile(
    r"(?im)^.{0,12}(?:[-=*]{2,}+.{0,40}(?:original message|returned m|copy of the message|"
    r"message header|headers? of the original|below this line|unsent message)|"
    r"(?:original message follows|a copy of the original message|message headers follow|"
    r"here is a copy|included is a copy|your message reads|"
    r"the first \d+ lines of your|a summary of the undelivered|returned message)).*$"
)
"""A ruled line is taken whole (`+`): to try each of its lengths as well took a second for a few long ones."""
_LATER = re.compile(
    r"delayed|postponed|still being retried|will (?:be retried|continue to try|keep trying)|"
    r"warning (?:message )?only|advisory-only|temporar(?:y|ily) fail",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SAID = re.compile(r"(?<![\d.])5\d\d[ -]#?(5\.\d{1,3}\.\d{1,3})(?![\d.])")
"""In words: an answer of the server with both of its codes, such as "550 5.1.1" (RFC 2034)."""
_GONE = re.compile(r"5\.(?:0\.\d+|1\.(?!7$|8$)\d+|2\.[01]|4\.4)")
"""Of the address (RFC 3463, RFC 7505): unknown, moved, switched off, or a domain without a way to it.

Not 5.1.7 and 5.1.8, which speak of the sender, nor what speaks of a full mailbox, the network, the text or a policy.
"""
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{0,80}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_X400 = re.compile(r"SMTP=([^\s;]+@[^\s;]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """What a report says; addresses as the server writes them."""

    permanent: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    final: tuple[str, ...] = ()
    """The addresses at the far end, which differ after forwarding; the ones above are those we wrote to where told."""
    original_id: str | None = None
    """Message-ID of the mail that did not arrive."""
    statuses: tuple[str, ...] = ()
    """Of the addresses that failed, as 5.1.1 (RFC 3463)."""

    @property
    def means(self) -> Bounced:
        """What it says of the address: hard only where each status says so."""
        if self.temporary and not self.permanent:
            return Bounced.DELAYED
        gone = bool(self.statuses) and all(_GONE.fullmatch(status) for status in self.statuses)
        return Bounced.HARD if gone else Bounced.SOFT


def bounce(
    root: Part, *, sender: str, name: str, subject: str, text: str, empty_path: bool, ours: tuple[str, ...]
) -> Bounce | None:
    """The report in this message, or None when it is none; `ours` are the addresses it came to."""
    parts = list(root.walk())
    reports = [part for part in parts if part.type in ("message/delivery-status", "message/disposition-notification")]
    if not (_structured(root, reports, subject) or _worded(sender, name, subject, text, empty_path=empty_path)):
        return None
    permanent, temporary = _recipients(reports)
    final = _finals(reports)
    if not (permanent or temporary):
        found = _mentioned(text, subject, ours)
        permanent, temporary = ((), found) if _LATER.search(subject + "\n" + _own_words(text)) else (found, ())
    return Bounce(
        permanent=permanent,
        temporary=temporary,
        final=final,
        original_id=_original(parts, reports, text),
        statuses=_statuses(reports) if reports else tuple(dict.fromkeys(_SAID.findall(_own_words(text)))),
    )


def _structured(root: Part, reports: list[Part], subject: str) -> bool:
    kind = root.parameters.get("report-type", "").lower()
    if kind == "disposition-notification":
        # Read receipts say displayed; only a refused mail failed (RFC 3798 3.2.6).
        return bool(re.search(r"reject|undeliver|退信", subject, re.IGNORECASE))
    return kind == "delivery-status" or any(part.type == "message/delivery-status" for part in reports)


def _worded(sender: str, name: str, subject: str, text: str, *, empty_path: bool) -> bool:
    machine = bool(MACHINES.match(sender)) or bool(_NAMED.search(name)) or empty_path
    words = _own_words(text)
    if machine:
        return bool(_SUBJECT.search(subject) or _BODY.search(words))
    return bool(_SUBJECT.search(subject)) and bool(
        re.search(
            r"^(?:your message|message you sent).{0,60}(?:not be delivered|not delivered)",
            words,
            re.IGNORECASE | re.MULTILINE,
        )
    )


def _own_words(text: str) -> str:
    text = text[:REPORT]
    match = _RETURNED.search(text)
    return text[: match.start()] if match else text


def _recipients(reports: list[Part]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    failed: list[str] = []
    delayed: list[str] = []
    for group in _groups(reports):
        found = _address(group, "original-recipient") or _address(group, "final-recipient")
        action = first(group, "action").lower()
        if found is None or action.startswith(("delivered", "relayed", "expanded")):
            continue
        into = delayed if action.startswith("delayed") else failed
        if found not in into:
            into.append(found)
    return tuple(failed), tuple(delayed)


def _statuses(reports: list[Part]) -> tuple[str, ...]:
    """The status of each address that failed; that of a relay which says more than the report itself comes first."""
    found: dict[str, None] = {}
    for group in _groups(reports):
        if first(group, "action").lower().startswith("failed"):
            own = _STATUS.search(first(group, "status"))
            said = _SAID.search(first(group, "diagnostic-code")) if own is None or own[1] == "5.0.0" else None
            found |= {match[1]: None for match in (said or own,) if match}
    return tuple(found)


def _finals(reports: list[Part]) -> tuple[str, ...]:
    found = (_address(group, "final-recipient") for group in _groups(reports))
    return tuple(dict.fromkeys(address for address in found if address))


def _address(group: Fields, name: str) -> str | None:
    value = first(group, name)
    match = _ADDRESS.search(value.partition(";")[2] or value)
    return match[0] if match else None


def _groups(reports: list[Part]) -> Iterator[Fields]:
    for report in reports:
        content = report.content()[:REPORT].replace(b"\r\n", b"\n")
        for block in content.strip(b"\n").split(b"\n\n"):
            yield fields(block)


def _mentioned(text: str, subject: str, ours: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses in the server's own words, without those of the mailbox it reports to."""
    words = f"{subject}\n{_own_words(text)}"
    found = _X400.findall(words) or _ADDRESS.findall(words) or _ADDRESS.findall(_to_line(text))
    seen: dict[str, str] = {}
    for address in found:
        if address.lower() not in ours and not MACHINES.match(address):
            seen.setdefault(address.lower(), address.rstrip("."))
    return tuple(seen.values())[:100]


def _to_line(text: str) -> str:
    match = re.search(r"(?im)^to:(.*)$", text[:REPORT])
    return match[1] if match else ""


def _original(parts: list[Part], reports: list[Part], text: str) -> str | None:
    for group in _groups(reports):
        if found := ids(first(group, "original-message-id")):
            return found[0]
    for part in parts:
        if part.type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            content = part.content()[:REPORT].lstrip(b"\r\n").replace(b"\r\n", b"\n")
            if found := ids(first(fields(content.partition(b"\n\n")[0]), "message-id")):
                return found[0]
    match = re.search(r"(?im)^\s*message-id:\s*(<[^<>\s]+>)", text[:REPORT])
    return decode(match[1].encode("utf-8", "replace")) if match else None
