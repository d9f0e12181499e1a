"""What a message is and how bad: sentences, minimal pairs, guards, and the figures on the labelled messages."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from router import learned
from router.judge import Evidence, Facts, Rules, Verdict, decide, judge
from router.plain import plain
from router.reading import unquoted
from router.rules import compile_rules, load

ROOT = Path(__file__).resolve().parents[2]
BOOK = load(yaml.safe_load((ROOT / "router" / "default_rules.yaml").read_text(encoding="utf-8")))
TABLE = compile_rules(BOOK)
LEARNED = learned.load((ROOT / "router" / "judge.model").read_bytes())


def judged(text: str, *, subject: str | None = None, channel: str = "sms", **more: Any) -> Verdict:
    return judge(Facts(channel=channel, subject=subject, text=text, **more), TABLE, LEARNED)


def case(kind: str, level: int | None, text: str, *, named: str, subject: str | None = None) -> Any:
    return pytest.param(subject, text, kind, level, id=named)


FAULTS = [
    case("fault", 1, "全院的电脑都打不开病历，挂号收费全停了", named="zh all of a hospital stands still"),
    case(
        "fault", 1, "核心机房停电，所有业务系统全部中断，请立即到场", named="zh power lost and all services interrupted"
    ),
    case("fault", 1, "全站车道一个都刷不了卡，车堵到匝道了", named="zh not one lane works"),
    case("fault", 1, "平台瘫痪了，各单位都登不上", named="zh paralysed and nobody gets in"),
    case("fault", 1, "不是演练！数据库起不来，全市窗口都办不了业务", named="zh expressly not a drill"),
    case("fault", 1, "全院系統當機，所有診間都開不了醫囑，請立刻派員", named="hant the whole hospital is down"),
    case("fault", 1, "成個系統死咗，全部分店都入唔到，冇一間做到生意", named="cantonese all branches are dead"),
    case(
        "fault", 1, "The whole system is down, nobody in any office can log in", named="en nobody can log in anywhere"
    ),
    case(
        "fault",
        1,
        "Everything is down since 9:10, all tills offline, customers are queueing",
        named="en everything is down",
    ),
    case("fault", 1, "prod 全挂了，所有用户都进不来，网关一直 502", named="mixed production is gone for all"),
    case("fault", 2, "双机里坏了一台，现在单机在跑，业务正常", named="zh one of a pair died, service runs"),
    case("fault", 2, "SSL证书今晚到期，续签一直失败，目前还能访问", named="zh a certificate expires tonight"),
    case("fault", 2, "十二个窗口里有五个办不了业务，其他窗口正常", named="zh five of twelve counters"),
    case("fault", 2, "系统今天特别慢，每个操作都要等半分钟，还能用", named="zh slow for all and still in use"),
    case("fault", 2, "機房冷氣壞了一台，溫度已經三十三度還在升，系統目前正常", named="hant a cooling unit failed"),
    case("fault", 2, "磁盘使用率96%，照这个速度今晚就写满，业务暂时没影响", named="zh the disk fills up by tonight"),
    case("fault", 2, "Three of our eight lanes cannot read tags, the rest are fine", named="en three of eight lanes"),
    case(
        "fault", 2, "RAID degraded, one disk failed, no spare left, users have not noticed", named="en a degraded array"
    ),
    case(
        "fault",
        2,
        "Searches are very slow for everyone since the update, but they do complete",
        named="en slow for everyone",
    ),
    case("fault", 2, "備援線路斷了，只剩一條線在跑，服務正常", named="hant one line left"),
    case("fault", 3, "我这台电脑打印出来字有点淡，同事的都正常，不急", named="zh one faint printer"),
    case("fault", 3, "页面上“登录”写成了“登陆”，错别字，不影响使用", named="zh a wrong character on a page"),
    case("fault", 3, "急急急！我的密码忘了，请马上重置", named="zh an urgent password is still small"),
    case("fault", 3, "只有我的頭像顯示不出來，其他功能都正常", named="hant only my picture"),
    case("fault", 3, "The logo on the report is blurry, not urgent", named="en a blurry logo"),
    case("fault", 3, "my mouse pointer is tiny since yesterday, only me, colleagues are fine", named="en only me"),
    case("fault", 3, "测试环境起不来了，生产没事，有空看看", named="zh the test system only"),
    case("fault", 3, "URGENT!!! my password expired, please reset", named="en an urgent password is still small"),
    case("fault", 3, "", named="an empty message is looked at"),
    case("fault", 3, "ᚠᚢᚦ ᚨᚱᚲ", named="a text nobody can read is looked at"),
]

OTHERS = [
    case("consultation", None, "请问报表怎么导出成Excel？", named="zh how to export"),
    case("consultation", None, "想咨询一下，质保期到哪天，续保多少钱", named="zh warranty and price"),
    case("consultation", None, "如果数据库哪天坏了，备份多久能恢复？", named="zh supposes an outage and asks"),
    case("consultation", None, "請問這個欄位是什麼意思？要填哪個日期？", named="hant what a field means"),
    case("consultation", None, "How do I export the user list to a file?", named="en how to export"),
    case(
        "consultation",
        None,
        "What happens if the main site is lost, how long would recovery take?",
        named="en supposes and asks",
    ),
    case("consultation", None, "点样改密码？要搵边个开权限？", named="cantonese how to change it"),
    case("complaint", None, "你们的工程师态度太差了，还骂人，我要投诉", named="zh rude engineer"),
    case("complaint", None, "约好九点来，等到下午没人来，电话也不接，要求书面道歉", named="zh nobody came"),
    case("complaint", None, "維修已完成，但貴公司人員態度惡劣，請主管出面道歉", named="hant done but rude"),
    case(
        "complaint",
        None,
        "I wish to complain about your technician, he was rude to my staff",
        named="en rude technician",
    ),
    case("complaint", None, "系统没问题，就是你们客服三次挂我电话，给个说法", named="zh hung up on three times"),
    case("site_visit", None, "下周三能不能派个老师来给新员工培训一下操作", named="zh training of new staff"),
    case("site_visit", None, "我们机房要搬到新楼，想请工程师来现场勘察一下", named="zh survey before a move"),
    case("site_visit", None, "想約下週派員到場做季度巡檢，設備都正常", named="hant a quarterly inspection"),
    case(
        "site_visit",
        None,
        "Could you send an engineer next week for the yearly inspection? All works.",
        named="en yearly inspection",
    ),
    case("site_visit", None, "新柜子到货了，麻烦约个时间上门安装调试", named="zh installation"),
    case("change_request", None, "希望在列表里增加一列手机号，能不能下个版本加上", named="zh a new column"),
    case("change_request", None, "请把系统升级到最新版本，顺便打上安全补丁", named="zh upgrade and patch"),
    case("change_request", None, "建議新增匯出PDF的功能，請評估工時", named="hant a new export"),
    case("change_request", None, "Could you add a dark mode in the next release?", named="en dark mode"),
    case(
        "change_request", None, "Please upgrade our servers to the new version and apply the patch", named="en upgrade"
    ),
    case("emergency_support", None, "国庆期间请安排工程师现场值守保障", named="zh cover over a holiday"),
    case(
        "emergency_support",
        None,
        "下周五做灾备切换演练，假设主中心全部中断，请派人配合",
        named="zh a drill that supposes an outage",
    ),
    case(
        "emergency_support",
        None,
        "平台、网络、摄像头三家各执一词，请派人来牵头联合排查定位",
        named="zh three suppliers disagree",
    ),
    case("emergency_support", None, "颱風明晚登陸，請派員進駐應變中心待命，公文已傳真", named="hant typhoon duty"),
    case(
        "emergency_support",
        None,
        "We need an engineer on standby on site for election night",
        named="en election night",
    ),
    case(
        "emergency_support",
        None,
        "DR drill on the 12th: simulated loss of the main site, please join with your runbook",
        named="en a drill",
    ),
    case("praise_or_chat", None, "谢谢", named="zh thanks"),
    case("praise_or_chat", None, "收到，辛苦了", named="zh noted"),
    case("praise_or_chat", None, "各位早上好", named="zh good morning"),
    case("praise_or_chat", None, "新年快樂，祝大家身體健康", named="hant new year"),
    case("praise_or_chat", None, "Thanks a lot, have a great weekend!", named="en thanks"),
    case("praise_or_chat", None, "👍", named="a sign"),
    case(
        "praise_or_chat",
        None,
        "【云商城】紧急！服务器最后3小时特价，戳链接领券，退订回T",
        named="zh advertising that shouts",
    ),
    case(
        "praise_or_chat",
        None,
        "Your servers may be DOWN! 70% off backup, click here, unsubscribe",
        named="en advertising that shouts",
    ),
    case("praise_or_chat", None, "[自动回复] 我正在休假，急事请打值班电话", named="zh out of office"),
    case(
        "praise_or_chat",
        None,
        "I am out of office until Monday",
        subject="Automatic reply: system down",
        named="en out of office",
    ),
    case("praise_or_chat", None, "不好意思打错了", named="zh wrong number"),
    case("praise_or_chat", None, "哈哈哈今天食堂的饭真难吃", named="zh chatter"),
    case("followup", None, "上午报的那个故障有进展吗？师傅到哪了", named="zh asks how far it is"),
    case("followup", None, "工单 1042 已经恢复正常，可以结单了，谢谢", named="zh close it"),
    case("followup", None, "还是不行，跟刚才报的一样", named="zh still broken"),
    case("followup", None, "昨天報修的那件，請問處理進度如何", named="hant how far it is"),
    case("followup", None, "Any update on ticket 20418? Still the same", named="en any update"),
    case("followup", None, "Works again since noon, thanks, you can close case 5521", named="en works again"),
    case("followup", None, "尋日報嗰單仲未搞掂，有冇ETA呀", named="cantonese chase"),
    case(
        "followup",
        None,
        "** RECOVERY ** host db-01 is UP, state: OK",
        subject="RECOVERY: db-01",
        named="an alert recovered",
    ),
]


@pytest.mark.parametrize(("subject", "text", "kind", "level"), FAULTS + OTHERS)
def test_what_a_message_is_and_how_bad(subject: str | None, text: str, kind: str, level: int | None) -> None:
    verdict = judged(text, subject=subject)
    assert (verdict.kind, verdict.level) == (kind, level), verdict.reasons


PAIRS = [
    pytest.param(
        "全站都刷不了卡，一个道都不行", "就2道刷不了卡，其他道正常", 1, (2, 3), id="the whole station or one lane"
    ),
    pytest.param("所有人都登不上系统", "就我登不上系统，同事都正常", 1, (3,), id="everybody or only me"),
    pytest.param(
        "Nobody can open the portal", "Only I cannot open the portal, others are fine", 1, (3,), id="nobody or only me"
    ),
    pytest.param("生产环境的服务器全部宕机", "测试环境的服务器全部宕机，生产没事", 1, (3,), id="production or test"),
]


@pytest.mark.parametrize(("worse", "milder", "worst", "mild"), PAIRS)
def test_nearly_the_same_words_have_another_level(worse: str, milder: str, worst: int, mild: tuple[int, ...]) -> None:
    assert judged(worse).level == worst
    assert judged(milder).level in mild


KIND_PAIRS = [
    pytest.param(
        "怎么查看历史告警？", "历史告警查不出来了，一直报错", "consultation", "fault", id="how to or does not"
    ),
    pytest.param("希望增加导出按钮", "导出按钮突然不见了", "change_request", "fault", id="wanted or vanished"),
    pytest.param(
        "下周演练，模拟全部系统中断，请派人配合",
        "不是演练，全部系统中断，请立即派人",
        "emergency_support",
        "fault",
        id="drill or real",
    ),
    pytest.param(
        "还没好，师傅几点到？工单1042", "又有一个新问题，打印机卡纸打不了", "followup", "fault", id="chase or new"
    ),
    pytest.param(
        "Please add an export button",
        "The export button is broken, I get an error",
        "change_request",
        "fault",
        id="add or broken",
    ),
    pytest.param(
        "王工人真好，修得又快，谢谢",
        "王工态度很差，还迟到，我要投诉",
        "praise_or_chat",
        "complaint",
        id="praise or complaint",
    ),
]


@pytest.mark.parametrize(("one", "other", "first", "second"), KIND_PAIRS)
def test_nearly_the_same_words_are_another_kind(one: str, other: str, first: str, second: str) -> None:
    assert (judged(one).kind, judged(other).kind) == (first, second)


def test_quoted_old_text_is_not_a_live_fault() -> None:
    text = "已恢复，可以结单了，谢谢\n\n> 发件人: 值班室\n> 全部系统瘫痪，请立即处理"
    assert judged(text, subject="回复: 特急!!全部系统瘫痪!!", channel="email").kind == "followup"


def test_an_angry_complaint_about_a_live_outage_is_a_fault() -> None:
    verdict = judged("什么服务啊！现在全站所有车道都打不开，一辆车都过不去，我要投诉")
    assert (verdict.kind, verdict.level) == ("fault", 1)


def test_mail_that_a_machine_answered_opens_nothing() -> None:
    text = "系统全部中断的通知我会在回来后阅读"
    assert judged(text, automatic="auto-reply").kind == "praise_or_chat"


def test_an_alert_is_a_fault_and_its_recovery_belongs_to_it() -> None:
    firing = "Notification Type: PROBLEM\nHost: db-01\nState: DOWN"
    resolved = "Notification Type: RECOVERY\nHost: db-01\nState: OK"
    assert judged(firing, subject="PROBLEM: db-01", channel="email").kind == "fault"
    assert judged(resolved, subject="RECOVERY: db-01", channel="email").kind == "followup"


def test_an_open_matter_speaks_for_a_followup() -> None:
    text = "那个怎么样了"
    assert judged(text, has_open=True).confidence >= judged(text).confidence
    assert judged(text, has_open=True).kind == "followup"


def test_what_goes_on_with_nothing_known_has_a_kind_and_level_of_its_own() -> None:
    unsure = Evidence(kinds={"followup": 1.0, "fault": 0.5, "consultation": -2.0}, levels={2: 1.0, 3: -1.0})
    assert decide(Facts(channel="sms", text="x"), [unsure]).alone == ("fault", 2)
    asked = Evidence(kinds={"praise_or_chat": 1.0, "consultation": 0.5}, levels={1: -9.0, 2: -9.0})
    assert decide(Facts(channel="sms", text="x"), [asked]).alone == ("consultation", None)
    assert decide(Facts(channel="sms", text="x"), [Evidence(kinds={"complaint": 3.0})]).alone is None


def test_a_verdict_names_the_words_that_decided() -> None:
    verdict = judged("平台瘫痪了，所有窗口都打不开")
    assert any(reason.startswith("words: “") and "打不开" in reason for reason in verdict.reasons), verdict.reasons
    assert 0 < verdict.confidence < 1


def test_a_verdict_names_the_rule_that_decided() -> None:
    assert "it came as a request for a visit" in judged("请安排一下", channel="visit", subject="").reasons


def test_of_two_levels_in_doubt_the_worse_acts_and_the_doubt_is_shown() -> None:
    verdict = judge(Facts(channel="sms", text="x"), compile_rules(load(TWO_LEVELS)))
    assert (verdict.level, verdict.doubt) == (1, 2)


TWO_LEVELS = {
    "rules": [
        {"name": "a fault", "kind": "fault"},
        {"name": "perhaps bad", "level": 1, "weight": 1.0},
        {"name": "perhaps not so bad", "level": 2, "weight": 1.5},
    ]
}


def test_a_vital_system_raises_a_small_fault() -> None:
    text = "LIS 显示有点问题"
    assert judged(text).level == 3
    raised = judged(text, critical_systems=("LIS",))
    assert raised.level == 2
    assert "the customer's vital system: “LIS”" in raised.reasons


def test_a_site_puts_its_own_rules_before_ours() -> None:
    own = load({"rules": [{"name": "our own word", "kind": "fault", "weight": 20, "any": ["红色代码"]},
                          {"name": "our own level", "level": 1, "weight": 20, "any": ["红色代码"]}]})  # fmt: skip
    verdict = judge(Facts(channel="sms", text="红色代码，谢谢"), compile_rules(own, BOOK))
    assert (verdict.kind, verdict.level) == ("fault", 1)
    assert verdict.reasons[0] == "our own word: “红色代码”"


class _Learned:
    def evidence(self, facts: Facts) -> Evidence:
        return Evidence(kinds={"site_visit": 50.0})


def test_another_judge_gives_evidence_beside_the_rules() -> None:
    assert judge(Facts(channel="sms", text="打不开"), TABLE, _Learned()).kind == "site_visit"
    assert Rules(TABLE).evidence(Facts(channel="sms", text="打不开", automatic="bulk")).kinds["praise_or_chat"] > 0


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        pytest.param(["瘫痪"], "系统癱瘓了", True, id="Traditional characters are read"),
        pytest.param(["down"], "please download it", False, id="a Latin word stands alone"),
        pytest.param(["restor*"], "it was restored", True, id="a star allows any ending"),
        pytest.param(["不能..打印"], "现在不能在前台打印", True, id="two words close together"),
        pytest.param(["不能..打印"], "不能开门。打印正常", False, id="not over the end of a sentence"),
        pytest.param(["{small}..up"], "the tiny light is up", True, id="any word of a list"),
        pytest.param(["/[0-9]{3}号/"], "编号 123号", True, id="a regular expression"),
        pytest.param(["ＤＯＷＮ"], "it is Down", True, id="width and case do not count"),
        pytest.param(["伺服器"], "服务器坏了", True, id="Taiwanese words are read as mainland ones"),
    ],
)
def test_how_a_word_of_a_rule_is_found(words: list[str], text: str, found: bool) -> None:
    rules = [{"name": "mine", "kind": "complaint", "weight": 9, "any": words}]
    table = compile_rules(load({"words": {"small": ["tiny", "little"]}, "rules": rules}))
    assert (judge(Facts(channel="sms", text=text), table).kind == "complaint") is found


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"name": "x", "kind": "outage"}, id="a kind that is none"),
        pytest.param({"name": "x", "level": 4}, id="a level that is none"),
        pytest.param({"name": "x", "wieght": 2}, id="a mistyped key"),
    ],
)
def test_a_wrong_rule_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        load({"rules": [rule]})


@pytest.mark.parametrize("word", ["{nothing}", "/(/", ".."])
def test_a_word_that_cannot_be_read_names_its_rule(word: str) -> None:
    with pytest.raises(ValueError, match="rule 'mine'"):
        compile_rules(load({"rules": [{"name": "mine", "any": [word]}]}))


def test_the_plain_form_levels_script_width_and_spacing() -> None:
    assert plain("伺服器當機　ＡＢＣ") == "服务器宕机 abc"
    assert plain("請 派 員 處 理") == "请派员处理"


def test_only_what_is_new_is_read() -> None:
    assert unquoted("修好了\n> 坏了\n> 全坏了").strip() == "修好了"
    assert unquoted("> 只有引文的一封信").strip() == "> 只有引文的一封信"
    assert unquoted("修好了\n在 6月3日 值班室 写道:\n全坏了").strip() == "修好了"
    assert unquoted("fixed\n-----Original Message-----\nall down").strip() == "fixed"
    assert "全坏了" in unquoted("请看\n-----原始邮件-----\n全坏了", forwarded=True)
