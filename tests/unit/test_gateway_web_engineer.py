"""What the engineer's page takes from a phone: positions that can be one, drawings that are one; and the signatures."""

import base64
import struct
from datetime import UTC, datetime, timedelta

import pytest

from gateway.signing import Going, Seals
from gateway.web.engineer import picture, position

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HEAD = "data:image/png;base64,"


def drawn(width: int = 600, height: int = 240, *, more: int = 0, name: bytes = b"IHDR") -> str:
    body = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + name + struct.pack(">II", width, height) + b"\0" * more
    return HEAD + base64.b64encode(body).decode()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("91.0,120.0,5", "", id="no such latitude"),
        pytest.param("30.1,181.0,5", "", id="no such longitude"),
        pytest.param("here", "", id="words"),
        pytest.param("30.1,120.1,5<b>", "", id="more than numbers"),
        pytest.param("", "", id="none"),
        pytest.param("-30.1,120.1,5", "-30.1,120.1,5", id="south"),
    ],
)
def test_a_position_is_three_numbers_that_can_be_one(given: str, kept: str) -> None:
    assert position(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(HEAD + "AAAA", id="no picture"),
        pytest.param(HEAD + "%%%", id="no base64"),
        pytest.param(drawn().replace("image/png", "image/svg+xml"), id="another type"),
        pytest.param(drawn(2001, 10), id="too wide"),
        pytest.param(drawn(0, 10), id="no width"),
        pytest.param(drawn(more=100_000), id="too many bytes"),
        pytest.param(drawn(name=b"IEND"), id="no header"),
    ],
)
def test_what_is_no_drawing_of_the_page_is_refused(url: str) -> None:
    assert picture(url) is None


def test_a_drawing_is_kept_as_it_is_and_none_is_nothing() -> None:
    assert picture(drawn()) == base64.b64decode(drawn().removeprefix(HEAD))
    assert picture("") == b""


def test_a_link_names_one_person_and_ticket_for_a_week() -> None:
    seals, going = Seals(b"a key"), Going(person="li", number=1042)
    signed = seals.page(going, NOW)
    assert seals.read_page(signed, NOW + timedelta(days=6, hours=23)) == going
    assert seals.read_page(signed, NOW + timedelta(days=7)) is None
    assert Seals(b"another").read_page(signed, NOW) is None
    assert seals.read_page(seals.site("滨江机房"), NOW) is None
    assert seals.read_page("x" * 1000, NOW) is None


def test_a_site_keeps_its_address_and_a_visit_its_digits() -> None:
    seals = Seals(b"a key")
    assert seals.read_site(seals.site("滨江机房")) == "滨江机房"
    assert seals.read_site(seals.page(Going(person="li", number=1042), NOW)) is None
    assert seals.digits(7) == Seals(b"a key").digits(7)
    assert {len(seals.digits(number)) for number in range(50)} == {4}
    assert len({seals.digits(number) for number in range(50)}) > 40
