"""What a ladder is said to do before anybody relies on it, and what is said to be wrong with it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from router.duty import OnDuty
from router.explain import Explained, Reach, Trouble, explain
from router.explain_words import EN, ZH, heading, length, sentences, warning
from router.settings import RouterSettings

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
NAMES = {"zhang": "Zhang San", "li": "Li Lei", "wang": "Wang"}
DUTY = OnDuty(lead="zhang", second="li", manager="wang", everyone=tuple(NAMES))
ALL = {(key, by): Reach(address=f"{by} of {key}") for key in NAMES for by in ("push", "sms", "voice", "mail")}
NO_APP = {pair: reach for pair, reach in ALL.items() if pair[1] != "push"}
DEAF = Reach(trouble=Trouble.NO_ADDRESS)
ONE_WAY = Reach(trouble=Trouble.ONE_WAY, address="x")
SHORT = {
    "steps": [{"after": "0s", "who": ["lead"]}, {"after": "6m", "who": ["manager"]}],
    "how": [{"after": "0s", "by": "sms"}, {"after": "1m", "by": "voice"}],
}


def settings(policies: Any = None, choose: Any = (), **people: Any) -> RouterSettings:
    staff = {key: {"name": name, "addresses": {"tel": key}, **people.get(key, {})} for key, name in NAMES.items()}
    given = {"people": staff, "rota": {"lead": "zhang"}, "policies": policies or {}, "choose": list(choose)}
    return RouterSettings.model_validate(given)


def one(known: RouterSettings, name: str = "fault-1", reaches: Any = ALL, **more: Any) -> Explained:
    found = explain(known, more.get("duty", DUTY), reaches, more.get("now", NOON))
    return next(each for each in found if each.policy == name)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param(
            "en",
            [
                "Step 1, at once: Zhang San (lead): SMS at once, call after 1 min.",
                "Step 2, after 6 min: Wang (manager): SMS after 6 min, call after 7 min.",
                "Then step 2 again every 15 min until somebody takes it.",
            ],
            id="in English",
        ),
        pytest.param(
            "zh",
            [
                "第1步，立即：Zhang San（主责）：立即短信，1分钟后电话。",
                "第2步，6分钟后：Wang（经理）：6分钟后短信，7分钟后电话。",
                "之后每15分钟重复第2步，直到有人接单。",
            ],
            id="in Chinese",
        ),
    ],
)
def test_a_ladder_in_sentences(language, said):
    known = settings({"fault-1": SHORT})
    assert sentences(one(known), known.people, language) == said


@pytest.mark.parametrize(
    ("known", "more", "said"),
    [
        pytest.param(
            settings({"fault-1": {**SHORT, "repeat": None}}), {}, "It is not repeated.", id="a ladder that ends"
        ),
        pytest.param(
            settings({"fault-1": SHORT}, zhang={"rules": {"fault-1": [{"after": "30s", "by": "voice"}]}}),
            {},
            "Step 1, at once: Zhang San (lead): call after 30 s.",
            id="a person's own rules",
        ),
        pytest.param(
            settings({"fault-1": SHORT}),
            {"duty": OnDuty(lead="li", second=None, manager=None, everyone=("li",))},
            "Step 2, after 6 min: Li Lei (manager): SMS after 6 min, call after 7 min.",
            id="who is on duty then",
        ),
        pytest.param(
            settings({"fault-1": SHORT}),
            {"reaches": NO_APP | {("zhang", "voice"): DEAF}},
            "Step 1, at once: Zhang San (lead): SMS at once, call after 1 min (does not arrive: no address for call).",
            id="what does not arrive",
        ),
        pytest.param(
            settings({"fault-3": SHORT}),
            {"name": "fault-3", "now": NIGHT},
            "Step 1, at once: Zhang San (lead): SMS at once, call after 7 h 30 min.",
            id="in the quiet hours",
        ),
        pytest.param(
            settings({"fault-3": SHORT}, zhang={"quiet_hours": {"begin": "09:00", "end": "15:00"}}),
            {"name": "fault-3"},
            "It is in the quiet hours of Zhang San: what can wait comes later.",
            id="in somebody's own quiet hours",
        ),
    ],
)
def test_a_sentence_of_a_ladder(known, more, said):
    assert said in sentences(one(known, **more), known.people, "en")


LONG = {**SHORT, "steps": [{"after": "0s", "who": ["lead"]}, {"after": "11m", "who": ["li"]}]}
NOBODY_ELSE = {pair: reach for pair, reach in NO_APP.items() if pair[0] != "wang"} | {
    ("wang", by): DEAF for by in ("sms", "voice")
}


@pytest.mark.parametrize(
    ("policy", "reaches", "duty", "said"),
    [
        pytest.param(SHORT, ALL, DUTY, [], id="nothing is wrong"),
        pytest.param(
            SHORT,
            NOBODY_ELSE,
            DUTY,
            ["Step 2 reaches nobody: Wang: no address for SMS; Wang: no address for call."],
            id="a step that reaches nobody",
        ),
        pytest.param(
            SHORT,
            {pair: reach for pair, reach in ALL.items() if pair[1] != "voice"},
            DUTY,
            ["No channel carries call: it does not reach Zhang San, Wang."],
            id="a method that nothing carries",
        ),
        pytest.param(
            SHORT,
            ALL | {("wang", "voice"): DEAF},
            DUTY,
            ["Wang is not reached by call: no address for call."],
            id="somebody whom one method does not reach",
        ),
        pytest.param(
            SHORT,
            NO_APP | {("wang", "sms"): ONE_WAY, ("wang", "voice"): DEAF},
            DUTY,
            [
                "Wang is not reached by call: no address for call.",
                "Wang is asked by nothing that can be answered, and cannot take a ticket.",
            ],
            id="somebody who can only listen",
        ),
        pytest.param(
            LONG, ALL, DUTY, ["Step 2 begins after 11 min, but an answer is promised within 10 min."], id="too long"
        ),
        pytest.param(
            SHORT,
            ALL | {(who, "voice"): Reach(address="+86138") for who in ("zhang", "wang")},
            DUTY,
            ["Wang, Zhang San have one address for call: one of them is asked twice, the other never."],
            id="one phone for two",
        ),
        pytest.param(
            SHORT,
            ALL,
            OnDuty(lead="li", second=None, manager=None, everyone=("li",), hole=True),
            ["Nobody leads by the rota at this instant: Li Lei is asked instead."],
            id="a hole in the rota",
        ),
        pytest.param(
            SHORT,
            {},
            DUTY,
            ["It reaches nobody: no channel carries SMS; no channel carries call."],
            id="nothing at all",
        ),
        pytest.param(SHORT, ALL | {(who, "sms"): DEAF for who in NAMES}, DUTY, [], id="an app in place of a text"),
    ],
)
def test_what_is_wrong_with_a_ladder(policy, reaches, duty, said):
    known = settings({"fault-1": policy})
    found = one(known, reaches=reaches, duty=duty)
    assert [warning(flaw, known.people, "en") for flaw in found.flaws] == said


def test_an_app_does_not_stand_for_a_text_where_the_ladder_pushes_by_itself():
    policy = {**SHORT, "how": [{"after": "0s", "by": "push"}, {"after": "1m", "by": "sms"}]}
    found = one(settings({"fault-1": policy}), reaches=ALL | {("zhang", "sms"): DEAF})
    assert [(flaw.what, flaw.people, flaw.by) for flaw in found.flaws] == [("method", ("zhang",), "sms")]


@pytest.mark.parametrize(
    ("name", "reaches", "fatal"),
    [
        pytest.param("fault-1", {}, True, id="level 1"),
        pytest.param("fault-2", {}, False, id="not level 2"),
        pytest.param("fault-1", {("wang", "sms"): Reach()}, False, id="not when a single person is reached"),
        pytest.param(
            "fault-1",
            {("wang", "push"): Reach(trouble=Trouble.NOT_KNOWN)},
            True,
            id="an address that is not known is none where no step uses it",
        ),
    ],
)
def test_only_a_page_of_level_1_that_reaches_nobody_is_fatal(name, reaches, fatal):
    found = one(settings({"fault-1": SHORT}), name, reaches)
    assert any(flaw.fatal for flaw in found.flaws) is fatal


def test_an_address_that_only_the_store_knows_is_not_fatal():
    policy = {**SHORT, "how": [{"after": "0s", "by": "push"}]}
    unknown = {(who, "push"): Reach(trouble=Trouble.NOT_KNOWN) for who in NAMES}
    (flaw,) = one(settings({"fault-1": policy}), reaches=unknown).flaws
    assert (flaw.what, flaw.fatal) == ("nobody", False)


CHOICE = {"policy": "vip", "customers": ["HX*"], "grades": ["A"], "hours": {"begin": "22:00", "end": "07:00"}}


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        pytest.param(
            {**CHOICE, "for": ["fault-1"], "days": ["workday", "sat"]},
            ["vip: for fault-1, customers HX*, customers of grade A, 22:00-07:00, workday sat"],
            id="with all its conditions",
        ),
        pytest.param(
            {"policy": "vip"},
            [
                "vip: for fault-1",
                "vip: for fault-2, fault-3, emergency_support, complaint, other",
            ],
            id="once for all urgencies that it does the same for",
        ),
    ],
)
def test_a_chosen_ladder_is_named_by_when_it_holds(choice, named):
    slow = {**SHORT, "steps": [{"after": "0s", "who": ["lead"]}]}
    known = settings({"vip": slow}, [choice], zhang={"rules": {"fault-1": [{"after": "0s", "by": "voice"}]}})
    found = [heading(each, "en") for each in explain(known, DUTY, ALL, NOON) if each.policy == "vip"]
    assert found == named


def test_every_ladder_is_explained_the_chosen_ones_first():
    known = settings({"vip": SHORT}, [{"policy": "vip", "for": ["fault-2"]}])
    names = [each.policy for each in explain(known, DUTY, ALL, NOON)]
    assert names == ["vip", "fault-1", "fault-2", "fault-3", "emergency_support", "complaint", "other"]


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [(0, "0 s", "0秒"), (90, "1 min 30 s", "1分钟30秒"), (3600, "1 h", "1小时"), (19500, "5 h 25 min", "5小时25分钟")],
)
def test_a_length_of_time(seconds, en, zh):
    assert (length(seconds, "en"), length(seconds, "zh")) == (en, zh)


def test_both_languages_say_the_same_with_the_same_gaps():
    assert ZH.keys() == EN.keys()
    gaps = {key: [{part.split("}")[0] for part in table[key].split("{")[1:]} for table in (ZH, EN)] for key in EN}
    assert {key: pair for key, pair in gaps.items() if pair[0] != pair[1]} == {}
