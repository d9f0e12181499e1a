"""Whom a page asks, by what, when, and what a digit does to it; every line that happened is listed."""

import pytest


@pytest.mark.parametrize(
    ("story", "told"),
    [
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:10 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:01", "page", "zhang", "voice"),
                ("10:03", "page", "zhang", "sms"),
                ("10:03", "page", "li", "sms"),
                ("10:04", "page", "zhang", "voice"),
                ("10:04", "page", "li", "voice"),
                ("10:06", "page", "wang", "sms"),
                ("10:07", "page", "wang", "voice"),
                ("10:08", "page", "zhang", "sms"),
                ("10:08", "page", "li", "sms"),
                ("10:08", "page", "wang", "sms"),
                ("10:08", "page", "zhao", "sms"),
                ("10:09", "page", "zhang", "voice"),
                ("10:09", "page", "li", "voice"),
                ("10:09", "page", "wang", "voice"),
                ("10:09", "page", "zhao", "voice"),
                ("10:10", "breach", "1001"),
                ("10:10", "page", "wang", "sms"),
            ],
            id="a page of level 1 that nobody answers reaches everybody within the ten minutes",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:20 sms zhang: 1
            10:20 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
            ],
            id="taken by one digit: the ladder stops and nobody else hears of it",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:20 sms zhang: 2
            10:01:30 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "escalated", "1001"),
                ("10:00:20", "page", "li", "sms"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:01:20", "page", "li", "voice"),
            ],
            id="2 asks the next one now and the lead no more",
        ),
        pytest.param(
            """10:00 sms chen: 您好，请问怎么申请新账号？
            10:01 sms zhang: 2
            10:04 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:01", "escalated", "1001"),
                ("10:01", "page", "li", "sms"),
                ("10:01", "reply", "zhang", "sms"),
                ("10:04", "page", "wang", "sms"),
            ],
            id="2 by the last of all asks everybody else in turn",
        ),
        pytest.param(
            """10:00 sms chen: 东站医院3号楼打印机坏了
            10:00:20 sms zhang: 1
            10:05 sms zhang: 2""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:05", "escalated", "1001"),
                ("10:05", "page", "li", "sms"),
                ("10:05", "reply", "zhang", "sms"),
            ],
            id="2 by whoever has it gives it up",
        ),
        pytest.param(
            """10:00 sms chen: 您好，请问怎么申请新账号？
            10:00:20 sms zhang: 1
            10:05 sms zhang: 退单 1001""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:05", "escalated", "1001"),
                ("10:05", "page", "li", "sms"),
                ("10:05", "reply", "zhang", "sms"),
            ],
            id="released, and not to the one who gave it back",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:20 sms zhang: 1
            10:00:40 sms zhang: 撤销
            10:00:50 sms zhang: 接单 1001
            10:00:55 sms zhang: 撤销""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:00:40", "escalated", "1001"),
                ("10:00:40", "page", "li", "sms"),
                ("10:00:40", "reply", "zhang", "sms"),
                ("10:00:50", "taken", "1001"),
                ("10:00:50", "reply", "li", "sms"),
                ("10:00:50", "reply", "zhang", "sms"),
                ("10:00:55", "reply", "zhang", "sms"),
            ],
            id="undone once only, and the next one is asked at once",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:30 sms zhang: 转 zhao 1001
            10:02:30 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:30", "transferred", "1001"),
                ("10:00:30", "page", "zhao", "sms"),
                ("10:00:30", "reply", "zhang", "sms"),
                ("10:01:30", "page", "zhao", "voice"),
                ("10:02:30", "page", "zhang", "sms"),
            ],
            id="handed over: the target is asked and the ladder goes on after two minutes",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:20 sms zhang: 3
            10:06 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "snoozed", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:03", "page", "li", "sms"),
                ("10:04", "page", "li", "voice"),
                ("10:06", "page", "wang", "sms"),
            ],
            id="3 puts off one person only, to a minute before the limit at most",
        ),
        pytest.param(
            """10:00 sms chen: 东站医院3号楼打印机坏了
            10:00:20 sms zhang: 稍后 1001 5
            10:05:40 sms zhang: 稍后 1001 5
            10:10:50 sms zhang: 稍后 1001 5""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "snoozed", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:05:20", "page", "zhang", "sms"),
                ("10:05:40", "snoozed", "1001"),
                ("10:05:40", "reply", "zhang", "sms"),
                ("10:10:40", "page", "zhang", "sms"),
                ("10:10:50", "reply", "zhang", "sms"),
            ],
            id="3 is good for two times",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:30 sms li: 接单 1001
            10:00:40 sms zhang: 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:30", "taken", "1001"),
                ("10:00:30", "reply", "zhang", "sms"),
                ("10:00:30", "reply", "li", "sms"),
                ("10:00:40", "reply", "zhang", "sms"),
            ],
            id="too late is answered by whom",
        ),
        pytest.param(
            """23:00 sms chen: 您好，请问怎么申请新账号？
            23:01 sms zhang: 退单 1001
            23:02 end""",
            [
                ("23:00", "opened", "1001"),
                ("23:00", "reply", "chen", "sms"),
                ("23:01", "reply", "zhang", "sms"),
            ],
            id="an order for what waits for nobody yet tells how it stands",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:01 call zhang 0
            10:01:05 call zhang 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:01", "page", "zhang", "voice"),
                ("10:01:05", "taken", "1001"),
                ("10:01:05", "reply", "zhang", "voice"),
            ],
            id="a call: 0 says it again, 1 takes",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房全部断电，业务中断
            10:01 call zhang -
            10:03 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:01", "page", "zhang", "voice"),
                ("10:03", "page", "zhang", "sms"),
                ("10:03", "page", "li", "sms"),
            ],
            id="voicemail is no answer",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房空调坏了，温度有点高
            10:00:20 sms sun: 东站医院网络全断了，所有业务中断
            10:01:20 call zhang 1
            10:01:25 call zhang 9""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "opened", "1002"),
                ("10:00:20", "page", "zhang", "sms"),
                ("10:00:20", "reply", "sun", "sms"),
                ("10:01:20", "page", "zhang", "voice"),
                ("10:01:25", "taken", "1002"),
                ("10:01:25", "taken", "1001"),
                ("10:01:25", "reply", "zhang", "voice"),
            ],
            id="a call about several: 1 says it again, 9 takes all of them",
        ),
        pytest.param(
            """10:00 sms chen: 滨江机房空调坏了，温度有点高
            10:00:20 sms sun: 东站医院3号楼打印机坏了
            10:01:30 call zhang -
            10:02:30 sms wu: 西站收费站摄像头坏了
            10:02:40 sms zhang: 9
            10:02:50 sms zhang: 9""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "opened", "1002"),
                ("10:00:20", "suppressed", "zhang", "sms"),
                ("10:00:20", "reply", "sun", "sms"),
                ("10:01:30", "page", "zhang", "voice"),
                ("10:02", "page", "zhang", "sms"),
                ("10:02:30", "opened", "1003"),
                ("10:02:30", "suppressed", "zhang", "sms"),
                ("10:02:30", "reply", "wu", "sms"),
                ("10:02:40", "taken", "1001"),
                ("10:02:40", "taken", "1002"),
                ("10:02:40", "reply", "zhang", "sms"),
                ("10:02:50", "reply", "zhang", "sms"),
            ],
            id="9 takes exactly what the bundle listed",
        ),
        pytest.param(
            """10:00 sms chen: 东站医院3号楼打印机坏了
            10:00:20 sms sun: 滨江机房全部断电，业务中断""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:20", "opened", "1002"),
                ("10:00:20", "page", "zhang", "sms"),
                ("10:00:20", "reply", "sun", "sms"),
            ],
            id="a lesser page never holds back one of level 1",
        ),
        pytest.param(
            """10:00 sms chen: 东站医院3号楼打印机坏了
            10:00:40 sms li: 接单 1001
            10:00:50 sms sun: 滨江机房全部断电，业务中断
            10:01 sms zhang: 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:40", "taken", "1001"),
                ("10:00:40", "reply", "zhang", "sms"),
                ("10:00:40", "reply", "li", "sms"),
                ("10:00:50", "opened", "1002"),
                ("10:00:50", "page", "zhang", "sms"),
                ("10:00:50", "reply", "sun", "sms"),
                ("10:01", "reply", "zhang", "sms"),
            ],
            id="a bare digit with a page that crossed is asked about",
        ),
        pytest.param(
            """10:00 wechat u1 g1: 滨江机房全部断电，业务中断
            10:00:20 sms zhang: 1
            10:01 sms zhang: 1001 工程师十分钟后到""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "sms"),
                ("10:01", "reply", "u1", "wechat"),
                ("10:01", "reply", "zhang", "sms"),
            ],
            id="the free words of the lead that name a ticket reach the customer",
        ),
        pytest.param(
            """10:00 sms chen: 东站医院3号楼打印机坏了
            10:02 sms zhang: 级别 1001 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:02", "page", "zhang", "sms"),
                ("10:02", "reply", "zhang", "sms"),
            ],
            id="a level set by the lead counts from the report",
        ),
        pytest.param(
            """10:00 sms zhang: 我马上到
            10:01 sms zhang: 我马上到啊
            10:02 sms zhang: 我真的马上到
            10:03 sms zhang: 我马上就到""",
            [
                ("10:00", "reply", "zhang", "sms"),
                ("10:01", "reply", "zhang", "sms"),
                ("10:02", "reply", "zhang", "sms"),
            ],
            id="free words of staff are kept and helped with, three times an hour",
        ),
        pytest.param(
            """10:00 sms zhang: TD""",
            [
                ("10:00", "alarm", ""),
                ("10:00", "reply", "wang", "sms"),
            ],
            id="a word that bars the phone raises an alarm",
        ),
        pytest.param(
            """10:00 email zhang@example.cn: x | 1""",
            [
                ("10:00", "ignored", ""),
            ],
            id="an order by mail counts only as an answer",
        ),
    ],
)
async def test_what_happens_is_exactly_this(play, story, told):
    assert (await play(story)).told == told
