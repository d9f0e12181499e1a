"""Whose a message is, decided on tickets alone; the stories play the same through the whole gateway."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.alerts import Alert, State, alert_in, headline, kept
from router.likeness import devices, is_central, is_code
from router.matter import Join, Known, Limits, Open, Placement, Said, bare_subject, place
from store.model import Kind, Ticket

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LIMITS = Limits(reopen_within=timedelta(hours=24), burst=timedelta(minutes=2))


def ticket(number: int = 1001, symptom: str = "东站医院3号楼打印机坏了", **more) -> Ticket:
    values = {
        "id": number,
        "number": number,
        "kind": Kind.FAULT,
        "level": 3,
        "state": "taken",
        "title": symptom,
        "site": "东站医院",
        "symptom": symptom,
        "contact_id": 7,
        "channel": "sms:main",
        "opened_at": NOW - timedelta(hours=1),
        "heard_at": NOW - timedelta(hours=1),
    }
    return Ticket(**{**values, **more})


def said(text: str, **more) -> Said:
    values = {"subject": None, "kind": Kind.FAULT, "level": 3, "site": "", "contact_id": 7, "at": NOW}
    return Said(text=text, **{**values, **more})


def settled(hours: float, **more) -> Ticket:
    return ticket(state="resolved", resolved_at=NOW - timedelta(hours=hours), owner="zhang", **more)


def alert(subject: str, text: str) -> Alert:
    found = alert_in(subject, text)
    assert found is not None
    return found


def short(placement: Placement) -> str:
    if isinstance(placement, Join):
        return f"{'reopen' if placement.reopen else 'join'} {placement.ticket.number}"
    if isinstance(placement, Open):
        return f"open after {placement.linked.number}" if placement.linked else "open"
    return "ignore"


UNSURE = {"level": None, "sure": 0.6}
FOLLOWUP = {"kind": Kind.FOLLOWUP, "level": None}
CHAT = {"kind": Kind.CHAT, "level": None}


@pytest.mark.parametrize(
    ("message", "known", "answer"),
    [
        pytest.param(said("打印机坏了"), Known(), "open", id="nothing known: a new matter"),
        pytest.param(
            said("有进展吗", **FOLLOWUP),
            Known(own=(ticket(opened_at=NOW - timedelta(days=40)),)),
            "join 1001",
            id="a chase however old",
        ),
        pytest.param(said("还没好", **FOLLOWUP), Known(own=(settled(23),)), "reopen 1001", id="a day after the fix"),
        pytest.param(said("还没好", **FOLLOWUP), Known(own=(settled(25),)), "open after 1001", id="later than that"),
        pytest.param(said("怎么样了", **FOLLOWUP), Known(own=(settled(1),)), "join 1001", id="a chase after the fix"),
        pytest.param(said("谢谢", **CHAT), Known(referred=(settled(1),)), "join 1001", id="thanks in the thread"),
        pytest.param(
            said("请问发票怎么开", kind=Kind.CONSULTATION, level=None),
            Known(referred=(settled(1),)),
            "open after 1001",
            id="a question in the thread of what is settled",
        ),
        pytest.param(
            said("还没好", **FOLLOWUP),
            Known(own=(ticket(1002, "西站收费站摄像头坏了", site="西站收费站"), settled(1))),
            "join 1002",
            id="still broken: what is open before what is settled",
        ),
        pytest.param(
            said("东站医院3号楼打印机又坏了", site="东站医院"),
            Known(own=(ticket(1002, "西站收费站摄像头坏了", site="西站收费站"), settled(1))),
            "reopen 1001",
            id="broken again: the one that fits",
        ),
        pytest.param(
            said("1001还没好", contact_id=None, **FOLLOWUP),
            Known(numbered=(ticket(),)),
            "join 1001",
            id="somebody unknown by number",
        ),
        pytest.param(
            said("1001还没好", contact_id=8, **FOLLOWUP),
            Known(numbered=(ticket(),), own=(ticket(1002, "西站收费站摄像头坏了", contact_id=8),)),
            "join 1002",
            id="another's number: the sender's own",
        ),
        pytest.param(
            said("1001 滨江机房断电了", contact_id=8, site="滨江机房"),
            Known(numbered=(ticket(),)),
            "open",
            id="another's number and another place",
        ),
        pytest.param(
            said("滨江机房断电了", subject="机房断电", site="滨江机房"),
            Known(referred=(ticket(),)),
            "open",
            id="a new subject in an old thread",
        ),
        pytest.param(
            said("西站的闸机也坏了", site="西站收费站"),
            Known(referred=(ticket(),)),
            "open",
            id="a quoted line and another place",
        ),
        pytest.param(
            said("我正在外出，请联系同事", subject="自动回复: 打印机", **CHAT),
            Known(referred=(ticket(),)),
            "ignore",
            id="out of office in the thread",
        ),
        pytest.param(
            said("", automatic="auto-reply", **FOLLOWUP), Known(referred=(ticket(),)), "ignore", id="an auto-reply"
        ),
        pytest.param(said("机房断电", automatic="history"), Known(own=(ticket(),)), "ignore", id="a fax of last year"),
        pytest.param(said("周报", automatic="bulk", **CHAT), Known(own=(ticket(),)), "ignore", id="a newsletter"),
        pytest.param(said("好的我在楼下等", **CHAT), Known(own=(ticket(),)), "join 1001", id="a word to us adds"),
        pytest.param(
            said("好的我在楼下等", group="g", **CHAT), Known(own=(ticket(),)), "ignore", id="the same in a group"
        ),
        pytest.param(said("【贷款】低息，回T退订", **CHAT), Known(own=(ticket(),)), "ignore", id="an advert"),
        pytest.param(
            said("你们太慢了我要投诉", kind=Kind.COMPLAINT, level=None),
            Known(own=(ticket(),)),
            "open after 1001",
            id="a complaint is its own matter",
        ),
        pytest.param(
            said("还要投诉他的态度", kind=Kind.COMPLAINT, level=None),
            Known(own=(ticket(1002, "投诉", kind=Kind.COMPLAINT), ticket())),
            "join 1002",
            id="more of a complaint",
        ),
        pytest.param(
            said("东站医院3号楼打印机打不出来", site="东站医院", contact_id=8),
            Known(nearby=(ticket(symptom="东站医院3号楼打印机打不出纸"),)),
            "join 1001",
            id="the same outage by another",
        ),
        pytest.param(
            said("东站医院5号楼打印机坏了", site="东站医院", contact_id=8),
            Known(nearby=(ticket(),)),
            "open",
            id="another building",
        ),
        pytest.param(said("打印机坏了"), Known(nearby=(ticket(),)), "open", id="no site: no outage"),
        pytest.param(
            said("电信机楼五层电池间着火冒烟", contact_id=8),
            Known(nearby=(ticket(symptom="电信机楼五层电池间冒烟，有焦味", site=""),)),
            "join 1001",
            id="no site recognised, but the same telling words",
        ),
        pytest.param(
            said("系统登录不上", contact_id=8),
            Known(nearby=(ticket(symptom="系统登录不上了", site=""),)),
            "open",
            id="words that anybody says are not telling",
        ),
        pytest.param(
            said("打印机可以打了", site=""), Known(own=(ticket(),)), "join 1001", id="works, whatever the judge says"
        ),
        pytest.param(said("可以用了"), Known(own=(settled(3),)), "join 1001", id="works after the fix reopens nothing"),
        pytest.param(
            said("请问打印机怎么设置双面打印"), Known(own=(ticket(),)), "open", id="a question about what is broken"
        ),
        pytest.param(
            said("东站医院的闸机坏了", group="g", contact_id=8),
            Known(group=(ticket(symptom="东站医院闸机打不开"),)),
            "join 1001",
            id="another of the group tells of the same",
        ),
        pytest.param(
            said("还没好吗", group="g", contact_id=8, **FOLLOWUP),
            Known(group=(ticket(heard_at=NOW - timedelta(minutes=5)),)),
            "join 1001",
            id="another of the group asks after the only matter",
        ),
        pytest.param(
            said("还没好吗", group="g", contact_id=8, **FOLLOWUP),
            Known(group=(ticket(heard_at=NOW), ticket(1002, "摄像头黑屏", heard_at=NOW))),
            "open",
            id="of two matters of others nobody knows which",
        ),
        pytest.param(
            said("地磅房的称重软件也闪退，打开就关", kind=Kind.FOLLOWUP, **UNSURE),
            Known(own=(ticket(site=""),)),
            "open",
            id="hardly a follow-up, and a defect of a thing of its own",
        ),
        pytest.param(
            said("另外想约一次培训", **FOLLOWUP),
            Known(own=(ticket(),)),
            "open",
            id="says that it is another",
        ),
        pytest.param(
            said("Chart disc 2 is reported corrupt.", subject="ECDIS chart update", **FOLLOWUP),
            Known(own=(ticket(),)),
            "open",
            id="a follow-up under a heading of its own",
        ),
        pytest.param(
            said("lol my dinner with the crew is cold", group="g", **FOLLOWUP),
            Known(own=(ticket(heard_at=NOW - timedelta(minutes=20)),)),
            "open",
            id="a follow-up in a group that is about their dinner",
        ),
        pytest.param(
            said("一中考点：听力播放主机无声", kind=Kind.CHAT, **UNSURE),
            Known(),
            "open",
            id="hardly chatter, and a defect: never ignored",
        ),
        pytest.param(said("周末愉快", kind=Kind.CHAT, **UNSURE), Known(), "ignore", id="chatter without a defect"),
        pytest.param(
            said("这个还没人看", kind=Kind.COMPLAINT, **UNSURE),
            Known(own=(ticket(),)),
            "join 1001",
            id="impatience about an open matter is a chase",
        ),
        pytest.param(
            said("我要投诉，还没人看", kind=Kind.COMPLAINT, **UNSURE),
            Known(own=(ticket(),)),
            "open after 1001",
            id="a complaint in so many words",
        ),
        pytest.param(
            said("车进不来", level=1),
            Known(own=(ticket(symptom="出问题了", site="", kind=Kind.CONSULTATION, heard_at=NOW),)),
            "join 1001",
            id="an outage right after a beginning",
        ),
        pytest.param(
            said("全院HIS系统瘫痪", level=1),
            Known(own=(ticket(symptom="请问怎么修改密码", site="", kind=Kind.CONSULTATION, heard_at=NOW),)),
            "open",
            id="an outage right after a question",
        ),
        pytest.param(
            said("could you tell me where the monthly usage report is?", subject="Re: Portal down", **FOLLOWUP),
            Known(referred=(settled(200, symptom="Portal down", site=""),)),
            "open after 1001",
            id="a question with things of its own in the thread of what is settled",
        ),
        pytest.param(
            said("还是跟上次一样", **FOLLOWUP),
            Known(own=(ticket(1002, "储值卡能不能跨店用", kind=Kind.CONSULTATION, site=""), ticket())),
            "join 1001",
            id="a question is not what is broken still",
        ),
        pytest.param(
            said("网络现在还断着", **FOLLOWUP),
            Known(own=(ticket(1002, "我要投诉你们工程师", kind=Kind.COMPLAINT, site=""), ticket())),
            "join 1001",
            id="a complaint is not what is still broken",
        ),
    ],
)
def test_whose_it_is(message, known, answer):
    assert short(place(message, known, LIMITS)) == answer


def test_a_rating_counts_once_and_only_when_nothing_is_open():
    done = settled(1)
    assert short(place(said("5", **CHAT), Known(own=(done,)), LIMITS, rating=5)) == "join 1001"
    placement = place(said("5", **CHAT), Known(own=(done,)), LIMITS, rating=5)
    assert isinstance(placement, Join)
    assert placement.rating == 5
    again = place(said("5", **CHAT), Known(own=(settled(1, rating=5),)), LIMITS, rating=5)
    assert short(again) == "ignore"


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        pytest.param("Re: 回复：[YZ-1001] 打印机", "打印机", id="marks and number"),
        pytest.param("Fwd: Fw: printer", "printer", id="forwarded twice"),
        pytest.param(None, "", id="none"),
    ],
)
def test_the_bare_subject(subject, bare):
    assert bare_subject(subject) == bare


NAGIOS = ("** PROBLEM Service Alert: web01/HTTP is CRITICAL **", "Service: HTTP\nHost: web01\nState: CRITICAL")


@pytest.mark.parametrize(
    ("subject", "text", "same", "state"),
    [
        pytest.param("** RECOVERY Service Alert: web01/HTTP is OK **", "", True, State.RECOVERED, id="recovered"),
        pytest.param("** PROBLEM Service Alert: web01/HTTP is CRITICAL **", "", True, State.FIRES, id="again"),
        pytest.param("** PROBLEM Service Alert: web02/HTTP is CRITICAL **", "", False, State.FIRES, id="another host"),
        pytest.param("** PROBLEM Service Alert: web01/SSH is CRITICAL **", "", False, State.FIRES, id="another check"),
        pytest.param("** PROBLEM Host Alert: web01 is DOWN **", "", False, State.FIRES, id="the host itself"),
        pytest.param("** ACKNOWLEDGEMENT Service Alert: web01/HTTP **", "", True, State.ACKNOWLEDGED, id="taken there"),
    ],
)
def test_an_alert_is_its_host_and_check(subject, text, same, state):
    first, other = alert(*NAGIOS), alert(subject, text)
    assert (first.same(other), other.state) == (same, state)
    remembered = kept(first.key)
    assert remembered is not None
    assert remembered.same(other) is same


@pytest.mark.parametrize(
    ("fires", "recovers"),
    [
        pytest.param(
            "[FIRING:1] InstanceDown prod-api (critical)", "[RESOLVED] InstanceDown prod-api (critical)", id="p"
        ),
        pytest.param(
            "Zabbix: Problem: 核心交换机 CPU 过高", "Zabbix: Resolved in 14m 22s: 核心交换机 CPU 过高", id="zabbix"
        ),
        pytest.param("Monitor is DOWN: www", "Monitor is UP: www", id="uptime monitor"),
        pytest.param("ALARM: queue in eu-west-1", "OK: queue in eu-west-1", id="cloud alarm"),
        pytest.param("【监控】web01 CPU使用率95%告警", "【监控】web01 CPU使用率恢复正常", id="chinese platform"),
    ],
)
def test_the_recovery_of_an_alert_is_recognised(fires, recovers):
    first, second = alert(fires, ""), alert(recovers, "")
    assert (first.same(second), first.state, second.state) == (True, State.FIRES, State.RECOVERED)


@pytest.mark.parametrize("text", ["打印机坏了，请来看看", "如何判读监控告警", "Re: alert fatigue", ""])
def test_what_people_write_is_no_alert(text):
    assert alert_in(text, "您好") is None


def test_the_headline_of_an_alert_is_what_it_says():
    assert headline("** PROBLEM Host Alert: core-sw-01 is DOWN **", "") == "core-sw-01 is DOWN"


def test_devices_codes_and_central_systems():
    assert devices("3号楼2楼的web01，单号YZ-1001") == {"3号", "2楼", "web01"}
    assert [is_central(text) for text in ("收费系统登录不上", "收费系统的打印机坏了", "漏水了")] == [True, False, False]
    assert [is_code(text) for text in ("您的验证码是 482913", "收不到验证码", "482913 is your verification code")] == [
        True,
        False,
        True,
    ]


ANYTHING = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=st.characters(categories=("Cc", "Cf", "Cs", "Nd", "So"))),
    st.sampled_from(["", "\x00", "1" * 10_000, "坏" * 10_000, "还没好 1001", "[RESOLVED] x", "5", "🙂" * 50]),
)


@settings(max_examples=200, deadline=None)
@given(
    text=ANYTHING, subject=st.none() | ANYTHING, kind=st.sampled_from(list(Kind)), rating=st.none() | st.integers(1, 5)
)
def test_no_text_whatever_stops_the_placing(text, subject, kind, rating):
    known = Known(numbered=(ticket(),), referred=(settled(1),), own=(ticket(1002), settled(30)), nearby=(ticket(),))
    found = alert_in(subject, text, automatic=True)
    message = said(text, subject=subject, kind=kind, site="东站医院", alert=found)
    assert short(place(message, known, LIMITS, rating=rating)).split()[0] in ("join", "reopen", "open", "ignore")
