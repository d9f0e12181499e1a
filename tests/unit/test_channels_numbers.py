"""Numbers as people write them become one address."""

import pytest

from channels.numbers import masked, number, takes_texts

MOBILE = "+8613800138000"
DESK = "+862155558888"


@pytest.mark.parametrize(
    ("text", "e164", "extension"),
    [
        pytest.param("13800138000", MOBILE, None, id="national"),
        pytest.param("+86 138-0013-8000", MOBILE, None, id="with blanks and dashes"),
        pytest.param("１３８００１３８０００", MOBILE, None, id="full-width digits"),
        pytest.param("17951 13800138000", MOBILE, None, id="with the old saver prefix"),
        pytest.param("0086 13800138000", MOBILE, None, id="with the international prefix"),
        pytest.param("+12025550123", "+12025550123", None, id="abroad"),
        pytest.param("021-55558888", DESK, None, id="landline"),
        pytest.param("021-55558888-802", DESK, "802", id="extension by a dash"),
        pytest.param("021-55558888转802", DESK, "802", id="extension by 转"),
        pytest.param("（021）55558888 分机：802", DESK, "802", id="extension by 分机"),
        pytest.param("021 5555 8888 ext. 802", DESK, "802", id="extension in English"),
        pytest.param("4008001234", "+864008001234", None, id="a 400 number"),
    ],
)
def test_a_number_in_any_form_is_one_address(text, e164, extension):
    found = number(text)
    assert (found.e164, found.extension, found.address) == (e164, extension, e164)


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("10086", "10086"),
        ("95588", "95588"),
        ("12345", "12345"),
        ("１０６９-0123", "10690123"),
        ("HXSvc", "HXSvc"),
        ("BANK1234567", "BANK1234567"),
        ("whatsapp:+8613800138000", "whatsapp:+8613800138000"),
        ("转802", "转802"),
        ("+86138", "+86138"),
        ("", ""),
    ],
)
def test_what_is_no_number_keeps_its_own_form(text, raw):
    found = number(text)
    assert (found.e164, found.raw, found.address) == (None, raw, raw)


def test_the_region_says_where_a_national_number_belongs():
    assert number("020 7946 0958", "GB").address == "+442079460958"
    assert number("13800138000", "GB").e164 is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [(MOBILE, "+86*********00"), ("10086", "*****"), ("", ""), ("zhang@customer.example", "zha*****************le")],
)
def test_a_masked_address_does_not_show_the_person(address, expected):
    assert masked(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("+8613900000001", True, id="a mobile number"),
        pytest.param("+862155558888", False, id="a landline"),
        pytest.param("+862155558888转802", False, id="an extension"),
        pytest.param("+8613900000001转2", False, id="an extension behind a mobile number"),
        pytest.param("10086", False, id="a service number"),
        pytest.param("+864008001234", False, id="a hotline"),
        pytest.param("+12125550123", True, id="where landlines and mobiles look alike"),
        pytest.param("+447700900123", True, id="a mobile number abroad"),
        pytest.param("+442079460000", False, id="a landline abroad"),
        pytest.param("", False, id="nothing"),
        pytest.param("+", False, id="only a sign"),
    ],
)
def test_whether_a_number_takes_texts(address: str, expected: bool) -> None:
    assert takes_texts(address) is expected
