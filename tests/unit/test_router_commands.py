"""The reply grammar: what a text of the staff means."""

import pytest

from router.commands import Command, Intent, NotUnderstood, read
from router.grammar import DIGITS, VERBS
from router.slips import CLEAR, near


def order(intent: str, *numbers: int, **more: object) -> Command:
    first = numbers[0] if numbers else None
    return Command(intent=Intent(intent), number=first, numbers=numbers, **more)  # type: ignore[arg-type]


TAKE = [
    ("1", order("take")),
    ("１", order("take")),
    (" 1。", order("take")),
    ("“1”", order("take")),
    ("1️⃣", order("take")),
    ("①", order("take")),
    ("1👍", order("take")),
    ("1 谢谢", order("take")),
    ("1，好的", order("take")),
    ("1 接单", order("take")),
    ("1.接单", order("take")),
    ("接单1", order("take")),
    ("回1", order("take")),
    ("回复1", order("take")),
    ("1 1042", order("take", 1042)),
    ("1042 1", order("take", 1042)),
    ("1，1042", order("take", 1042)),
    ("１　１０４２", order("take", 1042)),
    ("#1042 1", order("take", 1042)),
    ("接单", order("take")),
    ("接單", order("take")),
    ("接单 1042", order("take", 1042)),
    ("接單 1042", order("take", 1042)),
    ("接单1042", order("take", 1042)),
    ("1042接单", order("take", 1042)),
    ("1042 接单！", order("take", 1042)),
    ("接单：1042", order("take", 1042)),
    ("接单 #1042", order("take", 1042)),
    ("接单 单号1042", order("take", 1042)),
    ("接单 單號 1042", order("take", 1042)),
    ("工单1042接单", order("take", 1042)),
    ("接单工单1042", order("take", 1042)),
    ("「接单 1042」", order("take", 1042)),
    ("接单 1042 谢谢", order("take", 1042)),
    ("接单 1042 🙏🙏", order("take", 1042)),
    ("好的，接单1042", order("take", 1042)),
    ("请接单 1042", order("take", 1042)),
    ("我接单了", order("take")),
    ("1042我接单", order("take", 1042)),
    ("已接单 1042", order("take", 1042)),
    ("回 接单1042", order("take", 1042)),
    ("收到", order("take")),
    ("收到，谢谢！", order("take")),
    ("收到 1042", order("take", 1042)),
    ("ack 1042", order("take", 1042)),
    ("ack #1042", order("take", 1042)),
    ("'ack 1042'", order("take", 1042)),
    ("ACK1042", order("take", 1042)),
    ("Ack: 1042.", order("take", 1042)),
    ("ack 1042 - thx", order("take", 1042)),
    ("ack ticket 1042 please", order("take", 1042)),
    ("#1042 ack", order("take", 1042)),
    ("[YZ-1042] ack", order("take", 1042)),
    ("ok", order("take")),
    ("OK, thanks", order("take")),
    ("take 1042", order("take", 1042)),
    ("ack 1042, 1043", order("take", 1042, 1043)),
    ("接单 1042和1043", order("take", 1042, 1043)),
    ("1042、1043 接单", order("take", 1042, 1043)),
    ("接单 1042 马上到", order("take", 1042, text="马上到")),
    ("ack 1042, on my way", order("take", 1042, text="on my way")),
    ("接单 12", order("take", 12)),
]
PASS_ON = [
    ("2", order("escalate")),
    ("2 1042", order("escalate", 1042)),
    ("1042 2", order("escalate", 1042)),
    ("2 1042 客户很急", order("escalate", 1042, text="客户很急")),
    ("上报", order("escalate")),
    ("上报2", order("escalate")),
    ("上報 1042", order("escalate", 1042)),
    ("1042上报", order("escalate", 1042)),
    ("上报 1042 客户点名要厂家", order("escalate", 1042, text="客户点名要厂家")),
    ("escalate 1042", order("escalate", 1042)),
    ("Escalate 1042: need the vendor", order("escalate", 1042, text="need the vendor")),
    ("升级 1042", order("escalate", 1042)),
    ("1042 升级", order("escalate", 1042)),
    ("3", order("snooze")),
    ("稍后3", order("snooze")),
    ("3 1042", order("snooze", 1042)),
    ("3 1042 30", order("snooze", 1042, minutes=30)),
    ("3 30", order("snooze", minutes=30)),
    ("稍后", order("snooze")),
    ("稍後 1042", order("snooze", 1042)),
    ("稍后 1042 再叫我", order("snooze", 1042)),
    ("稍后 1042 30", order("snooze", 1042, minutes=30)),
    ("稍后 1042 30分钟", order("snooze", 1042, minutes=30)),
    ("稍后1042 三十分钟", order("snooze", 1042, minutes=30)),
    ("稍后 1042 十五分钟后再叫我", order("snooze", 1042, minutes=15)),
    ("稍后 1042 半小时", order("snooze", 1042, minutes=30)),
    ("稍后 1042 半个小时谢谢", order("snooze", 1042, minutes=30)),
    ("稍后 30分钟 1042", order("snooze", 1042, minutes=30)),
    ("1042 稍后 20", order("snooze", 1042, minutes=20)),
    ("稍后 一小时", order("snooze", minutes=60)),
    ("稍后 一个半小时", order("snooze", minutes=90)),
    ("稍后 一刻钟", order("snooze", minutes=15)),
    ("稍后 一百二十分", order("snooze", minutes=120)),
    ("稍后 1042 300", order("snooze", 1042, minutes=120)),
    ("稍后 1042 1", order("snooze", 1042, minutes=5)),
    ("snooze 1042 30", order("snooze", 1042, minutes=30)),
    ("snooze 1042 for 30 min", order("snooze", 1042, minutes=30)),
    ("snooze 30m", order("snooze", minutes=30)),
    ("snooze 1h 1042", order("snooze", 1042, minutes=60)),
    ("later 1042", order("snooze", 1042)),
    ("转 张三 1042", order("transfer", 1042, person="张三")),
    ("转 1042 张三", order("transfer", 1042, person="张三")),
    ("轉 張三 1042", order("transfer", 1042, person="張三")),
    ("转张三1042", order("transfer", 1042, person="张三")),
    ("转给张三 1042 谢谢", order("transfer", 1042, person="张三")),
    ("转1042给李雷吧", order("transfer", 1042, person="李雷")),
    ("1042转张三", order("transfer", 1042, person="张三")),
    ("1042 转给 李雷", order("transfer", 1042, person="李雷")),
    ("转单 1042 给 李雷", order("transfer", 1042, person="李雷")),
    ("转 @张三 1042", order("transfer", 1042, person="张三")),
    ("转 张三", order("transfer", person="张三")),
    ("转李雷", order("transfer", person="李雷")),
    ("转 1042", order("transfer", 1042)),
    ("to zhang 1042", order("transfer", 1042, person="zhang")),
    ("to zhang 1042 please", order("transfer", 1042, person="zhang")),
    ("To Zhang San 1042", order("transfer", 1042, person="Zhang San")),
    ("1042 to Zhang", order("transfer", 1042, person="Zhang")),
    ("transfer 1042 to zhang", order("transfer", 1042, person="zhang")),
    ("to zhang", order("transfer", person="zhang")),
    ("退单", order("release")),
    ("退單 1042", order("release", 1042)),
    ("回退单1042", order("release", 1042)),
    ("退单 1042 我不在城里", order("release", 1042, text="我不在城里")),
    ("release 1042", order("release", 1042)),
    ("撤销", order("undo")),
    ("撤銷 1042", order("undo", 1042)),
    ("undo", order("undo")),
    ("undo 1042", order("undo", 1042)),
]
SETTLE = [
    ("到场1042", order("arrive", 1042)),
    ("到場 1042", order("arrive", 1042)),
    ("1042 已到场", order("arrive", 1042)),
    ("到场", order("arrive")),
    ("我到了", order("arrive")),
    ("arrive 1042", order("arrive", 1042)),
    ("Arrived 1042", order("arrive", 1042)),
    ("on site 1042", order("arrive", 1042)),
    ("到场 1042，配电箱跳闸", order("arrive", 1042, text="配电箱跳闸")),
    ("解决 1042 换了电源", order("resolve", 1042, text="换了电源")),
    ("解決 1042 換了電源。", order("resolve", 1042, text="換了電源。")),
    ("1042解决 换了电源", order("resolve", 1042, text="换了电源")),
    ("解决1042换了电源", order("resolve", 1042, text="换了电源")),
    ("1042 已解决，更换电源模块", order("resolve", 1042, text="更换电源模块")),
    ("“解决 1042 更换电源模块”", order("resolve", 1042, text="更换电源模块")),
    ("解决 1042 不再告警", order("resolve", 1042, text="不再告警")),
    ("解决 1042 2026年的固件回退", order("resolve", 1042, text="2026年的固件回退")),
    ("解决 1042 交换机 1043 口松动", order("resolve", 1042, text="交换机 1043 口松动")),
    ("修好 1042 光纤重新熔接", order("resolve", 1042, text="光纤重新熔接")),
    ("resolve 1042: psu swapped", order("resolve", 1042, text="psu swapped")),
    ("Resolve 1042 PSU swapped, all OK.", order("resolve", 1042, text="PSU swapped, all OK.")),
    ("1042 resolved psu swapped", order("resolve", 1042, text="psu swapped")),
    ("解决 1042\n换了电源\n已测试", order("resolve", 1042, text="换了电源\n已测试")),
    ("解决 1042", order("resolve", 1042)),
    ("解决", order("resolve")),
    ("解决 换了电源", order("resolve", text="换了电源")),
    ("备注 1042 客户要发票", order("note", 1042, text="客户要发票")),
    ("備註 1042：客戶要發票", order("note", 1042, text="客戶要發票")),
    ("1042 备注 钥匙在门卫？", order("note", 1042, text="钥匙在门卫？")),
    ("note 1042 key is at the gate", order("note", 1042, text="key is at the gate")),
    ("级别 2 1042", order("level", 1042, level=2)),
    ("級別 2 1042", order("level", 1042, level=2)),
    ("级别 1042 2", order("level", 1042, level=2)),
    ("1042 级别 2", order("level", 1042, level=2)),
    ("level 2 1042", order("level", 1042, level=2)),
    ("level 1042 1", order("level", 1042, level=1)),
    ("级别 2", order("level", level=2)),
    ("P1 1042", order("level", 1042, level=1)),
    ("1042 p2", order("level", 1042, level=2)),
    ("2级 1042", order("level", 1042, level=2)),
    ("1042 改为一级", order("level", 1042, level=1)),
    ("1042 级别改为2", order("level", 1042, level=2)),
    ("1042升为一级", order("level", 1042, level=1)),
    ("1042 三级", order("level", 1042, level=3)),
    ("level 1042", order("level", 1042)),
]
ASK = [
    ("9", order("take_all")),
    ("９", order("take_all")),
    ("全接", order("take_all")),
    ("全接！", order("take_all")),
    ("全部接单", order("take_all")),
    ("all", order("take_all")),
    ("ack all", order("take_all")),
    ("0", order("list")),
    ("清单", order("list")),
    ("清單", order("list")),
    ("清单？", order("list")),
    ("list", order("list")),
    ("状态", order("status")),
    ("狀態 1042", order("status", 1042)),
    ("1042 状态?", order("status", 1042)),
    ("status 1042", order("status", 1042)),
    ("0 1042", order("status", 1042)),
    ("清单 1042", order("status", 1042)),
    ("1042", order("status", 1042)),
    ("#1042", order("status", 1042)),
    ("值班", order("duty")),
    ("谁值班？", order("duty")),
    ("on call?", order("duty")),
    ("oncall", order("duty")),
    ("醒着 60", order("awake", minutes=60)),
    ("醒著 一小时", order("awake", minutes=60)),
    ("awake 60", order("awake", minutes=60)),
    ("awake", order("awake")),
    ("awake for 2h", order("awake", minutes=120)),
    ("awake 0", order("awake", minutes=0)),
    ("醒着0", order("awake", minutes=0)),
    ("睡了", order("awake", minutes=0)),
    ("我睡觉了，谢谢", order("awake", minutes=0)),
    ("asleep", order("awake", minutes=0)),
    ("客户睡了明天再修", None),
    ("测试", order("test")),
    ("測試", order("test")),
    ("test", order("test")),
    ("帮助", order("help")),
    ("幫助", order("help")),
    ("help", order("help")),
    ("?", order("help")),
    ("？", order("help")),
]
FOR_CUSTOMER = [
    ("1042 我们十分钟后到", order("reply", 1042, text="我们十分钟后到")),
    ("#1042 我们十分钟后到", order("reply", 1042, text="我们十分钟后到")),
    ("1042：我们十分钟后到。", order("reply", 1042, text="我们十分钟后到。")),
    ("1042 您那边灯亮了吗？", order("reply", 1042, text="您那边灯亮了吗？")),
    ("回复 1042 我們馬上到！", order("reply", 1042, text="我們馬上到！")),
    ("回 1042 请重启交换机", order("reply", 1042, text="请重启交换机")),
    ("reply 1042 we are on our way", order("reply", 1042, text="we are on our way")),
    ("Reply to 1042: On our way, ETA 10 min", order("reply", 1042, text="On our way, ETA 10 min")),
    ("1042 Take the cover off, please", order("reply", 1042, text="Take the cover off, please")),
    ("1042 收到，正在处理", order("reply", 1042, text="收到，正在处理")),
    ("1042 稍后给您回电", order("reply", 1042, text="稍后给您回电")),
    ("1042 转告值班员：设备已寄出", order("reply", 1042, text="转告值班员：设备已寄出")),
    ("1042 to be honest, we need the vendor", order("reply", 1042, text="to be honest, we need the vendor")),
    ("1042 2026年的固件要升级", order("reply", 1042, text="2026年的固件要升级")),
    ("回复 1042 到货了", order("reply", 1042, text="到货了")),
    ("回复 1042", order("reply", 1042)),
]
RESERVED = [
    (text, order("reserved", text=text))
    for text in ("R", "t", "TD", "ＴＤ", "n", "退订", "退訂", "Stop.", "QX", "0000", "CANCEL")
]
SLIPS = [
    ("接但 1042", NotUnderstood(word="接但")),
    ("接但", NotUnderstood(word="接但")),
    ("1042接但", NotUnderstood(word="接但")),
    ("akc", NotUnderstood(word="akc")),
    ("akc 1042", NotUnderstood(word="akc")),
    ("escalte 1042", NotUnderstood(word="escalte")),
    ("resovle 1042 psu swapped", NotUnderstood(word="resovle")),
    ("解绝 1042 换了电源", NotUnderstood(word="解绝")),
    ("接单 1O42", NotUnderstood(word="接单 1o42")),
    ("ack 10a2", NotUnderstood(word="ack 10a2")),
    ("不接单", NotUnderstood(word="不接单")),
    ("接单不了", NotUnderstood(word="接单不了")),
    ("1042解决不了", NotUnderstood(word="解决不了")),
    ("1042 接单 不了", NotUnderstood(word="接单 不了")),
    ("1042 到场 没有人", NotUnderstood(word="到场 没有人")),
    ("级别 7 1042", NotUnderstood(word="级别 7 1042")),
    ("升级", NotUnderstood(word="升级")),
]
FREE = [
    (text, None)
    for text in (
        "",
        "👍",
        "我马上到",
        "1 马上到",
        "好的，但是我不在城里",
        "升级包下不动",
        "升级 1042 的包下不动",
        "1？",
        "接单 1042？",
        "接单 1042 不了",
        "接单 1042 的是谁",
        "1 号机房又断电了",
        "1号楼",
        "3分钟后到",
        "收到，稍后处理",
        "收到 1042 的邮件",
        "take 1042 off the list",
        "ack 1042 is not possible",
        "解决 1042 不了",
        "解决方案发我一份",
        "转发一下邮件",
        "to be decided",
        "测试环境也挂了",
        "help me with the login",
        "好的 1042 我来看",
        "1042 1043 都好了",
        "13800138000 请回电",
        "2026年10月的合同到期",
        "状态不太好，明天请假",
        "on call the whole week",
        "到场回 到场1042",
        "stop 1042",
        "P1故障",
        "谁在",
        "全省117个治超站中有9个站自今晨06:30起检测数据不上传",
        "工单0612-07 的分析报告发我一下",
        "Node 2 of the cluster died in the night",
        "7",
        "100",
    )
]
ALL = [*TAKE, *PASS_ON, *SETTLE, *ASK, *FOR_CUSTOMER, *RESERVED, *SLIPS, *FREE]


@pytest.mark.parametrize(("text", "meant"), ALL, ids=[repr(text) for text, _ in ALL])
def test_a_text_of_the_staff_means(text, meant):
    assert read(text) == meant


def test_every_digit_means_the_same_as_its_word():
    words = {"1": "ack", "2": "上报", "3": "稍后", "9": "all", "0": "清单"}
    assert {digit: read(digit) for digit in DIGITS} == {digit: read(word) for digit, word in words.items()}


@pytest.mark.parametrize("word", sorted(VERBS))
def test_every_verb_before_and_after_a_number_is_a_command(word):
    spoken = read(f"{word} 1042")
    assert isinstance(spoken, Command)
    assert read(f"{word}1042") == spoken
    if VERBS[word] is not Intent.REPLY:
        assert read(f"1042 {word}") == spoken


@pytest.mark.parametrize("word", sorted(set(VERBS) - {"升级", "回复", "答复", "回", "reply"}))
def test_every_verb_alone_is_its_intent_in_any_case(word):
    found = read(word.upper())
    assert isinstance(found, Command)
    assert (found.intent, found.number) == (VERBS[word], None)


NEAR = [
    ("接但", "接单", True),
    ("akc", "ack", True),
    ("acks", "ack", True),
    ("sck", "ack", True),
    ("ak", "ack", True),
    ("ack", "ack", False),
    ("kca", "ack", False),
    ("接受", "上报", False),
    ("resovle", "resolve", True),
    ("rseovle", "resolve", False),
    ("", "a", True),
    ("", "ab", False),
]


@pytest.mark.parametrize(("one", "other", "is_near"), NEAR, ids=[f"{a}~{b}" for a, b, _ in NEAR])
def test_words_are_near_when_one_sign_differs(one, other, is_near):
    assert (near(one, other), near(other, one)) == (is_near, is_near)


def test_no_slip_of_an_english_verb_is_another_verb():
    english = [word for word in CLEAR if word.isascii()]
    assert [(a, b) for a in english for b in english if near(a, b) and VERBS[a] is not VERBS[b]] == []


LONG = ["接单" + "好的" * 4000 + "x", "1 " + "谢谢你" * 4000 + "x", "好" * 9000, "1042、" * 3000, "0" * 9000]


@pytest.mark.parametrize("text", LONG, ids=[text[:6] for text in LONG])
def test_a_long_text_is_read_without_trying_every_way(text):
    assert read(text) is None


def test_a_thousand_digits_are_read_without_losing_breath() -> None:
    assert read("1 " * 1000) is None or isinstance(read("1 " * 1000), (Command, NotUnderstood))
