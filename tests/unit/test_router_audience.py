"""Who needs it and by which channel: tables of sentences, and what must hold whatever the people and the plan."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from router.audience import Home, Reason, Road, Row, Way, fitting, named, roads, rows, why
from router.broadcast_plan import Audience, Plan

SMS = Way(channel="sms:main", method="sms", book="tel")
SMS2 = Way(channel="sms:spare", method="sms", book="tel", links=False)
FAX = Way(channel="fax:main", method="fax", book="tel", sends=False)
MAIL = Way(channel="email:main", method="mail", book="email")
CHAT = Way(channel="im:bot", method="im", book="im")
QUIET = Way(channel="qq:open", method="qq", book="qq", links=False, window=True)
PLAIN_CHAT = Way(channel="old:bot", method="old", book="old", links=False)
PASTED = Way(channel="wx:paste", method="wx", book="wx", sends=False)
WAYS = (FAX, SMS, SMS2, QUIET, PLAIN_CHAT, MAIL, PASTED, CHAT)
ALL = {"tel": ["+861", "+862"], "email": ["a@x"], "im": ["i1"], "qq": ["q1"], "old": ["o1"], "wx": ["w1"]}


def plan(**more: Any) -> Plan:
    return Plan.model_validate({"texts": {"zh": {"text": "请升级"}}, **more})


def written(
    addresses: Mapping[str, Sequence[str]], stops: Mapping[tuple[str, str], str] | None = None, **more: Any
) -> dict[str, str]:
    """Return what stands for each channel: "!" and the address that is chosen, or the reason."""
    owed, asked = more.pop("owed", False), plan(**more)
    found = rows(asked, roads(WAYS, asked.order), addresses, stops or {}, owed=owed)
    return {row.channel: f"!{row.address}" if row.chosen else row.reason for row in found}


@pytest.mark.parametrize(
    ("addresses", "order", "chosen"),
    [
        pytest.param(ALL, [], "im:bot", id="a chat app that can push and carries links comes first"),
        pytest.param({**ALL, "im": []}, [], "email:main", id="then mail"),
        pytest.param({"tel": ["+861"], "old": ["o1"]}, [], "sms:main", id="then a text; a chat without links is last"),
        pytest.param({"old": ["o1"], "qq": ["q1"]}, [], "old:bot", id="what can only answer is never chosen"),
        pytest.param(ALL, ["sms"], "sms:main", id="the plan may name a method"),
        pytest.param(ALL, ["sms:spare", "mail"], "sms:spare", id="or an account"),
        pytest.param({"email": ["a@x"], "old": ["o"]}, ["old", "mail"], "old:bot", id="or the name of a channel"),
        pytest.param({"email": ["a@x"], "im": ["i1"]}, ["qq", "mail"], "email:main", id="and the next where one fails"),
    ],
)
def test_the_best_channel_of_a_person(addresses: Mapping[str, Sequence[str]], order: list[str], chosen: str) -> None:
    assert [name for name, said in written(addresses, order=order).items() if said.startswith("!")] == [chosen]


@pytest.mark.parametrize(
    ("addresses", "stops", "more", "expected"),
    [
        pytest.param({}, {}, {}, {"": "no_address"}, id="nobody knows an address"),
        pytest.param({"fax9": ["1"]}, {}, {}, {"": "no_address"}, id="no channel leads to the address"),
        pytest.param({"wx": ["w1"]}, {}, {}, {"wx:paste": "not_sending"}, id="a channel that only hears"),
        pytest.param({"qq": ["q1"]}, {}, {}, {"qq:open": "window"}, id="a channel that only answers"),
        pytest.param(
            {"tel": ["+861"], "email": ["a@x"]},
            {},
            {},
            {"email:main": "!a@x", "sms:main": "other_channel", "sms:spare": "other_channel"},
            id="every other channel says that a better one was taken, and a fax that shares the number says nothing",
        ),
        pytest.param(
            {"tel": ["+861"], "email": ["a@x"]},
            {("mail", "a@x"): "bounced"},
            {},
            {"email:main": "bounced", "sms:main": "!+861", "sms:spare": "other_channel"},
            id="a dead address falls to the next channel",
        ),
        pytest.param(
            {"tel": ["+861", "+862"]},
            {("sms", "+861"): "refused"},
            {},
            {"sms:main": "!+862", "sms:spare": "other_channel"},
            id="of two addresses the first that nothing speaks against",
        ),
        pytest.param(
            {"tel": ["+861"], "email": ["a@x"]},
            {("mail", "a@x"): "opted_out"},
            {},
            {"email:main": "opted_out", "sms:main": "!+861", "sms:spare": "other_channel"},
            id="a plain notice goes by a channel that was not refused",
        ),
        pytest.param(
            {"tel": ["+861"], "email": ["a@x"]},
            {("mail", "a@x"): "opted_out"},
            {"commercial": True},
            {"email:main": "opted_out", "sms:main": "opted_out", "sms:spare": "opted_out"},
            id="who refused adverts by mail gets none by text",
        ),
        pytest.param(
            {"email": ["a@x"]},
            {("mail", "a@x"): "opted_out"},
            {"security": True, "owed": True},
            {"email:main": "!a@x"},
            id="what the contract owes goes through",
        ),
        pytest.param(
            {"email": ["a@x"]},
            {("mail", "a@x"): "opted_out"},
            {"security": True},
            {"email:main": "opted_out"},
            id="but only to members of a contractual group",
        ),
        pytest.param(
            {"email": ["a@x"]},
            {("mail", "a@x"): "opted_out"},
            {"owed": True},
            {"email:main": "opted_out"},
            id="and only as a security notice",
        ),
        pytest.param(
            {"email": ["a@x"]},
            {("mail", "a@x"): "bounced"},
            {"security": True, "owed": True},
            {"email:main": "bounced"},
            id="no contract reaches an address that is dead",
        ),
        pytest.param(
            {"email": ["a@x"], "im": ["i1"]},
            {},
            {"order": ["mail"]},
            {"email:main": "!a@x", "im:bot": "not_in_order"},
            id="a channel that the plan does not name is not used",
        ),
    ],
)
def test_every_channel_has_its_reason(
    addresses: Mapping[str, Sequence[str]],
    stops: Mapping[tuple[str, str], str],
    more: Mapping[str, Any],
    expected: Mapping[str, str],
) -> None:
    assert written(addresses, stops, **more) == expected


OLT = Home(product="OLT", version="2.2", region="华东")
NEW = Home(product="OLT", version="2.3", region="华南")
ONU = Home(product="ONU", version="", region="华东")


@pytest.mark.parametrize(
    ("audience", "homes", "expected"),
    [
        pytest.param({}, [], [], id="without a filter everybody is meant"),
        pytest.param({"product": "olt"}, [OLT, ONU], [OLT], id="case does not matter"),
        pytest.param({"product": "OLT"}, [ONU], None, id="another product"),
        pytest.param({"product": "OLT", "versions": "<2.3"}, [OLT, NEW], [OLT], id="only what is old"),
        pytest.param(
            {"product": "OLT", "versions": "<2.3", "regions": ["华南"]},
            [OLT, NEW],
            None,
            id="one installation must fit all of it",
        ),
        pytest.param({"regions": ["华东"]}, [OLT, ONU], [OLT, ONU], id="whatever runs in a region"),
        pytest.param({"product": "ONU", "versions": "<9"}, [ONU], "unknown", id="nobody wrote the version down"),
        pytest.param({"grades": ["A"]}, [], [], id="the grade fits"),
        pytest.param({"grades": ["B"]}, [], None, id="the grade does not"),
        pytest.param({"contracts": ["H-2"], "product": "OLT"}, [OLT], None, id="the contract does not"),
    ],
)
def test_whom_the_filters_let_through(audience: Mapping[str, Any], homes: Sequence[Home], expected: object) -> None:
    found = fitting(Audience.model_validate(audience), homes, grade="A", contract="H-1")
    assert found.unknown == (expected == "unknown")
    assert (list(found.homes) if found.fits else None) == (None if expected == "unknown" else expected)


@pytest.mark.parametrize("seed", range(200))
def test_each_person_has_at_most_one_chosen_row_and_every_other_a_reason(seed: int) -> None:
    draw = random.Random(seed)
    addresses = {book: values[: draw.randint(0, 2)] for book, values in ALL.items()}
    pairs = [(way.method, value) for way in WAYS for value in addresses[way.book]]
    kinds = ("opted_out", "bounced", "refused", "not_mobile")
    stops = {pair: draw.choice(kinds) for pair in pairs if draw.random() < 0.4}
    asked = plan(
        order=draw.sample(["sms", "mail", "im", "qq", "old", "sms:spare"], draw.randint(0, 4)),
        **{draw.choice(("commercial", "security")): draw.random() < 0.5},
    )
    ranked = roads(draw.sample(WAYS, len(WAYS)), asked.order)
    found = rows(asked, ranked, addresses, stops, owed=draw.random() < 0.5)
    chosen = [row for row in found if row.chosen]
    assert len(chosen) <= 1
    assert len({row.channel for row in found}) == len(found) >= 1
    assert all(bool(row.reason) != row.chosen for row in found)
    assert (why(found) == "") == bool(chosen)
    for row in chosen:
        way = next(way for way in WAYS if way.channel == row.channel)
        stop = stops.get((way.method, row.address))
        assert (way.sends, way.window) == (True, False)
        assert stop is None or (stop == "opted_out" and asked.security)
    silent = any(
        stops.get((way.method, one)) == "opted_out" for way in WAYS if way.sends for one in addresses[way.book]
    )
    assert not (asked.commercial and silent and chosen)


def test_several_products_are_named_once_each_and_not_without_end() -> None:
    assert named(["OLT", "", "ONU", "OLT"], "zh") == "OLT、ONU"
    assert named(["1", "2", "3", "4"], "en") == "1, 2, 3, …"


def test_a_way_that_hears_only_is_told_where_no_other_leads_to_its_book() -> None:
    assert [road.way.channel for road in roads([FAX, PASTED], [])] == ["fax:main", "wx:paste"]
    assert [road.way.channel for road in roads([FAX, SMS], [])] == ["sms:main"]
    assert roads([PASTED], ["wx"]) == [Road(way=PASTED, against=Reason.NOT_SENDING)]


def test_the_first_reason_is_that_of_the_best_channel() -> None:
    assert why([Row(channel="a", address="", reason="bounced"), Row(channel="b", address="", reason="window")]) == (
        "bounced"
    )
