"""`yizhan broadcast` from the file to the sheet, against a whole gateway that serves beside it on loopback."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families as families

from channels.contract import Can, GiveUp, Misconfigured
from gateway.__main__ import main
from gateway.app import House
from gateway.broadcast.acts import Draft
from gateway.config import load
from gateway.gauges import gauges
from gateway.health import gather
from gateway.web.server import build_app, listen, serve
from router.broadcast_plan import Plan
from store import contacts
from store.model import Installation, Member, Package, PackageState, UserGroup
from store.work import Work

PAGE = Path(__file__).resolve().parents[2] / "docs" / "broadcasts.md"
CONFIG = """
gateway:
  port: PORT
  signature: {zh: 服务台, en: Support}
router:
  time_zone: Asia/Shanghai
  people:
    li:
      name: 李雷
      addresses: {tel: "+8613800000102", email: li@example.cn}
      rights: [broadcast]
    wang: {name: 王经理, addresses: {tel: "+8613800000103"}, rights: [broadcast, approve]}
    zhao: {name: 赵六, addresses: {tel: "+8613800000104"}}
  rota: {lead: li}
store: {url: 'sqlite:///FILE'}
"""
CANS = {"email:main": Can(book="email", threads=True, vouches=False), "sms:main": Can(book="tel")}
SECRET = "a long one for the test: 4711"
SMALL = {"title": "通知", "audience": {"customers": ["滨江医院"]}, "texts": {"zh": {"text": "{name|老师}，您好"}}}
Run = Callable[..., Awaitable[Result]]


def example() -> str:
    """The file that the page shows."""
    (body,) = re.findall(r"```yaml\n(title:.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(body)


class Desk:
    """A gateway that serves, and what is typed beside it."""

    def __init__(self, house: Any, channels: Any, folder: Path) -> None:
        self.house = house
        self.mail, self.sms = channels["email:main"], channels["sms:main"]
        self.folder = folder

    async def type(self, *words: object, by: str = "", stdin: str | None = None, **env: str) -> Result:
        """Type a command, as somebody whose password is in the environment."""
        known = {"YIZHAN_CONFIG": str(self.folder / "config.yaml"), "NO_COLOR": "1", "YIZHAN_PERSON": by}
        known |= {"YIZHAN_PASSWORD": SECRET} if by else {}
        said = ["broadcast", *map(str, words)]

        def typed() -> Result:
            return CliRunner().invoke(main, said, input=stdin, env=known | env, prog_name="yizhan")

        found = await asyncio.to_thread(typed)
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    async def done(self, *words: object, by: str = "", stdin: str | None = None) -> str:
        """Type what must succeed, and return what it printed."""
        found = await self.type(*words, by=by, stdin=stdin)
        assert found.exit_code == 0, found.stderr
        return found.stdout

    async def shown(self, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.done("show", number, "--json"))
        return found

    async def becomes(self, state: str, number: int = 1) -> dict[str, Any]:
        """Wait until the gateway has taken it there."""
        for _ in range(200):
            if (found := await self.shown(number))["state"] == state:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"it is {found['state']} and never became {state}")

    async def sends(self, count: int) -> None:
        """Wait until so many texts have left."""
        for _ in range(500):
            if len(self.mail.sent) + len(self.sms.sent) >= count:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("they never left")

    def write(self, text: str, name: str = "plan.yaml") -> Path:
        file = self.folder / name
        file.write_text(text, "utf-8")
        return file

    async def small(self, **more: Any) -> int:
        """Write a draft that a few mails come of."""
        file = self.write(json.dumps({**SMALL, "waves": ["rest"], **more}, ensure_ascii=False))
        return int(await self.done("new", file, by="li"))

    async def ready(self, **more: Any) -> int:
        """The same, approved, its list written."""
        number = await self.small(**more)
        submitted = await self.done("submit", number, "--json", by="li")
        if json.loads(submitted)["answer"] == "needs_second":
            await self.done("approve", number, by="wang")
        await self.becomes("approved", number)
        return number


async def people(house: House) -> None:
    """A hospital with five mail readers, one of whom has nothing but a phone, and one with nothing but a fax."""
    addresses = [[("email", f"u{n}@customer.example")] for n in range(5)] + [
        [("tel", "+8613900000009")],
        [("fax", "+861012345")],
    ]
    rows = [
        contacts.Row(place=f"x:{n}", customer="滨江医院", name=f"客户{n}", addresses=own)
        for n, own in enumerate(addresses)
    ]
    await house.writer.do(contacts.bring, rows)


async def package(house: House) -> None:
    """The package and the group that the page's example names; the hospital runs an old version."""

    def move(tx: Any, items: Any) -> list[None]:
        work = Work(tx)
        from sqlalchemy import select

        from store.db import table_of
        from store.model import Customer

        owner = tx.connection.execute(select(table_of(Customer).c.id)).scalar_one()
        group = UserGroup(id=work.id(), name="OLT users", at=work.now)
        work.add(group)
        work.add(Member(id=work.id(), group_id=group.id, who=f"k{owner}", at=work.now))
        work.add(Installation(id=work.id(), owner=f"k{owner}", product="OLT", version="2.2", at=work.now))
        known: dict[str, Any] = {"file": "olt.bin", "size": 1, "received": 1, "sha256": "0" * 64, "place": "olt"}
        state = PackageState.READY
        work.add(Package(id=work.id(), name="OLT", version="2.3.1", product="OLT", state=state, at=work.now, **known))
        work.flush()
        return [None] * len(items)

    await house.writer.do(move, None)


@pytest.fixture
async def desk(tmp_path: Path, told: Any, made_store: bytes) -> AsyncIterator[Desk]:
    (tmp_path / "yizhan.db").write_bytes(made_store)
    sock = listen("127.0.0.1", 0)
    text = CONFIG.replace("PORT", str(sock.getsockname()[1])).replace("FILE", str(tmp_path / "yizhan.db"))
    (tmp_path / "config.yaml").write_text(text, "utf-8")
    channels = {name: told(name, can) for name, can in CANS.items()}
    stop = asyncio.Event()
    async with House(load(str(tmp_path / "config.yaml")), channels=channels) as house:
        serving = asyncio.create_task(serve(build_app(house), stop=stop, sock=sock))
        await people(house)
        here = Desk(house, channels, tmp_path)
        for person in ("li", "wang", "zhao"):
            await give(house, person)
        yield here
        stop.set()
        await serving


async def give(house: House, person: str) -> None:
    from gateway.accounts import Accounts

    staff, now = house.config.router.people, house.clock.now
    await Accounts(staff, database=house.database, writer=house.writer, now=now).give(person, SECRET, by="")


async def test_the_example_of_the_page_goes_from_the_file_to_the_sheet(desk: Desk) -> None:
    await package(desk.house)
    number = int(await desk.done("new", desk.write(example()), by="li"))
    shown = await desk.type("preview", number)
    assert "== email:main zh, the longest recipient" in shown.stdout
    assert "left out: no_address 1" in shown.stdout
    await desk.done("test", number, "--channel", "email:main", by="li")
    await desk.sends(1)
    assert {one.to for one in desk.mail.sent} == {"li@example.cn"}
    submitted = await desk.type("submit", number, by="li")
    assert "somebody else approves it" in submitted.stderr
    own = await desk.type("approve", number, by="li")
    assert own.exit_code == 1
    await desk.done("approve", number, by="wang")
    found = await desk.becomes("approved")
    assert (found["frozen"], found["waves"]) == (7, [1, 5, 1])
    wrong = await desk.type("start", number, "--count", "8", by="li")
    assert (wrong.exit_code, wrong.stderr.splitlines()[-1]) == (1, "nothing was sent: the list has 7 messages, not 8")
    await desk.done("start", number, "--count", "7", by="li")
    await desk.done("status", number)
    assert (await desk.becomes("running"))["wave"] == 1


async def test_a_small_one_needs_one_person_and_ends_in_a_sheet(desk: Desk) -> None:
    desk.mail.fails = [GiveUp("no such mailbox")]
    number = await desk.ready(order=["mail"], gate={"success": 0})
    await desk.done("start", number, "--count", "5", by="li")
    await desk.type("status", number, "--watch", "--every", "0.05")
    await desk.becomes("done")
    last = await desk.type("status", number, "--watch")
    assert (last.exit_code, last.stdout) == (0, "done wave 1/1: 5/5  sent 4, failed 1\n")
    rows = (await desk.done("recipients", number, "--state", "failed", "--json")).splitlines()
    assert [json.loads(row)["state"] for row in rows] == ["failed"]
    await desk.done("result", number, "--to", desk.folder / "r.xlsx", "--language", "en")
    book = openpyxl.load_workbook(desk.folder / "r.xlsx")
    assert sorted(row[0] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)) == [
        f"客户{n}" for n in range(5)
    ]
    assert len({one.to for one in desk.mail.sent}) == 4
    await desk.done("retry", number, by="li")
    assert (await desk.becomes("done"))["states"] == {"sent": 5, "skipped": 2}


async def test_the_next_wave_waits_for_a_person_where_that_is_wanted(desk: Desk) -> None:
    number = await desk.ready(order=["mail"], waves=["2", "rest"], gate={"automatic": False, "hold": "0s"})
    await desk.done("start", number, "--count", 5, by="li")
    for _ in range(200):
        if (found := await desk.shown())["why"] == "by hand":
            break
        await asyncio.sleep(0.05)
    assert "next" in found["may"]
    assert len(desk.mail.sent) == 2
    assert "the next one waits for: yizhan broadcast next 1" in await desk.done("status", number)
    await desk.done("next", number, by="li")
    await desk.becomes("done")
    assert len({one.to for one in desk.mail.sent}) == len(desk.mail.sent) == 5


async def test_what_a_file_names_and_is_not_there_is_said_with_its_line(desk: Desk) -> None:
    text = example().replace("[OLT users]", "[OLT user]").replace("pilots: [li]", "pilots: [lee]")
    refused = await desk.type("new", desk.write(text), by="li")
    lines = [line.partition("plan.yaml:")[2] for line in refused.stderr.splitlines()]
    at = {line: n for n, line in enumerate(text.splitlines(), 1)}
    where = [next(n for line, n in at.items() if line.startswith(key)) for key in ("package", "  groups", "pilots")]
    assert refused.exit_code == 1
    assert [line.partition(";")[0] for line in lines] == [
        f"{where[0]}: package: OLT 2.3.1: there is no such package, or it is not whole",
        f"{where[1]}: audience.groups.0: 'OLT user': no such group",
        f"{where[2]}: pilots.0: 'lee': not among the staff",
    ]


async def test_a_form_is_shown_edited_and_sent_and_an_old_one_is_refused(desk: Desk) -> None:
    number = await desk.small()
    form = await desk.done("show", number, "--yaml")
    assert "version: 1" in form
    file = desk.write(form.replace("title: 通知", "title: 新通知"))
    await desk.done("edit", number, file, by="li")
    assert (await desk.shown())["title"] == "新通知"
    again = await desk.type("edit", number, file, by="wang")
    assert (again.exit_code, "at version 2 now; look at it again" in again.stderr) == (1, True)
    assert await desk.done("new", "-", by="li", stdin=form) == "2\n"


async def test_only_a_person_with_the_right_changes_anything(desk: Desk) -> None:
    number = await desk.small()
    nobody = await desk.type("submit", number)
    stranger = await desk.type("submit", number, by="peng")
    unasked = await desk.type("submit", number, "--as", "li")
    wrong = await desk.type("submit", number, by="li", YIZHAN_PASSWORD="another one")
    without = await desk.type("submit", number, by="赵六")
    for refused, code, words in (
        (nobody, 2, "say who you are: --as PERSON"),
        (stranger, 1, "'peng' is not among people"),
        (unasked, 2, "set $YIZHAN_PASSWORD"),
        (wrong, 1, "password"),
        (without, 1, "zhao has not the right to do this; give the right"),
    ):
        assert (refused.exit_code, words in refused.stderr) == (code, True), refused.stderr
    assert (await desk.shown())["state"] == "draft"


async def test_a_start_is_planned_with_its_zone_said_and_taken_back(desk: Desk) -> None:
    number = await desk.ready()
    past = await desk.type("start", number, "--count", 6, "--at", "2020-01-01 20:00", by="li")
    assert (past.exit_code, past.stderr.splitlines()) == (1, ["2020-01-01 20:00 Asia/Shanghai is past"])
    bad = await desk.type("schedule", number, "--at", "2099-01-01 20:00", "--zone", "Shanghai", by="li")
    assert (bad.exit_code, "is not a time zone; write an IANA name" in bad.stderr) == (2, True)
    unasked = await desk.type("start", number, by="li")
    assert (unasked.exit_code, "give --count" in unasked.stderr) == (2, True)
    planned = await desk.type("start", number, "--count", 6, "--at", "2099-01-01 20:00", by="li")
    assert planned.stderr.startswith("start: 2099-01-01 20:00 Asia/Shanghai (UTC+08:00), in ")
    assert "1 通知: 6 messages (email:main 5, sms:main 1)" in " ".join(planned.stderr.split())
    assert (await desk.shown())["scheduled_at"] == "2099-01-01T12:00:00Z"
    await desk.done("unschedule", number, by="li")
    assert (await desk.shown())["state"] == "approved"


async def test_a_pause_and_an_end_say_what_stays_done(desk: Desk) -> None:
    number = await desk.ready(waves=["2", "rest"])
    await desk.done("start", number, "--count", 6, by="li")
    await desk.sends(2)
    paused = await desk.type("pause", number, "--why", "午饭", by="li")
    assert paused.stderr == "1 is paused; 2 are out and stay out; recall takes back what its provider lets\n"
    still = await desk.type("status", number)
    assert (still.exit_code, still.stderr) == (1, "it is paused: 午饭; resume goes on, cancel ends it\n")
    await desk.done("resume", number, by="li")
    unasked = await desk.type("cancel", number, by="li")
    assert (unasked.exit_code, "2 are out and stay out, 4 will not be sent" in unasked.stderr) == (2, True)
    await desk.done("cancel", number, "--yes", by="li")
    late = await desk.type("resume", number, by="li")
    assert (late.exit_code, late.stderr) == (
        1,
        "this cannot be done while it is cancelled; what can be done now: recall\n",
    )
    history = (await desk.done("show", number)).splitlines()
    assert any(line.endswith("li: paused (why 午饭, withdrawn 0)") for line in history)


async def test_one_that_stopped_by_itself_is_a_warning_with_its_cure_and_is_counted(desk: Desk) -> None:
    desk.mail.fails = [Misconfigured("wrong password")] * 5
    number = await desk.ready(order=["mail"])
    await desk.done("start", number, "--count", 5, by="li")
    await desk.becomes("paused")
    (found,) = [one for one in await asyncio.to_thread(gather, desk.house) if one.group == "broadcasts"]
    assert (found.mark, found.note) == ("warns", "1 is paused: its provider refuses the account")
    assert found.cure == "yizhan broadcast status 1: correct the account (yizhan doctor), then resume"
    samples = {
        tuple(one.labels.values()): one.value
        for family in families((await asyncio.to_thread(gauges, desk.house)).decode())
        if family.name == "yizhan_broadcast_recipients"
        for one in family.samples
    }
    assert samples == {("1", "pending"): 5.0, ("1", "skipped"): 2.0}


async def test_a_group_that_is_gone_stops_it_before_anybody_is_forgotten(desk: Desk) -> None:
    audience = {"customers": ["滨江医院"], "groups": ["gone"]}
    plan = Plan.model_validate({"audience": audience, "texts": {"zh": {"text": "您好"}}})
    await desk.house.broadcasts.draft(Draft(by="li", title="a", plan=plan))
    shown = await desk.type("preview", 1)
    assert (shown.exit_code, "blocks: There is no group named gone." in shown.stderr) == (1, True)
    refused = await desk.type("submit", 1, by="li")
    assert (refused.exit_code, "没有名为 gone 的用户组" in refused.stderr) == (1, True)


async def test_the_api_wants_a_person_and_says_why_not(desk: Desk) -> None:
    number = await desk.small()
    base = f"http://127.0.0.1:{desk.house.config.gateway.port}/api/v1"
    async with httpx.AsyncClient(base_url=base) as web:
        alone = await web.post(f"/broadcasts/{number}/moves", json={"move": "submit"})
        missing = await web.get("/broadcasts/99")
        known = httpx.BasicAuth("li", SECRET)
        nothing = [
            await web.post("/broadcasts/99/moves", json={"move": "submit"}, auth=known),
            await web.put("/broadcasts/99", json={"title": "a", "plan": {"texts": {"zh": {"text": "b"}}}}, auth=known),
            await web.post("/broadcasts/99/test", json={}, auth=known),
            await web.get("/broadcasts/99/events"),
            await web.get("/broadcasts/99/preview"),
            await web.get("/broadcasts/99/result.xlsx"),
        ]
        wrong = await web.post("/broadcasts", json={"title": "", "plan": {"textz": {}}}, auth=known)
        early = await web.post(f"/broadcasts/{number}/moves", json={"move": "start", "count": 1}, auth=known)
        described = (await web.get("/openapi.json")).json()["paths"]
        first = (await web.get(f"/broadcasts/{number}/recipients", params={"limit": 1})).json()
    assert (alone.status_code, "send HTTP Basic" in alone.json()["detail"]) == (403, True)
    assert (missing.status_code, missing.json()["detail"]) == (404, "there is no broadcast 99")
    assert {one.status_code for one in nothing} == {404}
    assert wrong.status_code == 422
    assert {one["place"]: one["cure"] for one in wrong.json()["detail"]} == {
        "title": "correct the value",
        "plan.texts": "add it",
        "plan.textz": "did you mean texts?",
    }
    refusal = early.json()["detail"]
    assert (early.status_code, refusal["answer"], refusal["now"]["state"]) == (409, "not_now", "draft")
    assert refusal["may"] == ["edit", "submit", "cancel"]
    assert "/broadcasts/{number}/result.xlsx" in described
    assert first == {"rows": [], "after": None}


async def test_without_a_gateway_it_is_said_how_to_start_one(tmp_path: Path) -> None:
    sock = listen("127.0.0.1", 0)
    free = str(sock.getsockname()[1])
    sock.close()
    (tmp_path / "config.yaml").write_text(CONFIG.replace("PORT", free), "utf-8")
    found = await Desk(None, {"email:main": None, "sms:main": None}, tmp_path).type("list")
    assert (found.exit_code, found.stderr.endswith("start it with yizhan run\n")) == (1, True)
