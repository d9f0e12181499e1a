"""A town with customers, and one broadcast to them."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from channels.contract import Can
from gateway.broadcast.acts import Act, Draft, Made
from router.broadcast_plan import Plan
from store import contacts
from store.model import Broadcast, Package, PackageState, Recipient
from store.work import Work
from store.writer import Tx

Town = Any
Build = Callable[..., Awaitable[Town]]
SETTINGS = """
gateway:
  signature: {zh: 服务台, en: Support}
  senders: 4
  public_url: https://yizhan.example.cn
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", email: zhang@example.cn}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}, rights: [broadcast, approve]}
    wang: {name: 王五, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li}
"""
CANS = {
    "email:main": Can(book="email", threads=True, confirms=True, vouches=False),
    "sms:main": Can(book="tel", confirms=True),
}
PLAN = {"audience": {"everyone": True}, "texts": {"zh": {"text": "{name|老师}，新版本已发布"}}, "waves": ["2", "50%"]}


def ready(tx: Tx, items: Sequence[None]) -> list[None]:
    """Write a package that can be fetched."""
    work = Work(tx)
    work.add(Package(id=1, name="OLT", version="2.3.1", file="OLT.bin", size=1, state=PackageState.READY, at=tx.now))
    work.flush()
    return list(items)


def spoiled(tx: Tx, items: Sequence[None]) -> list[None]:
    """Write a running broadcast whose plan nobody can read."""
    work = Work(tx)
    given: dict[str, Any] = {"state": "running", "author": "zhang", "wave": 1, "waves": [1]}
    work.add(Broadcast(id=2**62, number=99, title="x", plan={"waves": 5}, at=tx.now, due=tx.now, **given))
    work.flush()
    return list(items)


class Street:
    """A town with customers and one broadcast."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.mail, self.sms = town.channels["email:main"], town.channels["sms:main"]

    async def people(self, count: int, *, tel: bool = False) -> None:
        book, value = ("tel", "+86139000{:05d}") if tel else ("email", "u{}@customer.example")
        rows = [
            contacts.Row(place=f"x:{n}", customer="滨江医院", name=f"客户{n}", addresses=[(book, value.format(n))])
            for n in range(count)
        ]
        await self.town.house.writer.do(contacts.bring, rows)

    async def draft(self, **plan: Any) -> int:
        whole = Plan.model_validate({**PLAN, **plan})
        made = await self.town.house.broadcasts.draft(Draft(by="zhang", title="新版本", plan=whole))
        assert made.ok
        return int(made.variables["number"])

    async def draft_again(self) -> None:
        plan = Plan.model_validate(PLAN)
        assert (await self.town.house.broadcasts.draft(Draft(by="zhang", title="改过", plan=plan, number=1))).ok

    async def act(self, move: str, by: str = "zhang", **more: Any) -> Made:
        made: Made = await self.town.house.broadcasts.act(Act(by=by, number=1, move=move, **more))
        await self.town.settle()
        return made

    async def started(self, **plan: Any) -> None:
        await self.draft(**plan)
        if (await self.act("submit")).answer == "needs_second":
            assert (await self.act("approve", by="li")).ok
        await self.town.forward(seconds=2)
        assert (await self.act("start", count=self.broadcast["frozen"])).ok

    @property
    def broadcast(self) -> Any:
        return self.town.rows(Broadcast)[0]

    @property
    def states(self) -> dict[str, int]:
        return dict(Counter(row["state"] for row in self.town.rows(Recipient) if row["wave"]))

    @property
    def got(self) -> list[str]:
        """Everybody who was sent something, once for each time."""
        return [one.to for one in (*self.mail.sent, *self.sms.sent) if one.key.startswith("b")]
