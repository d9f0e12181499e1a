"""Whether what somebody says fits a ticket: place, device, cause; and what belongs to no matter. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from router.about import apart, shared, weight
from router.alerts import kept
from router.plain import plain, simplified
from router.similar import COMPARED, alike, is_chase, is_fixed_now, is_still_broken, same_symptom
from store.model import Ticket, TicketState

_DEVICES = re.compile(
    r"(?<![\d.])(\d{1,3}|[一二三四五六七八九十]{1,3})\s*(号|楼|层|栋|病区|#|车道|门)|(?<![a-z0-9_-])([a-z][a-z-]+\d[a-z0-9_-]*)"
)
_OUR_NUMBER = re.compile(r"(?<![a-z0-9])yz-?\d+")
_CENTRAL = re.compile(
    r"系统|平台|数据库|服务器|邮箱|邮件|网站|官网|小程序|一卡通|专线|核心交换|(?<![a-z])(?:his|lis|pacs|erp|oa|mes|wms|crm|vpn|dns|app)(?![a-z])"
    r"|\b(?:system|portal|database|server|website|e?mail|platform|network)\b"
)
_LOCAL = re.compile(
    r"打印|摄像|相机|监控画面|道闸|闸机|空调|灯|电脑|笔记本|键盘|鼠标|显示器|屏幕|扫码|扫描|读卡|电话机|座机|门禁|ups|电梯|插座|投影|自助机|取号|叫号"
    r"|断电|停电|供电|跳闸|没电|漏水|进水|起火|冒烟|机柜|power|rack|smoke|water|fire"
    r"|printer|camera|barrier|gate|lamp|keyboard|mouse|monitor|scanner|phone|door|air con|kiosk"
)
_AWAY = re.compile(
    r"自动回复|自动答复|休假|外出|出差|不在办公室|稍后回复|稍后联系|out of (?:the )?office"
    r"|on (?:annual )?leave|auto(?:matic)?[- ]?reply"
    r"|away (?:until|from)|on vacation"
)
_NOISE = re.compile(r"退订|拒收|回t\b|回复?td|https?://|验证码|优惠|贷款|促销|unsubscribe|verification code|【")
_CODE = re.compile(
    r"(?:验证码|动态码|校验码|verification code|security code|one-time (?:code|password)|\botp\b)\D{0,12}\d{4,8}(?!\d)"
    r"|(?<!\d)\d{4,8}\D{0,12}(?:验证码|动态码|verification code)"
)

TELLING = 7.0
"""From this weight words tell so much that whoever else says them means the same, though no site was recognised."""
ALIKE = 0.6
"""The share of things named that such words must have in common."""
COMMON = 0.5
"""The share of things named from which on two people tell of one outage."""


class Sayable(Protocol):
    """What of a message is compared with a ticket."""

    @property
    def text(self) -> str:
        """The text alone."""
        ...

    @property
    def site(self) -> str:
        """The place it names, or ""."""
        ...

    @property
    def words(self) -> str:
        """Subject and text together."""
        ...


def chases(text: str) -> bool:
    """Tell whether a text only makes sense about a matter that is known."""
    return is_chase(text) or is_still_broken(text) or is_fixed_now(text)


def fixed(text: str) -> bool:
    """Tell whether the person says that it works again."""
    return is_fixed_now(text) and not is_still_broken(text)


def away(text: str) -> bool:
    """Tell whether somebody's mailbox or phone answered instead of the person."""
    return _AWAY.search(plain(text[:COMPARED])[:COMPARED]) is not None


def noise(text: str) -> bool:
    """Tell whether a text is an advert, a code or an answer by machine rather than a person's word."""
    said = plain(text[:COMPARED])[:COMPARED]
    return len(said) > 80 or _NOISE.search(said) is not None or away(text)


def is_code(text: str) -> bool:
    """Tell whether a text only brings a code for signing in somewhere."""
    return _CODE.search(plain(text[:COMPARED])[:COMPARED]) is not None


def devices(text: str) -> frozenset[str]:
    """Return what a text tells apart by a number: 3号, 2楼, web01; our own ticket numbers are none."""
    level = _OUR_NUMBER.sub(" ", plain(text[:COMPARED])[:COMPARED])
    return frozenset("".join(part for part in found if part) for found in _DEVICES.findall(level))


def elsewhere(said: Sayable, ticket: Ticket) -> bool:
    """Tell whether the words name another place or another device than the ticket does."""
    if said.site and ticket.site and said.site != ticket.site:
        return True
    here, there = devices(said.words), devices(ticket.symptom)
    return bool(here and there) and not here & there


def fits(said: Sayable, ticket: Ticket) -> bool:
    """Tell whether content speaks for this ticket."""
    same_site = bool(said.site) and said.site == ticket.site
    return not elsewhere(said, ticket) and (same_site or alike(said.words, ticket.symptom) >= 0.2)


def best(tickets: Iterable[Ticket], said: Sayable, *, at_least: float) -> Ticket | None:
    """Return the ticket whose symptom and site fit the words best; equally good: one that is open, then the newest."""
    scored = [(alike(said.words, t.symptom) + (0.5 if said.site and said.site == t.site else 0.0), t) for t in tickets]
    fitting = [(score, t) for score, t in scored if score >= at_least]
    return max(fitting, key=lambda pair: (round(pair[0], 1), _is_open(pair[1]), pair[1].id))[1] if fitting else None


def _is_open(ticket: Ticket) -> bool:
    return ticket.state not in (TicketState.RESOLVED, TicketState.CLOSED)


def other_place(one: str, other: str, *, strictly: bool) -> bool:
    """Tell whether two sites are different ones, or strictly, whatever their kinds: a ward may be its hospital."""
    if not (one and other) or one in other or other in one:
        return False
    return strictly or kind_of_place(one) == kind_of_place(other)


def kind_of_place(site: str) -> str:
    """Return how the name of a site ends: 收费站, Court."""
    return site.rsplit(maxsplit=1)[-1].lower() if site.isascii() else simplified(site)[-2:]


def same_report(said: Sayable, ticket: Ticket) -> bool:
    """Tell whether somebody else tells of the same at the same place: the place itself does not count."""
    here, there = said.words.replace(said.site, " "), ticket.symptom.replace(ticket.site, " ")
    return same_symptom(said.words, ticket.symptom) or shared(here, there) >= COMMON


def same_words(said: Sayable, ticket: Ticket) -> bool:
    """Tell whether somebody else reports the same where neither names a site that we recognise."""
    if ticket.site or kept(ticket.symptom) or apart(said.words, ticket.symptom):
        return False
    tells = min(weight(said.words), weight(ticket.symptom)) >= TELLING
    return tells and shared(said.words, ticket.symptom) >= ALIKE


def is_central(text: str) -> bool:
    """Tell whether a text is about something that serves several sites, and about no device of one site."""
    said = plain(text[:COMPARED])[:COMPARED]
    return _CENTRAL.search(said) is not None and _LOCAL.search(said) is None


def same_cause(said: Sayable, ticket: Ticket) -> bool:
    """Tell whether both tell of one central failure, each from its own site."""
    if not (said.site and ticket.site) or kept(ticket.symptom) or not is_central(ticket.symptom):
        return False
    here, there = said.words.replace(said.site, " "), ticket.symptom.replace(ticket.site, " ")
    return same_symptom(here, there) or shared(here, there) >= COMMON
