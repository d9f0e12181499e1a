"""Whom to send on site: who is near, who knows the system, who is free."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Case, Outing, Scene
from router.dispatch import candidates, offers, packed
from router.duty import on_duty, plan_of
from router.settings import RouterSettings
from store.model import Presence, Ticket, Visit, VisitState

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {
            "zhang": {"name": "张三", "addresses": {"tel": "+1"}},
            "li": {"name": "李雷", "addresses": {"tel": "+2"}, "areas": ["滨江"], "skills": ["OLT", "核心交换机"]},
            "zhao": {"name": "赵六", "addresses": {"tel": "+3"}, "areas": ["东站医院门诊楼"], "skills": ["收费系统"]},
            "wang": {"name": "王经理", "addresses": {"tel": "+4"}, "engineer": False, "areas": ["滨江"]},
        },
        "rota": {"lead": "zhang"},
    }
)
PEOPLE = SETTINGS.people


def ticket(site: str = "", title: str = "", **more) -> Ticket:
    values = {"id": 1, "number": 1001, "kind": "fault", "level": 1, "channel": "sms:main", "symptom": title}
    return Ticket(**{**values, "opened_at": NOW, "heard_at": NOW, "state": "taken", **more}, site=site, title=title)


def out(**on: int) -> list[Outing]:
    return [Outing(person=person, number=number) for person, number in on.items()]


def ranked(one: Ticket, **more) -> list[str]:
    return [found.person for found in candidates(one, PEOPLE, **more)]


@pytest.mark.parametrize(
    ("site", "title", "busy", "order"),
    [
        pytest.param("", "", {}, ["zhang", "li", "zhao"], id="nothing known: as configured, and no manager"),
        pytest.param("滨江机房", "", {}, ["li", "zhang", "zhao"], id="near by a part of the site's name"),
        pytest.param("东站医院", "", {}, ["zhao", "zhang", "li"], id="near by an area that lies in the site"),
        pytest.param("", "OLT 掉线", {}, ["li", "zhang", "zhao"], id="knows the system"),
        pytest.param("", "bolt 掉了", {}, ["zhang", "li", "zhao"], id="a Latin name counts as a whole word"),
        pytest.param("", "收費系統 登入不了", {}, ["zhao", "zhang", "li"], id="in traditional characters"),
        pytest.param("东站医院", "OLT 与核心交换机", {}, ["li", "zhao", "zhang"], id="near or knows is worth the same"),
        pytest.param("滨江机房", "OLT", {"li": 1042}, ["zhang", "zhao", "li"], id="whoever is free goes first"),
        pytest.param("滨江机房", "", {"zhang": 7, "li": 8, "zhao": 9}, ["li", "zhang", "zhao"], id="all are out"),
    ],
)
def test_who_is_free_then_who_is_near_or_knows_it(site, title, busy, order) -> None:
    assert ranked(ticket(site, title), out=out(**busy)) == order


def test_the_reasons_are_those_that_counted() -> None:
    first, *_, last = candidates(ticket("滨江机房", "OLT 掉线"), PEOPLE, out=out(zhang=1042))
    assert (first.person, first.near, first.knows, first.on) == ("li", "滨江", ("OLT",), ())
    assert (last.person, last.near, last.knows, last.on) == ("zhang", "", (), (1042,))


def test_where_a_visit_goes_counts_as_the_site() -> None:
    assert ranked(ticket("", "上门"), place="滨江路 5 号")[0] == "li"


def scene(*, away: str = "") -> Scene:
    day = timedelta(days=1)
    presences = [Presence(id=1, person=away, kind="away", begins=NOW - day, ends=NOW + day, at=NOW)] if away else []
    return Scene(now=NOW, duty=on_duty(plan_of(SETTINGS, (), presences), NOW), settings=SETTINGS)


def sent(person: str, state: VisitState) -> Visit:
    return Visit(id=1, ticket_id=1, created_at=NOW, engineer=person, state=state)


@pytest.mark.parametrize(
    ("case", "given", "left"),
    [
        pytest.param(Case(ticket=ticket()), {"away": "li"}, ["zhang", "zhao"], id="away"),
        pytest.param(
            Case(ticket=ticket(), visits=(sent("li", VisitState.DECLINED),)), {}, ["zhang", "zhao"], id="declined"
        ),
        pytest.param(
            Case(ticket=ticket(), visits=(sent("li", VisitState.ON_THE_WAY),)), {}, ["zhang", "zhao"], id="goes already"
        ),
        pytest.param(
            Case(ticket=ticket(), visits=(sent("li", VisitState.DONE),)), {}, ["zhang", "li", "zhao"], id="was there"
        ),
        pytest.param(
            Case(ticket=ticket(title="投诉李雷态度差", kind="complaint")),
            {},
            ["zhang", "zhao"],
            id="the complaint names",
        ),
    ],
)
def test_who_cannot_go_is_not_proposed(case, given, left) -> None:
    assert [one.person for one in offers(case, scene(**given))] == left


def test_nobody_left_packs_to_an_empty_list() -> None:
    assert packed([]) == "[]"
