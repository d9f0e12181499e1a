"""How many people are hit, and until when something is wanted."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from router.details import people_in, wanted_in

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        pytest.param("我司42人今早均无法进入协作平台", "42人", id="a count"),
        pytest.param("三千家长在门口问", "三千家长", id="a count in words"),
        pytest.param("约200多名旅客滞留", "约200多名旅客", id="about"),
        pytest.param("夜班二十几号人坐着", "二十几号人", id="colloquial"),
        pytest.param("全院HIS登不上", "全院", id="the whole hospital"),
        pytest.param("所有用户都登不上", "所有用户", id="all users"),
        pytest.param("大家都上不了网", "大家都", id="everybody"),
        pytest.param("請看看，全公司 login 唔到", "全公司", id="traditional"),
        pytest.param("we can't log in, all 40 agents", "40 agents", id="en a count"),
        pytest.param("14,000 homes are off", "14,000 homes", id="en thousands"),
        pytest.param("502 to everyone since noon", "everyone", id="en everyone"),
        pytest.param("the whole campus has no internet", "the whole campus", id="en the whole"),
        pytest.param("about 300 users of the portal", "about 300 users", id="en about"),
        pytest.param("就我一个人这样", "", id="one person"),
        pytest.param("请派二名工程师来", "", id="people who are asked for"),
        pytest.param("打印机卡纸", "", id="nothing said"),
        pytest.param("error 503 at 09:30", "", id="en figures that are no people"),
    ],
)
def test_people(text: str, people: str) -> None:
    assert people_in(text) == people


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("今早9点起打不开，请在下午3点前修好", "下午3点前", id="until and not since"),
        pytest.param("从昨天开始就断了", "", id="since"),
        pytest.param("烦请于本周五前复函", "本周五前", id="a reply"),
        pytest.param("投影仪坏了，下午两点要开会", "下午两点", id="a meeting"),
        pytest.param("down since 8am. we need it by 5pm today", "5pm today", id="en until"),
        pytest.param("it broke at 9:30 yesterday", "", id="en since"),
        pytest.param("打印机卡纸", "", id="nothing said"),
    ],
)
def test_wanted(text: str, said: str) -> None:
    assert said in wanted_in(text, at=AT, zone=ZONE).said
    assert bool(said) == bool(wanted_in(text, at=AT, zone=ZONE).said)
