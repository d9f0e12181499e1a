"""Which policy a matter gets, which settings of policies are refused, and whose rules say how a person is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from router.case import Scene
from router.duty import on_duty, plan_of
from router.ladder import hushed, plan
from router.opening import given_to, ladder
from router.policies import Client, Facts, choose
from router.policy_settings import default_policies
from router.settings import RouterSettings
from store.model import Presence, Ticket

NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
"""A Tuesday, 23:30 in Shanghai."""
AT = {
    "tuesday night": NIGHT,
    "wednesday before dawn": NIGHT + timedelta(hours=5),
    "tuesday noon": NIGHT - timedelta(hours=11),
    "saturday before dawn": NIGHT + timedelta(days=3, hours=5),
    "sunday before dawn": NIGHT + timedelta(days=4, hours=5),
    "new year's day": datetime(2027, 1, 1, 15, 30, tzinfo=UTC),
}
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理"}
VIP = {"steps": [{"after": "0s", "who": ["lead", "second"]}], "how": [{"after": "0s", "by": "voice"}]}


def settings(*choices: Any, policies: Any = None, **people: Any) -> RouterSettings:
    staff: dict[str, Any] = {key: {"name": name, "addresses": {"tel": f"+86138{key}"}} for key, name in NAMES.items()}
    for key, more in people.items():
        staff[key] |= more
    given = {
        "people": staff,
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
        "policies": policies if policies is not None else {"vip-night": VIP},
        "choose": list(choices),
    }
    return RouterSettings.model_validate(given)


@pytest.mark.parametrize(
    ("choice", "urgency", "client", "at", "fits"),
    [
        pytest.param({}, "other", Client(), "tuesday noon", True, id="one without a condition always does"),
        pytest.param({"for": ["fault-1"]}, "fault-1", Client(), "tuesday noon", True, id="its urgency"),
        pytest.param({"for": ["fault-1"]}, "fault-2", Client(), "tuesday noon", False, id="not another urgency"),
        pytest.param({"customers": ["华信*"]}, "fault-1", Client(name="华信证券"), "tuesday noon", True, id="a name"),
        pytest.param({"customers": ["HX bank"]}, "fault-1", Client(name="ＨＸ Bank"), "tuesday noon", True, id="width"),
        pytest.param(
            {"customers": ["华信*"]}, "fault-1", Client(name="港口"), "tuesday noon", False, id="another name"
        ),
        pytest.param({"customers": ["*"]}, "fault-1", Client(), "tuesday noon", False, id="not somebody unknown"),
        pytest.param({"grades": ["A"]}, "fault-1", Client(grade="A"), "tuesday noon", True, id="a grade"),
        pytest.param({"grades": ["A"]}, "fault-1", Client(name="x"), "tuesday noon", False, id="no grade"),
        pytest.param({"hours": ("22:00", "07:00")}, "fault-1", Client(), "tuesday night", True, id="at night"),
        pytest.param({"hours": ("22:00", "07:00")}, "fault-1", Client(), "tuesday noon", False, id="not at noon"),
        pytest.param({"days": ["tue"]}, "fault-1", Client(), "tuesday noon", True, id="on its day"),
        pytest.param({"days": ["holiday"]}, "fault-1", Client(), "new year's day", True, id="on a holiday"),
        pytest.param({"days": ["workday"]}, "fault-1", Client(), "new year's day", False, id="a holiday is no workday"),
        pytest.param(
            {"days": ["tue"], "hours": ("22:00", "07:00")},
            "fault-1",
            Client(),
            "wednesday before dawn",
            True,
            id="the hours after midnight belong to the day before",
        ),
        pytest.param(
            {"days": ["workday"], "hours": ("22:00", "07:00")},
            "fault-1",
            Client(),
            "saturday before dawn",
            True,
            id="so does the night after Friday",
        ),
        pytest.param(
            {"days": ["workday"], "hours": ("22:00", "07:00")},
            "fault-1",
            Client(),
            "sunday before dawn",
            False,
            id="and not the one after Saturday",
        ),
        pytest.param(
            {"grades": ["A"], "for": ["fault-2"]}, "fault-1", Client(grade="A"), "tuesday noon", False, id="all must"
        ),
    ],
)
def test_whether_a_choice_fits(choice, urgency, client, at, fits):
    if "hours" in choice:
        choice = {**choice, "hours": dict(zip(("begin", "end"), choice["hours"], strict=True))}
    known = settings({"policy": "vip-night", **choice})
    chosen = choose(known, Facts(urgency=urgency, client=client), AT[at])
    assert chosen == ("vip-night" if fits else urgency)


def test_the_first_choice_that_fits_holds():
    policies = {"vip-night": VIP, "night": VIP}
    known = settings({"policy": "night", "for": ["fault-1"]}, {"policy": "vip-night"}, policies=policies)
    assert [choose(known, Facts(urgency=name), NIGHT) for name in ("fault-1", "fault-2")] == ["night", "vip-night"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            settings,
            "policies.vip-night is chosen by nothing and would never be used; add a line",
            id="unused",
        ),
        pytest.param(
            lambda: settings({"policy": "vip"}, {"policy": "vip-night"}),
            "choose.0 names the policy 'vip', which is not there; known: fault-1",
            id="unknown",
        ),
        pytest.param(
            lambda: settings(
                {"policy": "vip-night"},
                policies={"vip-night": {**VIP, "steps": [{"after": "30s", "who": ["lead"]}]}},
            ),
            "policies.vip-night pages level 1, but asks nobody at once; let a step begin after 0s",
            id="a late step at level 1",
        ),
        pytest.param(
            lambda: settings(
                {"policy": "vip-night", "for": ["fault-1"]},
                policies={"vip-night": {**VIP, "how": [{"after": "1m", "by": "sms"}]}},
            ),
            "policies.vip-night pages level 1, but by nothing at once; let how begin after 0s",
            id="a late way at level 1",
        ),
        pytest.param(
            lambda: settings(policies={"fault-1": {**VIP, "how": [{"after": "1m", "by": "sms"}]}}),
            "policies.fault-1 pages level 1, but by nothing at once",
            id="the ladder of level 1 itself",
        ),
        pytest.param(
            lambda: settings(policies={}, li={"how": [{"after": "5m", "by": "voice"}]}),
            "people.li.how begins later than 60s, too late for level 1; let one rule begin within 60s, or write rules",
            id="a person who wants to be asked late",
        ),
        pytest.param(
            lambda: settings(policies={}, li={"rules": {"fault-1": [{"after": "61s", "by": "voice"}]}}),
            "people.li.rules.fault-1 begins later than 60s, too late for level 1; let one rule begin within 60s",
            id="a person who wants to be asked late at level 1",
        ),
        pytest.param(
            lambda: settings(policies={}, li={"rules": {"fault-2": []}}),
            "is empty, so this person is asked by nothing; write a rule, or take the key away",
            id="a person who wants to be asked by nothing",
        ),
        pytest.param(
            lambda: settings(policies={}, li={"rules": {"fault-4": [{"after": "0s", "by": "sms"}]}}),
            "Input should be 'fault-1', 'fault-2'",
            id="rules for what there is not",
        ),
    ],
)
def test_settings_that_are_refused_with_their_cure(given, words):
    with pytest.raises(ValidationError) as caught:
        given()
    assert words in str(caught.value)


def test_what_asks_late_is_allowed_where_level_1_never_gets_it():
    late = {"steps": [{"after": "5m", "who": ["lead"]}], "how": [{"after": "1m", "by": "mail"}]}
    own = {"how": [{"after": "5m", "by": "mail"}], "rules": {"fault-1": [{"after": "60s", "by": "voice"}]}}
    known = settings({"policy": "slow", "for": ["other"]}, policies={"slow": late}, li=own)
    assert choose(known, Facts(urgency="other"), NIGHT) == "slow"


def told(rungs) -> list[str]:
    return [f"{rung.after / 60:g} {rung.person} {rung.by}" for rung in rungs]


RULES = {
    "how": [{"after": "0s", "by": "voice"}, {"after": "2m", "by": "voice"}],
    "rules": {"fault-3": [{"after": "1m", "by": "mail"}]},
}


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        pytest.param(
            "fault-3", ["0 zhang sms", "10 zhang voice", "16 li mail", "22 wang sms", "32 wang voice"], id="rules"
        ),
        pytest.param(
            "emergency_support",
            ["0 zhang sms", "2 zhang voice", "5 li voice", "7 li voice", "10 wang sms", "12 wang voice"],
            id="own ways where there are no rules",
        ),
    ],
)
def test_a_persons_rules_are_laid_over_the_steps(name, rungs):
    known = settings(policies={}, li=RULES)
    duty = on_duty(plan_of(known), NIGHT)
    assert told(plan(default_policies()[name], duty, known.people, name)) == rungs


def scene(known: RouterSettings, now: datetime = NIGHT, **more: Any) -> Scene:
    return Scene(now=now, duty=on_duty(plan_of(known), now), settings=known, **more)


def ticket(**more: Any) -> Ticket:
    given: dict[str, Any] = {
        "id": 1,
        "number": 1001,
        "kind": "fault",
        "level": 1,
        "channel": "sms:main",
        "opened_at": NIGHT,
    }
    return Ticket(**{**given, "heard_at": NIGHT, **more})


def test_a_ladder_is_of_the_policy_that_the_customer_has_and_keeps_its_name():
    known = settings({"policy": "vip-night", "grades": ["A"]})
    clients = {7: Client(name="华信", grade="A"), 8: Client(name="港口", grade="B")}
    climbs = [ladder(ticket(customer_id=one), scene(known, clients=clients)) for one in (7, 8, None)]
    assert [climb.policy for climb in climbs] == ["vip-night", "fault-1", "fault-1"]
    assert told(climbs[0].plan) == ["0 zhang voice", "0 li voice"]


def test_a_ticket_that_is_handed_over_asks_by_the_rules_of_whoever_gets_it():
    known = settings(policies={}, wang={"how": [{"after": "0s", "by": "mail"}]})
    climb = given_to(ticket(), "wang", scene(known), giver="zhang")
    assert told(climb.plan)[:2] == ["0 wang mail", "2 zhang sms"]
    assert climb.policy == "fault-1"


QUIET = {"quiet_hours": {"begin": "09:00", "end": "17:00"}}
NOON = AT["tuesday noon"]


@pytest.mark.parametrize(
    ("name", "now", "rungs"),
    [
        pytest.param("other", NOON, ["270 li sms"], id="own quiet hours by day put off what is no fault"),
        pytest.param("other", NIGHT, ["0 li sms"], id="the site's night is no rest of theirs"),
        pytest.param("fault-1", NOON, ["0 li sms", "1 li voice"], id="level 1 knows no quiet hours"),
        pytest.param("fault-3", NOON, ["0 li sms", "270 li voice"], id="level 3 rings nobody in them"),
    ],
)
def test_quiet_hours_of_ones_own(name, now, rungs):
    known = settings(policies={}, li=QUIET)
    only = default_policies()[name].model_copy(update={"steps": default_policies()["other"].steps})
    duty = on_duty(plan_of(known.model_copy(update={"rota": known.rota.model_copy(update={"lead": "li"})})), now)
    assert told(hushed(plan(only, duty, known.people, name), name, known, now)) == rungs


def test_others_keep_the_quiet_hours_of_the_site():
    known = settings(policies={}, li=QUIET)
    rungs = ladder(ticket(kind="fault", level=3), scene(known, NIGHT)).plan
    assert told(rungs) == [
        "0 zhang sms",
        "15 li sms",
        "22 wang sms",
        "25 li voice",
        "450 zhang voice",
        "450 wang voice",
    ]


def test_somebody_away_is_never_planned():
    known = settings(policies={})
    away = Presence(id=1, person="wang", kind="away", begins=NIGHT, ends=NIGHT + timedelta(hours=1), at=NIGHT)
    duty = on_duty(plan_of(known, [], [away]), NIGHT)
    assert {rung.person for rung in plan(default_policies()["fault-1"], duty)} == {"zhang", "li"}
