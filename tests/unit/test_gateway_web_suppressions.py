"""Who is not written to: the reader's own page, the staff's list, and the API that says the same."""

import httpx
import pytest

from channels.contract import Can
from gateway.broadcast.links import leaving, token
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.web.server import build_app
from store.db import table_of
from store.model import Broadcast, BroadcastState, Recipient, RecipientState, Suppression, SuppressionKind

SECRET = "5e" * 32
MAIL = "wang@example.cn"
CANS = {"email:main": Can(book="email", vouches=False), "sms:main": Can(book="tel")}
RIGHTS = """
gateway: {signature: {zh: 服务台, en: Support}}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def here(town):
    built = await town(CANS, whole=RIGHTS)
    now = built.house.clock.now()
    sent = Broadcast(
        id=7, number=1, title="升级 <b>2.3</b>", state=BroadcastState.RUNNING, author="zhang", at=now, secret=SECRET
    )
    rows = [
        Recipient(id=41, broadcast_id=7, who="c1", channel="email:main", address="Wang@Example.cn", state="sent"),
        Recipient(
            id=42,
            broadcast_id=7,
            who="email:main|all@example.cn",
            channel="email:main",
            address="all@example.cn",
            state=RecipientState.SENT,
        ),
    ]
    with built.house.database.engine.begin() as connection:
        connection.execute(table_of(Broadcast).insert(), [sent.model_dump()])
        connection.execute(table_of(Recipient).insert(), [row.model_dump() for row in rows])
    return built


@pytest.fixture
async def web(here):
    """A browser somewhere in the world."""
    transport = httpx.ASGITransport(build_app(here.house), client=("203.0.113.9", 5))
    async with httpx.AsyncClient(transport=transport, base_url="https://yizhan.example") as client:
        yield client


@pytest.fixture
async def desk(here):
    """A browser on this machine, in which 张三 signed in."""
    await plant(here.house)
    async with browser(here) as client:
        await sign_in(client, "zhang")
        yield client


def browser(here, **options):
    """A browser that is on this machine."""
    transport = httpx.ASGITransport(build_app(here.house, hasher=QUICK), client=("127.0.0.1", 5))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", **options)


async def sign_in(client, person):
    seal = (await client.get("/sign-in")).text.partition('name="seal" value="')[2].partition('"')[0]
    await client.post("/sign-in", data={"seal": seal, "person": person, "password": PASSWORD})


def kept(here):
    return [(one["channel"], one["address"], one["kind"], one["by"]) for one in here.rows(Suppression)]


PAGE = f"/u/{leaving(SECRET, 41)}"


async def test_looking_at_the_page_changes_nothing(here, web):
    shown = await web.get(PAGE)
    await web.head(PAGE)
    assert (shown.status_code, kept(here)) == (200, [])
    assert "升级 &lt;b&gt;2.3&lt;/b&gt;" in shown.text
    assert "合同约定必须告知的安全通知仍可能发送" in shown.text
    assert 'name="move" value="out"' in shown.text
    assert "noindex" in shown.headers["x-robots-tag"]


async def test_a_mail_program_posts_without_a_cookie_and_is_not_sent_elsewhere(here, web):
    posted = await web.post(PAGE, content="List-Unsubscribe=One-Click", headers={**FORM, "origin": "https://x.example"})
    again = await web.post(PAGE, content="List-Unsubscribe=One-Click", headers=FORM)
    assert (posted.status_code, again.status_code) == (200, 200)
    assert kept(here) == [("mail", MAIL, "opted_out", "")]
    assert here.history("broadcast") == ["suppressed"]


async def test_a_mail_program_may_post_it_in_parts(here, web):
    await web.post(PAGE, files={"List-Unsubscribe": (None, "One-Click")})
    assert kept(here) == [("mail", MAIL, "opted_out", "")]


async def test_the_button_stops_them_and_the_other_one_brings_them_back(here, web):
    left = await web.post(PAGE, data={"move": "out"}, headers={"accept-language": "en"}, follow_redirects=True)
    assert "They have stopped" in left.text
    assert "Get them again" in left.text
    await web.post(PAGE, data={"move": "again"})
    assert kept(here) == []
    assert here.history("broadcast") == ["suppressed", "allowed"]


async def test_a_click_makes_no_mailbox_that_does_not_exist(here, web):
    row = Suppression(
        id=1, channel="mail", address=MAIL, kind=SuppressionKind.BOUNCED, why="", at=here.house.clock.now()
    )
    with here.house.database.engine.begin() as connection:
        connection.execute(table_of(Suppression).insert(), [row.model_dump()])
    await web.post(PAGE, data={"move": "again"})
    assert [one[2] for one in kept(here)] == ["bounced"]
    await web.post(PAGE, data={"move": "out"})
    assert [one[2] for one in kept(here)] == ["opted_out"]


async def test_the_reader_lifts_nothing_that_the_staff_wrote_down(here, web, desk):
    await change(desk, move="add", method="mail", address=MAIL, why="asked by phone")
    assert 'value="again"' not in (await web.get(PAGE)).text
    await web.post(PAGE, data={"move": "again"})
    assert kept(here) == [("mail", MAIL, "opted_out", "zhang")]
    assert here.history("broadcast") == ["suppressed"]


@pytest.mark.parametrize(
    "signed",
    [token(SECRET, 41), leaving("00" * 32, 41), leaving(SECRET, 41)[:-1], leaving(SECRET, 43), "x", "é", "9" * 60],
    ids=["the link of the package", "another secret", "cut off", "nobody", "a letter", "no ascii", "too long"],
)
async def test_only_its_own_link_opens_the_page(here, web, signed):
    shown = await web.get(f"/u/{signed}")
    posted = await web.post(f"/u/{signed}", content="List-Unsubscribe=One-Click", headers=FORM)
    assert (shown.status_code, posted.status_code, kept(here)) == (404, 404, [])


async def test_whoever_stops_a_whole_list_is_told_so(web):
    assert "整个列表都不再收到" in (await web.get(f"/u/{leaving(SECRET, 42)}")).text
    assert "整个列表都不再收到" not in (await web.get(PAGE)).text


async def change(desk, **fields):
    page = await desk.get("/suppressions")
    seal = page.text.partition('name="seal" value="')[2].partition('"')[0]
    return await desk.post("/suppressions", data={"seal": seal, **fields}, follow_redirects=True)


async def test_an_address_is_left_out_by_hand_found_and_allowed_again(here, desk):
    given = {"move": "add", "method": "sms", "address": "139 0000 0001", "why": "说过<b>不要</b>"}
    added = await change(desk, **given)
    assert kept(here) == [("sms", "+8613900000001", "opted_out", "zhang")]
    assert "已加入不发名单" in added.text
    assert "说过&lt;b&gt;不要&lt;/b&gt;" in added.text
    assert "+8613900000001" in (await desk.get("/suppressions?search=0001")).text
    assert "+8613900000001" not in (await desk.get("/suppressions?search=0002")).text
    allowed = {**given, "move": "allow", "address": "+8613900000001", "why": "他改主意了"}
    assert "已允许再发" in (await change(desk, **allowed)).text
    assert (kept(here), here.history("broadcast")) == ([], ["suppressed", "allowed"])


async def test_the_list_says_who_and_why_in_the_language_of_the_reader(desk, web):
    await web.post(PAGE, content="List-Unsubscribe=One-Click", headers=FORM)
    chinese, english = [await desk.get(f"/suppressions?lang={one}") for one in ("zh", "en")]
    assert "用邮件软件的退订按钮" in chinese.text
    assert "不想收" in chinese.text
    assert "by the mail program&#39;s own button" in english.text
    assert "does not want them" in english.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"why": " "}, "请写原因"),
        ({"address": "12"}, "这不是该方式能用的地址"),
        ({"method": "pigeon"}, "没有这种发送方式"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_typed_stays(here, desk, changed, said):
    fields = {"move": "add", "method": "mail", "address": "a@b.cn", "why": "typed reason", **changed}
    answer = await change(desk, **fields)
    assert (answer.status_code, kept(here)) == (422, [])
    assert said in answer.text
    assert fields["address"] in answer.text


async def test_the_list_is_for_the_staff_alone(web):
    assert (await web.get("/suppressions")).status_code == 403


async def test_the_api_says_the_same_to_who_has_a_password(here, desk):
    wish = {"method": "mail", "address": "A@b.cn", "why": "asked by phone"}
    assert (await desk.get("/api/v1/suppressions")).json() == []
    async with browser(here) as nobody:
        assert (await nobody.post("/api/v1/suppressions/suppress", json=wish)).status_code == 403
    async with browser(here, auth=httpx.BasicAuth("zhang", PASSWORD)) as zhang:
        made = (await zhang.post("/api/v1/suppressions/suppress", json=wish)).json()
        twice = (await zhang.post("/api/v1/suppressions/suppress", json=wish)).json()
        (listed,) = (await zhang.get("/api/v1/suppressions?search=b.cn")).json()
        assert (made["answer"], twice["answer"], listed["address"], listed["by"]) == ("done", "same", "a@b.cn", "zhang")
        assert (await zhang.post("/api/v1/suppressions/allow", json=wish)).json()["ok"]
    async with browser(here, auth=httpx.BasicAuth("li", PASSWORD)) as li:
        assert (await li.post("/api/v1/suppressions/suppress", json=wish)).json()["answer"] == "no_right"
    assert kept(here) == []


@pytest.mark.parametrize("person", ["li", ""])
async def test_who_may_not_broadcast_or_did_not_sign_in_changes_nothing(here, person):
    await plant(here.house)
    async with browser(here) as client:
        if person:
            await sign_in(client, person)
        refused = await change(client, move="add", method="mail", address="a@b.cn", why="asked")
        shown = (await client.get("/suppressions")).text
    assert (refused.status_code, kept(here)) == (422 if person else 403, [])
    assert ("加入不发名单" in shown, "只能看" in shown) == (bool(person), not person)
