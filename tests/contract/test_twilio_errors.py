"""Twilio's error codes say what to do next."""

import asyncio
from datetime import timedelta

import pytest

from channels.contract import GiveUp, Misconfigured, TryLater, Uncertain, Unreachable
from channels.twilio_account import GIVE_UP, MISCONFIGURED, TRY_LATER, UNREACHABLE, reason, refused_by_code


@pytest.fixture
def channel_name():
    return "sms"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, GiveUp) for code in (21214, 21612, 21617, 30003, 30006)),
        *((code, Unreachable) for code in (21211, 21217, 21610, 21614, 21635, 30005)),
        *((code, Misconfigured) for code in (20003, 20005, 21212, 21215, 21408, 21606, 21608, 30002)),
        *((code, TryLater) for code in (10004, 14107, 20429, 21611, 30001)),
    ],
)
def test_a_listed_code_gives_its_error_with_the_code_in_its_text(code, kind):
    error = refused_by_code(code)
    assert (type(error), str(code) in str(error)) == (kind, True)


def test_what_no_text_will_ever_reach_is_among_what_is_given_up():
    assert GIVE_UP.keys() >= UNREACHABLE


def test_no_code_stands_in_two_tables():
    assert (GIVE_UP.keys() & MISCONFIGURED.keys()) | (
        (GIVE_UP.keys() | MISCONFIGURED.keys()) & TRY_LATER.keys()
    ) == set()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("30003", "Twilio 30003: the handset is switched off or out of reach"),
        ("99999", None),
        (None, None),
        ("", None),
        ("٣", None),
        ("1" * 5000, None),
    ],
)
def test_a_late_code_has_words_where_we_know_any(code, words):
    assert reason(code) == words


async def test_the_code_decides_before_the_status_and_the_wait_is_kept(house, faulty):
    channel = house.rebuilt(api_url=faulty.url)
    faulty.status, faulty.body, faulty.headers = 400, b'{"code": 20429, "message": "x"}', {"Retry-After": "4"}
    with pytest.raises(TryLater) as caught:
        await channel.send(house.outgoing())
    assert (str(caught.value), caught.value.after) == ("Twilio 20429: too many requests", timedelta(seconds=4))
    faulty.body = b'{"code": 21999, "message": "x"}'
    with pytest.raises(GiveUp) as unknown:
        await channel.send(house.outgoing())
    assert str(unknown.value) == "127.0.0.1 answered 400 (Twilio 21999)"
    await channel.close()


async def test_a_send_that_found_no_free_connection_was_never_written(house, faulty):
    faulty.how = "hangs"
    channel = house.rebuilt(api_url=faulty.url, connections=1, timeout_seconds=0.2)
    both = await asyncio.gather(*(channel.send(house.outgoing()) for _ in range(2)), return_exceptions=True)
    await channel.close()
    assert ([type(one) for one in both], faulty.requests) == ([Uncertain, TryLater], 1)


async def test_a_broken_address_is_a_matter_of_configuration(house):
    channel = house.rebuilt(api_url="http://[::1")
    with pytest.raises(Misconfigured):
        await channel.send(house.outgoing())
    await channel.close()


async def test_a_trial_account_is_a_finding_of_its_own(house, faulty):
    channel = house.rebuilt(api_url=faulty.url)
    faulty.status, faulty.body = 200, b'{"status": "active", "type": "Trial"}'
    assert [(finding.what, finding.ok) for finding in await channel.check()] == [
        ("Twilio account", True),
        ("Twilio account type", False),
    ]
    faulty.body = b'{"status": "suspended", "type": "Full"}'
    assert [(finding.ok, finding.note) for finding in await channel.check()] == [(False, "suspended")]
    await channel.close()
