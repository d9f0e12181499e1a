"""The status table and Retry-After, without a network."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import GiveUp, Misconfigured, TryLater
from channels.http import Answer, Http, failure, retry_after

NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


def answer(status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(host="api.example", status=status, headers=named, body=b"the body", at=NOW)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_failure(status):
    assert failure(answer(status)) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Misconfigured),
        (400, GiveUp),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, GiveUp),
        (410, GiveUp),
        (429, TryLater),
        (500, TryLater),
        (503, TryLater),
        (599, TryLater),
    ],
)
def test_a_status_says_what_to_do_and_shows_host_and_status_only(status, kind):
    error = failure(answer(status))
    assert (type(error), str(error)) == (kind, f"api.example answered {status}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("30", timedelta(seconds=30), id="seconds"),
        pytest.param("0", timedelta(), id="at once"),
        pytest.param("99999999999999", timedelta(days=1), id="never more than a day"),
        pytest.param("Fri, 20 Nov 2026 03:13:00 GMT", timedelta(minutes=1), id="a date"),
        pytest.param("Fri, 20 Nov 2026 03:00:00 -0000", timedelta(), id="a date that is over"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("", None, id="empty"),
    ],
)
def test_how_long_a_server_asks_us_to_wait(value, expected):
    assert retry_after(answer(429, Retry_After=value)) == expected


def test_no_header_means_no_wait():
    assert retry_after(answer(429)) is None


async def test_an_address_that_is_none_is_a_matter_of_configuration():
    http = Http(timeout=timedelta(seconds=1), now=lambda: NOW)
    with pytest.raises(Misconfigured, match="not a valid http address"):
        await http.request("GET", "ftp://127.0.0.1/x")
    await http.close()


def test_the_body_does_not_show_in_a_printed_answer():
    assert "the body" not in repr(answer())
