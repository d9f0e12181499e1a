"""The words by which a number is barred, and those by which it is not."""

import pytest

from router.opting import opting


@pytest.mark.parametrize(
    "text",
    [
        "R",
        "t",
        "TD",
        "ｔｄ",
        " N ",
        "QX",
        "0000",
        "退订",
        "退訂。",
        "STOP",
        "Stop!",
        "UNSUBSCRIBE",
        "“T”",
        "stop\n",
        "回T退订",
    ],
)
def test_a_word_alone_is_heard_in_any_width_case_and_script(text):
    assert opting(text) == "out"


@pytest.mark.parametrize("text", ["START", "unstop", "恢复", "恢復"])
def test_a_word_takes_it_back(text):
    assert opting(text) == "again"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "退订这张单",
        "stop the server",
        "N 号机房断电",
        "T1",
        "00000",
        "000",
        "cancel",
        "quit",
        "end",
        "不要退订",
        "r" * 90,
    ],
)
def test_what_says_more_or_means_something_else_is_left_to_the_judge(text):
    assert opting(text) is None
