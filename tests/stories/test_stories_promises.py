"""Holds, workarounds, the second line and "still on it?" on the moved clock: what happens and when."""

import pytest

OUTAGE = "10:00 sms chen: 滨江机房全部断电，业务中断"
TAKEN = f"""{OUTAGE}
10:00:20 sms zhang: 1
10:20 sms zhang: 到场 1001"""


async def test_on_hold_the_repair_is_due_later_by_as_long_as_it_stood(play):
    story = await play(f"""{TAKEN}
        11:00 sms zhang: 挂起 1001 等备件 2h
        17:00 end""")
    assert story.of("held", "resumed", "breach") == [
        ("11:00", "held", "1001"),
        ("13:00", "resumed", "1001"),
        ("16:20", "breach", "1001"),
    ]
    told = story.texts("zhang")
    assert any("已挂起到13:00" in text for text in told)
    assert any("挂起到期" in text for text in told)


async def test_without_a_hold_the_repair_is_late_after_four_hours(play):
    story = await play(f"{TAKEN}\n15:00 end")
    assert story.of("breach") == [("14:20", "breach", "1001")]


@pytest.mark.parametrize(
    ("line", "who"),
    [
        pytest.param("11:30 sms chen: 备件我们自己买到了，可以来了", "chen", id="the customer says something"),
        pytest.param("11:30 sms zhang: 恢复处理 1001", "zhang", id="the owner goes on"),
        pytest.param("11:30 sms zhang: 到场 1001", "zhang", id="the owner is back on site"),
    ],
)
async def test_what_lets_a_ticket_go_on(play, line, who):
    story = await play(f"""{TAKEN}
        11:00 sms zhang: 挂起 1001 等备件
        {line}
        15:30 end""")
    assert story.of("resumed", "breach") == [("11:30", "resumed", "1001"), ("14:50", "breach", "1001")]
    assert story.tickets().get("11:30-chen", 1001) == 1001, who


async def test_a_hold_needs_a_reason(play):
    story = await play(f"{TAKEN}\n11:00 sms zhang: 挂起 1001")
    assert story.of("held") == []
    assert story.texts("zhang")[-1].startswith("【服务台】请写明原因")


async def test_a_workaround_ends_the_harm_and_the_customer_hears_of_it(play):
    story = await play(f"""{TAKEN}
        11:00 sms zhang: 临时恢复 1001 换上备机
        7d 11:01 end""")
    assert story.of("workaround", "breach", "closed") == [("11:00", "workaround", "1001")]
    assert any("换上备机" in text for text in story.texts("chen"))
    reminders = [row["at"][:16] for row in story.rows if row["text"] and "原因仍未排除" in row["text"]]
    assert reminders == ["2026-12-01T11:00"], "five working days later"


async def test_the_second_line_has_four_hours_and_four_more(play):
    story = await play(f"""{TAKEN}
        11:00 sms zhang: 二线 1001 主板坏，需厂家
        14:00 sms zhang: 到场 1001
        18:30 end""")
    assert story.of("second_line", "arrived", "breach") == [
        ("10:20", "arrived", "1001"),
        ("11:00", "second_line", "1001"),
        ("14:00", "arrived", "1001"),
        ("14:20", "breach", "1001"),
        ("18:00", "breach", "1001"),
    ]
    assert any("转二线" in text for text in story.texts("wang"))
    assert any("二线到场" in text for text in story.texts("wang")), "the manager is warned at half of it"


async def test_whoever_takes_and_does_nothing_is_asked_and_silence_rings_somebody_else(play):
    story = await play(f"""{OUTAGE}
        10:00:20 sms zhang: 1
        10:41 end""")
    assert [one[:3] for one in story.of("inquired", "escalated")] == [
        ("10:30:20", "inquired", "1001"),
        ("10:40:20", "escalated", "1001"),
    ]
    assert ("10:40:20", "page", "li", "sms") in story.told
    assert not [one for one in story.of("page") if one[0] > "10:05" and one[2] == "zhang"]
    assert any("未收到您的答复" in text for text in story.texts("zhang"))


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        pytest.param("10:31 sms zhang: 1", ["10:30:20", "11:01"], id="yes: asked again after as long"),
        pytest.param("10:31 sms zhang: 备注 1001 在路上", ["10:30:20", "11:10:20"], id="a note counts as a yes"),
        pytest.param("10:20 sms zhang: 备注 1001 在路上", ["10:50"], id="a note before puts it off"),
        pytest.param("10:20 sms zhang: 1001 我们半小时后到", ["10:50"], id="words to the customer, too"),
        pytest.param("10:20 sms zhang: 到场 1001", [], id="on site nobody is asked"),
    ],
)
async def test_who_is_asked_when(play, line, asked):
    story = await play(f"""{OUTAGE}
        10:00:20 sms zhang: 1
        {line}
        11:12 end""")
    assert [one[0] for one in story.of("inquired")] == asked


async def test_two_gives_it_back_at_once(play):
    story = await play(f"""{OUTAGE}
        10:00:20 sms zhang: 1
        10:31 sms zhang: 2
        10:32 end""")
    assert ("10:31", "escalated", "1001") in story.told
    assert ("10:31", "page", "li", "sms") in story.told


async def test_a_late_one_after_silence_is_a_take_again(play):
    story = await play(f"""{OUTAGE}
        10:00:20 sms zhang: 1
        10:41 sms zhang: 接单 1001
        10:42 end""")
    assert [one[0] for one in story.of("taken")] == ["10:00:20", "10:41"]


async def test_level_3_is_not_asked_about_in_the_quiet_hours(play):
    story = await play("""20:00 sms chen: 东站医院3号楼打印机坏了
        20:00:20 sms zhang: 1
        1d 08:00 end""")
    assert [one[0] for one in story.of("inquired")] == ["07:00"]
