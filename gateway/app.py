"""Builds the parts in order, starts them, stops them in reverse; decides nothing."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Any

from channels import registry
from channels.contract import Around, Channel, Polls, Rereads, Tokens
from channels.powers import Links, Listens, Probes
from gateway.accepted import Accepted
from gateway.alarms import Alarms
from gateway.broadcast.conduct import Conduct
from gateway.broadcast.recalling import Recalling
from gateway.broadcast.reminding import Reminding
from gateway.broadcast.uploads import Uploads
from gateway.claiming import Claiming
from gateway.clock import Clock, SystemClock
from gateway.config import Config, packaged_words
from gateway.drilling import Drills
from gateway.due import Due
from gateway.duty import read_duty
from gateway.failing import Failing, Receipts, Recovery
from gateway.fetching import Fetching
from gateway.handing import Handing
from gateway.heartbeat import SENT, Beating
from gateway.intake import Intake
from gateway.judge import Judge
from gateway.judges import judge_of
from gateway.listening import Listening
from gateway.loop import Loop
from gateway.metrics import Metrics
from gateway.opinions import Opinions
from gateway.out import SAFETY_NET, Out
from gateway.polling import Hands, Polling
from gateway.probing import Probing
from gateway.rota_watch import RotaWatch
from gateway.signs import Signed, Signs
from gateway.standing import Standing, ways
from gateway.tokens import SharedTokens
from gateway.watch_settings import Heartbeat
from gateway.watching import Watch
from gateway.web.hooks import Hooks
from router.rules import Rulebook, Table, compile_rules, load
from store import quarantine
from store.db import Database, open_database
from store.notify import Notifier
from store.writer import Writer


def packaged_rules() -> Rulebook:
    """Read the rules of judgement that come with the program."""
    return load(packaged_words())


def table_of(config: Config) -> Table:
    """Compile the site's rules before the packaged ones."""
    return compile_rules(load({"rules": config.router.rules}), packaged_rules())


def build_channels(config: Config, clock: Clock, *, tokens: Tokens | None = None) -> dict[str, Channel]:
    """Build every configured account; nothing is connected yet. Without `tokens` each keeps its own."""
    built = {}
    for name, accounts in config.channels.items():
        for account, settings in accounts.items():
            around = Around(
                account=account,
                public_url=config.gateway.public_url,
                now=clock.now,
                sleep=clock.sleep,
                tokens=tokens,
            )
            built[f"{name}:{account}"] = registry.build(name, settings, around)
    return built


class House:
    """One running gateway: `async with House(config) as house`."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        database: Database | None = None,
        channels: Mapping[str, Channel] | None = None,
        works: bool = True,
        watches: bool = True,
        standing: Standing | None = None,
        writing: Callable[..., Writer] = Writer,
    ) -> None:
        """Build without connecting; `standing` and `writing` let a simulation bring what it built or steers itself."""
        self.config = config
        self._writing = writing
        self._watches = works and watches
        """Looks after itself every minute; a moved clock would stop at each of them, mostly for nothing."""
        self._works = works
        """Judges, sends and keeps time; without it another process does, and this one only takes in and shows."""
        self.clock = clock or SystemClock()
        self.owner = uuid.uuid4().hex[:12]
        self.tokens = SharedTokens(self.clock)
        built = channels if channels is not None else build_channels(config, self.clock, tokens=self.tokens)
        self.channels = dict(built)
        self.standing = standing or Standing(
            config=config, ways=ways(self.channels), table=table_of(config), judges=(judge_of(config),)
        )
        self.database = database or open_database(config.store.address, now=self.clock.now)
        self.metrics = Metrics()
        self._stack = AsyncExitStack()
        self._build()

    def _build(self) -> None:
        self.writer = self._writing(self.database, woken=self._committed)
        self.tokens.bind(self.database, self.writer, owner=self.owner)
        self.uploads = Uploads(self.config.gateway.broadcasts.packages, database=self.database, writer=self.writer)
        self.storage = self.uploads.storage
        self._notifier = Notifier(self.database, woken=self.wake)
        failing = Failing(self.standing)
        self.intake = Intake(
            self.database,
            self.writer,
            Judge(self.standing),
            Receipts(self.standing),
            self.clock,
            ways=self.standing.ways,
            reroutes=self.config.gateway.reroutes,
            channels=self.channels,
        )
        self.out = Out(
            owner=self.owner,
            writer=self.writer,
            channels=self.channels,
            failing=failing,
            recovery=Recovery(self.standing),
            database=self.database,
            clock=self.clock,
            settings=self.config.gateway,
            claiming=Claiming(self.standing.all_quotas(), self.config.router.zone),
            accepted=Accepted(self.standing),
        )
        self.due = Due(self.standing)
        self.rota_watch = RotaWatch(self.standing)
        self.alarms = Alarms(self.standing)
        self.handing = Handing(self.standing)
        self.drills = Drills(self.standing)
        self.broadcasts = Conduct(self.standing, self.database, self.writer)
        channels, database, writer = self.channels, self.database, self.writer
        self.recalling = Recalling(channels, database, writer, self.clock, owner=self.owner)
        self._build_roads()
        self._build_watch()
        self.out.wake = self.loops["send"].wake

    def _build_roads(self) -> None:
        """Build what brings messages in, and the loops."""
        self.hooks = Hooks(
            self.channels,
            self.intake,
            self.clock,
            public_url=self.config.gateway.public_url,
            body_limit=self.config.gateway.body_limit,
            metrics=self.metrics,
            duty=self._duty,
            poll=self._hinted,
        )
        self.fetching = Fetching(self.channels, self.writer, self.clock)
        self.listening = {name: self._listening(c) for name, c in self.channels.items() if isinstance(c, Listens)}
        self.probing = {
            name: Probing(name, c, self.writer, self.clock)
            for name, c in self.channels.items()
            if isinstance(c, Probes)
        }
        self.polling = {name: Polling(c, self._hands()) for name, c in self.channels.items() if isinstance(c, Polls)}
        self.loops = {
            "judge": Loop("judge", self.clock, self._judge),
            "send": Loop("send", self.clock, self.out.step),
            "due": Loop("due", self.clock, self._due),
            "quarantine": Loop("quarantine", self.clock, self._alarm),
            "fetch": Loop("fetch", self.clock, self.fetching.step),
            "broadcast": Loop("broadcast", self.clock, self._netted(self.broadcasts.step)),
            "remind": Loop("remind", self.clock, self._netted(Reminding(self.standing, self.writer).step)),
            "recall": Loop("recall", self.clock, self._netted(self.recalling.step)),
        } | {f"poll {name}": Loop(f"poll {name}", self.clock, one.step) for name, one in self.polling.items()}
        settings = self.config.router.second_opinion
        self.opinions = settings and Opinions(
            settings, self.standing, writer=self.writer, clock=self.clock, metrics=self.metrics
        )
        if self.opinions:
            self.loops["opinion"] = Loop("opinion", self.clock, self.opinions.step)
        self.loops |= {f"probe {name}": Loop(f"probe {name}", self.clock, p.step) for name, p in self.probing.items()}

    def _build_watch(self) -> None:
        """Build what looks after all the others."""
        self.signs = Signs(self.writer, self.clock)
        roads: list[Signed] = [self.intake, self.out, *self.polling.values(), *self.probing.values()]
        for road in roads:
            road.sign = self.signs.of
        self.loops["signs"] = Loop("signs", self.clock, self.signs.step)
        self.signs.wake = self.loops["signs"].wake
        self.watch = Watch(self.standing, database=self.database, writer=self.writer, clock=self.clock)
        self.watch.wake_due, self.watch.take_back = self.loops["due"].wake, self._take_back
        settings = self.config.gateway.heartbeat
        self.beating = self._beating(settings) if settings and self._watches else None
        if self._watches:
            self.loops["watch"] = Loop("watch", self.clock, self.watch.step)
        if self.beating:
            self.loops[SENT] = Loop(SENT, self.clock, self.beating.step)

    def _beating(self, settings: Heartbeat) -> Beating:
        beating = Beating(
            settings,
            database=self.database,
            writer=self.writer,
            clock=self.clock,
            metrics=self.metrics,
            owner=self.owner,
        )
        beating.loops, beating.accounts = self.loops, tuple(self.channels)
        beating.swept = lambda: self.watch.swept
        return beating

    async def _take_back(self) -> int:
        return await self.out.recover(alone=False)

    def _listening(self, channel: Any) -> Listening:
        return Listening(
            channel,
            database=self.database,
            writer=self.writer,
            intake=self.intake,
            clock=self.clock,
            owner=self.owner,
        )

    def _duty(self, name: str) -> Sequence[str]:
        """Return where lead and second are reached, in the address book of a channel account."""
        router, book = self.config.router, self.standing.ways.book(name)
        with self.database.read() as connection:
            duty = read_duty(connection, router, self.clock.now())
        known = [router.people[who].addresses.get(book, "") for who in (duty.lead, duty.second) if who]
        return [address for address in dict.fromkeys(known) if address]

    def _hinted(self, name: str) -> None:
        if name in self.polling and self._works:
            self.poll_now(name)

    def _hands(self) -> Hands:
        return Hands(
            database=self.database,
            writer=self.writer,
            intake=self.intake,
            clock=self.clock,
            zone=self.config.router.zone,
            owner=self.owner,
        )

    async def _judge(self) -> datetime | None:
        return self._looked(await self.intake.judge())

    async def _due(self) -> datetime | None:
        while True:
            fired, ahead = await self.writer.do(self.due.fire, None)
            if not fired:
                return self._looked(ahead)

    def _netted(self, step: Callable[[], Awaitable[datetime | None]]) -> Callable[[], Awaitable[datetime | None]]:
        async def netted() -> datetime | None:
            return self._looked(await step())

        return netted

    def _looked(self, ahead: datetime | None) -> datetime | None:
        """Look again soon where other processes write too: one may die between its commit and its wake-up for us."""
        if not self.database.shared:
            return ahead
        net = self.clock.now() + SAFETY_NET
        return min(ahead, net) if ahead else net

    async def _alarm(self) -> datetime | None:
        await self.writer.do(self.alarms.quarantined, None)
        return None

    def _committed(self, names: frozenset[str]) -> None:
        self.wake(names)
        self._notifier.tell(names)

    def wake(self, names: frozenset[str]) -> None:
        """Wake the loops whose work a commit brought."""
        for name in names & self.loops.keys():
            self.loops[name].wake()

    def poll_now(self, account: str) -> None:
        """Have a mailbox read at once; raises KeyError for an account that is not pulled."""
        self.polling[account].asked = True
        self.loops[f"poll {account}"].wake()

    async def __aenter__(self) -> House:
        """Start; what was begun is ended again when the rest fails."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            self.database.close()
            raise
        return self

    async def _start(self) -> None:
        self.database.migrate()
        self.writer.start()
        self._stack.push_async_callback(self.writer.stop)
        self._stack.push_async_callback(self.uploads.close)
        self._notifier.start()
        self._stack.push_async_callback(self._notifier.stop)
        for channel in self.channels.values():
            self._stack.push_async_callback(channel.close)
        for closing in (self.opinions, self.beating):
            if closing:
                self._stack.push_async_callback(closing.close)
        if self._works:
            await self._recover()
        loops = self.loops.values() if self._works else (self.loops["signs"],)
        tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
        listening = self.listening.values() if self._works else ()
        tasks += [asyncio.create_task(one.run(), name=f"listen {one.name}") for one in listening]
        self._stack.push_async_callback(self.out.drain)
        self._stack.push_async_callback(_end, tasks)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)

    async def _recover(self) -> None:
        await self.out.recover(alone=not self.database.shared)
        await self.watch.start()
        await self.uploads.look(self.clock.now())
        await self.writer.do(self.handing.plant, None)
        await self.writer.do(self.rota_watch.begin, None)
        await self.writer.do(self.drills.plan, None)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop in reverse order."""
        await self._stack.aclose()
        self.database.close()

    async def release(self, number: int) -> bool:
        """Take a row of the quarantine in again; False when it is not there or was let out before."""
        freed = await self.writer.do(quarantine.release, number)
        if freed is None:
            return False
        channel = self.channels.get(freed.channel)
        if freed.message_id is None and isinstance(channel, Rereads):
            await self.intake.accept(freed.channel, [channel.reread(freed.key, freed.raw)])
        return True

    @property
    def works(self) -> bool:
        """Tell whether this process judges, sends and keeps time."""
        return self._works

    @property
    def links(self) -> bool:
        """Tell whether a channel takes WebSockets."""
        return any(isinstance(channel, Links) for channel in self.channels.values())

    def waits_for_provider(self) -> bool:
        """Tell whether sends and questions under way are all that is going on."""
        return (self.out.busy or self._asking) and self.writer.pending == 0 and self._idle()

    def settled(self) -> bool:
        """Tell whether nothing is going on that time alone would not end."""
        return (
            self.writer.pending == 0
            and not self.out.busy
            and self.hooks.under_way == 0
            and not self._asking
            and self._idle()
        )

    @property
    def _asking(self) -> bool:
        return bool(self.opinions and self.opinions.asking)

    def _idle(self) -> bool:
        """Tell whether no loop does anything; one that waits for a second opinion can do nothing but wait."""
        return all(loop.idle for name, loop in self.loops.items() if not (name == "opinion" and self._asking))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


Build = Callable[[Config], House]
