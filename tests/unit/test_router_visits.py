"""Requests for a visit, in lines and in free words: where, when, whom to ask for, a number, what to bring."""

from datetime import UTC, datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from gateway.config import packaged_words
from router.judge import Facts, judge
from router.rules import compile_rules, load
from router.visits import VALUE, VisitAsked, visit_in

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
"""A Thursday."""
FORM = (
    "上门地点：滨江机房\n事由：更换交换机\n希望时间：后天 09:30\n联系人：李工\n联系电话：+8613800138000\n"
    "请携带：光纤熔接机、梯子"
)
FORM_EN = (
    "Where: Riverside DC\nWhat for: New rack\nWhen: tomorrow at 2 pm\nAsk for: Mr Li\nPhone: +442079460958\n"
    "Please bring: a ladder, two SFPs"
)


def on(text: str) -> datetime:
    """An instant of the site's zone, as "11-27 14:00"."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def read(text: str, *, subject: str | None = None, sites: tuple[str, ...] = ()) -> VisitAsked:
    return visit_in(subject, text, at=AT, zone=ZONE, sites=sites)


SENTENCES = [
    (
        "请明天下午两点派人到滨江机房，找李工 13800138000，带光纤熔接机",
        ("滨江机房", "明天下午两点", "11-27 14:00", "李工", "13800138000", "光纤熔接机"),
    ),
    (FORM, ("滨江机房", "后天 09:30", "11-28 09:30", "李工", "+8613800138000", "光纤熔接机、梯子")),
    (FORM_EN, ("Riverside DC", "tomorrow at 2 pm", "11-27 14:00", "Mr Li", "+442079460958", "a ladder, two SFPs")),
    (
        "Please send a man to Leeds site on Friday at 10:30, ask for Tom Baker on 07700 900123 and bring a ladder.",
        ("Leeds", "Friday at 10:30", "11-27 10:30", "Tom Baker", "07700900123", "a ladder"),
    ),
    (
        "周五上午十点半请来市第一人民医院检验科，联系王主任，电话010-65529988，自带笔记本电脑",
        ("市第一人民医院", "周五上午十点半", "11-27 10:30", "王主任", "010-65529988", "笔记本电脑"),
    ),
    (
        "下周三下午3点到5点都行，地点在人民路18号3楼，找陈师傅",
        ("人民路18号3楼", "下周三下午3点到5点", "12-02 15:00", "陈师傅", "", ""),
    ),
    (
        "20日 09:30 请派工程师到东岭收费站，带备用交换机过来",
        ("东岭收费站", "20日 09:30", "12-20 09:30", "", "", "备用交换机"),
    ),
    ("尽快派人来看看", ("", "尽快", "11-26 10:00", "", "", "")),
    ("Please come ASAP to ward 6", ("ward 6", "ASAP", "11-26 10:00", "", "", "")),
    ("麻烦约个时间上门，最好明天上午，找张伟 13912345678", ("", "明天上午", "", "张伟", "13912345678", "")),
    ("昨天下午三点坏的，请明天上午九点来修，联系刘老师", ("", "明天上午九点", "11-27 09:00", "刘老师", "", "")),
    ("找个人来看看，带宽不够", ("", "", "", "", "", "")),
    ("明天两点来", ("", "明天两点", "", "", "", "")),
    (
        "12月3日14:00，杭州数据中心，刘工13800000000",
        ("杭州数据中心", "12月3日14:00", "12-03 14:00", "刘工", "13800000000", ""),
    ),
    (
        "at 9 am tomorrow please visit our Harbour Tunnel, contact Dr. Wong",
        ("Harbour Tunnel", "9 am tomorrow", "11-27 09:00", "Dr. Wong", "", ""),
    ),
    (
        "We need someone between 2-4 pm on Monday at Central Library; please bring spare disks, thanks",
        ("Central Library", "2-4 pm on Monday", "11-30 14:00", "", "", "spare disks"),
    ),
    ("明天或后天下午两点都可以", ("", "明天或后天下午两点", "", "", "", "")),
    (
        "請於明天下午兩點派員到仁愛醫院，找陳主任，帶示波器",
        ("仁愛醫院", "明天下午兩點", "11-27 14:00", "陳主任", "", "示波器"),
    ),
    ("周四下午三点来", ("", "周四下午三点", "", "", "", "")),
    ("本周六上午9点来装机", ("", "本周六上午9点", "11-28 09:00", "", "", "")),
    ("今晚8点割接，请派人到现场，带上console线", ("", "今晚8点", "11-26 20:00", "", "", "console线")),
    ("快一点来，早一点更好", ("", "", "", "", "", "")),
    (
        "地点：滨江机房；时间：明天14:00；联系人：李工 13800138000；带：梯子",
        ("滨江机房", "明天14:00", "11-27 14:00", "李工", "13800138000", "梯子"),
    ),
    ("设备明天上午9点到货，请后天派人来装", ("", "明天上午9点; 后天", "", "", "", "")),
    ("请在周五下午三点之前到", ("", "周五下午三点之前", "", "", "", "")),
    ("Could you send someone next Friday at 10 am? Ask for Mary.", ("", "next Friday at 10 am", "", "Mary", "", "")),
    (
        "The day after tomorrow at noon, 12 High Street, see Mr Brown",
        ("12 High Street", "The day after tomorrow at noon", "11-28 12:00", "Mr Brown", "", ""),
    ),
    (
        "on 3 December at 14:30 please come to Terminal 2, call Anna Li on +44 20 7946 0958",
        ("Terminal 2", "3 December at 14:30", "12-03 14:30", "Anna Li", "+442079460958", ""),
    ),
    (
        "请派一名工程师，时间：12月1日上午9点30分，地址：深圳市南山区科技园路5号A座1201室",
        ("深圳市南山区科技园路5号A座1201室", "12月1日上午9点30分", "12-01 09:30", "", "", ""),
    ),
    ("时间：无\n地点：东岭收费站", ("东岭收费站", "", "", "", "", "")),
    ("联系人：\n地点： 3号楼", ("3号楼", "", "", "", "", "")),
    ("WHEN = 2026-12-01 08:00\nPLACE = Leeds", ("Leeds", "2026-12-01 08:00", "12-01 08:00", "", "", "")),
    ("> 地点：旧机房\n请派人到北郊机房", ("北郊机房", "", "", "", "", "")),
]


def test_the_table_has_the_sentences_that_were_asked_for() -> None:
    assert len(SENTENCES) >= 30


@pytest.mark.parametrize(("text", "said"), SENTENCES, ids=[text[:24] for text, _ in SENTENCES])
def test_a_request_is_read(text: str, said: tuple[str, ...]) -> None:
    place, wanted, at, contact, phone, bring = said
    assert read(text) == VisitAsked(
        place=place, wanted=wanted, wanted_at=on(at) if at else None, contact=contact, phone=phone, bring=bring
    )


def test_a_known_site_wins_over_what_looks_like_a_place() -> None:
    assert read("请派人到滨江机房三楼的华信园", sites=("华信园",)).place == "华信园"


def test_a_line_with_a_label_wins_over_free_words() -> None:
    found = read("请明天上午9点到北郊机房，找王工\n地点：滨江机房\n时间：后天上午10点\n联系人：李工")
    assert (found.place, found.wanted_at, found.contact) == ("滨江机房", on("11-28 10:00"), "李工")


def test_full_width_colons_digits_and_latin_are_read_alike() -> None:
    assert read("Ｗｈｅｎ：明天１４：００").wanted_at == on("11-27 14:00")


def test_the_subject_is_read_with_the_text() -> None:
    assert read("详见附件", subject="请明天上午9点到北郊机房").wanted_at == on("11-27 09:00")


def test_a_field_keeps_no_more_than_a_line() -> None:
    assert len(read(f"地点：{'很长' * 500}").place) == VALUE


@pytest.mark.parametrize(
    "text", [" ", "\n", " \n", "　", "明天 9 点 找李工 带 ", "周一", "地点:", "9", "A ", "路1号", "* ", "- "]
)
def test_a_long_text_is_read_in_no_time(text: str) -> None:
    begun = process_time()
    read(text * (2500 // len(text)))
    assert process_time() - begun < 0.5  # seconds; what grows with the square of a run of spaces takes several


@pytest.mark.parametrize("text", [FORM, FORM_EN, "Where: x\nWhat for: y\nPhone: +8613800138000"])
def test_what_came_by_the_form_is_judged_to_be_a_visit(text: str) -> None:
    table = compile_rules(load(packaged_words()))
    for subject in (None, "上门服务：更换交换机", "Visit: New rack"):
        assert judge(Facts(channel="visit", subject=subject, text=text), table).kind == "site_visit"
