"""What a message tells beside the matter itself: how many people it hits, and until when something is wanted; pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from router.moments import Wish, wish
from router.plain import plain
from router.reading import unquoted
from router.titles import LONGEST

_COUNT = r"(?:\d{1,3}(?:,\d{3})+|\d{1,6}|[一二三四五六七八九十百千万两几数]{1,6})"
_PEOPLE = re.compile(
    rf"(?<![\d.:/派请排来名额])(?!一个|一位|几个)(?:约|大约|近|超过)?{_COUNT}\s?(?:多|余|来|几)?\s?(?:个|名|位|户|号)?\s?"
    r"(?:人|用户|用戶|客户|客戶|员工|員工|病人|病患|患者|学生|學生|老师|老師|旅客|乘客|居民|住户|住戶|车主|座席|坐席|会员|會員|商户|商戶|家长|家長|同事|民众|民眾|孩子|店员|游客|遊客|业主|業主)(?![员次力均天])",
)
_EVERYBODY = re.compile(
    r"全(?:院|厂|廠|校|公司|所|局|馆|館|店|市|县|縣|镇|鎮|村|行|站|园|園|部门|部門|科室|楼|樓|体员工|體員工)(?![科文新民称国面])|(?:所有|全部|全体|全體)(?:的)?(?:人|用户|用戶|客户|客戶|员工|員工|病人|学生|學生|旅客|窗口|车道|車道|门店|門店|终端|終端|同事)|大家都|每个人|每個人|(?:整个|整個|整栋|整棟|整层|整層)\S{1,6}?(?=都|全|不|没|沒|断|斷|,|，|。|$)"
)
_PEOPLE_EN = re.compile(
    r"\b(?:about |around |some |over |nearly |roughly |more than |at least )?(?:\d{1,3}(?:,\d{3})+|\d{1,6}k?"
    r"|a dozen|dozens of|hundreds of|thousands of) "
    r"(?:of (?:our|the) )?(?:[a-z]{3,12} )?(?:users|people|staff|patients|students|customers|passengers|callers"
    r"|agents|employees|pupils|guests|residents|"
    r"members|drivers|nurses|doctors|homes|households|seats|clients|subscribers|children|teachers|colleagues|workers|visitors|shoppers)\b"
    r"|\b(?:everyone|everybody|nobody|no one|all (?:our |the )?(?:users|staff|patients|customers|students|sites"
    r"|branches|stores)"
    r"|(?:the )?(?:whole|entire) (?:company|office|school|hospital|site|team|department|building|campus|floor|ward"
    r"|plant|store|country|region|city))\b",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"前|务必|要(?!自己|人工)|需|希望|请|麻烦|能不能|能否|赶|最迟|最晚|截止|方便"
    r"|\b(?:by|before|need\w*|please|pls|can (?:you|someone|we)|could|want\w*|must|until|deadline|no later than"
    r"|asap|due)\b"
)
_SINCE = re.compile(
    r"起(?!来|不)|开始|以来|至今|从|自|刚才|发生|出现|之前(?:报|说)|已经?|曾|报过|\b(?:since|from|started|began"
    r"|happened|at about|as of|ago|was|were|yesterday|last)\b"
)
_PART = re.compile(r"[。!?;,、\n]+|\.(?=\s|$)|，")


def people_in(text: str) -> str:
    """Return how many people are hit, as it was written: a count before a word for all; "" where nothing tells."""
    shown = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    counted = _PEOPLE.search(shown)
    english = _PEOPLE_EN.search(shown)
    found = counted or (english if english and english[0][-1:].isalpha() and english[0][:1].isdigit() else None)
    found = found or _EVERYBODY.search(shown) or english
    return found[0].strip() if found else ""


def wanted_in(text: str, *, at: datetime, zone: ZoneInfo) -> Wish:
    """Return until when something is wanted; since when something is broken is no wish."""
    shown = unicodedata.normalize("NFKC", unquoted(text)[:LONGEST])[:LONGEST]
    parts = [part for part in _PART.split(shown) if part]
    wanting = [part for part in parts if _WANTS.search(plain(part[:300])) and not _SINCE.search(plain(part[:300]))]
    return wish("\n".join(wanting), at=at, zone=zone)
