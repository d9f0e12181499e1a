"""Whether two texts tell of the same thing, and whether a text chases, says "still broken" or says "works again".

Likeness is Jaccard's index over pairs of neighbouring characters, which needs no word borders and so works for Chinese.
"""

import re
from functools import lru_cache

from router.plain import plain

SAME = 0.5
"""From here on two texts tell of the same symptom; measured, same matters lie around 0.65 and others around 0.16."""
COMPARED = 4000
"""Characters of a text that are compared; a ticket keeps 1,000."""
HEAD = 600
"""Characters of a text in which a chase or a word of a fix is looked for."""

_NUMBERS = re.compile(r"(?<![a-z0-9])[\d:.,/%-]+(?![a-z0-9])")
_NOISE = re.compile(r"[^\w]+|_")

_CHASES = re.compile(
    r"还没(?:好|修|弄)|几耐|(?<!不)(?<!不用)(?<!不是)催(?!收|缴|费|促)|进展|进度|有消息|有结果|有没有结果|有下文|没下文|怎么样了|啥情况了|什么情况了|情况如何|到哪(?:里|儿)?了"
    r"|到了没|到.{0,6}了(?:吗|没)|恢复时间|有(?:个)?(?:说法|下落)吗|搞成(?:点|怎)|到没到|出发没|几点(?:能)?到|什么时候(?:能|可以|有人|派人|派人来|安排人?)?(?:好|来|看|到|修|处理|解决|恢复|回复|搞定|弄好)|何时(?:能|可以)?(?:好|来|到|修|处理|解决|恢复|回复)"
    r"|啥时候(?:能)?(?:好|来|到|修|处理|解决|恢复|弄)|(?:何时|几时)(?:有|来|搞|修|得)|(?:修|弄|搞|处理)(?:好|得怎么样|完)?(?:了吗|了没|没有|没\b|没$|得怎么样)"
    r"|好了(?:吗|没|没有|么)|还要(?:等)?多久|要等到|等了.{0,8}(?:小时|天|分钟|半天)|还没(?:人|回|有人|派|来|到|收到|处理|解决|消息|给)|没人(?:来|管|理|跟进|回)|人呢"
    r"|有人(?:管|跟|处理|在跟|看|修|来)(?:吗|没|么|一下)?|谁在跟|跟进(?:一下|到|得|了)|派给谁|未见(?:复|回复)|给个(?:准话|回话|说法)|有没eta|有eta"
    r"|\bany (?:news|update|updates|progress|word|luck|eta)\b|\bupdate\s*\?|\beta\b\s*\?*|\bstatus\s*(?:\?|of\b)"
    r"|\bchas(?:e|ing)\b|\bwhere (?:are|is) (?:we|it|he|she|they|the engineer|your engineer)\b"
    r"|\bwhen (?:will|can|is|are)\b.{0,40}\b(?:fix|fixed|come|coming|back|ready|done|resolved|arrive|repaired"
    r"|here)\b|\bhow (?:much )?long(?:er)?\b|\bstill waiting\b|\bheard nothing\b"
    r"|\bnobody has (?:come|called|replied)\b|\bno (?:one|reply|answer) (?:yet|so far|has)\b"
    r"|\bwho(?:'s| is|s)? (?:looking|working|dealing|on it)|\bfollow(?:ing)?[- ]up on\b"
)
_NO_CHASE = re.compile(r"不(?:催|用催|是催)|不急着|no (?:need for an )?update needed|不用(?:回复|跟进|再跟)|进度条")
_BROKEN_STILL = re.compile(
    r"还是(?:不|没|打不|连不|收不|登不|上不|用不|进不|那样|一样|老样子|坏|断|慢|卡|黑|报|弹|闪|同样)"
    r"|还[^,。不没好]{1,2}着|还没有?(?:电|水|网|信号|数据|画面|声)|还(?:不行|不能|坏着|断着|没好|没恢复|没修|没解决|没通|打不开|连不上|在断|在报|在闪)|没(?:好利索|修好|弄好|解决|恢复)|未(?:恢复|修复|解决)"
    r"|(?:仍|依)(?:然|旧|是|未|不|扫不|打不|连不|在)"
    r"|又(?:坏|断|报|歪|漏|堵|黑|崩|挂|卡|停|掉|瘫|死|不行|不能|打不|连不|上不|登不|用不|出现|出问题|报错|报警|这样|犯|来了|嚟|不好|开始|重启|闪|.{1,2}不(?:上|了|到|出|动|开|通|行|来|进))|再次(?:出现|发生|中断|断)|老毛病|复发"
    r"|反复出现|(?:换完|重启|试了|弄完|修完).{0,8}(?:没用|不行|没声|还是|一样)|跟(?:之前|上次|刚才|昨[天日]|报修时).{0,4}一样|不见好|问题(?:仍|依|还)|仍是"
    r"|\bstill (?:not|broken|down|dead|out|off|slow|failing|offline|the same|happening|no\b|can't|cannot|cant"
    r"|won't|wont|doesn't|getting|having|isn't|unable|stuck|hangs?|blank|groans?|an issue|a problem)"
    r"|\b(?:broken|down|dead|gone|failed|failing|crashed|stopped|offline|dropped|out|same|happened|happening|back"
    r"|hanging|hangs) again\b|\bagain[,.]? (?:this|since|today|same)\b|\bback again\b"
    r"|\b(?:isn't|not|never|hasn't been) (?:really )?(?:fixed|working|sorted|resolved|solved|repaired)\b"
    r"|\bdoes ?n[o']t work\b|\bno (?:better|change|joy|luck)\b|\bsame (?:error|problem|issue|fault|thing again)\b"
    r"|\breopen|\brecur(?:s|red)\b|\bcame back\b|\bit's back\b"
)
_BROKEN_DENIED = re.compile(
    r"(?:没有?|未|不会?)(?:再|又)(?:次)?(?:坏|断|黑|崩|挂|卡|停|掉|出现|发生|犯|报|不行)|又(?:好|可以|能|正常|恢复|通)了?|还是(?:不错|不用|没问题|没事|你们)|不是还没"
    r"|\b(?:no longer|not|never|hasn't|has not|haven't|didn't|did not|doesn't|isn't) (?:\w+ ){0,2}(?:again|broken"
    r"|down|come back|came back|recurred|happened again)\b|\bno (?:recurrence|longer)\b"
    r"|\b(?:system|service|it) came back\b|\bstill (?:fine|good|ok|working|works|up|all good)"
)
_FIXED = re.compile(
    r"就(?:都)?(?:好|正常|可以|行)了"
    r"|(?:已经|现在|都|全|终于|又|自己|刚刚?|突然|果然|真的?|是|^|[,。!?;\s(])(?:可以|恢复|正常|能用|能上|能进|能刷|能登|能打|通|好|修好|弄好|搞好|搞定|没事|没问题|顺)了"
    r"|(?:修|弄|搞|整|换|调|装|重启|重开|处理)(?:完)?(?:之?后)?(?:就)?(?:都)?(?:好|正常|顺|可以|能用|行)了?|恢复(?:了|正常|在线|啦|使用|通信|供电)"
    r"|已(?:恢复|修复|正常|解决|好|处理完|消除)|(?:没有?|未)(?:再|又)(?:次)?(?:坏|断|黑|崩|挂|卡|停|掉|出现|发生|犯|报)|问题(?:已|已经)?(?:解决|消失)"
    r"|好了[,,。!]?(?:谢|辛苦|多谢|不用)|^好了|好(?:了|啦|咗|喇)(?:喔|哦|啦|呀)|(?:用|入|开|好|得|行|上)返(?:了|啦|喇|晒)?"
    r"|不用(?:来|过来|管|再来|跟进|再跟|处理)了|可以(?:销|结|关)(?:单|案)|可以(?:结|关)掉|(?:销|撤|结|关)单|请关闭|请结案|起来了|通了|温度下来了|亮了|运行正常|一切正常"
    r"|验证(?:通过|正常)|误报|\b(?:works?|working|ok|okay|up|fine|alive|good|online"
    r"|readable|moving|running|printing|flowing|ticking) again\b"
    r"|\b(?:works|resolves|opens|prints|runs|loads|connects|reads) (?:now|again)\b"
    r"|\bback (?:up|online|to normal|in business|working)\b"
    r"|\b(?:is|are|it's|its|been|all|now|got|was) (?:now )?(?:fixed|resolved|sorted|solved|restored|repaired"
    r"|cured|working|ok|fine|good|steady|back)\b"
    r"|\b(?:fixed|resolved|sorted|solved|restored)(?: now| itself|,? thanks|,? thank you|,? thx|[.!]*$)"
    r"|\bthat (?:fixed|did|solved) it\b|\b(?:can|may) be closed\b"
    r"|\b(?:please |pls |happy (?:for (?:yo)?u )?to |you can |agree to )close\b"
    r"|\bcancel (?:the|my|our|this) (?:ticket|call|case)\b|\bno recurrence\b"
    r"|\b(?:not|n't|no) (?:\w+ ){0,2}(?:happened|come back|came back|recurred|seen it) ?(?:again|once|since)?"
    r"|\bfalse alarm\b|\brecovered\b|\bsteady\b"
)
_FIXED_DENIED = re.compile(
    r"(?:没有?|未|还没|没能|不|不能|尚未|仍未|无法)(?:完全|全部|彻底|真正|真|能|有)?(?:好|恢复|修好|弄好|搞好|搞定|正常|解决|修复|通|处理完)(?!意思)|不好了|不(?:可以|通)了"
    r"|(?:好|恢复|修好|弄好|正常|可以|能用|搞定|解决|通)(?:了|使用|正常)?(?:吗|没有?[?]?$|没\s*[?]|么|沒|呢\?|否)|什么时候|何时|啥时候|几时|几点"
    r"|(?:如果|等|要是|一旦|万一|假如|希望|尽快|请|麻烦|赶紧|快|才能|帮忙)[^,。;\n]{0,6}(?:好|恢复|修好|弄好|正常|解决|关闭)"
    r"|(?:好|修好|恢复|弄好)(?:了)?(?:之后|以后|后|的话|再|就?告诉|通知|叫我|请)|以为(?:已经)?(?:好|恢复)"
    r"|说(?:已经?)?(?:好|修好|恢复|处理好|已恢复|是好)了?.{0,14}(?:还|但|可|结果|其实|根本|并没)|好了(?:一|两|几|没|不到).{0,8}(?:又|就)|其他.{0,4}正常"
    r"|别的.{0,4}正常|其余.{0,4}正常"
    r"|\b(?:not|never|isn't|aren't|wasn't|hasn't|haven't|won't|nothing|nor)(?: \w+){0,3} (?:fixed|resolved|sorted"
    r"|solved|restored|working|ok|fine|good|back up|back|up again|repaired)\b"
    r"|\bwhen (?:will|is|are|can)\b[^.!?\n]*"
    r"|\bis (?:it|this|that) (?:now )?(?:fixed|working|back|resolved|ok)\b.{0,12}\?"
    r"|\b(?:if|once|until|unless|should|will be|to be|get it|needs?|please|pls|before|want it|can you|could you"
    r"|asap) ?(?:\w+ ){0,3}(?:fixed|resolved|sorted|restored|works|back up|working|it's back)\b"
    r"|\b(?:was|were) (?:working|fine|ok|good)\b|\bnot? (?:the )?same\b"
    r"|\bothers? (?:is|are|all)? ?(?:fine|ok|good|working)|\brest (?:is|are|of .{1,20})? ?(?:fine|ok)"
)


def signature(text: str) -> frozenset[str]:
    """What remains of a text for comparing: its pairs of neighbouring characters, without numbers, spaces and signs."""
    letters = _NOISE.sub("", _NUMBERS.sub(" ", plain(text[:COMPARED])[:COMPARED]))
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1)) or frozenset(letters)


def alike(a: str, b: str) -> float:
    """How much two texts share, from 0 to 1; texts without words are like nothing."""
    return overlap(signature(a), signature(b))


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Likeness of two signatures."""
    together = len(a | b)
    return len(a & b) / together if together else 0.0


def same_symptom(a: str, b: str) -> bool:
    """Whether two texts tell of the same symptom; a hint, because numbers do not count."""
    return alike(a, b) >= SAME


def _head(text: str) -> str:
    """The beginning of a text: who chases or tells of a fix does so at once, and long mails are long."""
    return plain(text[:HEAD])[:HEAD]


@lru_cache(maxsize=256)
def is_chase(text: str) -> bool:
    """Whether a text asks how far a matter is."""
    said = _head(text)
    return _CHASES.search(said) is not None and _NO_CHASE.search(said) is None


@lru_cache(maxsize=256)
def is_still_broken(text: str) -> bool:
    """Whether a text says that something is broken still, or again."""
    return _BROKEN_STILL.search(_BROKEN_DENIED.sub(" ", _head(text))) is not None


@lru_cache(maxsize=256)
def is_fixed_now(text: str) -> bool:
    """Whether a text says that something works again; not when it asks, hopes, denies it or tells of a relapse."""
    said = _head(text)
    if is_still_broken(text):
        return False
    return _FIXED.search(_FIXED_DENIED.sub(" ; ", said)) is not None
