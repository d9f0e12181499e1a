"""A code and a telephone number are read only where a text is nothing else."""

import pytest

from router.linking import code_in, phone_in


@pytest.mark.parametrize("text", ["绑定 482913", "綁定：482913", "link 482913", "BIND482913", "“绑定４８２９１３”。"])
def test_a_text_that_is_a_code(text: str) -> None:
    assert code_in(text) == "482913"


@pytest.mark.parametrize(
    "text", ["482913", "绑定 48291", "绑定 4829134", "请绑定 482913 谢谢", "", "你好\n绑定 482913"]
)
def test_a_text_that_is_no_code(text: str) -> None:
    assert code_in(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13900000009", "13900000009"),
        ("139 0000 0009", "13900000009"),
        ("我的手机号是 139-0000-0009。", "13900000009"),
        ("phone: +44 20 7946 0018", "+442079460018"),
        ("1001", None),
        ("12345678901234567", None),
        ("13900000009 断电了", None),
        ("", None),
    ],
)
def test_a_number_given_for_later(text: str, number: str | None) -> None:
    assert phone_in(text) == number
