"""The words of a title: the clause that tells what is wrong, or what is asked, out of a text however long; pure.

Every clause is weighed by what speaks for it (a failure, how much of it, a thing that fails) and against it (what still
works, a courtesy, who is speaking, what was before or might be). The heaviest one is where the title begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from router.plain import plain, simplified

TITLE = 60
"""Columns of a title: 30 Chinese characters or 60 Latin ones; a page on a phone shows one line."""
LONGEST = 4000
"""Characters of a text in which a title is looked for: two pages."""
MOST = 240
"""Clauses that are weighed."""

_SENTENCE = re.compile(r"[。!?;\n…]+|\.[\"”')]?(?=\s|$)")
_CLAUSE = re.compile(
    r"[，、]|,(?!\d{3})\s*|:(?!\d)\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|\s+[-–—]+\s+"
    r"|\s(?=(?:but|because|since|so|while|although|as of|after)\s)",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"不了|不上|不开|不到|不出|不动|不起|不来|不通|不能|不进|不过去|不着|唔到|唔开|唔得|不灵|不切|不转|不认|不响|不抬|不见|不下|不回|不放|不刷新|不工作|不可用|不在线|不同步|不匹配|无法|没法|没反应|没声|没画面|没信号|没影像|没讯号"
    r"|没网|没电|没数据|没水|无声|无信号|无画面|无响应|未更新|未收到|未到账|不显示|不亮|不更新|不准|(?<![没未不])(?:[坏崩瘫]|断(?!路器|层|定|言)|停(?!车|机坪|靠|留|牌)|挂(?![号牌失载单账着历]))|黑屏|白屏|蓝屏|蓝画面|空白|宕机|当机|死当|(?<![门卡显声网芯贺饭社诊医信])卡(?![片号车机码券])|(?<!不)慢|掉线|离线|断线|失败|报错|跳错|错误|异常|故障|告警|亮红|红灯"
    r"|中断|漏水|漏油|渗水|进水|冒烟|着火|起火|高温|超时|乱码|重复|缺失|丢(?!了卡)|爆满|过期|到期|锁死|锁定|闪退|闪屏|花屏|偏差|没了|没有了|冇咗|冇晒|不对|不行|对不上|延迟|卡死|卡纸|罢工|失灵|失效|失联|死机|重启不|退出|退回|拒绝|反复|弹窗|弹出|打不|连不|登不|用不|刷不|收不|扫不|上不去|进不去|被黑|被入侵|篡改|勒索|中毒|少了|多了|差了|有误|涨停|停摆|停运|停办|停诊|告急|撑不住|打满|占满|电流声|时间不对|翻倍|老弹"
    r"|\bnot\b(?! (?:an?|the|sure|urgent|only|complain\w*|critical|a big)\b)|\b(?:down|can't|cannot|cant|won't"
    r"|wont|doesn't|doesnt|didn't|isn't|aren't|don't|fail\w*|errors?|erroring|broken?|broke|slow\w*|dead|died"
    r"|crash\w*|stuck|froze|frozen|hangs?|hung|bricked"
    r"|blank|empty|nothing|unreadable|jam\w*|restart\w*|reboot\w*|crack\w*|flicker\w*|black|offline|out of|outage"
    r"|missing|wrong|expire\w*|lost|loses|losing|no one|nobody|none|never|gone"
    r"|dark|late|delayed|duplicate\w*|reject\w*|refus\w*|denied|timing out|time[sd]? out|timeouts?|disconnect\w*"
    r"|stopped|stops|stalled|alarms?|problem|trouble|unable|unreachable|unavailable|leak\w*|smoke|fire|flood\w*"
    r"|tripped|overheat\w*|spins?|spinning|loop\w*|garbled|corrupt\w*|degraded|unusable|kicked|locked out|drop(?:s"
    r"|ped|ping)|breach\w*|ransom\w*|hacked|useless|5\d\d|4\d\d)\b"
    r"|\bno (?!longer\b|problem|worries|rush|hurry|impact|issue|need|change|thanks|reply|answer)\w+"
)
_WIDE = re.compile(
    r"全部|全院|全厂|全校|全线|全网|全所|全局|全体|全挂|全断|全停|全黑|全灭|整个|整栋|整层|整条|整所|所有|都[打连登用进上刷收没不断]|一律|统统|瘫|中断|停摆|停业|断电|没电|业务停"
    r"|(?:一|半)个.{0,3}(?:没|不)|\b(?:all|every\w*|entire\w*|whole|nobody|none|no one|anywhere|anyone|complete\w*"
    r"|total\w*|outage|down|any|both)\b"
)
_THING = re.compile(
    r"系统|系統|平台|网站|网页|网络|官网|小程序|公众号|数据库|服务器|交换机|防火墙|路由|打印|摄像|监控|闸机|道闸|车道|门禁|空调|电梯|专线|宽带|链路|大屏|屏幕|终端|电脑|主机|存储|硬盘|阵列|电源|机柜|机房|邮箱|邮件|电话|接口|页面|后台|报表|数据|业务|窗口|设备|app|客户端|软件|扫码|刷卡|支付|收费|挂号|短信|账号|登录|证书|备份|温度|备件"
    r"|\b(?:system|server|site|website|portal|app|network|internet|wi-?fi|phones?|printers?|screens?|database|db|api|service|vpn|email|mail|login|lanes?|tills?|terminals?|cameras?|alarms?|doors?|gates?|scanners?|switch|router|firewall|disk|storage|power|aircons?|ac|ups|cluster|dashboard|registers?|payments?|checkout|backup|cert\w*|connection|line|platform|software|client|page|queue|pipeline|build|node|host|feed)\b"
    r"|\b(?:his|lis|pacs|erp|mes|wms|oa|crm|scada|dcs|plc|etc|pos|cctv|nvr|nas|san|dns|ldap|sso|rtu|mfa)\b",
    re.IGNORECASE,
)
_FINE = re.compile(
    r"正常|误报|又好|就好了|没影响|不影响|未影响|无影响|没问题|没事|已恢复|恢复了|好的|不急|不碍事|无感知|能用|可用|查得到|可以用|不耽误|不误|还好|修好|解决了|好了|换好|早已"
    r"|\b(?:fine|ok|okay|normal(?:ly)?|unaffected|no impact|still up|back up|fixed|resolved|sorted|no rush"
    r"|not urgent|not affected|all good|(?:is|are) (?:right|correct))\b"
    r"|(?<!not )(?<!n't )(?<!stopped )\bwork(?:s|ing)\b"
)
_COURTESY = re.compile(
    r"请|麻烦|望|希望|盼|烦请|联系|电话:|回电|回复|尽快|速来|赶紧|抓紧|谢谢|多谢|感谢|辛苦|附件|详见|如题|见附|如下|抱歉|见谅|打扰|不好意思|在吗|在不在|有人吗|有空|看看|看下|看一下"
    r"|\b(?:please|pls|plz|kindly|thanks?|thx|regards|call me|reply|asap|let me know|help|attached|see below|sorry"
    r"|apolog\w+|hope you|good (?:morning|afternoon|day)|dear|hi|hello|hey)\b"
)
_SPEAKER = re.compile(
    r"^(?:你?好?我(?:是|叫|们是)|这里是|这边是|我这是|我这边是|本人|又是我|来电人?(?:系|称|是)|客[户戶]称|用户称|反映人|报修人|联系人|传真人|(?:致|发往|来自|时间|日期|电话|地址|受文者|抄送|经办)\s*$"
    r"|i am |i'm (?:the|a|from)|this is [a-z]+ (?:from|at|in|here)|my name|it's me|we are (?:the|a)|from:|to:"
    r"|date:|attn)"
)
_OVER = re.compile(
    r"已消除|已恢复|已修复|已解决|已处理|恢复正常|\b(?:back up|resolved|recovered|now fixed|since fixed"
    r"|back to normal)\b"
)
_PAST = re.compile(
    r"之前|上次|上周|上月|上回|昨天.{0,6}(?:好|修)|曾|以前|当时|那次|\b(?:last (?:week|time|month|year)|previously"
    r"|used to|back then|once)\b"
)
_MIGHT = re.compile(
    r"如果|万一|(?<!通)若|假如|要是|要不要|能不能|会不会|是不是|担心|以免|免得|为防|避免|否则|计划|拟|将于|\b(?:if"
    r"|would|could|might|may|in case|wonder\w*|whether|unless|otherwise|should we|what happens|worried|afraid)\b"
)
_ASKS = re.compile(
    r"怎么|怎样|如何|请问|请教|想问|想请教|咨询|能否|可否|可不可以|能不能|是否|想|需要|要求|申请|请贵|请派|请安排|希望|哪|什么|多少|几[点时天]|吗|呢|几时|何时|投诉|态度|不满|意见|解释|道歉|培训|巡检|保障|演练|升级|增加|新增|开通|关闭|修改|调整|换成|安排"
    r"|\?|\b(?:how|can|could|would like|when|what|where|which|who|why|is there|is it|does|do (?:we|i|you)|please"
    r"|request\w*|propose\w*|need|want|complain\w*|rude|unacceptable|training|upgrade|add|change|enable|inspection"
    r"|visit|book)\b"
)
_NO_SUBJECT = re.compile(
    r"^(?:[\W_]*|\(?无主题\)?|求助信?|紧急(?:求助|通知)?|特急|急+件?|您好|你好|大家好|故障|报修[单单]?|故障报修|报[障修]传真|传真报[修障]单|报障|通知|函|公函|请示|报告|咨询函?|询问|请教|建议|投诉|反馈|反映问题|问题|有问题|有个问题|在吗|工作联系单|联系单|传真|测试|又是我|回复|来电登记|电话记录|值班(?:电话)?记录.{0,16}|来电记录|无标题|新消息"
    r"|urgent|help|hi|hello|issue|problem|question|complaint|request|support|notice|alert|ticket|fw|fwd|no subject"
    r"|\(no subject\)|quick question|please help|help needed|support request|enquiry|inquiry|feedback|hello there"
    r"|good morning|monday morning|fax|call log[ \d]*|message)[\W_]*$"
)
_VAGUE = re.compile(
    r"^(?:(?:系统|设备|网络|业务|存储|服务器|电脑|机器|平台|软件|线路|机房|数据库)?(?:异常|故障|问题|中断|告警|报警|有问题|出问题|不正常|坏了)(?:通报|报告|情况|通知|说明)?"
    r"|(?:the |our |my )?(?:system|network|server|computer|app|service|site|website|equipment|it)? ?(?:issues?"
    r"|problems?|fault|error|outage|alert|incident|trouble|not working)(?: report)?)[\W_]*$"
)
"""A subject that says that something is wrong and not what."""
_LETTERHEAD = re.compile(
    r"^(?:关于|關於)(?P<matter>.{2,60}?)[的之]?(?:紧急|緊急)?"
    r"(?:函|报告|報告|通知|请示|請示|情况说明|情況說明|情况|情況|请求|請求)?$"
)
_FIELD = re.compile(
    r"^[\s*\-\d.、()]{0,6}(?P<label>故障现象|故障描述|故障情况|问题描述|报修内容|现象|主旨|事由|问题|故障|内容"
    r"|说明|issue|problem|symptoms?|fault|description|summary|what happened)"
    r"(?P<more>[^:\n]{0,12})\s*[:：]\s*(?P<value>[^\n]{3,})$",
    re.MULTILINE | re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^[\s*\-\d.、()]{0,6}(?:设备(?:名称)?|系统(?:名称)?|报修设备|device|equipment|system|asset)\s*[:：]\s*(?P<value>[^\n]{2,40})$",
    re.MULTILINE | re.IGNORECASE,
)
_LINK = re.compile(r"\]\(\S{1,300}?\)|https?://([^\s/\u3000-\uffef]{1,60})[^\s\u3000-\uffef]{0,300}")
_TAG = re.compile(
    r"</?(?:html|head|body|p|br|b|i|u|em|strong|div|span|font|a|td|tr|table|tbody|ul|ol|li|h[1-6]|img|hr|pre|center)"
    r"(?:\s[^<>\n]{0,120})?/?>",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:but|and|so|because|while|although|also|well|just|now)\s+|(?:就是|但是?|不过|而且|另外|然后|所以|因为|目前|反映说?|说是?|情况是这样的?|报修|紧急求助)[,:，：\s]*"
    r"|(?:by the way|caller says|(?:just )?to let you know(?: that)?)[,:]?\s+)(?=.{4})",
    re.IGNORECASE,
)
_GAPS = re.compile(r"[^\S\n]+")
_EDGES = " \t,.!:;。、，；：！？~-–—_*#>[]\"'“”"


Weigh = Callable[[str, re.Match[str] | None], float]
"""From a clause in small simplified letters, and the first failure it names, to what it is worth."""


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    sentence: int
    weight: float
    fails: bool
    thing: bool
    """It names what fails."""


def matter(heading: str, body: str, *, fault: bool = True) -> str:
    """Return the words of a title: of a fault the clause that tells it, of all else the subject or what is asked."""
    heading = _cleaned(_letter(heading[:200])).strip(_EDGES)
    if _NO_SUBJECT.match(plain(heading)):
        heading = ""
    body = _cleaned(body[:LONGEST])
    if not fault:
        return heading or _said(body, _clauses(body, _asked), least=-1.5)
    form = _told_in_a_form(body)
    return _of_fault(heading, form or body)


def _of_fault(heading: str, body: str) -> str:
    clauses = _clauses(body, _failing)
    best = max(clauses, key=lambda one: one.weight, default=None)
    own = _clause(_level(heading), 0, len(heading), _failing) if heading else None
    said = _said(body, clauses, least=-0.3)
    if own is None or best is None:
        return said or heading
    vague = _VAGUE.match(plain(heading)) is not None
    if own.fails and not (vague and best.fails) and not (best.fails and best.weight >= own.weight + 1.5):
        return heading
    if not best.fails and width(heading) > 24:
        return heading
    fits = width(heading) <= 24 and width(heading) + width(said) + 2 <= TITLE and plain(heading) not in plain(said)
    shown = fits and not vague and (own.thing or not best.fails)
    return f"{heading}: {said}" if shown else said


def _said(body: str, clauses: Sequence[_Clause], *, least: float) -> str:
    """Return the heaviest clause, with those of its sentence before and after it that are worth it and have room."""
    if not clauses:
        return ""
    first = last = max(range(len(clauses)), key=lambda at: clauses[at].weight)
    while first and _joins(body, clauses, first - 1, last, least=least):
        first -= 1
    while last + 1 < len(clauses) and _joins(body, clauses, first, last + 1, least=least):
        last += 1
    return _LEADING.sub("", body[clauses[first].start : clauses[last].end].strip(_EDGES))


def _joins(body: str, clauses: Sequence[_Clause], first: int, last: int, *, least: float) -> bool:
    """Tell whether two clauses and what stands between them are one sentence, fit, and the outer one is worth it."""
    one, other = clauses[first], clauses[last]
    added = one if one.weight < other.weight else other
    fits = other.end - one.start <= TITLE and width(body[one.start : other.end]) <= TITLE
    return one.sentence == other.sentence and added.weight >= least and fits


def width(text: str) -> int:
    """Count columns: two for a wide character, none for what only changes the one before."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def shortened(text: str, columns: int) -> str:
    """At most so many columns; cut at a border between words where one is near."""
    text = text.strip(_EDGES)
    if width(text) <= columns:
        return text
    kept, used = 0, 2
    for sign in text:
        used += _columns(sign)
        if used > columns:
            break
        kept += 1
    cut, following = text[:kept], text[kept : kept + 1]
    if following.isascii() and following.isalnum() and cut[-1:].isascii() and " " in cut[kept // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(_EDGES) + "…"


@lru_cache(maxsize=4096)
def _columns(sign: str) -> int:
    if sign.isascii():
        return 1
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F", "A") else 1


def _cleaned(text: str) -> str:
    """Take out what no one-line text may hold: marks of layout, links, control signs."""
    text = _TAG.sub(" ", _LINK.sub(lambda found: found[1] or "", text.replace("[", " ").replace("]", " ]")))
    text = _GAPS.sub(" ", text.replace(" ]", " "))
    if text.replace("\n", "").isprintable():
        return text
    return _GAPS.sub(
        " ",
        "".join(
            sign if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co") else " " for sign in text
        ),
    )


def _letter(heading: str) -> str:
    found = _LETTERHEAD.match(heading)
    return found["matter"] if found else heading


def _told_in_a_form(body: str) -> str:
    """Return what stands in the fields of a form for device and fault, or nothing."""
    fields = [found["value"] for found in _FIELD.finditer(body) if _FAILS.search(plain(found["value"]))]
    if not fields:
        return ""
    device = _DEVICE.search(body)
    return f"{device['value'].strip()} {fields[0]}" if device else fields[0]


def _clauses(body: str, weigh: Weigh) -> list[_Clause]:
    found: list[_Clause] = []
    level = _level(body)
    for number, (start, end) in enumerate(_parts(_SENTENCE, body, 0, len(body))):
        for inner, until in _parts(_CLAUSE, body, start, end):
            if body[inner:until].strip(_EDGES):
                found.append(_clause(level[inner:until], inner, until, weigh, sentence=number, late=len(found)))
            if len(found) >= MOST:
                return _not_over(level, found)
    return _not_over(level, found)


def _level(text: str) -> str:
    """Simplified and in small letters, each sign in its place."""
    lowered = simplified(text).lower()
    return lowered if len(lowered) == len(text) else simplified(text)


def _not_over(level: str, clauses: list[_Clause]) -> list[_Clause]:
    """Make less of what the next words of the sentence call over."""
    for at, later in enumerate(clauses[1:]):
        if later.sentence == clauses[at].sentence and _OVER.search(level, later.start, later.end):
            clauses[at] = replace(clauses[at], weight=clauses[at].weight - 2.0)
    return clauses


def _parts(border: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in border.finditer(text, start, end):
        yield start, found.start()
        start = found.end()
    yield start, end


def _clause(level: str, start: int, end: int, weigh: Weigh, *, sentence: int = 0, late: int = 0) -> _Clause:
    level = level.strip()[:300]
    fails = _FAILS.search(level)
    thing = _THING.search(level) is not None
    weight = weigh(level, fails) + (0.5 if thing else 0.0) - min(late * 0.04, 1.0)
    return _Clause(start, end, sentence, weight, fails is not None, thing)


def _failing(level: str, fails: re.Match[str] | None) -> float:
    if fails is None:
        against = 2.0 if _FINE.search(level) or _SPEAKER.match(level) else 1.0 if _COURTESY.search(level) else 0.0
        return (1.0 if _WIDE.search(level) else 0.0) - against
    return (
        (2.5 if _FAILS.search(level, fails.end()) else 2.0)
        + (1.0 if _WIDE.search(level) else 0.0)
        - (2.0 if _FINE.search(level) else 0.0)
        - (1.0 if _COURTESY.search(level) else 0.0)
        - (2.0 if _SPEAKER.match(level) else 0.0)
        - (1.0 if _PAST.search(level) else 0.0)
        - (1.5 if _MIGHT.search(level) else 0.0)
    )


def _asked(level: str, fails: re.Match[str] | None) -> float:
    del fails
    asks, courtesy = _ASKS.search(level), _COURTESY.search(level)
    return (
        (2.0 if asks else 0.0)
        - (2.0 if _SPEAKER.match(level) else 0.0)
        - (2.0 if courtesy and len(level) < 12 else 0.0)
        + min(len(level), 20) * 0.03
    )
