"""Whether words go on with a matter: tables of what people add, and of what begins another."""

from datetime import UTC, datetime, timedelta

import pytest

from router.goes_on import adds, asks, complains, corrects, fitting, likeness, new_topic, reports, vague
from store.model import Kind, Ticket

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def ticket(symptom: str, *, minutes: float = 1, number: int = 1001) -> Ticket:
    heard = NOW - timedelta(minutes=minutes)
    return Ticket(
        id=number,
        number=number,
        kind=Kind.FAULT,
        level=2,
        state="taken",
        title=symptom,
        site="",
        symptom=symptom,
        channel="sms:main",
        opened_at=heard,
        heard_at=heard,
    )


SMOKE = "电信机楼五层电池间冒烟"


@pytest.mark.parametrize(
    ("symptom", "minutes", "text", "expected"),
    [
        pytest.param(SMOKE, 30, "消防到了", True, id="how it goes on"),
        pytest.param(SMOKE, 2, "柴油发电机也没起来", True, id="another symptom right after"),
        pytest.param(SMOKE, 20, "柴油发电机没起来", False, id="another symptom later"),
        pytest.param(SMOKE, 60 * 30, "消防到了", False, id="the next day"),
        pytest.param(SMOKE, 3, "一楼报告厅的无线话筒没声音", False, id="another thing with its place"),
        pytest.param(SMOKE, 2, "电信机楼大厅空调漏水", False, id="begins with the place again: a report of its own"),
        pytest.param(SMOKE, 2, "另外，大厅的灯不亮", False, id="says that it is another"),
        pytest.param(SMOKE, 10, "要不要先撤人？", True, id="a short question"),
        pytest.param(SMOKE, 10, "请问你们能不能给我们做一次消防培训？", False, id="a question with a thing of its own"),
        pytest.param(SMOKE, 1, "[未接来电] 留言 4 秒，请回电", False, id="a call that nobody took is looked at"),
        pytest.param("在吗", 1, "东门道闸，升不起来", True, id="what was meant by a greeting"),
        pytest.param("Login error 1020", 20, "they came back after a restart", True, id="speaks of it as it"),
    ],
)
def test_what_shares_nothing_with_a_matter_may_add_to_it(symptom, minutes, text, expected):
    assert adds(text, ticket(symptom, minutes=minutes), NOW) is expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        pytest.param(new_topic, "顺便问一下授权还能用几年", True, id="by the way"),
        pytest.param(new_topic, "different thing: the tv is dark", True, id="a different thing"),
        pytest.param(new_topic, "换了另外一把也不行", False, id="another one of the same"),
        pytest.param(corrects, "打错了 是3号楼", True, id="a slip"),
        pytest.param(corrects, "不对，是6道", True, id="no, it is"),
        pytest.param(
            corrects, "不对劲，打印机又卡了，你们快派人来看看到底是什么毛病，今天一直用不了", False, id="long"
        ),
        pytest.param(complains, "我要投诉你们的工程师", True, id="complains"),
        pytest.param(complains, "客人都在投诉，网什么时候能好", False, id="others complain"),
        pytest.param(asks, "需要提供什么信息", True, id="wants to know"),
        pytest.param(asks, "消防到了", False, id="tells"),
        pytest.param(reports, "业务没中断", False, id="did not happen"),
        pytest.param(reports, "业务中断", True, id="happened"),
        pytest.param(reports, "挂号窗口排到门口了", False, id="a word that only holds one"),
    ],
)
def test_what_words_do(question, text, expected):
    assert question(text) is expected


def test_the_place_with_which_both_begin_is_no_thing_of_the_matter():
    assert likeness("体育馆音响有电流声", ticket("体育馆计分屏左半边不亮")) < 0.25
    assert likeness("体育馆计分屏亮了", ticket("体育馆计分屏左半边不亮")) >= 0.4


def test_the_best_is_first_and_another_device_is_none():
    pump, meter = ticket("1号锅炉给水泵跳停", number=1001), ticket("3号楼热量表读数不变", number=1002)
    assert [t.number for _, t in fitting("热量表读数动了", [pump, meter])] == [1002, 1001]
    assert [t.number for _, t in fitting("5号楼热量表坏了", [pump, meter])] == [1001]


def test_a_greeting_is_vague_and_an_alert_never():
    assert vague(ticket("在吗"))
    assert not vague(ticket("打印机卡纸了"))
    assert not vague(ticket("alert: x |  | "))
