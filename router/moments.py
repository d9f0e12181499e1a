"""When somebody wants something, in the words of a free text, and the instant where the words leave no doubt.

An instant is only given where two people would agree on it: "tomorrow at 2 pm" is one, "tomorrow afternoon", "before
Friday", "at two" and one of two days are not. Everything is relative to when it was said, in the site's zone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.plain import simplified

_NUMERALS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"两": 2}
_WEEKDAYS_ZH = {day: at for at, day in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RELATIVE = {"今": 0, "明": 1, "后": 2, "大后": 3, "today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2}
_NIGHT_OWLS = 4
"""Before this hour of the day people say "tomorrow" and mean after they have slept."""

_MONTH_EN = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_NO_DAY = "楼栋幢线柜机门车仓窗院井泵站馆厅台道库厂宿教病段口店桥主变令码称段房床单"
_PAST = re.compile(
    r"昨[天日晚]|前[天日](?!线)|上个?(?:周|星期|礼拜)[一二三四五六日天]?|上个?月|刚才|"
    r"\b(?:yesterday|last (?:night|week|month|\w+day))\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?P<y>20\d\d)\s*[年/.-]\s*(?P<ym>\d{1,2})\s*[月/.-]\s*(?P<yd>\d{1,2})(?!\d)[日号]?"
    r"|(?P<relative>大后|今|明|后)[天日](?:一早)?|(?P<short>[今明])(?=[早晚晨])"
    r"|(?P<which>下下个?|下个?|本|这个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?<!\d)(?P<m>\d{1,2})月(?P<d>\d{1,2})(?!\d)[日号]?"
    rf"|(?<![\d年月路街巷弄])(?P<dom>[0-3]?\d)[日号](?![{_NO_DAY}])"
    r"|\b(?:the )?(?P<english>day after tomorrow|today|tonight|tomorrow)\b"
    r"|\b(?:(?P<which_en>this|next|coming) )?"
    r"(?P<weekday_en>mon|tues?|thu(?:rs)?|fri|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    rf"|\b(?:the )?(?P<d_en>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m_en>{_MONTH_EN})\b(?:,? (?P<y_en>20\d\d))?"
    rf"|\b(?P<m_us>{_MONTH_EN}) (?P<d_us>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y_us>20\d\d))?"
    r"|\bthe (?P<dom_en>\d{1,2})(?:st|nd|rd|th)\b"
    r"|(?P<vague>下个?(?:周|星期|礼拜)(?:末|内)?|[本这]个?(?:周|星期|礼拜)(?:末|内)?"
    r"|周末|月底|月初|下个?月|[近这][两几]天|近期"
    r"|\b(?:next|this) (?:week(?:end)?|month)\b|\bany day\b)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d.:-])(?P<from>\d{1,2})(?::(?P<from_m>[0-5]\d))?\s*(?:-|–|to)\s*(?P<to>\d{1,2})(?::[0-5]\d)?\s*(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\d.:-])(?P<h12>\d{1,2})(?:[:.](?P<m12>[0-5]\d))?\s*(?P<ap>[ap])\.?m\b\.?"
    rf"|(?<![\d.:-])(?P<from_zh>{_N})\s*[-~到至]\s*{_N}点(?:钟)?"
    r"|(?<![\d.:-])(?P<h24>[0-2]?\d):(?P<m24>[0-5]\d)(?!\d)"
    r"|(?<![\d.:一二两三四五六七八九十-])(?:(?!一点)|(?<![快早晚多慢好有差])(?!一点[都也不儿]))"
    rf"(?P<zh>{_N})"
    r"(?:点(?!建议|要求|意见|问题|原因|说明|内容)|时(?!间|候|段|常|不))"
    rf"(?P<zh_m>半|一刻|三刻|整|钟|[0-5]?\d分?|[一二三四五]?十[一二三四五六七八九]?分?)?"
    r"|\b(?:at|@) ?(?P<at>\d{1,2})(?![\d:.%]|\s*[ap]\.?m\b)\b(?: ?o'?clock)?"
    r"|\b(?P<oclock>\d{1,2}) ?o'?clock|\b(?P<noon>noon|midday)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?P<am>上午|早上|早晨|清晨|早(?!一?点|日|些)|晨|\b(?:in the )?morning\b)"
    r"|(?P<pm>下午|午后|傍晚|\b(?:in the )?afternoon\b)"
    r"|(?P<night>晚上|夜里|晚(?!一?点|些)|\b(?:in the )?evening\b|\bnight\b)"
    r"|(?P<midday>中午)|(?P<small>凌晨)",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s,的]*(?:\b(?:at|on|around|about|from|between)\b|@|大概|大约|约)?\s*(?:the\b)?\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|~|到|至|\bto\b|\buntil\b|\band\b)\s*", re.IGNORECASE)
_OR = re.compile(r"[\s,、/]*(?:或者?|和|\bor\b|\band\b)?[\s,]*", re.IGNORECASE)
_BOUND_AFTER = re.compile(
    r"\s*(?:左右)?(?:(?:[之以]?前|[之以]?后)(?![天台面院门])|\bor (?:before|after|later)\b)", re.IGNORECASE
)
_ABOUT_AFTER = re.compile(r"\s*(?:左右|前后|开始)")
_BOUND_BEFORE = re.compile(r"\b(?:by|before|until|after)\s+(?:the\s+)?$|不晚于$|不早于$", re.IGNORECASE)
BEFORE = 40
"""Characters before a time in which a word says that it is a limit."""
_AT_ONCE = re.compile(
    r"尽快|尽早|马上|立刻|立即|即刻|越快越好|火速|赶紧|赶快|\basap\b|\bas soon as (?:possible|you can)\b|\bright away\b"
    r"|\bstraight away\b|\bimmediately\b|\bat once\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """When something is wanted; `at` is aware UTC, and None where the words leave a doubt."""

    said: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    kind: str
    """past, date, clock or part."""
    start: int
    end: int
    match: re.Match[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """Pieces that stand together and so speak of one time."""

    pieces: tuple[_Piece, ...]
    start: int
    end: int
    bounded: bool
    """It is a limit, before or after which, and not a time."""

    def all(self, kind: str) -> list[re.Match[str]]:
        """What there is of a kind."""
        return [piece.match for piece in self.pieces if piece.kind == kind]


def wish(text: str, *, at: datetime, zone: ZoneInfo) -> Wish:
    """The time that a text names for what it wants; what it says of the past is no wish."""
    shown = unicodedata.normalize("NFKC", text)
    levelled = simplified(shown)
    groups = [group for group in _groups(levelled) if not group.all("past")]
    dated = [group for group in groups if group.all("date")]
    wanted = dated or [group for group in groups if group.all("clock")]
    if not wanted:
        soon = _AT_ONCE.search(levelled)
        return Wish(said=shown[soon.start() : soon.end()], at=at.astimezone(UTC)) if soon else Wish()
    said = _joined(shown, wanted)
    instant = _instant(wanted[0], at.astimezone(zone)) if len(wanted) == 1 else None
    return Wish(said=said, at=instant if instant is not None and instant > at else None)


def _joined(shown: str, groups: Sequence[_Group]) -> str:
    """Every time that is named; those that stand close together with what stands between them."""
    said = ""
    end = 0
    for group in groups:
        between = shown[end : group.start] if said and _OR.fullmatch(shown, end, group.start) else "; "
        said = f"{said}{between}{shown[group.start : group.end]}" if said else shown[group.start : group.end]
        end = group.end
    return said.strip(" ,.;")


def _groups(text: str) -> Iterator[_Group]:
    pieces: list[_Piece] = []
    for piece in [*_pieces(text), None]:
        if pieces and (piece is None or not _adjoins(text, pieces[-1], piece)):
            yield _group(text, pieces)
            pieces = []
        if piece is not None:
            pieces.append(piece)


def _group(text: str, pieces: Sequence[_Piece]) -> _Group:
    start, end = pieces[0].start, pieces[-1].end
    before = _BOUND_BEFORE.search(text[max(0, start - BEFORE) : start])
    after = _BOUND_AFTER.match(text, end)
    about = after or _ABOUT_AFTER.match(text, end)
    return _Group(
        pieces=tuple(pieces),
        start=start - len(before[0]) if before else start,
        end=about.end() if about else end,
        bounded=bool(before or after),
    )


def _adjoins(text: str, left: _Piece, right: _Piece) -> bool:
    between = text[left.end : right.start]
    if _GAP.fullmatch(between):
        return True
    return left.kind == "clock" and right.kind in ("clock", "part") and bool(_RANGE.fullmatch(between))


def _pieces(text: str) -> Iterator[_Piece]:
    """All pieces in their order; where two claim the same characters the first found keeps them."""
    taken: list[_Piece] = []
    for kind, pattern in (("past", _PAST), ("date", _DATE), ("clock", _CLOCK), ("part", _PART)):
        for found in pattern.finditer(text):
            if not any(found.start() < one.end and one.start < found.end() for one in taken):
                taken.append(_Piece(kind=kind, start=found.start(), end=found.end(), match=found))
    return iter(sorted(taken, key=lambda piece: piece.start))


def _instant(group: _Group, local: datetime) -> datetime | None:
    """The instant of a group; of a span its beginning."""
    dates, clocks = group.all("date"), group.all("clock")
    if group.bounded or len(dates) > 1 or not clocks:
        return None
    day = _day(dates[0], local) if dates else local.date()
    parts = [piece.match for piece in group.pieces if piece.kind == "part"]
    clock = _time(clocks[0], _part(parts[0]) if parts else _evening(dates))
    if day is None or clock is None or (len(clocks) > 1 and not _is_range(group)):
        return None
    when = datetime.combine(day, clock, local.tzinfo).astimezone(UTC)
    # A time that the clocks skip in spring is none (PEP 495): it does not come back the same.
    return when if when.astimezone(local.tzinfo).time() == clock else None


def _is_range(group: _Group) -> bool:
    """Two clocks are one span when they follow each other with nothing but a part of the day between them."""
    kinds = [piece.kind for piece in group.pieces]
    first = kinds.index("clock")
    return kinds.count("clock") == 2 and "date" not in kinds[first + 1 :]


def _evening(dates: Sequence[re.Match[str]]) -> str:
    return "night" if dates and (dates[0]["english"] or "").lower() == "tonight" else ""


def _part(found: re.Match[str]) -> str:
    return found.lastgroup or ""


def _day(found: re.Match[str], local: datetime) -> date | None:
    today = local.date()
    relative = found["relative"] or found["short"] or (found["english"] or "").lower()
    if relative:
        asleep = local.hour < _NIGHT_OWLS and _RELATIVE[relative] > 0
        return None if asleep else today + timedelta(days=_RELATIVE[relative])
    if found["weekday"] or found["weekday_en"]:
        return _weekday(found, today)
    if found["y"]:
        return _date(int(found["y"]), int(found["ym"]), int(found["yd"]))
    for month, day, year in (("m", "d", ""), ("m_en", "d_en", "y_en"), ("m_us", "d_us", "y_us")):
        if found[month]:
            return _in_year(_month(found[month]), int(found[day]), found[year] if year else None, today)
    if found["dom"] or found["dom_en"]:
        return _of_month(int(found["dom"] or found["dom_en"]), today)
    return None


def _weekday(found: re.Match[str], today: date) -> date | None:
    """A weekday; in Chinese "下周" is the week that begins next Monday, in English "next Friday" may be either."""
    which = (found["which"] or found["which_en"] or "").lower().rstrip("个")
    zh = found["weekday"]
    day = _WEEKDAYS_ZH[zh] if zh else _WEEKDAYS_EN.index(found["weekday_en"][:3].lower())
    monday = today - timedelta(days=today.weekday())
    if which in ("下", "下下"):
        return monday + timedelta(days=day, weeks=len(which))
    if which == "next" or (day == today.weekday() and which not in ("本", "这")):
        return None
    here = monday + timedelta(days=day)
    if which in ("本", "这"):
        return here
    return here if here > today else here + timedelta(weeks=1)


def _of_month(day: int, today: date) -> date | None:
    """A bare day of the month: in this one while it lasts, else in the next."""
    if day >= today.day:
        return _date(today.year, today.month, day)
    return _date(today.year + today.month // 12, today.month % 12 + 1, day)


def _in_year(month: int, day: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    found = _date(today.year, month, day)
    return _date(today.year + 1, month, day) if found is not None and found < today else found


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    return int(word) if word.isdigit() else _MONTHS.index(word[:3].lower()) + 1


def _time(found: re.Match[str], part: str) -> time | None:
    """The time of day; an hour from 1 to 7 without a part of the day may be either half of it."""
    if found["noon"]:
        return time(12)
    if found["half"]:
        return _spanned(found)
    if found["ap"]:
        return _half_day(int(found["h12"]), int(found["m12"] or 0), found["ap"].lower())
    if found["h24"]:
        literal = found["h24"].startswith("0") or int(found["h24"]) > 12
        return _of_part(int(found["h24"]), int(found["m24"]), part, literal=literal)
    hour = _number(found["zh"] or found["from_zh"] or found["at"] or found["oclock"])
    minute = _minute(found["zh_m"])
    return None if hour is None or minute is None else _of_part(hour, minute, part, literal=hour > 12)


def _spanned(found: re.Match[str]) -> time | None:
    """The beginning of "2-4 pm": in the same half of the day where that comes first."""
    start = _half_day(int(found["from"]), int(found["from_m"] or 0), found["half"].lower())
    end = _half_day(int(found["to"]), 0, found["half"].lower())
    return start if start is not None and end is not None and start < end else None


def _half_day(hour: int, minute: int, half: str) -> time | None:
    return time(hour % 12 + (12 if half == "p" else 0), minute) if 1 <= hour <= 12 else None


def _of_part(hour: int, minute: int, part: str, *, literal: bool) -> time | None:
    """An hour as it is said, within the part of the day that it is said of."""
    spans = {"am": (5, 11, 0), "pm": (12, 19, 12), "night": (17, 23, 12), "midday": (11, 14, 12), "small": (0, 6, 0)}
    if not part:
        return time(hour, minute) if hour < 24 and (literal or 8 <= hour <= 12) else None
    first, last, shift = spans[part]
    fitting = [one for one in (hour, hour + shift) if first <= one <= last]
    return time(fitting[0], minute) if fitting else None


def _number(text: str) -> int | None:
    """A number below 60 in digits or Chinese; None for "两三", which is one or the other."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_NUMERALS[tens] if tens else 1 if ten else 0) * (10 if ten else 0) + (_NUMERALS[ones] if ones else 0)


def _minute(text: str | None) -> int | None:
    if text is None or text in ("整", "钟"):
        return 0
    return {"半": 30, "一刻": 15, "三刻": 45}.get(text) or _number(text.removesuffix("分"))
