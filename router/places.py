"""Names of places and systems in a free text, by the words with which such names end; known names are better."""

import re
from collections.abc import Iterator

from router.plain import simplified

_ENDS_ZH = (
    "收费站|服务区|客运站|客运总站|火车站|高铁站|地铁站|变电站|加油站|换热站|泵站|林班站|水厂|电厂|水库|枢纽|卫生院|医院|诊所|疾控中心|血站"
    "|幼儿园|小学|中学|高中|大学|学院|学校|国小|国中|图书馆|派出所|分驻所|税务所|法院|检察院|看守所|公积金中心|政务中心|政务大厅|办证大厅|办税厅|市民中心"
    "|支行|分行|网点|营业厅|营业部|门店|分店|数据中心|指挥中心|行控中心|监控中心|调度中心|控制中心|控制室|调度室|机房|大楼|办公楼|宿舍楼|机场|航站楼|码头|港区"
    "|仓库|车间|园区|校区|院区|病区|病房|社区|分公司|分局|车队|隧道|收费所|管理处|管理所|煤矿|酒店|商场|门诊部|急诊科|检验科|药房|站房|区公所|乡公所"
)
_STOPS = (
    "我们这边|我们这里|我们那个|我们那|我们|咱们|我司|我单位|我这里是|我这里|我这|这里是|这边是|这里|这边|那边|那个|这个|哪个|你们|他们|贵司|贵公司|本|敝司|来自|来电|反映|反馈|报告|通知|称|说"
    "|您好|你好|喂|哎|是|在|到|去|从|把|给|与|跟|的|了|请|让|被|又|也|就|都|有|没|不|很|所有|全部|全市|全省|全县|整个|整座|各个|各|每个|每|几个|一个|两个|两座|三个|几座|其他|其它|别的|隔壁"
    "|今天早上|今早|早上|上午|中午|下午|晚上|昨晚|昨天|今天|刚才|刚刚|现在|目前|突然|一下|老师|师傅|领导|用户|客户|工程师|关于|由于|因为|我|什么|破|后天|明天|今晚|照|他|她|登陆后|之后|以后|里的|外地|当地|附近|受托|能|各地|一份|留|过后|经过|试点|每日|一次|打|派|若|搞|开展|更换|另外|要|先|看"
)
_STOP = re.compile(f"(?:{_STOPS}|[一二三四五六七八九十百几数多\\d]+[个家座条台处所间块部套]|[,.:、 ])")
_PLACE_ZH = re.compile(_ENDS_ZH)
_NAME_ZH = re.compile("[\u4e00-\u9fffA-Za-z0-9]*\\Z")
LONGEST_PLACE, LONGEST_SYSTEM = 14, 10
"""Characters of a name before the word with which it ends."""
_NUMBERED_ZH = re.compile(
    r"[A-Za-z\u4e00-\u9fff]{0,2}\d{1,4}\s*(?:号楼|栋|幢|号机房|号门|号病区|号车间|号仓|号窗口|号收费站|病区|号柜台|号道|号车道)"
    r"|(?<![A-Za-z])[A-Z]座(?:\d{1,2}楼)?|(?:[\u4e00-\u9fff]{2,6})?机场\s?T\d(?:航站楼)?|(?<![A-Za-z])T\d航站楼|[一二三四五六七八九十]+号(?:楼|机房|门|车间|收费站)|\d{1,2}\s?[楼层](?![梯层])"
)
_CAPITAL = r"[A-Z][\w'&-]*(?: (?:of |de )?[A-Z][\w'&-]*){0,3}"
_PLACE_EN = re.compile(
    rf"\b(?:our|the|at|from|in) (?P<own>{_CAPITAL}) (?:site|office|plant|depot|warehouse|branch|campus|clinic"
    r"|centre|center|hospital|school|factory|hub|store|shop|yard|terminal|station|data cent(?:re|er))\b"
    rf"|\b(?P<named>{_CAPITAL} (?:Hospital|School|Library|Station|Airport|University|College|Clinic|Primary|Court"
    r"|Bank|Port|Museum|Town Hall|Council|Tunnel|Reservoir|Depot|Plant|Warehouse|Tower|House|Plaza|Campus"
    r"|Terminal))\b"
    r"|\b(?P<numbered>(?i:ward|terminal|building|floor|unit|gate|room|dock|bay|block|hall|zone|pier|lane) "
    r"[A-Z]?\d{1,4}[A-Za-z]?)\b"
    r"|\b(?P<floor>\d{1,2}(?:st|nd|rd|th) floor)\b"
    rf"|\b(?i:at|from) (?P<plain>{_CAPITAL})(?=[\s,.:;]|$)"
)
_NO_NAME = re.compile(
    r"^(?:I|We|The|Our|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|Christmas|Easter|Dear|Hi|Hello|Kindly|Please)\b"
)
KINDS_EN = ("own", "named", "numbered", "floor", "plain")
_HAN = re.compile("[\u3400-\u9fff]")
"""Without one of these no Chinese pattern can fit, and trying them on a long English mail takes milliseconds."""
_SYSTEM_ZH = re.compile(
    r"(?:系统|平台|网站|官网|小程序|数据库|资料库|服务器|伺服器|交换机|交换器|防火墙|路由器|打印机|印表机|摄像头|摄影机|闸机|道闸|叫号机|取号机|自助机|发卡机|一卡通"
    r"|门禁|空调|冷气|专线|情报板|大屏|机顶盒|扫码枪|扫描枪|考勤机|存储|阵列|邮箱|虚拟机|负载均衡|视频监控|监控|称重|投影|电话系统)"
)
_SYSTEM_SHORT = re.compile(
    r"(?<![A-Za-z])(HIS|LIS|PACS|EMR|RIS|ERP|MES|WMS|WCS|TMS|TOS|OA|CRM|SCADA|DCS|PLC|VPN|UPS|ETC|POS|PMS|CCTV|NVR|NAS|SAN|DNS|LDAP"
    r"|VOIP|SSO|BMS|GIS|AGV|LPR|wi-?fi)(?![A-Za-z])",
    re.IGNORECASE,
)
_SYSTEM_EN = re.compile(
    r"\b((?:[A-Za-z][\w-]* ){1,2}?(?:system|portal|server|servers|database|application|app|platform|website"
    r"|web site|web store"
    r"|printer|switch|firewall|router|network|dashboard|gateway|kiosk|kiosks|module|screen))\b"
)
_SMALL_EN = re.compile(
    r"^(?:(?:the|our|a|an|my|your|this|that|their|his|her|all|any|every|no|of|on|in|to|at|and|or|is|are|was|new|whole|entire"
    r"|same|please|fix|one|both|some|from|with|into|for|since|open|using|use|access|can't|cannot|his|hers)\s+)+",
    re.IGNORECASE,
)


def site_in(text: str) -> str | None:
    """The most telling place that the text names, as it was written."""
    places = [*(_chinese(text) if _HAN.search(text) else ()), *_english(text)]
    return places[0] if places else None


def system_in(text: str) -> str | None:
    """The system or device that the text names, as it was written; abbreviations in capitals."""
    if _HAN.search(text):
        for start, _, end in _names(_SYSTEM_ZH, simplified(text), LONGEST_SYSTEM):
            return text[start:end]
    short = _SYSTEM_SHORT.search(text)
    if short:
        return short[1].upper()
    for english in _SYSTEM_EN.finditer(text):
        name = _SMALL_EN.sub("", english[1])
        if name:
            return name
    return None


def _chinese(text: str) -> list[str]:
    """Named places first, then numbered ones; a kind of place without a name of its own tells nothing."""
    simple = simplified(text)
    named = [text[start:end] for start, kind, end in _names(_PLACE_ZH, simple, LONGEST_PLACE) if start < kind]
    return named + [text[found.start() : found.end()].strip() for found in _NUMBERED_ZH.finditer(simple)]


def _names(kinds: re.Pattern[str], simple: str, longest: int) -> Iterator[tuple[int, int, int]]:
    """Where a name begins (after the last small word), where the kind of place or thing begins, and where it ends."""
    done = 0
    for found in kinds.finditer(simple):
        run = _NAME_ZH.search(simple, max(done, found.start() - longest), found.start())
        begins = run.start() if run else found.start()
        last = max((stop.end() for stop in _STOP.finditer(simple, begins, found.start())), default=begins)
        yield last, found.start(), found.end()
        done = found.end()


def _english(text: str) -> list[str]:
    found = [
        match for match in _PLACE_EN.finditer(text) if match.lastgroup and not _NO_NAME.match(match[match.lastgroup])
    ]
    return [match[kind] for kind in KINDS_EN for match in found if match.lastgroup == kind]
