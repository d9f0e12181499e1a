"""A pasted conversation read into what each person said; pure: today is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final

from channels.contract import Inbound, Malformed
from channels.wechat.paste import lines
from channels.wechat.paste.lines import Said
from channels.wechat.paste.moments import Moment

NOBODY: Final = (
    "no line names who spoke; expected lines such as “张三 10:32” with the text below,"
    " “[10:32] 张三: text” or “张三：text”"
)
NOTHING: Final = re.compile(
    r"\[(?:表情|动画表情|自定义表情|Sticker|Animated Stickers?|Emoji|Custom Sticker)\]", re.IGNORECASE
)
"""Stands for a picture that says nothing; [图片], [文件] and the like are kept, since they do."""
_QUOTED_BELOW: Final = re.compile(r"(?:引用|回复|Quote|Reply to)\s?.{1,40}?[:：].*", re.IGNORECASE)


@dataclass(kw_only=True, slots=True)
class _Turn:
    """One message as it stands in the paste."""

    name: str
    at: datetime | None
    day: date
    text: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


def conversation(text: str, *, group: str, today: datetime, ours: frozenset[str] = frozenset()) -> list[Inbound]:
    """What each person said, in the order in which they first spoke; several messages of one are joined by newline.

    `today` is now in the zone of the clients, for "昨天" and for lines without a date; `ours` are normalised names
    whose lines become nothing. Raises Malformed naming what is missing: the group, a text, or somebody's name.
    """
    named = " ".join(group.split())
    if not named:
        raise Malformed("group", "missing: say in which group this was written")
    if not text.strip():
        raise Malformed("paste", "empty")
    before, turns = _turns(text, today)
    if not turns:
        raise Malformed("paste", NOBODY)
    people: dict[str, list[_Turn]] = {}
    for turn in turns:
        if normal(turn.name) not in ours:
            people.setdefault(normal(turn.name), []).append(turn)
    found = [_inbound(person, said, group=named) for person, said in people.items()]
    inbounds = [one for one in found if one is not None]
    return _with_what_came_before(inbounds, before)


def normal(name: str) -> str:
    """A name or a group so that the same one, written or copied differently, is the same: width, case and space."""
    return " ".join(unicodedata.normalize("NFKC", lines.plain(name)).casefold().split())


def _turns(text: str, today: datetime) -> tuple[list[str], list[_Turn]]:
    """The messages, and what stands before the first name and so belongs to nobody."""
    before: list[str] = []
    turns: list[_Turn] = []
    above = Moment()
    for raw, line, said in _named(text, today):
        moment = None if said else lines.heading(line, today.date())
        if said is not None:
            turns.append(_turn(said, raw, today, above))
        elif moment is not None:
            above = Moment(day=moment.day or (None if moment.clock else above.day), clock=moment.clock)
        elif not lines.remark(line):
            (turns[-1].text if turns else before).append(line)
            if turns:
                turns[-1].raw.append(raw)
    return before, turns


def _turn(said: Said, raw: str, today: datetime, above: Moment) -> _Turn:
    """A message with its time, or else that of the heading above it."""
    at = (said.when if said.when.clock else above).at(today, above.day)
    own = at.date() if at else (said.when.day or above.day or today.date())
    return _Turn(name=said.name, at=at, day=own, text=[said.text] if said.text else [], raw=[raw])


def _named(text: str, today: datetime) -> Iterator[tuple[str, str, Said | None]]:
    """Each line as it came and tidied, with who speaks if it names somebody; what stands in a quote names nobody."""
    rows = [(raw, lines.plain(raw)) for raw in text.splitlines()]
    stamped = [lines.timed(line, today.date()) for _, line in rows]
    by_time = _by_time(stamped, [lines.inline(line) for _, line in rows])
    inside = lines.quoted([line for _, line in rows], ends=[said is not None for said in stamped])
    for n, ((raw, line), said) in enumerate(zip(rows, stamped, strict=True)):
        if n in inside:
            yield raw, line, None
        elif by_time or (said and said.sure):
            yield raw, line, said
        else:
            yield raw, line, lines.inline(line)


def _by_time(stamped: list[Said | None], coloned: list[Said | None]) -> bool:
    """Whether the names of this conversation stand beside clock times.

    A conversation names people in one way. Where times stand beside the names, a colon is only a colon
    ("报错: 0x80"); where none do, a time is only a time ("最后一次正常 10:32").
    """
    times = [n for n, said in enumerate(stamped) if said]
    colons = [n for n, said in enumerate(coloned) if said and not stamped[n]]
    if not times or not colons:
        return bool(times)
    return any(said and said.sure for said in stamped) or times[0] < colons[0] or len(times) > len(colons)


def _inbound(person: str, turns: list[_Turn], *, group: str) -> Inbound | None:
    """One person's messages as one; None when they say nothing."""
    whole = _joined(turn.text for turn in turns)
    text = _joined(_new(turn.text) for turn in turns)
    if not text:
        return None
    place, first = normal(group), turns[0]
    same = "\n".join((place, person, first.day.isoformat(), normal(text)))
    return Inbound(
        key=sha256(same.encode()).hexdigest(),
        sender=f"{place}/{person}",
        sender_name=first.name,
        group=place,
        group_name=group,
        text=text,
        whole=None if whole == text else whole,
        raw="\n".join(line for turn in turns for line in turn.raw).encode(),
        sent_at=first.at.astimezone(UTC) if first.at else None,
    )


def _joined(messages: Iterable[list[str]]) -> str:
    """Messages under each other, without empty lines at their ends and with at most one within."""
    texts = (re.sub(r"\n{3,}", "\n\n", "\n".join(message).strip("\n")) for message in messages)
    return "\n".join(text for text in texts if text)


def _new(message: list[str]) -> list[str]:
    """The lines of a message without what it quotes, the dashes under that, and stickers."""
    inside = lines.quoted(message, ends=[False] * len(message))
    return [
        NOTHING.sub("", line).strip()
        for n, line in enumerate(message)
        if n not in inside and not _QUOTED_BELOW.fullmatch(line) and not lines.RULE.fullmatch(line)
    ]


def _with_what_came_before(inbounds: list[Inbound], before: list[str]) -> list[Inbound]:
    """What stands before the first name belongs to nobody; it stays readable with the first message."""
    lost = _joined([before])
    if not lost or not inbounds:
        return inbounds
    first = inbounds[0]
    return [replace(first, whole=f"{lost}\n{first.whole or first.text}"), *inbounds[1:]]
