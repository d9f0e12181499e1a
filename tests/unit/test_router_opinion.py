"""What a second opinion may change, and what is masked before it is asked."""

from datetime import UTC, datetime

import pytest

from router.case import Case, Scene
from router.duty import OnDuty
from router.masking import masked
from router.opinion import Nonsense, Said, follows, read
from router.settings import RouterSettings
from store.model import Kind, Ticket, TicketState

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PEOPLE = {"zhang": {"name": "张三", "addresses": {"tel": "+8613800000101"}}}
SETTINGS = RouterSettings.model_validate({"people": PEOPLE, "rota": {"lead": "zhang"}})
SCENE = Scene(now=NOW, duty=OnDuty(lead="zhang", second=None, manager=None, everyone=("zhang",)), settings=SETTINGS)


def case(kind: str = "fault", level: int | None = 2, state: str = TicketState.PAGING, by: str = "") -> Case:
    return Case(
        ticket=Ticket(
            id=1,
            number=1001,
            kind=kind,
            level=level,
            level_by=by,
            state=state,
            channel="sms:main",
            opened_at=NOW,
            heard_at=NOW,
        )
    )


@pytest.mark.parametrize(
    ("given", "kind", "level", "outcome", "proposed"),
    [
        pytest.param(case(), "fault", 1, "raised", None, id="worse"),
        pytest.param(case(), "fault", 2, "agrees", None, id="the same"),
        pytest.param(case(), "fault", 3, "proposed", 3, id="milder"),
        pytest.param(case(level=1), "praise_or_chat", None, "proposed", 3, id="chatter to it"),
        pytest.param(case(level=3), "consultation", None, "agrees", None, id="nothing is milder than level 3"),
        pytest.param(case("consultation", None), "fault", 1, "raised", None, id="a question that is an outage"),
        pytest.param(case("consultation", None), "fault", 3, "agrees", None, id="a question that is a small fault"),
        pytest.param(case("complaint", None), "fault", 1, "agrees", None, id="a complaint stays one"),
        pytest.param(case(by="zhang"), "fault", 1, "kept", None, id="a person set it"),
        pytest.param(case(by="customer"), "fault", 1, "raised", None, id="the customer made it worse before"),
        pytest.param(case(by="second opinion"), "fault", 3, "proposed", 3, id="it does not lower its own either"),
        pytest.param(case(state=TicketState.RESOLVED), "fault", 1, "settled", None, id="settled meanwhile"),
        pytest.param(case(state=TicketState.ON_SITE), "fault", 1, "raised", None, id="somebody is there"),
    ],
)
def test_what_follows(given: Case, kind: str, level: int | None, outcome: str, proposed: int | None) -> None:
    found = follows(Said(kind=Kind(kind), level=level, reason="why"), given, SCENE)
    assert (found.outcome, found.proposed) == (outcome, proposed)
    assert bool(found.effects) == (outcome in ("raised", "proposed"))


def test_an_answer_in_a_fence_is_read_and_its_reason_is_one_line() -> None:
    said = read('```json\n{"kind": "fault", "level": 1, "reason": "all\\n down\\u202e"}\n```')
    assert said == Said(kind=Kind.FAULT, level=1, reason="all down")


@pytest.mark.parametrize("content", ["", "{}", "null", "x" * 5000, '{"kind":"fault","level":1.0,"reason":"x"}'])
def test_what_is_no_answer_is_refused(content: str) -> None:
    with pytest.raises(Nonsense):
        read(content)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("请回电 138 1234 5678", "请回电 [phone]", id="mobile"),
        pytest.param("电话0871-63542118转802", "电话[phone]", id="landline"),
        pytest.param("call +44 20 7946 0018 now", "call [phone] now", id="international"),
        pytest.param("mail me: a.b+c@x.co.uk", "mail me: [address]", id="mail"),
        pytest.param("身份证53010119900307123X", "身份证[number]", id="identity card"),
        pytest.param("10.20.30.40 不通", "[number] 不通", id="network address"),
        pytest.param("见 https://x.example/a?token=1 这里", "见 [link] 这里", id="link"),
        pytest.param("联系人：李小明，电话见下", "联系人：[name]，电话见下", id="labelled"),
        pytest.param("找张工或王建国主任", "找[name]或[name]", id="with a title"),
        pytest.param("总部的工作站和施工现场", "总部的工作站和施工现场", id="no names"),
        pytest.param("It broke.\nBest regards,\nJohn Smith", "It broke.\nBest regards,\n[name]", id="signature"),
        pytest.param("ask Dr. Brown on ward 6", "ask [name] on ward 6", id="English title"),
        pytest.param("error 503 since 09:30, 300 users", "error 503 since 09:30, 300 users", id="what is no person"),
        pytest.param("Li Lei says so, Lilei Street too", "[name] says so, Lilei Street too", id="known name"),
    ],
)
def test_persons_are_masked(text: str, wanted: str) -> None:
    assert masked(text, ["Li Lei", "x"]) == wanted
