"""The same gateway with the providers of mainland China: approved templates out, keys and answers by unsigned push."""

import pytest

from channels import registry

MAINLAND = ("email", "sms/aliyun", "phone/aliyun")


@pytest.fixture(autouse=True)
def mainland(monkeypatch):
    monkeypatch.setattr(registry, "CHANNELS", {name: registry.CHANNELS[name] for name in MAINLAND})


@pytest.mark.parametrize(
    ("story", "told"),
    [
        pytest.param(
            """10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:30 sms +8613800000101: 1
            10:00:40 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00:30", "taken", "1001"),
                ("10:00:30", "reply", "zhang", "sms"),
            ],
            id="a text is answered by a text",
        ),
        pytest.param(
            """10:00 provider sms down
            10:00 wechat u1: 滨江机房全部断电，业务中断
            10:00:10 call zhang 1
            10:00:20 end""",
            [
                ("10:00", "opened", "1001"),
                ("10:00", "page", "zhang", "sms"),
                ("10:00", "reply", "u1", "wechat"),
                ("10:00", "failed", "zhang", "sms"),
                ("10:00", "page", "zhang", "voice"),
                ("10:00:10", "taken", "1001"),
                # The menu says its words by itself; ours go as a text, and texts are down.
                ("10:00:10", "reply", "zhang", "sms"),
                ("10:00:10", "failed", "zhang", "sms"),
            ],
            id="a key takes the ticket of its call, found by the id of the call",
        ),
    ],
)
async def test_what_happens_is_exactly_this(play, story, told):
    assert (await play(story)).told == told
