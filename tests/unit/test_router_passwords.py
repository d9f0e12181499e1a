"""What a password must be, and how long one rests after wrong ones."""

from datetime import timedelta

import pytest

from router.passwords import LOCKS, flaw, normal

NAMES = ("zhang", "张三")


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        pytest.param("滨江 机房 停电 雨", "", id="four words"),
        pytest.param("correct horse battery", "", id="words of another language"),
        pytest.param("kT7#pq-2vL", "", id="ten characters"),
        pytest.param("kT7#pq-2v", "too_short", id="nine"),
        pytest.param("a1b2" * 51, "too_long", id="more than anybody types"),
        pytest.param("Password123", "too_common", id="one of the commonest, with a capital"),
        pytest.param("woaini1314520", "too_common", id="one that is common in China"),
        pytest.param("１２３４５６７８９０", "too_common", id="the same by an input method with wide signs"),
        pytest.param("abababababab", "too_common", id="two letters again and again"),
        pytest.param("sandbox-password", "too_common", id="the one of the sandbox"),
        pytest.param("ZhangZhang1!", "own_name", id="one's own key, twice"),
        pytest.param("张三123456", "too_short", id="one's own name and too short"),
        pytest.param("张三张三123456", "own_name", id="one's own name and a common rest"),
        pytest.param("zhang-rides-a-bicycle", "", id="one's own key in something longer"),
    ],
)
def test_a_new_password_is_refused_for_what_makes_it_easy(password: str, wrong: str) -> None:
    assert flaw(password, NAMES) == wrong


def test_a_password_is_the_same_with_wide_and_narrow_signs() -> None:
    assert normal("ＡＢＣ１２３！") == normal("ABC123!")


def test_five_wrong_ones_lock_for_a_minute_and_each_further_one_for_twice_as_long() -> None:
    assert tuple(timedelta(minutes=minutes) for minutes in (0, 0, 0, 0, 1, 2, 4, 8, 16, 30)) == LOCKS
