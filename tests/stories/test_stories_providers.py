"""When a provider is down, hangs or repeats itself, the page takes another way and nothing happens twice."""

import pytest


@pytest.mark.parametrize(
    ("story", "told"),
    [
        pytest.param(
            """10:00 provider sms down
            10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:10 call zhang 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00", "failed", "zhang", "sms"),
                ("10:00", "page", "zhang", "voice"),
                ("10:00:10", "taken", "1001"),
                ("10:00:10", "reply", "zhang", "voice"),
            ],
            id="texts are down: the call goes out at once",
        ),
        pytest.param(
            """10:00 provider sms down
            10:00 provider phone down
            10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:30 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00", "failed", "zhang", "sms"),
                ("10:00", "page", "zhang", "voice"),
                ("10:00", "failed", "zhang", "voice"),
                ("10:00", "page", "zhang", "mail"),
            ],
            id="texts and calls are down: mail is what is left",
        ),
        pytest.param(
            """10:00 provider sms down
            10:00 sms chen: 东站医院3号楼打印机坏了
            10:00:05 provider sms up
            10:00:40 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00", "failed", "zhang", "sms"),
                ("10:00", "page", "zhang", "voice"),
                ("10:00", "failed", "chen", "sms"),
            ],
            id="texts come back: what was not sent is sent then",
        ),
        pytest.param(
            """10:00 provider sms down
            10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:05 call zhang 1
            10:00:10 provider sms up
            10:05 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00", "failed", "zhang", "sms"),
                ("10:00", "page", "zhang", "voice"),
                ("10:00:05", "taken", "1001"),
                ("10:00:05", "reply", "zhang", "voice"),
            ],
            id="a page that was answered meanwhile is not sent again",
        ),
        pytest.param(
            """10:00 provider sms slow
            10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:20 call zhang 1
            10:00:25 provider sms up
            10:02 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00:15", "failed", "zhang", "sms"),
                ("10:00:15", "page", "zhang", "voice"),
                ("10:00:20", "taken", "1001"),
                ("10:00:20", "reply", "zhang", "voice"),
            ],
            id="a provider that hangs is an unknown outcome, and the page takes the next way",
        ),
        pytest.param(
            """10:00 provider sms twice
            10:00 sms chen: 滨江机房全部断电，业务中断
            10:00:30 sms zhang: 1
            10:00:50 sms zhang: 到场 1001
            10:01:30 sms zhang: 解决 1001 换了电源""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:00:30", "taken", "1001"),
                ("10:00:30", "reply", "zhang", "sms"),
                ("10:00:50", "arrived", "1001"),
                ("10:00:50", "reply", "zhang", "sms"),
                ("10:00:50", "reply", "chen", "sms"),
                ("10:01:30", "resolved", "1001"),
                ("10:01:30", "reply", "zhang", "sms"),
                ("10:01:30", "reply", "chen", "sms"),
            ],
            id="everything comes twice and happens once",
        ),
        pytest.param(
            """10:00 fax +8613900000002: 滨江机房全部断电，业务中断
            10:00:30 sms zhang: 1
            10:01 sms zhang: 1001 正在赶来""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "sun", "sms"),
                ("10:00:30", "taken", "1001"),
                ("10:00:30", "reply", "zhang", "sms"),
                ("10:01", "reply", "sun", "sms"),
                ("10:01", "reply", "zhang", "sms"),
            ],
            id="a customer who faxed is answered by text",
        ),
        pytest.param(
            """10:00 provider phone down
            10:00 sms chen: 滨江机房全部断电，业务中断
            10:01:10 sms zhang: 1""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "chen", "sms"),
                ("10:01", "page", "zhang", "voice"),
                ("10:01", "failed", "zhang", "voice"),
                ("10:01", "page", "zhang", "mail"),
                ("10:01:10", "taken", "1001"),
                ("10:01:10", "reply", "zhang", "sms"),
            ],
            id="calls are down: texts go on and the failure is a line of history",
        ),
    ],
)
async def test_what_happens_is_exactly_this(play, story, told):
    assert (await play(story)).told == told
