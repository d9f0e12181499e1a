"""One row of a call log as every reader gives it, and what rows have in common; pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from channels.powers import NotTaken

INCOMING: Final = "in"
OUTGOING: Final = "out"
FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日 %H时%M分",
    "%Y.%m.%d %H:%M:%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M%S",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One row: a call or a part of one."""

    line: int
    caller: str
    """As the log writes it; "" when it is withheld."""
    callee: str
    started: datetime
    """Aware UTC."""
    answered: bool
    """A person talked to the caller; a switchboard that picks up is none."""
    ident: str = ""
    """What all rows of one call share, and no row of another."""
    talked: int | None = None
    """Seconds."""
    waited: int | None = None
    name: str = ""
    agent: str = ""
    note: str = ""
    why: str = "未接通"
    """What became of it when nobody answered."""
    direction: str = ""
    """"in", "out", or "" where the log does not say."""
    origin: str = ""
    """Whose line the call came by: an extension when one of the house dialled."""
    raw: str = field(default="", repr=False)


Rows = Iterator[Leg | NotTaken]


def decoded(content: bytes) -> str:
    """The text of a log or table: UTF-16 and UTF-8 by their mark, else UTF-8, else GB18030 as in China.

    A log may mix encodings, since trunks send names in whatever bytes they like; what is neither shows as U+FFFD.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8-sig", "replace")


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A time of the log in UTC; one without a zone is in `zone`; None for what is no time."""
    bare = text.strip()
    if bare.isascii() and bare.isdigit() and len(bare) in (10, 13, 16):
        return epoch(bare)
    for form in FORMATS:
        try:
            return datetime.strptime(bare, form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(bare) if "T" in bare else None
    except ValueError:
        return None
    if found is None:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def epoch(digits: str) -> datetime | None:
    """Seconds, milliseconds or microseconds since 1970, told apart by their length; None for zero and nonsense."""
    if not (digits.isascii() and digits.isdigit()) or int(digits) == 0 or len(digits) > 16:
        return None
    seconds = int(digits) / 10 ** (max(len(digits) - 10, 0))
    return datetime.fromtimestamp(seconds, UTC)


def whole(text: str) -> int | None:
    """Seconds as digits, a fraction cut off; None for anything else."""
    head = text.strip().partition(".")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 9 else None
