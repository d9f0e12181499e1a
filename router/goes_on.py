"""Whether what a person says goes on with a matter of theirs, or begins another. Pure.

It goes on where it names the same things, or names nothing new: it tells of no defect of its own and asks nothing of
its own. Words like "another thing" begin something new whatever else they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from router.about import READ, apart, length, numbered, shared, weight
from router.alerts import kept
from router.extract import tells_of_defect
from router.plain import plain
from router.similar import is_chase, is_fixed_now, is_still_broken
from store.model import Kind, Ticket

SAME = 0.4
"""From this share of the things named on it is about the same; measured on corpus/conversations."""
LIKELY = 0.25
"""The same for what reports no defect, or asks of a matter of its own kind."""
SLIGHT = 2.0
"""Up to this weight a text names nothing by which it could be another matter."""
BARE = 1.5
"""From this weight the rest of a text after its place still names a thing."""
LITTLE = 5.0
"""Up to this weight a text right after another can still be a part of what that said."""
TALK = timedelta(hours=24)
"""How long after the last word on it something that names nothing new still belongs to a matter."""
ASIDE = timedelta(minutes=15)
"""How long after the last word a short question without a thing of its own is about the same."""
CLOSE = timedelta(minutes=5)
"""How long after the last word another symptom is told of as a part of the same."""
NEAR = timedelta(hours=1)
"""The same for what names a thing and reports no defect of it."""
HEADING = 3
"""Two texts that begin with so many same signs each say where they are: each is a report of its own."""

SURE = 0.8
"""From this share on the judge's word for a kind stands against what the text itself seems to say."""

NEVER = 2.0
"""More than any two texts can share."""

_NEW = re.compile(
    r"^[\s,.]*(?:另外|另有|还有(?:个|一)|顺便|顺带|再问|想问|想请|想再|对了|不相关|换个|另一(?:个|件)|新问题|别的事|其他问题)|(?:另外|顺便)(?:问|想|请|再)"
    r"|\b(?:different|another|separate|new|one more|other) (?:thing|issue|question|problem|matter|request|topic)\b"
    r"|\bunrelated\b|\bby the way\b|\bbtw\b|^also\b|\bcan you also\b"
)
_CORRECTS = re.compile(
    r"打错|说错|写错|搞错|弄错|发错了?,?是|^不对|^不是.{0,8}是|更正|应该是|应为|纠正"
    r"|\bi mean\b|\bcorrection\b|\bsorry,? (?:it'?s|it is|that)\b"
    r"|\btypo\b|^\*"
)
_ASKS = re.compile(
    r"[?？]|吗|呢$|怎么|怎样|如何|请问|能不能|能否|可否|可不可以|是不是|是否|多少|哪里|哪个|谁|什么|咨询|请教|想(?:要|请|申请|增加|加|买|约|改|换|把)|申请|希望|建议|增加|新增|报价|开通|请(?:安排|派|提供|发|报价|于)|拟"
    r"|\b(?:how|what|where|which|who|why|could you|can you|can we|could we|would like|please (?:send|provide|quote|add)"
    r"|is there|is it possible|we want|do you|does)\b"
)


_COMPLAINS = re.compile(
    r"(?:要|想|来)投诉|投诉(?:你们|贵)"
    r"|\b(?:formal complaint|(?:wish|want|would like|going) to complain|complaint about)\b"
)
_UNHEARD = re.compile(r"^\s*\[(?:未接|留言|语音留言|传真|missed call|voicemail|recording|fax)")
"""How a channel tells of what it could not read: somebody must look, whatever else the person has open."""
_SAME_AS = re.compile(r"同样(?:的)?(?:问题|情况|故障|现象)|也(?:是)?这样|\bsame (?:here|problem|issue|thing|error)\b")
_REFERS = re.compile(
    r"这个|那个|这事|那事|它|\b(?:it|they|this one|that one)(?:'s|'re|'ll)?\b(?! (?:possible|is possible))|\bthe same\b"
)
_UNHARMED = re.compile(
    r"(?:没有?|未|不会?|不再)(?:再|又)?(?:中断|断|停|坏|掉线|掉|卡|报错|报警|叫|漏)"
    r"|\b(?:no|without|not) (?:longer )?\w+"
)
_HELLO = re.compile(
    r"在吗|在不在|有人(?:在)?吗|\b(?:anyone|anybody|are you|is anyone|is anybody) (?:there|here|around)\b|[?？]"
)
_TURNED = re.compile(r"了(?:[^不没无]{0,6})$|了[,。!;\s]|\b(?:now|again|since)\b")


class Spoken(Protocol):
    """What of a message is looked at."""

    @property
    def text(self) -> str:
        """The text alone."""
        ...

    @property
    def words(self) -> str:
        """Subject and text together."""
        ...

    @property
    def kind(self) -> str:
        """What the judge holds it for."""
        ...

    @property
    def level(self) -> int | None:
        """How bad the judge holds it for."""
        ...

    @property
    def sure(self) -> float:
        """How sure the judge is of that, from 0 to 1."""
        ...

    @property
    def heading(self) -> str:
        """The subject of a mail that answers nothing."""
        ...

    @property
    def group(self) -> str | None:
        """The group it was written in."""
        ...

    @property
    def at(self) -> datetime:
        """When it was said."""
        ...


def new_topic(text: str) -> bool:
    """Tell whether somebody says that this is about something else."""
    return _NEW.search(plain(text[:200])) is not None


def corrects(text: str) -> bool:
    """Tell whether somebody takes back a word of before: the place was another."""
    return length(text) <= 30 and _CORRECTS.search(plain(text[:READ])) is not None


def asks(text: str) -> bool:
    """Tell whether a text wants to know or to have something."""
    return _ASKS.search(plain(text[:READ])) is not None


def complains(text: str) -> bool:
    """Tell whether somebody complains in so many words."""
    return _COMPLAINS.search(plain(text[:READ])) is not None


def status(text: str) -> bool:
    """Tell whether a text only makes sense about a matter that is known."""
    return is_chase(text) or is_still_broken(text) or is_fixed_now(text)


def same_as(text: str) -> bool:
    """Tell whether somebody says to have the same trouble as others."""
    return _SAME_AS.search(plain(text[:READ])) is not None


def reports(text: str) -> bool:
    """Tell whether a text reports something that does not work, and not that it did not happen."""
    return tells_of_defect(_UNHARMED.sub(" ", plain(text[:READ])))


def likeness(words: str, ticket: Ticket) -> float:
    """How much of what the words name the matter names too; how both begin is where it is, and no thing of it."""
    here, there = plain(words[:READ]), plain(ticket.symptom)
    at = common_start(here, there)
    if at >= 2 and min(weight(here[at:]), weight(there[at:])) >= BARE:
        here, there = here[at:], there[at:]
    return shared(here, there)


def common_start(one: str, other: str) -> int:
    """How many signs two texts begin with alike."""
    least = min(len(one), len(other))
    return next((at for at in range(least) if one[at] != other[at]), least)


def fitting(words: str, tickets: Iterable[Ticket]) -> list[tuple[float, Ticket]]:
    """Return how much each matter shares with the words, the best first; those of another device are left out."""
    scored = [(likeness(words, t), t) for t in tickets if not apart(words, t.symptom)]
    return sorted(scored, key=lambda pair: (-round(pair[0], 1), -pair[1].heard_at.timestamp()))


def vague(ticket: Ticket) -> bool:
    """Tell whether a matter names nothing yet, so that what is said next is what it is about."""
    return kept(ticket.symptom) is None and weight(ticket.symptom) <= SLIGHT


def begun(ticket: Ticket, at: datetime) -> bool:
    """Tell whether somebody has just said hello or named something: the fault told right after is what they mean."""
    hello = _HELLO.sub(" ", plain(ticket.symptom))
    return at - ticket.heard_at <= CLOSE and weight(hello) <= LITTLE and not (kept(ticket.symptom) or asks(hello))


def own(said: Spoken) -> bool:
    """Tell whether a text reads like a matter of its own, though a judge holds it for a word on another one.

    It says so, it is a mail under a heading of its own, or it tells of a defect of something that it names.
    """
    if new_topic(said.text) or (said.heading and not status(said.words)):
        return True
    return said.sure < SURE and reports(said.words) and not status(said.text) and weight(said.words) > SLIGHT


def for_us(said: Spoken) -> bool:
    """Tell whether a word in a group is meant for us: there people also talk of their dinner."""
    return not said.group or status(said.text) or reports(said.text) or weight(said.words) <= SLIGHT


def follows(said: Spoken) -> bool:
    """Tell whether what a judge holds for a follow-up can be one."""
    return said.kind == Kind.FOLLOWUP and for_us(said) and not own(said)


def bare(said: Spoken) -> bool:
    """Tell whether a judge holds for a follow-up what names nothing by which it could be another matter."""
    return said.kind == Kind.FOLLOWUP and weight(said.words) <= SLIGHT


def grieves(said: Spoken) -> bool:
    """Tell whether it is a complaint for sure: impatience about an open matter sounds alike and is a chase."""
    return said.sure >= SURE or complains(said.words)


def grave(said: Spoken) -> bool:
    """Tell whether the judge holds it for a fault that may stop somebody's work."""
    return said.kind == Kind.FAULT and said.level in (1, 2)


def turned(text: str) -> bool:
    """Tell whether a text says that something changed, rather than how it is."""
    return _TURNED.search(plain(text[:READ])) is not None


def adds(text: str, ticket: Ticket, at: datetime) -> bool:
    """Tell whether words that share nothing with a matter add to it all the same."""
    since, names = at - ticket.heard_at, weight(text)
    if new_topic(text) or _UNHEARD.search(plain(text[:READ])):
        return False
    if asks(text) and not status(text):
        return (since <= ASIDE or names <= SLIGHT / 2) and length(text) <= 12 and not reports(text)
    if vague(ticket) and since <= CLOSE:
        return True
    if not status(text) and names > SLIGHT and common_start(plain(text[:READ]), plain(ticket.symptom)) >= HEADING:
        return False
    if names > SLIGHT and not _REFERS.search(plain(text[:READ])) and (reports(text) or not turned(text)):
        return since <= (CLOSE if reports(text) else NEAR) and names <= LITTLE
    return since <= TALK


def enough(said: Spoken, ticket: Ticket) -> float:
    """Return how much words must share with a matter: a question is no outage, nor an outage a question."""
    if status(said.text):
        return LIKELY
    if wonders(said.text) and ticket.kind == Kind.FAULT:
        return NEVER
    if said.kind == Kind.FAULT and ticket.kind != Kind.FAULT and reports(said.text):
        return NEVER
    settled = said.kind != Kind.FAULT or turned(said.text) or wonders(said.text)
    neutral = settled and not reports(said.text)
    return LIKELY if neutral else SAME


def wonders(text: str) -> bool:
    """Tell whether a text asks for something of its own, and not how far a matter is."""
    return asks(text) and not (status(text) or reports(text))


def a_complaint(ticket: Ticket) -> bool:
    """Tell whether a matter is about people and not about things."""
    return ticket.kind == Kind.COMPLAINT or complains(ticket.symptom)


def to_us(said: Spoken, last: Ticket) -> bool:
    """Tell whether words in a group, where people also chat, are meant for the matter they spoke of last."""
    if asks(said.text):
        return False
    return bool(numbered(said.text)) or said.at - last.heard_at <= CLOSE


def breaks(said: Spoken) -> bool:
    """Tell whether a text reports something broken; what a judge only could not place does not."""
    grave = said.level in (1, 2)
    return is_still_broken(said.text) or (said.kind == Kind.FAULT and (grave or reports(said.words)))
