"""The texts to people: two tables alike, every message one segment, nothing that carriers refuse."""

import re

import pytest

from channels.contract import Unit
from channels.text import GSM7, GSM7_EXTENDED, segments, units
from gateway import wording_en, wording_zh
from gateway.wording import (
    NotSayable,
    fields,
    fit,
    say,
    spelled,
    spoken_label,
    templates,
)
from router.commands import Command, read

LONGEST = {
    "zh": {
        "sign": "【华信技术服务中心】",
        "level": "应急支援",
        "number": "1234567",
        "n": "2",
        "site": "滨江省级数据中心北区第三机房",
        "symptom": "机柜无供电，核心交换机与汇聚交换机全部断电，全省收费业务中断。" * 3,
        "until": "11-25 08:00",
        "at": "11-25 08:00",
        "begins": "11-25 08:00",
        "role": "值班主责",
        "count": "128",
        "per_level": "P1两单、P2十单、P3二十三单、应急支援两单、投诉十二单",
        "who": "欧阳震华经理",
        "to": "欧阳震华经理",
        "lead": "欧阳震华经理",
        "second": "司马相如工程师",
        "list": "1042滨江省级数据 1043高铁站南站房 1047港口作业区 1234567北区第三机房 1234568收费站",
        "lines": "1042滨江省级数据 1043高铁站南站房 1047港口作业区 1234567北区第三机房 1234568收费站",
        "more": "，还有128单",
        "word": "接但接但接但接但接但接但",
        "person": "张三丰的徒弟的徒弟",
        "state": "已到场",
        "why": "快到接单时限",
        "minutes": "120",
        "held": "12",
        "waiting": "128",
        "clock": "响应",
        "late": "1440",
        "text": "还是不行，所有站都交易不了，请尽快派人过来看一下。" * 3,
        "questions": "是否仍在处理 1234567、接班、换班、测试、上门 1234568",
        "rating": "5",
        "next": "正在紧急呼叫值班负责人",
        "what": "更换电源模块两块并重启核心交换机，恢复供电，观察两小时无异常。" * 3,
        "title": "机柜无供电",
        "other": "1234568",
        "contact": "欧阳震华经理",
        "code": "4821",
        "link": "https://support.example.cn/e/" + "x" * 90,
        "offers": "欧阳震华(近滨江省级数据中心,懂OLT/收费系统,空闲) 张三(近滨江,在1042) 李雷(空闲)",
        "choices": "1234567（核心交换机全断）还是1234568（收费系统登录不）",
        "name": "欧阳震华经理",
        "package": "OLT-MA58-UP",
        "version": "2.3.1.112",
    },
    "en": {
        "sign": "[HX Service 24h] ",
        "level": "emergency",
        "number": "1234567",
        "n": "2",
        "site": "Binjiang provincial data centre, north area, room three",
        "symptom": "rack without power, core switch and aggregation switch down, toll service interrupted. " * 3,
        "until": "11-25 08:00",
        "at": "11-25 08:00",
        "begins": "11-25 08:00",
        "role": "manager",
        "count": "128",
        "per_level": "2xP1 10xP2 23xP3 2xemergency 12xcomplaint",
        "who": "Christopher Wellington",
        "to": "Christopher Wellington",
        "lead": "Christopher Wellington",
        "second": "Alexandra Montgomery",
        "list": "1042Binjiang 1043Station 1047Harbour 1234567North area 1234568Toll gate 1234569Depot 1234570South",
        "lines": "1042Binjiang 1043Station 1047Harbour 1234567North area 1234568Toll gate 1234569Depot 1234570South",
        "more": ", 128 more",
        "word": "acknowledge!",
        "person": "the man from the vendor",
        "state": "on site",
        "why": "the limit is near",
        "minutes": "120",
        "held": "12",
        "waiting": "128",
        "clock": "response",
        "late": "1440",
        "text": "it still does not work, no gate can take any payment, please send somebody now. " * 3,
        "questions": "still on it? 1234567, take over, swap, test, visit 1234568",
        "rating": "5",
        "next": "The lead is being called right now",
        "what": "swapped two power supplies, restarted the core switch, watched it for two hours. " * 3,
        "title": "rack without power",
        "other": "1234568",
        "contact": "Christopher Wellington",
        "code": "4821",
        "link": "https://support.example.cn/e/" + "x" * 90,
        "offers": "Christopher-Wellington(near:Binjiang,knows:OLT/toll,free) Zhang(near:Binjiang,on:1042) Li(free)",
        "choices": "1234567 (core switch down) or 1234568 (toll system login)",
        "name": "Christopher Wellington",
        "package": "OLT-MA58",
        "version": "2.3.1.112",
    },
}
TABLES = {"zh": wording_zh, "en": wording_en}
SPOKEN = tuple(wording_zh.VOICE)
TEXTS = [name for name in templates() if name not in (*SPOKEN, *wording_zh.PARTS, "mail_subject")]
BOTH = ("zh", "en")
FORBIDDEN = re.compile(r"1[3-9]\d{9}|[①-⓿★→【】]|https?:|www\.")


def test_both_tables_have_the_same_templates_in_the_same_blocks():
    for block in (
        "PAGES",
        "ANSWERS",
        "CUSTOMER",
        "VOICE",
        "MAIL",
        "PARTS",
        "KINDS",
        "STATES",
        "CLOCKS",
        "REASONS",
        "ROLES",
        "NEXT",
        "LEVELS",
    ):
        assert list(getattr(wording_zh, block)) == list(getattr(wording_en, block))


@pytest.mark.parametrize("template", templates())
def test_both_languages_use_the_same_variables(template):
    used = {language: set(re.findall(r"\{(\w+)\}", TABLES[language].TEMPLATES[template])) for language in BOTH}
    assert used["zh"] == used["en"]
    assert set(fields(template)) == used["zh"]


@pytest.mark.parametrize("template", templates())
def test_only_texts_carry_the_sign(template):
    signed = [TABLES[language].TEMPLATES[template].startswith("{sign}") for language in BOTH]
    assert signed == [template in TEXTS] * 2


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("template", TEXTS)
def test_a_message_with_the_longest_values_is_one_segment(template, language):
    text = fit(template, language, **LONGEST[language])
    assert (units(text, Unit.SMS) <= (70 if language == "zh" else 160), segments(text)) == (True, 1)


@pytest.mark.parametrize("template", templates())
def test_english_is_written_in_the_gsm_alphabet(template):
    assert set(fit(template, "en", **LONGEST["en"])) - GSM7 - GSM7_EXTENDED == set()


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("template", TEXTS)
def test_no_message_holds_what_carriers_refuse(template, language):
    nasty = "打13800138000或+86 139-0013-8000①★→【急】http://t.cn/x www.a.cn"
    values = {**LONGEST[language], **dict.fromkeys(("symptom", "text", "what", "word", "site"), nasty)}
    text = fit(template, language, **values)
    assert FORBIDDEN.search(text.removeprefix(values["sign"])) is None


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("template", TEXTS)
def test_shortening_never_touches_a_ticket_number(template, language):
    text = fit(template, language, **LONGEST[language])
    known = {"1234567", "1234568", "1234569", "1234570", "1042", "1043", "1047", "1440", "4821"}
    assert set(re.findall(r"\d{4,}", text)) <= known
    if "number" in fields(template):
        assert "1234567" in text


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize(("template", "name"), [(t, name) for t in templates() for name in fields(t)])
def test_a_missing_variable_is_named(template, name, language):
    given = {key: value for key, value in LONGEST[language].items() if key != name}
    with pytest.raises(NotSayable) as caught:
        say(template, language, **given)
    assert str(caught.value) == f"template {template!r} ({language}) needs {name}"


def test_an_unknown_template_is_named():
    with pytest.raises(NotSayable, match="there is no template 'pgae'"):
        say("pgae", "zh")


PAGE = {
    "sign": "【华信服务】",
    "level": "P1",
    "number": "1042",
    "site": "滨江机房",
    "symptom": "机柜无供电",
    "until": "03:27",
    "at": "03:12",
    "who": "李雷",
    "count": "12",
    "per_level": "P1两单、P2十单",
    "list": "1042滨江机房 1043高铁站 1047港口",
    "word": "接但",
    "minutes": "10",
    "held": "5",
    "waiting": "0",
}
SAID = [
    ("page", "【华信服务】P1 1042 滨江机房：机柜无供电。限03:27前接单。回1接单 2上报 3稍后"),
    ("page_fold", "【华信服务】12单待接：P1两单、P2十单，最急1042 机柜无供电。回9全接 回0看清单 2上报"),
    ("taken", "【华信服务】1042您已接单03:12。到场回 到场1042，修好回 解决1042 做法，按错回 撤销"),
    ("too_late", "【华信服务】1042已由李雷03:12接单，您不用处理。"),
    ("which_one", "【华信服务】您有12单待接：1042滨江机房 1043高铁站 1047港口。请回 接单+单号，或回9全接"),
    ("not_understood", "【华信服务】没看懂 接但。可回 接单 到场 解决 转 上报 稍后+单号，或回0看清单"),
    (
        "still_on_it",
        "【华信服务】1042您03:12接单后未更新。仍在处理回1，交回 回退单1042。10分钟无回复将重新派单",
    ),
    ("handover", "【华信服务】交班：您03:12起值班主责，在办5单、待接0单，上一班李雷。回1确认接班"),
    ("test_page", "【华信服务】这是测试告警，不用处理。请回1，确认您的手机能收能回。"),
]


@pytest.mark.parametrize(("template", "text"), SAID, ids=[template for template, _ in SAID])
def test_a_text_of_usual_length_is_said_and_fitted_alike(template, text):
    assert say(template, "zh", **PAGE) == text
    assert fit(template, "zh", **PAGE) == text


def test_english_says_the_same():
    values = {**PAGE, "sign": "[HXSvc] ", "site": "Binjiang DC", "symptom": "rack without power", "who": "Li Lei"}
    assert say("page", "en", **values) == (
        "[HXSvc] P1 1042 Binjiang DC: rack without power. Ack before 03:27. Reply 1 ack, 2 escalate, 3 snooze"
    )
    assert say("taken", "en", **values) == (
        "[HXSvc] 1042 is yours (03:12). Reply 'arrive 1042' on site, 'resolve 1042 what you did' when fixed. "
        "Mistake? Reply 'undo'"
    )
    assert say("still_on_it", "en", **values) == (
        "[HXSvc] 1042: no update since you took it at 03:12. Reply 1 still on it, 'release 1042' to give it back. "
        "Re-paged in 10 min"
    )
    assert fit("too_late", "en", **values) == "[HXSvc] 1042 was taken by Li Lei at 03:12. Nothing to do for you."


def test_the_symptom_is_shortened_to_the_last_unit_and_nothing_else():
    long = {**PAGE, "symptom": "机柜无供电且核心交换机汇聚交换机全部断电全省收费业务中断请立即处理"}
    text = fit("page", "zh", **long)
    kept = "机柜无供电且核心交换机汇聚交换机全部断电全省收费业务中…"
    assert text == f"【华信服务】P1 1042 滨江机房：{kept}。限03:27前接单。回1接单 2上报 3稍后"
    assert units(text, Unit.UTF16) == 70


def test_the_site_is_shortened_only_when_the_symptom_gave_all_it_can():
    long = {**PAGE, "symptom": "机柜无供电且核心交换机断电", "site": "滨江省级数据中心北区" * 4}
    text = fit("page", "zh", **long)
    kept = "滨江省级数据中心北区滨江省级数据中心北区滨江省级数…"
    assert text == f"【华信服务】P1 1042 {kept}：机柜无供电…。限03:27前接单。回1接单 2上报 3稍后"
    assert units(text, Unit.UTF16) == 70


def test_a_list_is_cut_between_tickets():
    sites = " ".join(f"{number}高铁站北" for number in range(1042, 1050))
    text = fit("which_one", "zh", **{**PAGE, "list": sites})
    assert (
        text
        == "【华信服务】您有12单待接：1042高铁站北 1043高铁站北 1044高铁站北 1045高铁站北…。请回 接单+单号，或回9全接"
    )


def test_a_set_limit_is_kept():
    assert fit("page", "zh", 50, **{**PAGE, "symptom": "机柜无供电且全省断电"}) == (
        "【华信服务】P1 1042 滨江机房：机柜无供电且全…。限03:27前接单。回1接单 2上报 3稍后"
    )


def test_a_full_text_is_not_shortened():
    symptom = "全省断电" * 100
    assert symptom in say("page", "zh", **{**PAGE, "symptom": symptom})


def test_an_english_text_with_chinese_names_stays_short():
    values = {**LONGEST["en"], "sign": "[HX] ", "level": "P1", "number": "1042", "site": "滨江机房"}
    assert segments(fit("page", "en", **values)) <= 2


ADVICE = {
    "zh": re.compile(r"(?:回|或) ((?:接单|到场|解决|退单|上报|撤销)(?:\d+|$|。))"),
    "en": re.compile(r"'((?:ack|arrive|resolve|release|escalate|undo)(?: \d+)?)"),
}


@pytest.mark.parametrize("language", BOTH)
def test_every_order_that_a_text_advises_is_understood(language):
    texts = [say(template, language, **{**LONGEST[language], **PAGE}) for template in TEXTS]
    advised = {order for text in texts for order in ADVICE[language].findall(text)}
    assert len(advised) >= 5
    assert [order for order in advised if not isinstance(read(order), Command)] == []


CLEANED = [
    ("机柜\n无供电\r\n急", "机柜 无供电 急"),
    ("【紧急】断电", "(紧急)断电"),
    ("断电。", "断电"),
    ("断电\u200b了\u202e", "断电 了"),
    ("{sign}{nothing}", "{sign}{nothing}"),
]


@pytest.mark.parametrize(("raw", "clean"), CLEANED, ids=[repr(raw) for raw, _ in CLEANED])
def test_what_people_wrote_is_cleaned(raw, clean):
    assert f"滨江机房：{clean}。限" in say("page", "zh", **{**PAGE, "symptom": raw})


def test_an_empty_site_leaves_no_gap():
    assert say("page", "zh", **{**PAGE, "site": ""}).startswith("【华信服务】P1 1042：机柜无供电。限")
    assert say("voice_page", "zh", **{**PAGE, "site": ""}).startswith("P1，单号1042，机柜无供电。")
    assert say("page", "zh", **{**PAGE, "level": ""}).startswith("【华信服务】1042 滨江机房：")


def test_a_call_spells_the_number():
    values = {**PAGE, "level": spoken_label("fault", 1, "zh"), "number": spelled(1042, "zh")}
    assert say("voice_page", "zh", **values) == (
        "一级故障，单号一零四二，滨江机房，机柜无供电。接单请按1，上报请按2，稍后再叫请按3，重听请按0。"
    )
    english = {
        "level": spoken_label("fault", 2, "en"),
        "number": spelled("1042", "en"),
        "site": "DC",
        "symptom": "down.",
    }
    assert say("voice_page", "en", **english) == (
        "level two fault, ticket one zero four two, DC, down. "
        "Press 1 to take it, 2 to escalate, 3 to be called again later, 0 to repeat."
    )


def test_a_mail_subject_names_the_ticket():
    assert say("mail_subject", "zh", number="1042", title="机柜\n无供电") == "[YZ-1042] 机柜 无供电"
