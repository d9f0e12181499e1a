"""The page of the rota, its calendars, and its part of the API, before a whole house."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from channels.settings import Secret
from gateway.app import House
from gateway.rota_moves import digest_of
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock
from gateway.web.server import build_app
from store.model import Event, Feed, Shift

DAY = timedelta(days=1)
HERE, ELSEWHERE = ("127.0.0.1", 5), ("192.0.2.7", 5)
TOKEN = "a token of some length"


@pytest.fixture
async def sandbox(tmp_path: Path, office: datetime) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


@pytest.fixture
def house(sandbox: Running) -> House:
    return sandbox.house


def client(house: House, *, peer: tuple[str, int] = HERE, token: str = "", **headers: str) -> httpx.AsyncClient:
    gateway = house.config.gateway.model_copy(update={"operator_token": Secret(token) if token else None})
    house.config = replace(house.config, gateway=gateway)
    transport = httpx.ASGITransport(build_app(house), client=peer)
    given = {"accept-language": "en", **headers}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=given)


def seal(page: httpx.Response) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page.text)
    assert found
    return found[1]


def words(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


async def post(web: httpx.AsyncClient, **form: str) -> httpx.Response:
    """Send a form of the page and follow where it leads."""
    page = await web.get("/rota")
    answer = await web.post("/rota", data={"seal": seal(page), "by": "zhang", **form})
    return await web.get(answer.headers["location"]) if answer.status_code == 303 else answer


STAND = {"act": "stand_in", "role": "lead", "person": "li", "begins": "2026-11-26T08:00", "ends": "2026-11-27T08:00"}
GONE = {"act": "away", "person": "zhang", "begins": "", "ends": "2026-11-25 08:00", "why": "发烧"}


async def test_the_page_shows_who_is_on_duty_and_the_turns_of_two_weeks(house) -> None:
    async with client(house) as web:
        page = await web.get("/rota")
        board = await web.get("/")
        chinese = await web.get("/rota?lang=zh")
    assert 'href="/rota"' in board.text
    assert "lead 张三 Until beyond 14 days · default" in words(page)
    assert "No hole in the next 7 days." in words(page)
    assert "现在值班 主责 张三 到 14 天以后" in words(chinese)
    assert len(page.content) <= 40_000


async def test_a_stand_in_is_arranged_and_withdrawn_on_the_page(house) -> None:
    async with client(house) as web:
        page = await post(web, **STAND, why="体检")
        assert "The stand-in is arranged." in words(page)
        assert "11-26 08:00 11-27 08:00 lead 李雷 stand-in" in words(page)
        assert "lead 李雷 11-26 08:00 – 11-27 08:00 · 体检" in words(page)
        found = re.search(r'name="ident" value="(\d+)"', page.text)
        assert found
        gone = await post(web, act="withdraw", ident=found[1])
        again = await post(web, act="withdraw", ident=found[1])
        events = [row["text"] async for row in _events(house)]
    assert "The stand-in is withdrawn." in words(gone)
    assert "李雷 11-26" not in words(gone)
    assert (again.status_code, "not there any more" in words(again)) == (409, True)
    assert events == ["li stands in as lead", "li stands in as lead no longer"]


async def _events(house: House) -> AsyncIterator[dict[str, Any]]:
    for row in _rows(house, Event):
        if row["kind"] == "duty":
            yield row


def _rows(house: House, noun: type) -> list[Any]:
    from sqlalchemy import select

    from store.db import table_of

    with house.database.read() as connection:
        return list(connection.execute(select(table_of(noun)).order_by(table_of(noun).c.id)).mappings())


async def test_an_absence_leaves_a_hole_that_stands_on_top_in_words_and_shape(house) -> None:
    async with client(house) as web:
        page = await post(web, **GONE)
        assert "The absence is noted." in words(page)
        assert "To be put right ▲ Hole: nobody leads 11-24 10:00 – 11-25 08:00" in words(page)
        assert "张三 11-24 10:00 – 11-25 08:00 · 发烧" in words(page)
        found = re.search(r'name="ident" value="(\d+)"', page.text)
        assert found
        back = await post(web, act="back", ident=found[1])
    assert "They are noted as back." in words(back)
    assert "Hole" not in words(back)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({**STAND, "ends": "tomorrow"}, "write times such as", id="no time"),
        pytest.param({**STAND, "ends": "2026-11-26T08:00"}, "later than the beginning", id="no length"),
        pytest.param({**STAND, "begins": "", "ends": "2026-11-01T08:00"}, "later than the beginning", id="over"),
        pytest.param(
            {**STAND, "begins": "2026-11-01T08:00", "ends": "2026-11-02T08:00"}, "and than now", id="over since long"
        ),
        pytest.param({**STAND, "role": "everyone"}, "choose a role and a person", id="no role"),
        pytest.param({**STAND, "person": "nobody"}, "choose a role and a person", id="nobody"),
        pytest.param({**GONE, "person": "nobody"}, "choose a role and a person", id="nobody is away"),
        pytest.param({**STAND, "by": "nobody"}, "choose a role and a person", id="by nobody"),
        pytest.param({"act": "dance"}, "choose a role and a person", id="nothing that there is"),
    ],
)
async def test_a_form_that_cannot_be_is_refused_with_the_reason_and_what_was_typed(house, form, said) -> None:
    async with client(house) as web:
        answer = await post(web, **form)
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert _rows(house, Shift) == []
    assert form.get("act") != "stand_in" or f'value="{form["ends"]}"' in answer.text


async def test_a_form_without_its_seal_changes_nothing(house) -> None:
    async with client(house) as web:
        await web.get("/rota")
        answer = await web.post("/rota", data={"by": "zhang", "seal": "forged", **STAND})
    assert (answer.status_code, _rows(house, Shift)) == (403, [])


async def test_an_hourly_rota_is_cut_and_says_so(house) -> None:
    layer = {"name": "hours", "people": ["zhang", "li"], "every": "hourly"}
    people = {key: {"name": person.name, "addresses": person.addresses} for key, person in _staff(house).items()}
    rota = house.config.router.model_validate({"people": people, "rota": {"layers": [layer]}})
    house.config = replace(house.config, router=rota)
    async with client(house) as web:
        page = await web.get("/rota")
    assert "Only the first 120 turns are listed." in words(page)
    assert len(page.content) <= 60_000


def _staff(house: House) -> dict[str, Any]:
    return dict(house.config.router.people)


# calendars


async def feed(web: httpx.AsyncClient, person: str = "") -> str:
    return str((await web.post("/api/v1/rota/feeds", json={"person": person, "by": "zhang"})).json()["path"])


async def test_a_calendar_has_a_persons_turns_of_a_month_back_and_a_year_ahead(house) -> None:
    async with client(house) as web:
        span = {"begins": "2026-11-26T08:00+08:00", "ends": "2026-11-27T08:00+08:00"}
        await web.post("/api/v1/rota/shifts", json={"shifts": [{"person": "li", **span}], "by": "zhang"})
        answer = await web.get(await feed(web, "zhang"))
    calendar: Any = Calendar.from_ical(answer.content)
    events = [(str(e["summary"]), str(e["uid"]), e["dtstart"].dt, e["dtend"].dt) for e in calendar.walk("VEVENT")]
    first, last = datetime(2026, 10, 23, 16, tzinfo=UTC), datetime(2027, 11, 24, 16, tzinfo=UTC)
    begin, end = datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    assert events == [
        ("张三 值班主责", "lead-zhang-earlier@yizhan", first, begin),
        ("张三 值班主责", "lead-zhang-20261127T000000Z@yizhan", end, last),
    ]
    assert answer.headers["content-type"].startswith("text/calendar")
    event, alarm = calendar.walk("VEVENT")[0], calendar.walk("VALARM")[0]
    assert (event["transp"], alarm["action"], alarm["trigger"].dt) == ("TRANSPARENT", "DISPLAY", timedelta(hours=-1))
    assert calendar["x-wr-calname"] == "值班：张三"


async def test_the_calendar_of_the_whole_rota_names_everybody_and_the_holes(house) -> None:
    async with client(house) as web:
        gone = {"person": "zhang", "begins": "2026-11-26T00:00Z", "ends": "2026-11-27T00:00Z", "by": "zhang"}
        await web.post("/api/v1/rota/presences", json=gone)
        path = await feed(web)
        titles = [
            str(e["summary"]) for e in Calendar.from_ical((await web.get(f"{path}?lang=en")).content).walk("VEVENT")
        ]
    assert "nobody: lead on duty" in titles
    assert {"张三: lead on duty", "李雷: second on duty"} <= set(titles)


async def test_names_of_entries_stay_from_day_to_day(sandbox) -> None:
    async with client(sandbox.house) as web:
        span = {"begins": "2026-12-26T00:00Z", "ends": "2026-12-27T00:00Z"}
        await web.post("/api/v1/rota/shifts", json={"shifts": [{"person": "li", **span}], "by": "zhang"})
        path, seen = await feed(web), []
        for _ in range(2):
            answer = await web.get(path)
            seen.append(
                ([str(e["uid"]) for e in Calendar.from_ical(answer.content).walk("VEVENT")], answer.headers["etag"])
            )
            sandbox.box.clock.move(sandbox.box.clock.now() + DAY)
    assert seen[0][0] == seen[1][0]
    assert len(set(seen[0][0])) == len(seen[0][0])
    assert seen[0][1] != seen[1][1]


async def test_a_calendar_is_read_without_sign_in_and_again_only_when_it_changed(house) -> None:
    async with client(house) as web:
        path = await feed(web, "zhang")
    async with client(house, peer=ELSEWHERE, token=TOKEN) as web:
        first = await web.get(path)
        same = await web.get(path, headers={"if-none-match": first.headers["etag"]})
        head = await web.head(path)
        page = await web.get("/rota")
    assert (first.status_code, same.status_code, same.content, head.status_code) == (200, 304, b"", 200)
    assert first.headers["cache-control"] == same.headers["cache-control"] == "private, max-age=3600, must-revalidate"
    assert (first.headers["referrer-policy"], first.headers["x-robots-tag"]) == ("no-referrer", "noindex, nofollow")
    assert page.status_code == 403
    async with client(house) as web:
        gone = {"person": "zhang", "begins": "2026-11-26T00:00Z", "ends": "2026-11-27T00:00Z", "by": "zhang"}
        await web.post("/api/v1/rota/presences", json=gone)
        changed = await web.get(path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_a_wrong_and_a_revoked_secret_are_not_found_and_only_the_digest_is_kept(house) -> None:
    async with client(house) as web:
        path, other = await feed(web, "zhang"), await feed(web)
        secret = path.removeprefix("/rota/").removesuffix(".ics")
        kept = [row["digest"] for row in _rows(house, Feed)]
        wrong = await web.get(f"/rota/{secret[:-1]}.ics")
        digest = await web.get(f"/rota/{digest_of(secret)}.ics")
        revoked = await web.delete("/api/v1/rota/feeds", params={"person": "zhang", "by": "zhang"})
        after = [(await web.get(one)).status_code for one in (path, other)]
        twice = await web.delete("/api/v1/rota/feeds", params={"person": "zhang", "by": "zhang"})
    assert kept[0] == digest_of(secret)
    assert secret not in str(_rows(house, Feed)) + str(_rows(house, Event))
    assert (wrong.status_code, digest.status_code) == (404, 404)
    assert wrong.headers["cache-control"] == "no-store"
    assert (revoked.json(), after, twice.status_code) == ({"ended": 1}, [404, 200], 404)


# the API


async def test_the_api_shows_the_rota_and_what_is_wrong_with_it(house) -> None:
    async with client(house) as web:
        gone = {"person": "zhang", "begins": "2026-11-26T00:00Z", "ends": "2026-11-27T00:00Z", "by": "li", "why": "x"}
        [ident] = (await web.post("/api/v1/rota/presences", json=gone)).json()["ids"]
        rota = (await web.get("/api/v1/rota", params={"days": 7})).json()
        flaws = (await web.get("/api/v1/rota/flaws")).json()
        back = await web.delete("/api/v1/rota/presences/zhang", params={"by": "li"})
        planned = await web.delete("/api/v1/rota/presences/zhang", params={"by": "li", "planned": True})
        after = (await web.get("/api/v1/rota/flaws")).json()
    lead = {"role": "lead", "person": "zhang", "name": "张三", "until": "2026-11-26T00:00:00Z", "by": "fallback"}
    assert rota["now"][0] == lead
    assert [turn["person"] for turn in rota["turns"] if turn["role"] == "lead"] == ["zhang", None, "zhang"]
    assert [(one["id"], one["kind"], one["why"]) for one in rota["presences"]] == [(ident, "away", "x")]
    hole = {"what": "hole", "role": "lead", "begins": "2026-11-26T00:00:00Z", "ends": "2026-11-27T00:00:00Z"}
    assert flaws == [{**hole, "people": []}]
    assert (back.status_code, planned.json(), after) == (404, {"ended": 1}, [])


async def test_the_api_takes_stand_ins_together_or_not_at_all_and_the_same_one_once(house) -> None:
    span = {"begins": "2026-11-26T08:00+08:00", "ends": "2026-11-27T08:00+08:00"}
    good, bad = {"person": "li", **span}, {"person": "nobody", **span}
    async with client(house) as web:
        refused = await web.post("/api/v1/rota/shifts", json={"shifts": [good, bad], "by": "zhang"})
        assert (refused.status_code, _rows(house, Shift)) == (422, [])
        made = [(await web.post("/api/v1/rota/shifts", json={"shifts": [good, good], "by": "zhang"})).json()["ids"]]
        made.append((await web.post("/api/v1/rota/shifts", json={"shifts": [good], "by": "zhang"})).json()["ids"])
        shifts = (await web.get("/api/v1/rota")).json()["shifts"]
        ended = await web.delete(f"/api/v1/rota/shifts/{made[0][0]}", params={"by": "zhang"})
        again = await web.delete(f"/api/v1/rota/shifts/{made[0][0]}", params={"by": "zhang"})
    assert (len(set(made[0])), made[1]) == (1, made[0][:1])
    assert [one["id"] for one in shifts] == made[1]
    assert (ended.status_code, again.status_code) == (204, 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("shifts", {"shifts": [], "by": "zhang"}, id="none"),
        pytest.param(
            "shifts",
            {"shifts": [{"person": "li", "begins": "2026-11-26T08:00", "ends": "2026-11-27T08:00"}], "by": "x"},
            id="without a zone",
        ),
        pytest.param(
            "shifts",
            {"shifts": [{"person": "li", "begins": "2026-01-26T08:00Z", "ends": "2026-01-27T08:00Z"}], "by": "x"},
            id="over",
        ),
        pytest.param(
            "presences",
            {"person": "li", "begins": "2026-11-27T08:00Z", "ends": "2026-11-26T08:00Z", "by": "x"},
            id="the wrong way round",
        ),
        pytest.param("feeds", {"person": "nobody", "by": "x"}, id="nobody's calendar"),
    ],
)
async def test_the_api_refuses_what_cannot_be(house, path, body) -> None:
    async with client(house) as web:
        assert (await web.post(f"/api/v1/rota/{path}", json=body)).status_code == 422


async def test_a_stand_in_that_has_begun_was_true_until_it_was_withdrawn(sandbox) -> None:
    now = sandbox.house.clock.now()
    span = {"begins": now.isoformat(), "ends": (now + DAY).isoformat()}
    async with client(sandbox.house) as web:
        asked = {"shifts": [{"person": "li", **span}], "by": "zhang"}
        [ident] = (await web.post("/api/v1/rota/shifts", json=asked)).json()["ids"]
        sandbox.box.clock.move(now + timedelta(hours=3))
        await web.delete(f"/api/v1/rota/shifts/{ident}", params={"by": "zhang"})
        rota = (await web.get("/api/v1/rota")).json()
    assert rota["now"][0]["person"] == "zhang"
    assert [(row["state"], row["ends"]) for row in _rows(sandbox.house, Shift)] == [
        ("in_force", now + timedelta(hours=3))
    ]
