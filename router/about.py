"""What a text is about, for finding the matter that it goes on with: its own words, and what they number. Pure.

A word that any message may use (a greeting, "still", "when will it be done", "works") tells nothing about the matter.
What is left are the things: two texts that share most of the shorter one's things are about the same. Chinese is
compared by pairs of neighbouring characters, which needs no word borders; other scripts by words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from router.plain import plain

READ = 2000
"""Characters that are looked at: people say at once what it is about, and mails may be a megabyte."""
WORD = 2.0
"""A Latin word counts as two pairs of characters."""
NAMED = 3.0
"""What is told apart by a number (3号楼, web01, press 12) says most."""

_OUR_NUMBER = re.compile(r"(?<![a-z0-9])yz-?\d+|(?:工单|单号|关于|ticket|case|#)\s*(?:号|no\.?)?\s*\d{4,7}")
_COMMON_ZH = re.compile(
    r"什么时候|怎么回事|怎么样|请问一下|值班员|负责人|没反应|打不开|用不了|有没有|是不是|能不能|可不可以|工程师|来电人|不好意思|一下子|"
    r"我们|你们|他们|咱们|大家|这边|那边|这里|那里|这个|那个|这台|那台|你好|您好|请问|麻烦|谢谢|多谢|感谢|辛苦|现在|刚才|刚刚|目前|今天|今早|昨天|昨晚|明天|早上|上午|中午|下午|晚上|已经|"
    r"还是|还没|还在|依然|仍然|一直|老是|总是|全部|所有|全都|整个|不行|不了|不能|无法|没有|好了|修好|弄好|搞定|恢复|正常|可以|能够|解决|处理|维修|师傅|有人|派人|来人|"
    r"安排|尽快|赶紧|赶快|快点|紧急|情况|进展|进度|消息|结果|问题|故障|报修|工单|单号|来电|反映|反馈|代报|再次|要求|补充|另外|同样|一样|跟上次|重启|"
    r"何时|几点|怎么|怎样|什么|多久|哪里|为什么|因为|所以|但是|不过|然后|如果|需要|应该|知道|帮忙|帮我|时候|之后|以后|之前|以前|小时|分钟|"
    r"[我你您他她它这那请还又也都就再没不未好了吗呢吧啊呀哦的地得是在有能会要把被让给对跟和与或从到去来上下里中说问看等着过很太真更最只一两几个台位次点些时天啥咋谁哪么急坏修催亮转通响动变快慢断停卡好新旧]"
)
_COMMON_EN = frozenset(
    re.findall(
        r"\w+",
        "a about after again all also am an and another any anybody anyone anything are as at back be been before "
        "being broken but by call came can cannot cant come confirm confirmed could day dear did didnt do does doesnt "
        "done dont down each else engineer error eta ever every everyone fail failed failing fails few fine fix fixed "
        "follow for from fwd get gets getting go going gone good got had has hasnt have havent hello help her here hi "
        "his hour hours how i if im in into is isnt issue it its just know last later let like look looking looks "
        "many may me min mins minute minutes more morning much my need needs new news no nobody not nothing now of "
        "off ok okay old on one only open or other our out over please pls problem progress re really regards reply "
        "resolved same see seems she should show shows since so some someone something soon sorry start started "
        "status still stop stopped stops such sure team tell than thank thanks that the their them then there these "
        "they thing this those thx till time to today tomorrow tonight too tried try trying two up update us use used "
        "very wait waiting want was way we well went were what when where which while who why will with without wont "
        "work working works would wrong yes yesterday yet you your",
    )
)
_ACRONYM = re.compile(r"(?<![A-Za-z])[A-Z][A-Z0-9]{1,5}(?![A-Za-z])")
"""HIS is a system and "his" is not."""
_NO_ACRONYM = frozenset(
    {"ok", "eta", "fw", "re", "fwd", "am", "pm", "asap", "fyi", "btw", "id", "it", "all", "now", "not"}
)
_HAN = re.compile("[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z][a-z']*[a-z]")
_NUMBER = re.compile(r"(?<![\d.:/-])\d{3,4}(?![\d.:/-]|\s*(?:号|楼|层|年|月|日|点|分|小时|元|块|am|pm))")
_ZH_DIGITS = {sign: str(at) for at, sign in enumerate("零一二三四五六七八九")} | {"两": "2"}
_NUMBERED = re.compile(
    r"第?(?<![\d.])(?P<n>\d{1,4}|[一二三四五六七八九十]{1,3})\s*(?P<unit>号楼|号门|号|楼|层|栋|幢|座|病区|监区|院区|校区|区|车间|车道|道(?!理)|门(?!诊)"
    r"|房|室|床|单元|柜|柱|桥|闸|井|库|炉|塔|仓|泵站|支行|分局|食堂|工位|通道|中|小|组|法庭|#)"
    r"|(?<![a-z])(?P<letter>[a-h])\s?(?P<block>座|区|栋|馆|楼|厅)"
    r"|(?P<side>[东南西北])(?P<face>门|区|侧|院|楼|站|广场|入口|出口)"
    r"|(?<![a-z])(?P<word>[a-z]{2,})\s(?P<en>\d{1,4}[a-z]?|[a-h])(?![\w%:./])"
)
_HOST = re.compile(r"(?<![a-z0-9_-])[a-z]+[a-z-]*\d[a-z0-9_-]*|(?<![a-z0-9])[a-z]{1,6}-\d{1,6}(?!\d)")
_NO_UNIT = frozenset(
    re.findall(
        r"\w+",
        "about after all am an and any are around as at be by code do error for from go has have he http if in is it "
        "last least level like me more my near next no number of on only or our over past pm since so some than that "
        "the them then this to top until up us vs was we were with within",
    )
)


@lru_cache(maxsize=256)
def things(text: str) -> Mapping[str, float]:
    """What a text names, each with its weight; nothing that any message may say."""
    level = _OUR_NUMBER.sub(" ", plain(text[:READ]))
    found = {f"{unit} {number}": NAMED for unit, number in numbered(text)}
    found |= dict.fromkeys(_NUMBER.findall(level), NAMED / 2)
    for run in _HAN.findall(_COMMON_ZH.sub(" ", level)):
        found |= dict.fromkeys((run[at : at + 2] for at in range(len(run) - 1)), 1.0) if len(run) > 1 else {run: 0.5}
    short = {word.lower() for word in _ACRONYM.findall(unicodedata.normalize("NFKC", text[:READ]))} - _NO_ACRONYM
    found |= dict.fromkeys(short, WORD)
    for word in _LATIN.findall(level):
        if word not in short and word.replace("'", "") not in _COMMON_EN:
            found[stem(word)] = WORD
    return found


@lru_cache(maxsize=256)
def numbered(text: str) -> frozenset[tuple[str, str]]:
    """What a text tells apart by a number, a letter or a side, as (unit, which): 3号楼, 东门, B座, web01, press 12."""
    level = _OUR_NUMBER.sub(" ", plain(text[:READ]))
    found = set()
    for one in _NUMBERED.finditer(level):
        unit = one["unit"] or one["block"] or one["face"] or one["word"]
        which = one["letter"] or one["side"] or one["en"] or _arabic(one["n"])
        if unit not in _NO_UNIT:
            found.add((stem(unit) if unit.isascii() else unit, which))
    for host in _HOST.findall(level):
        found.add((re.sub(r"\d.*", "", host), host))
    return frozenset(found)


def apart(one: str, other: str) -> bool:
    """Tell whether two texts name different ones of a kind: 2号楼 and 3号楼, the east gate and the west gate."""
    here, there = numbered(one), numbered(other)
    units = {unit for unit, _ in here} & {unit for unit, _ in there}
    return any(
        not {which for unit, which in here if unit == shared} & {which for unit, which in there if unit == shared}
        for shared in units
    )


def shared(one: str, other: str) -> float:
    """How much of what the one with fewer things names the other names as well, from 0 to 1."""
    a, b = sorted((things(one), things(other)), key=lambda found: sum(found.values()))
    least = sum(a.values())
    if not least:
        return 0.0
    signs = {sign for word in b for sign in word}
    common = sum(weight for word, weight in a.items() if word in b or (len(word) == 1 and word in signs))
    return min(1.0, common / least)


def weight(text: str) -> float:
    """How much a text names at all."""
    return sum(things(text).values())


def stem(word: str) -> str:
    """Cut the endings that change nothing: boards, boarding, boarded."""
    for ending in ("ings", "ing", "ies", "ied", "es", "ed", "s", "'s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def length(text: str) -> int:
    """Count a text as a reader does: a Chinese character, or a word of other scripts as two."""
    level = plain(text[:READ])
    return sum(len(run) for run in _HAN.findall(level)) + 2 * len(re.findall(r"[a-z0-9']+", level))


def _arabic(number: str) -> str:
    if number.isdigit():
        return str(int(number))
    if "十" not in number:
        return "".join(_ZH_DIGITS[sign] for sign in number)
    tens, _, ones = number.partition("十")
    return str(int(_ZH_DIGITS.get(tens, "1")) * 10 + int(_ZH_DIGITS.get(ones, "0")))
