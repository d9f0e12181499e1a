"""Who does not want it, through the whole gateway: bounces, opt-outs, refusals, recalls and reminders."""

from collections import Counter
from datetime import timedelta

import pytest

from channels.contract import Automatic, Bounced, Can, GiveUp, Status, TryLater, Unreachable, Update
from gateway.broadcast.acts import Act, Draft
from gateway.broadcast.leaving import Leave, Leaving
from router.broadcast_plan import Plan
from store import contacts
from store.db import table_of
from store.model import Broadcast, Event, Message, Package, PackageState, Recipient, Suppression, UserGroup
from store.model import Member as InGroup

SETTINGS = """
gateway:
  signature: {zh: 服务台, en: Support}
  public_url: https://yizhan.example.cn
  broadcasts: {approve_sms: false}
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""
CANS = {
    "email:main": Can(book="email", threads=True, confirms=True, vouches=False),
    "sms:main": Can(book="tel", confirms=True),
}
PLAN = {"audience": {"everyone": True}, "texts": {"zh": {"text": "{name|老师}，新版本已发布"}}, "waves": ["rest"]}


class Road:
    """A town, its customers and its broadcasts."""

    def __init__(self, town):
        self.town, self.house = town, town.house
        self.mail, self.sms = town.channels["email:main"], town.channels["sms:main"]

    async def people(self, count, *, tel=False):
        book, value = ("tel", "+86139000{:05d}") if tel else ("email", "u{}@customer.example")
        rows = [
            contacts.Row(place=f"x:{n}", customer="滨江医院", name=f"客户{n}", addresses=[(book, value.format(n))])
            for n in range(count)
        ]
        await self.house.writer.do(contacts.bring, rows)

    async def sent(self, number=1, package=None, **plan):
        """Draft a broadcast, start it, and let what goes at once go."""
        whole = Plan.model_validate({**PLAN, **plan})
        await self.house.broadcasts.draft(Draft(by="zhang", title="新版本", plan=whole, package_id=package))
        await self.act("submit", number)
        await self.town.forward(seconds=2)
        frozen = next(row["frozen"] for row in self.town.rows(Broadcast) if row["number"] == number)
        assert (await self.act("start", number, count=frozen)).ok
        await self.town.forward(seconds=5)

    async def act(self, move, number=1, **more):
        made = await self.house.broadcasts.act(Act(by="zhang", number=number, move=move, **more))
        await self.town.settle()
        return made

    async def bounced(self, outgoing, means):
        more = {"automatic": Automatic.BOUNCE, "answers": (outgoing.key,), "bounce": means}
        await self.town.say("email:main", "mailer-daemon@customer.example", "undelivered", **more)

    def add(self, *rows):
        with self.house.database.engine.begin() as connection:
            for row in rows:
                connection.execute(table_of(type(row)).insert(), [row.model_dump()])

    def change(self, number, **values):
        """Change one recipient, as its page would."""
        with self.house.database.engine.begin() as connection:
            table = table_of(Recipient)
            connection.execute(table.update().where(table.c.address == f"u{number}@customer.example").values(**values))

    def package(self):
        now = self.house.clock.now()
        self.add(Package(id=9, name="HIS", version="2.3", state=PackageState.READY, file="his.zip", size=1, at=now))
        return 9

    @property
    def suppressed(self):
        return [(one["channel"], one["address"], one["kind"]) for one in self.town.rows(Suppression)]

    @property
    def states(self):
        return dict(Counter((one["state"], one["reason"]) for one in self.town.rows(Recipient)))

    @property
    def reminders(self):
        return [one for one in (*self.mail.sent, *self.sms.sent) if one.template == "broadcast_reminder"]

    def told(self, what):
        return [row["more"] for row in self.town.rows(Event) if (row["kind"], row["text"]) == ("broadcast", what)]


@pytest.fixture
async def road(town):
    return Road(await town(CANS, whole=SETTINGS))


async def test_a_hard_bounce_is_told_and_the_next_broadcast_leaves_the_address_out(road):
    await road.people(2)
    await road.sent()
    await road.bounced(road.mail.sent[0], Bounced.HARD)
    gone = "the mail bounced: there is no such mailbox"
    assert road.states == {("failed", gone): 1, ("sent", None): 1}
    assert road.suppressed == [("mail", road.mail.sent[0].to, "bounced")]
    assert road.town.tickets == []
    await road.sent(number=2)
    assert len(road.mail.sent) == 3
    assert road.states[("skipped", "bounced")] == 1


@pytest.mark.parametrize(
    ("means", "states"),
    [
        (Bounced.SOFT, {("failed", "the mail bounced"): 1}),
        (None, {("failed", "the mail bounced"): 1}),
        (Bounced.DELAYED, {("sent", None): 1}),
    ],
)
async def test_a_soft_bounce_marks_and_a_delay_does_not(road, means, states):
    await road.people(1)
    await road.sent()
    await road.bounced(road.mail.sent[0], means)
    assert (road.states, road.suppressed) == (states, [])


async def test_a_receipt_of_failure_after_it_was_sent_reaches_the_recipient(road):
    await road.people(1, tel=True)
    await road.sent()
    assert road.states == {("sent", None): 1}
    await road.town.receipt("sms:main", Status.FAILED, road.sms.sent[0])
    assert (road.states, road.suppressed) == ({("failed", "not delivered"): 1}, [])


async def test_a_receipt_that_the_number_is_unknown_leaves_it_out_from_then_on(road):
    await road.people(1, tel=True)
    await road.sent()
    update = Update(status=Status.FAILED, key=road.sms.sent[0].key, reason="no such number", unreachable=True)
    await road.house.intake.receive("sms:main", [update])
    await road.town.settle()
    assert road.states == {("failed", "no such number"): 1}
    assert road.suppressed == [("sms", road.sms.sent[0].to, "refused")]


async def test_an_address_that_its_provider_never_serves_is_left_out_from_then_on(road):
    await road.people(2, tel=True)
    road.sms.fails = [Unreachable("the receiver has opted out"), GiveUp("the text was filtered")]
    await road.sent()
    assert [one[2] for one in road.suppressed] == ["refused"]
    assert sum(n for (state, _), n in road.states.items() if state == "failed") == 2


async def test_who_opts_out_between_two_waves_gets_nothing_more(road):
    await road.people(3, tel=True)
    await road.sent(waves=["1", "rest"], gate={"hold": "1h"})
    last = next(one["address"] for one in road.town.rows(Recipient) if one["wave"] == 2)
    await road.town.say("sms:main", last, "ＴＤ")
    await road.town.forward(hours=2)
    assert road.states == {("sent", None): 2, ("skipped", "opted_out"): 1}
    assert last not in [one.to for one in road.sms.sent]
    assert road.town.tickets == []


async def test_what_the_contract_owes_goes_to_who_opted_out_and_is_owed(road):
    await road.people(2, tel=True)
    await road.sent(waves=["1", "rest"], gate={"hold": "1h"}, security=True)
    last = next(one for one in road.town.rows(Recipient) if one["wave"] == 2)
    now = road.house.clock.now()
    road.add(UserGroup(id=3, name="g", contractual=True, at=now), InGroup(id=4, group_id=3, who=last["who"], at=now))
    await road.town.say("sms:main", last["address"], "退订")
    await road.town.forward(hours=2)
    assert road.states == {("sent", None): 2}


async def test_a_mail_for_many_carries_the_way_out_and_other_mails_do_not(road):
    await road.people(1)
    await road.sent()
    (mail,) = road.mail.sent
    assert (mail.unsubscribe or "").startswith("https://yizhan.example.cn/u/")
    assert mail.unsubscribe in mail.text
    await road.town.say("email:main", "a@b.cn", "滨江机房断电了", subject="断电")
    assert [one.unsubscribe for one in road.mail.sent if one.to == "a@b.cn"] == [None]


# recall


@pytest.fixture
def backable(told):
    class Backable(told):  # type: ignore[valid-type, misc]
        """A channel that takes texts back, or fails as it is told to."""

        recall_within = timedelta(hours=1)

        def __init__(self, name, can):
            super().__init__(name, can)
            self.back, self.refuses = [], []

        async def recall(self, provider_id, to, *, group):
            if self.refuses:
                raise self.refuses.pop(0)
            self.back.append((provider_id, to, group))

    return Backable


@pytest.fixture
async def chat(town, backable):
    channel = backable("email:main", CANS["email:main"])
    return Road(await town({**CANS, "email:main": channel}, whole=SETTINGS))


async def test_what_was_sent_is_taken_back_once_and_what_stays_is_told(chat):
    await chat.people(13)
    await chat.sent()
    chat.mail.refuses = [GiveUp("gone"), TryLater("busy"), ConnectionError("?")]
    assert (await chat.act("recall")).variables == {"count": "13"}
    await chat.town.forward(minutes=2)
    assert len(chat.mail.back) == len(set(chat.mail.back)) == 11
    assert chat.states == {
        ("recalled", None): 11,
        ("sent", "not taken back: gone"): 1,
        ("sent", "not taken back: ConnectionError"): 1,
    }
    assert chat.told("recalled") == [{"count": "11", "kept": "2"}]
    await chat.town.receipt("email:main", Status.DELIVERED, chat.mail.sent[5])
    assert chat.states[("recalled", None)] == 11


async def test_what_is_too_old_is_not_tried(chat):
    await chat.people(1)
    await chat.sent()
    await chat.town.forward(hours=1)
    await chat.act("recall")
    await chat.town.forward(minutes=1)
    assert chat.states == {("sent", "not taken back: it was sent too long ago"): 1}
    assert chat.mail.back == []


async def test_a_channel_that_takes_nothing_back_says_so(road):
    await road.people(1)
    await road.sent()
    await road.act("recall")
    await road.town.forward(minutes=1)
    assert road.states == {("sent", "not taken back: this channel takes nothing back"): 1}
    assert road.told("recalled") == [{"count": "0", "kept": "1"}]


# reminders


async def test_who_has_not_fetched_the_package_is_reminded_once(road):
    await road.people(6)
    road.mail.fails = [GiveUp("full")]
    await road.sent(package=road.package(), remind_after="1d")
    failed = next(one for one in road.town.rows(Recipient) if one["state"] == "failed")
    others = [n for n in range(6) if f"u{n}@customer.example" != failed["address"]]
    now = road.house.clock.now()
    road.change(others[0], downloaded_at=now)
    road.change(others[1], trouble_at=now)
    left = next(one["id"] for one in road.town.rows(Recipient) if one["address"] == f"u{others[2]}@customer.example")
    await road.house.writer.do(Leaving(road.house.standing.ways).leave, Leave(recipient_id=left))
    await road.town.forward(hours=23)
    assert road.reminders == []
    await road.town.forward(hours=2)
    assert sorted(one.to for one in road.reminders) == [f"u{n}@customer.example" for n in others[3:]]
    first = road.reminders[0]
    assert first.subject == "提醒：新版本"
    assert "HIS 2.3还没有下载：https://yizhan.example.cn/p/" in first.text
    assert first.unsubscribe in first.text
    assert road.told("reminded") == [{"count": "2"}]
    await road.town.forward(hours=72)
    assert len(road.reminders) == 2


@pytest.mark.parametrize("move", ["cancel", "revoke"])
async def test_nobody_is_reminded_of_what_was_stopped(road, move):
    await road.people(1)
    waves = {"waves": ["1", "rest"]} if move == "cancel" else {}
    await road.people(2)
    await road.sent(package=road.package(), remind_after="1h", gate={"hold": "9h"}, **waves)
    assert (await road.act(move)).ok
    await road.town.forward(hours=5)
    assert road.reminders == []


async def test_a_reminder_that_lies_in_the_queue_is_taken_back_by_a_pause_and_comes_after_it(road):
    await road.people(2)
    await road.sent(package=road.package(), remind_after="1h", waves=["1", "rest"], gate={"hold": "9h"})
    road.mail.fails = [TryLater("busy", after=timedelta(minutes=30))]
    await road.town.forward(hours=1, minutes=6)
    await road.act("pause")
    await road.town.forward(hours=1)
    assert road.reminders == []
    assert "cancelled" in [one["state"] for one in road.town.rows(Message)]
    await road.act("resume")
    await road.town.forward(minutes=10)
    assert len(road.reminders) == 1


async def test_after_the_links_ended_nobody_is_reminded(road):
    await road.people(1)
    await road.sent(package=road.package(), remind_after="2d", link_days=1)
    await road.town.forward(hours=60)
    assert road.reminders == []
