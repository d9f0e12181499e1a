"""What a request for a visit says: where, when, whom to ask for, a number, what to bring; in lines or in free words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from router.extract import callback_in, known_site
from router.moments import wish
from router.places import site_in
from router.plain import simplified
from router.reading import unquoted

LONGEST = 2500
"""Characters that are looked at; a request is shorter."""
VALUE = 200
"""Most characters that a field keeps."""

_LABELS = {
    "place": "(?:上门|服务|现场|到场|安装|施工)?(?:地点|地址|位置)|where|place|location|address|site(?: address)?",
    "wanted": "(?:希望|期望|上门|预约|到场|服务|约定|计划)?的?(?:时间|日期)|时间要求"
    "|when|(?:preferred |wanted )?(?:time|date)(?: and time)?",
    "contact": "(?:现场|上门)?(?:联系人|联络人|对接人|接待人|负责人)|找谁"
    "|ask for|contact(?: person| name)?|whom to ask for|on-?site contact",
    "phone": "(?:联系|联络|手机)?(?:电话|号码|手机|手机号|方式)"
    "|phone(?: number)?|mobile(?: number)?|tel(?:ephone)?|contact number",
    "bring": "请?(?:携带|自带|带上?)(?:物品|工具|设备|材料|备件)?|(?:所需|需要)(?:工具|设备|备件|材料)"
    "|(?:please |to )?bring|what to bring",
    "what": "(?:上门)?(?:事由|原因|内容|需求|事项|目的)|what for|reason|purpose|work",
}
_LABEL = re.compile(
    "(?:^|(?<=[\n;。,、 ]))[ \t*·•-]{0,6}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[ \t]*(?::|\t|=)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_SURNAME = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项"
    "祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房丁邓郁单洪包左石崔吉龚程邢裴陆荣翁"
    "曲靳焦牧侯全班秋仲宁仇武符刘景詹束龙叶白蒲从卓聂尚温庄晏柴瞿阎习艾向廖耿匡国文欧沙丰关查游盖岳涂桂车司"
)
_TITLE = (
    "工程师|工(?!作|具|程|地|厂)|老师|经理|主任|师傅|科长|处长|局长|院长|校长|站长|所长|班长|队长|护士长|护士|医生|大夫|先生|女士|小姐|总(?!部|是|之)"
    "|姐|哥|叔|阿姨|部长|组长|主管|助理"
)
_NAME_ZH = (
    rf"(?:[{_SURNAME}][\u4e00-\u9fff]{{0,2}}?(?:{_TITLE})"
    rf"|[{_SURNAME}][\u4e00-\u9fff]{{1,2}}(?=[\s,。;、:(]|\+?\d|电话|手机|$|就行|即可))"
)
_NAME_EN = r"(?:(?:Mrs?|Ms|Miss|Dr|Prof)\.? )?[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?"
_WHOM = re.compile(
    r"(?:找|联系人?(?:是|为)?|联络|对接人?(?:是|为)?|接待人?(?:是|为)?|问|和|跟|与)"
    rf"\s*(?:一下|我们的?|我司|我院)?[\u4e00-\u9fff]{{0,4}}?(?P<zh>{_NAME_ZH})"
    r"|\b(?i:ask(?:ing)? for|contact(?: person)?(?: is|:)?|speak (?:to|with)|look for|report to|see|meet|call|phone"
    rf"|ring)\s+(?:our |the )?(?P<en>{_NAME_EN})"
)
_NAME_BY_NUMBER = re.compile(
    rf"(?P<zh>{_NAME_ZH})(?:的?(?:电话|手机|号码))?[\s,:(是]{{0,3}}(?=\+?\d[\d -]{{6,}})"
    rf"|(?P<en>{_NAME_EN})[\s,:(]{{1,3}}(?:on )?(?=\+?\d[\d -]{{6,}})"
)
_NO_NAME_EN = re.compile(
    r"^(?:The|Please|Call|Phone|Tel|Mobile|On|At|Our|We|Room|Building|Floor|Ward|Site|You|Me|Us|If|When)\b"
)
_STREET = re.compile(
    r"[\u4e00-\u9fff]{2,12}?(?:路|街|大道|巷)\s?\d{1,5}\s?(?:弄\s?\d{1,4}\s?)?号(?:院)?"
    r"(?:[\u4e00-\u9fffA-Za-z0-9 -]{0,14}?(?:楼|室|座|层|栋|厅|房))?"
    r"|\b\d{1,5} [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way|Square)\b"
)
_STREET_STARTS = re.compile(r"^.*(?:地址是|地址|位于|派人[到去来]|过来|到|去|在|来)(?=.{4})")
_COMES_TO = re.compile(r"^(?:请?过?来|前往|去|到)(?=.{3})")
_TO_EN = re.compile(r"\b(?:to|visit(?:ing)?) (?:our |the )?(?P<en>[A-Z][\w'&-]+(?: [A-Z][\w'&-]+){0,3})")
_LOCAL_NUMBER = re.compile(r"(?<![\d-])0\d{2,4}[ -]?\d{3}[ -]?\d{3,4}(?!\d)")
_BRING_ZH = re.compile(
    r"(?:携带|自带|(?<![宽一地附磁热纽胶皮卡色频拖履绑温光移])带(?!宽|电|队|路|病|教|货|头|领|动|班|人|我|你|他|来不便))"
    r"(?:上|着|好|齐|一下|个)?\s*(?P<zh>[^,。;!?\n]{2,60})"
)
_BRING_EN = re.compile(
    r"\bbring(?:ing)?\b(?: along)?(?: with (?:you|them|him|her))?\s+"
    r"(?P<en>[^.;!?\n]{2,100}?)(?=,? (?:and )?(?:then )?(?:ask|call|contact|phone|ring|see|speak|report)\b|[.;!?\n]|$)",
    re.IGNORECASE,
)
_BRING_ENDS = re.compile(
    r"\s*(?:过来|前来|上门|到现场|到场|来现场|来|去|上|即可|就行|谢谢|吧)+$|,? (?:please|thanks|thank you)$",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s{2,}")
_NOBODY = re.compile(r"^(?:无|没有|不用|不需要|none|nothing|n/?a|-+)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitAsked:
    """What a request says; "" where it says nothing."""

    place: str = ""
    wanted: str = ""
    """When, as it was said."""
    wanted_at: datetime | None = None
    """Aware UTC, where the words leave no doubt."""
    contact: str = ""
    phone: str = ""
    """As it was written, without spaces."""
    bring: str = ""

    @property
    def says_when_or_whom(self) -> bool:
        """Whether somebody could act on it: a place alone is no request."""
        return bool(self.wanted or self.contact or self.phone)


def visit_in(subject: str | None, text: str, *, at: datetime, zone: ZoneInfo, sites: Sequence[str] = ()) -> VisitAsked:
    """Read a request that was made at an instant; what stands in a line with a label wins over what is found."""
    whole = f"{subject or ''}\n{unquoted(text)}"[:LONGEST]
    levelled = _SPACES.sub(_one_space, unicodedata.normalize("NFKC", whole)[:LONGEST])
    lines, rest = labelled(levelled)
    when = wish(lines.get("wanted") or rest, at=at, zone=zone)
    return VisitAsked(
        place=_kept(lines.get("place") or _place(rest, sites)),
        wanted=_kept(lines.get("wanted") or when.said),
        wanted_at=when.at,
        contact=_kept(_without_number(lines["contact"]) if "contact" in lines else _contact(rest)),
        phone=_kept(_phone(lines.get("phone", "")) or _number(f"{lines.get('contact', '')}\n{rest}")),
        bring=_kept(lines.get("bring") or _bring(rest)),
    )


def labelled(text: str) -> tuple[dict[str, str], str]:
    """The values of lines such as "地点:..." or "Where: ...", and the text without them; the first of a kind counts."""
    values: dict[str, str] = {}
    rest: list[str] = []
    done = 0
    for found, ends in _with_ends(text):
        rest.append(text[done : found.start()])
        value = text[found.end() : ends].strip(" \t\r,;、。*")
        if found.lastgroup and value:
            values.setdefault(found.lastgroup, "" if _NOBODY.match(value) else value)
        done = ends
    rest.append(text[done:])
    return values, "\n".join(rest)


def _one_space(run: re.Match[str]) -> str:
    return "\n" if "\n" in run.group() else " "


def _with_ends(text: str) -> list[tuple[re.Match[str], int]]:
    """Each label with where its value ends: at the line's end or at the next label."""
    found = list(_LABEL.finditer(text))
    following = [one.start() for one in found[1:]] + [len(text)]
    return [(one, min(start, _line_end(text, one.end()))) for one, start in zip(found, following, strict=False)]


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _place(text: str, sites: Sequence[str]) -> str:
    if known := known_site(text, sites):
        return known
    if street := _STREET.search(text):
        return _STREET_STARTS.sub("", street.group())
    if named := site_in(text):
        return _COMES_TO.sub("", named)
    english = _TO_EN.search(text)
    return english["en"] if english else ""


def _contact(text: str) -> str:
    simple = simplified(text)
    for pattern in (_WHOM, _NAME_BY_NUMBER):
        for found in pattern.finditer(simple):
            name = found.lastgroup or "zh"
            said = text[found.start(name) : found.end(name)]
            if not _NO_NAME_EN.match(said):
                return said
    return ""


def _without_number(text: str) -> str:
    """The name beside which a number stands in the same line."""
    number = callback_in(text)
    bare = re.sub(
        r"\s*[(]?(?:电话|手机|tel\.?|phone|mobile)?[\s:]*\+?\d[\d\s-]{6,}\d[)]?", "", text, flags=re.IGNORECASE
    )
    return bare.strip(" ,;()") if number else text


def _phone(line: str) -> str:
    return _number(line) or re.sub(r"\s+", "", line)


def _number(text: str) -> str:
    local = _LOCAL_NUMBER.search(text)
    return callback_in(text) or (re.sub(r"\s+", "", local.group()) if local else "")


def _bring(text: str) -> str:
    found = _BRING_ZH.search(simplified(text)) or _BRING_EN.search(text)
    if found is None:
        return ""
    name = found.lastgroup or "zh"
    return _BRING_ENDS.sub("", text[found.start(name) : found.end(name)]).strip(" ,")


def _kept(text: str) -> str:
    return " ".join(text.split())[:VALUE]
