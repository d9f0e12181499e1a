"""What a message is about: where, which system, what is wrong, in a title that fits a pager, and how to call back."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from router.places import site_in, system_in
from router.plain import plain, simplified, unspaced
from router.reading import unquoted, without_prefix
from router.titles import LONGEST, TITLE, matter, shortened, width

__all__ = ["TITLE", "About", "about", "callback_in", "known_site", "shortened", "without_greeting"]

SYMPTOM = 500
"""The most characters of a symptom; what comes later is detail."""
SUBJECT = 500
GREETINGS = 12
"""More in a row are no courtesy."""
GREETED = 80
"""Characters in which one greeting stands."""
NO_WORDS = "空白消息 (no text)"

_GREETING = re.compile(
    r"^(?:[\s,.!:;~。、!-]|@\S{1,12}\s|\(?无主题\)?|喂|哎|诶|嗨|唉"
    r"|(?:各位|尊敬的)?(?![我你他])[\u4e00-\u9fff]{0,2}?(?:老师|经理|主任|工程师|师傅|先生|女士|小姐|同志|领导|团队|客服|承办)"
    r"(?:们|先进|钧鉴|大鉴)?[\s,.!:;。]*(?:您好|你好|好|早|早安|午安)?[,.!:。\s]+"
    r"|(?![员施职民人])[\u4e00-\u9fff](?:工|总|哥|姐|兄)(?:您好|你好|好|早)?[,.!:。\s]+"
    r"|(?:大家|各位|老师|师傅|亲)?(?:您好|你好|早上好|上午好|中午好|下午好|晚上好|早安|午安|晚安)(?:啊|呀|吗)?"
    r"|在吗|有人吗|在不在|打扰(?:了|一下)?|不好意思|抱歉"
    r"|麻烦(?:您|你)?(?:看一下|看下)?(?=[\s,.!。])|请问(?:一下)?(?:在吗)?|唔该(?=[\s,.!。])|紧急[!:]|急+[!:,\s]"
    r"|(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|all|team|everyone|sir|madam|sirs|sir/madam|support(?: team)?|colleagues|friends|folks|guys))?"
    r"(?=[\s,.!:;-])"
    r"|(?:hi|hello|dear) [A-Z][a-z]+(?=\s*[,!\n])|urgent\b[!:\s]*|pls(?=[\s,])|please help\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^[\s,.!:;~。、-]+")
_DEFECT = re.compile(
    r"不了|不上|不开|不到|不出|不动|不起|不来|不通|不能|无法|没反应|(?:没有?|无)(?:声|画面|信号|图像|读数|数据|反应)|不显示|不亮|不更新|不准|(?<![没未不])(?:[坏断]|停(?!车)|挂(?!号))|黑屏|白屏|空白|瘫|崩|宕机|卡|慢|掉线|离线|失败|报错|错误|异常|故障|告警|报警"
    r"|没(?:起来|启动|响应)|中断|异响|异音|失步|失灵|漏|冒烟|高温|超时|乱码|重复|缺失|丢|满|到期|锁|闪|偏|花屏|花着|没了|不见|不对|不行|对不上|延迟"
    r"|\b(?:down|not|can't|cannot|cant|won't|wont|doesn't|fail\w*|error\w*|broken|slow|dead|crash\w*|stuck|frozen|hangs?"
    r"|blank|offline|out of|missing|wrong|expire\w*|lost|no one|nobody"
    r"|stopped|alarm|problem|unable|unreachable|leak\w*)\b"
)
_INTRO = re.compile(
    r"(?:你好|您好)?[,，]?(?:啊|呀)?(?:我们?|俺们?|咱们?)?(?:这里|這裡|这边|這邊|那边|那里)?(?:是|在|的)?(?:位于|在|是)?|"
    r"(?:(?:at|in|from|our|the|here) ){0,3}",
    re.IGNORECASE,
)
"""What stands before a place that says no more than that it is one."""
MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
NUMBER = re.compile(
    r"(?<![\d.])(?:\+\d{1,3}[- ]?(?:\(?\d{1,4}\)?[- ]?){2,5}\d"
    r"|\(?0\d{1,3}\)?[- ]?\d{3,4}[- ]?\d{3,4}|[48]00[- ]?\d{3,4}[- ]?\d{3,4})"
    r"(?:\s*(?:转|轉|分机|分機|ext\.?|x|#)\s*\d{1,6}|-\d{1,5})?(?!\d)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"(?:(?:分机|分機|内线|內線|座机|ext\.?|extension)\s*(?:号|:)?\s*|\bx)(?P<digits>\d{3,6})(?!\d)", re.IGNORECASE
)
_CODES = re.compile(
    r"(?<![A-Za-z0-9])(?:ORA|ERR|TNS|SQL|PLS|DB2|MYSQL|NET)[-_ ]?\d{3,5}(?!\d)|(?<![A-Za-z0-9])ERR_[A-Z_]{3,40}"
    r"|(?<![A-Za-z0-9])0x[0-9a-fA-F]{2,16}(?![A-Za-z0-9])|(?<![A-Za-z0-9])HTTP[ /]?[45]\d\d(?!\d)"
    r"|(?<![A-Za-z0-9])(?:error|err|code|status|resultCode)\s*(?:code)?\s*[:=# ]\s*[A-Z]{0,3}-?\d{2,8}(?![A-Za-z0-9])"
    r"|(?:错误码|錯誤碼|错误代码|代码|报|返回)\s*:?\s*\d{3,6}(?!\d)"
    r"|(?<![\w.])50[0-4](?![\w.]|\s*(?:个|台|条|辆|人|元|米|多|支|张))",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a message is about; None where nothing in it tells."""

    site: str | None
    system: str | None
    symptom: str
    """What was said, without greetings and quotes; for comparing with other reports."""
    title: str
    """What is wrong and where, in at most 30 characters; never empty."""
    callback: str | None
    """A number to call, as it was written but without spaces; the user's extension when nothing else is there."""
    error_codes: tuple[str, ...]


def about(subject: str | None, text: str, *, sites: Sequence[str] = (), fault: bool = True) -> About:
    """Read what a message is about. `sites` are the names that are known; they win over what only looks like a name.

    Without `fault` the title says what is asked and not what is broken.
    """
    # Cut twice: compatibility forms of one sign may have eighteen.
    heading = without_greeting(_levelled(without_prefix((subject or "")[:SUBJECT]))[:SUBJECT])
    body = without_greeting(_levelled(unquoted(text)[:LONGEST])[:LONGEST])
    both = f"{heading}\n{body}".strip()
    site = known_site(both, sites) or site_in(both)
    return About(
        site=site,
        system=system_in(both),
        symptom=_squeezed(both)[:SYMPTOM],
        title=title_of(heading, body, site, fault=fault),
        callback=callback_in(both),
        error_codes=tuple(dict.fromkeys(found.group().strip() for found in _CODES.finditer(both))),
    )


def known_site(text: str, sites: Iterable[str]) -> str | None:
    """The longest known site that the text names, in any script or case."""
    said = plain(text).replace(" ", "")
    named = [site for site in sites if site and plain(site).replace(" ", "") in said]
    return max(named, key=len, default=None)


def without_greeting(text: str) -> str:
    """The text from where it comes to the matter; a text that only greets stays as it is."""
    rest = text.strip()
    for _ in range(GREETINGS):
        found = _GREETING.match(simplified(rest[:GREETED]))
        if not found:
            break
        shorter = _LEADING.sub("", rest[found.end() :])
        if not shorter or shorter == rest:
            break
        rest = shorter
    return rest


def title_of(heading: str, body: str, site: str | None, *, fault: bool = True) -> str:
    """What is wrong and where: the place stands first when it is known and would else not be seen."""
    said = _squeezed(matter(heading, body, fault=fault))
    if not site or width(site) + 16 > TITLE:
        return shortened(said, TITLE) or NO_WORDS
    before, found, rest = said.partition(site)
    if found and _INTRO.fullmatch(before):
        return shortened(site + rest, TITLE)
    short = shortened(said, TITLE)
    if plain(site).replace(" ", "") in plain(short).replace(" ", ""):
        return short
    return f"{site} {shortened(said, TITLE - width(site) - 1)}".strip() or NO_WORDS


def tells_of_defect(text: str) -> bool:
    """Tell whether a text has a word of something that does not work."""
    return _DEFECT.search(plain(text)) is not None


def callback_in(text: str) -> str | None:
    """The number to call back: a mobile before a landline before an extension."""
    for pattern in (MOBILE, NUMBER):
        found = pattern.search(text)
        if found:
            return re.sub(r"\s+", "", found.group())
    extension = _EXTENSION.search(text)
    return extension["digits"] if extension else None


def _levelled(text: str) -> str:
    return unspaced(unicodedata.normalize("NFKC", text)).strip()


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
