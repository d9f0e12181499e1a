"""A message as the rules read it: in plain form, without what was quoted, and with the few facts around it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.alerts import Alert
from router.plain import plain
from router.words import Searched

_LONGEST = 2500
_QUOTED_LINE = re.compile(r"^\s*[>＞].*$", re.MULTILINE)
_QUOTE_STARTS = re.compile(
    r"^.{0,80}(?:写道|寫道|wrote)\s*[:：]\s*$"
    r"|^[-—_\s]*(?:原始[邮郵]件|转发的邮件|轉寄|original message|forwarded message)[-—_\s]*(?:[:：].*)?$"
    r"|^\s*(?:发件人|發件人|寄件者|from)\s*[:：].*\n\s*(?:发送时间|發送時間|日期|时间|時間|sent|date|收件人|to|主题|主旨|subject)\s*[:：]",
    re.MULTILINE | re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^--\s*$|confidentiality notice|this e-?mail (?:and|message)|本邮件及附件仅供|为了地球|sent from my|发自我的",
    re.MULTILINE | re.IGNORECASE,
)
_REPLY = re.compile(r"^\s*(?:(?:re|回复|回覆|答复|答覆|fw|fwd|转发|轉寄)\s*[:：]\s*)+", re.IGNORECASE)
_FORWARD = re.compile(r"^\s*(?:fw|fwd|转发|转寄)\s*:")
_ANSWER = re.compile(r"^\s*(?:re|回复|回覆|答复|答覆)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who writes, and for whom; "" for what is not known."""

    address: str = ""
    name: str = ""
    customer: str = ""
    grade: str = ""
    contract: str = ""
    """`in force` or `ended`."""


NOBODY = Who()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What the rules look at. `length` counts the characters of subject and body as they were read."""

    channel: str
    automatic: str | None
    has_open: bool
    sender_known: bool
    length: int
    parts: Mapping[str, Searched] = field(repr=False)
    who: Who = NOBODY
    alert: Alert | None = None
    critical: tuple[str, ...] = ()
    """Systems that the site or the customer called critical."""

    def part(self, name: str) -> Searched:
        """The whole (`anywhere`), the `subject`, or 40 characters of the `start` or `end` of the body."""
        return self.parts[name]


def read(
    *,
    channel: str,
    subject: str | None,
    text: str,
    automatic: str | None = None,
    has_open: bool = False,
    sender_known: bool = True,
) -> Reading:
    """Prepare a message for the rules. The subject of an answer repeats an old matter: only its "re:" is read."""
    head = plain(subject or "")[:200]
    body = plain(unquoted(text, forwarded=_FORWARD.match(head) is not None)[:_LONGEST])
    head = "re: " if _ANSWER.match(head) and body else head
    whole = f"{head}\n{body}" if head else body
    parts = {"anywhere": whole, "subject": head, "start": body[:40], "end": body[-40:]}
    return Reading(
        channel=channel,
        automatic=automatic,
        has_open=has_open,
        sender_known=sender_known,
        length=len(whole),
        parts={name: Searched(part) for name, part in parts.items()},
    )


def unquoted(text: str, *, forwarded: bool = False) -> str:
    """What the writer says now: no quoted lines, no old mail, no footer. A text that is all quote stays as it is.

    Of something forwarded with hardly a word the quote is the matter.
    """
    least = 20 if forwarded else 2
    new = _QUOTED_LINE.sub("", text)
    for mark in (_QUOTE_STARTS, _FOOTER):
        found = mark.search(new)
        if found and len(new[: found.start()].strip()) >= least:
            new = new[: found.start()]
    return new if len(new.strip()) >= least else text


def without_prefix(subject: str) -> str:
    """A subject without "Re:", "转发:" and their like."""
    return _REPLY.sub("", subject).strip()
