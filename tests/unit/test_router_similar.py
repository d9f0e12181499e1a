"""Likeness of two texts, and the three things that a customer says about an open matter."""

from collections.abc import Callable
from typing import Any

import pytest

from router.similar import SAME, alike, is_chase, is_fixed_now, is_still_broken, overlap, same_symptom, signature


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("3号车道栏杆抬不起来", "三号车道的栏杆抬不起来了", id="zh said by another"),
        pytest.param("三號車道欄杆抬不起來", "三号车道栏杆抬不起来", id="Traditional and Simplified"),
        pytest.param("10:05 收费系统打不开了", "11:20 收费系统打不开", id="another time"),
        pytest.param("Lane 3 barrier won't open", "lane 3: the barrier won't open", id="en said by another"),
        pytest.param("伺服器當機了", "服务器宕机了", id="Taiwanese and mainland words"),
    ],
)
def test_the_same_symptom_is_seen(one: str, other: str) -> None:
    assert same_symptom(one, other)
    assert alike(one, other) == alike(other, one) >= SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("3号车道栏杆抬不起来", "机房空调漏水了", id="zh another thing"),
        pytest.param("打印机卡纸", "系统登不上", id="zh short"),
        pytest.param("The barrier won't open", "Printer is out of paper", id="en another thing"),
        pytest.param("", "系统登不上", id="nothing said"),
        pytest.param("12345", "67890", id="numbers only"),
    ],
)
def test_another_symptom_is_another(one: str, other: str) -> None:
    assert not same_symptom(one, other)


def test_a_text_is_wholly_like_itself_and_nothing_is_like_nothing() -> None:
    assert alike("闸机打不开", "闸机打不开") == 1.0
    assert alike("", "") == 0.0
    assert overlap(signature("闸机打不开"), signature("闸机打不开")) == 1.0


def test_a_signature_can_be_kept() -> None:
    assert signature("闸机 12 坏了") == frozenset({"闸机", "机坏", "坏了"})


CHASES = [
    "有进展吗",
    "还没好？",
    "修好了吗",
    "好了没",
    "师傅到哪了",
    "什么时候能好",
    "催一下昨天的单子",
    "等了两个小时了 人呢",
    "工程师几点到",
    "現在進度如何",
    "幾時有人嚟整",
    "仲要等幾耐",
    "any news?",
    "Any update on this?",
    "when will it be fixed?",
    "ETA?",
    "how much longer",
    "still waiting for your engineer",
    "who's looking at it?",
]
NO_CHASES = [
    "全站收不了费",
    "谢谢",
    "不催你们，就是说一声",
    "催收系统打不开",
    "系统恢复了",
    "进度条卡在80%",
    "the status page is blank",
    "printer jams",
    "no update needed, all good",
]
STILL = [
    "还没好",
    "还是不行",
    "又坏了",
    "依然打不开",
    "仲係唔得",
    "又断了",
    "换完还是没声音",
    "恢复了一会又断了",
    "問題仍是一樣",
    "好了十分钟又黑屏了",
    "未恢复",
    "still broken",
    "still not working",
    "down again",
    "same error as before",
    "it is not fixed",
    "no luck, same problem",
]
NOT_STILL = [
    "没有再出现",
    "没再断过",
    "好了 谢谢",
    "又好了",
    "系统又恢复正常了",
    "全站收不了费",
    "您好 还好吗",
    "works again, thanks",
    "not seen it again",
    "no longer down",
    "still working fine",
    "has not come back",
]
FIXED = [
    "好了",
    "恢复了",
    "已经好了，谢谢",
    "没有再出现",
    "可以销单了",
    "修好了，辛苦",
    "现在可以了",
    "网通了",
    "换了电源就好了",
    "不用来了 自己好了",
    "好咗喇 唔該",
    "入得返喇",
    "已恢復正常",
    "works again, thanks",
    "back up now",
    "can be closed",
    "all good now",
    "it's fixed",
    "sorted, thanks",
    "resolved",
]
NOT_FIXED = [
    "还没好",
    "好了吗",
    "好了没有",
    "什么时候恢复",
    "请尽快恢复",
    "修好了告诉我一声",
    "没恢复",
    "未修复",
    "如果恢复了请通知",
    "说修好了 其实还是不行",
    "恢复了一会又断了",
    "已恢复了吗",
    "全站收不了费",
    "系统不好了",
    "你好",
    "好的",
    "其他窗口正常",
    "not fixed",
    "is it fixed?",
    "please get it fixed asap",
    "isn't working",
    "when will it be back up",
    "everything was fine until noon",
]


def rows(ask: Callable[[str], bool], texts: list[str], answer: bool) -> list[Any]:
    return [pytest.param(ask, text, answer, id=f"{ask.__name__} {answer}: {text}") for text in texts]


@pytest.mark.parametrize(
    ("ask", "text", "answer"),
    rows(is_chase, CHASES, True)
    + rows(is_chase, NO_CHASES, False)
    + rows(is_still_broken, STILL, True)
    + rows(is_still_broken, NOT_STILL, False)
    + rows(is_fixed_now, FIXED, True)
    + rows(is_fixed_now, NOT_FIXED, False),
)
def test_what_a_text_says_of_an_open_matter(ask: Callable[[str], bool], text: str, answer: bool) -> None:
    assert ask(text) is answer
