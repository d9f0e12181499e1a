"""The only caller of Channel.send: claims what is due by destination and lane, sends it, records what was said."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from channels.contract import (
    Button,
    Can,
    Channel,
    ChannelError,
    GiveUp,
    Misconfigured,
    Outgoing,
    Receipt,
    Status,
    TryLater,
    Unreachable,
)
from gateway.accepted import Accepted, Gone
from gateway.answering import answering
from gateway.broadcast.outcomes import Outcomes
from gateway.buttons import buttons
from gateway.claiming import NO_QUOTAS, Claiming, Taken, outdated
from gateway.clock import Clock
from gateway.config import GatewaySettings
from gateway.failing import STATES, Failing, Missed, Recovery, resend
from gateway.log import trail
from gateway.signs import Sign, unsigned
from gateway.standing import ways
from store import queue, stranded
from store.db import Database, StoreUnavailable
from store.model import Lane, MessageState
from store.queue import Ask, Claimed, Done
from store.windows import of_page
from store.writer import Writer

log = structlog.get_logger()
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(minutes=10)
SAFETY_NET = timedelta(seconds=5)
KEEP_AGAIN = timedelta(seconds=1)
"""Between two tries to write down what came of a send."""
UNSUBSCRIBE = "unsubscribe"
"""The variable of a text for many that holds the address where its reader says that they want no more."""
MOST_ATTEMPTS = 30
"""Of a text that is not a page; with the growing waits this is about four hours."""


class Out:
    """The dispatcher of one process."""

    def __init__(
        self,
        *,
        owner: str,
        writer: Writer,
        channels: Mapping[str, Channel],
        failing: Failing,
        recovery: Recovery,
        clock: Clock,
        settings: GatewaySettings,
        database: Database,
        claiming: Claiming = NO_QUOTAS,
        accepted: Accepted | None = None,
    ) -> None:
        self.owner = owner
        self.wake: Callable[[], None] = _nobody
        self.sign: Sign = unsigned
        self._writer = writer
        self._channels = channels
        self._failing = failing
        self._outcomes = Outcomes(settings.broadcasts, ways(channels))
        self._recovery = recovery
        self._claiming = claiming
        self._accepted = accepted
        self._database = database
        self._shared = database.shared
        self._clock = clock
        self._settings = settings
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked: datetime | None = None
        """When texts for accounts that are not configured were last looked for."""
        self._look = False
        self._lost = False
        """A claim of this process may be left whose outcome could not be written down."""

    @property
    def busy(self) -> bool:
        """Something is being sent."""
        return bool(self._tasks)

    async def recover(self, *, alone: bool) -> int:
        """Take back what dead processes had claimed, and say how much; `alone`: all that is not ours is that."""
        return await self._writer.do(self._recovery.take, self.owner if alone else None)

    async def step(self) -> datetime | None:
        """Claim and begin to send whatever is due and has a free slot; returns when more falls due."""
        if self._shared or self._lost:
            await self.recover(alone=False)
        ask = await self._ask()
        taken = await self._writer.do(self._claiming.take, ask)
        gone = await self._sorted_out(taken)
        for one in taken.claimed:
            if one.delivery_id in gone:
                continue
            self._under_way[one.destination] += 1
            task = asyncio.create_task(self._deliver(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._again(taken.due)

    async def _sorted_out(self, taken: Taken) -> frozenset[int]:
        """Find other ways for what a quota holds back, and cancel the pages answered since they were claimed."""
        try:
            for held in taken.held:
                await self._writer.do(self._failing.held, held)
            gone = outdated(self._database, taken.claimed)
        except StoreUnavailable:
            return frozenset()  # sent once more than needed is better than not at all
        for one in gone:
            await self._keep(partial(self._writer.do, self._failing.outdated, one))
        return frozenset(one.page.delivery_id for one in gone)

    async def _ask(self) -> Ask:
        """Ask for as much as can be sent at once; what waits for an account not configured is taken to be reported."""
        others = await self._writer.do(stranded.others, frozenset(self._channels)) if self._looks() else ()
        free = {name: self._settings.senders - self._under_way[name] for name in self._channels}
        return Ask(
            owner=self.owner,
            free={**free, **dict.fromkeys(others, self._settings.senders)},
            limits={name: (limit.per_second, limit.burst) for name, limit in self._settings.limits.items()},
            lease=timedelta(seconds=2 * self._settings.send_seconds),
            spare=min(self._settings.broadcasts.spare_senders, self._settings.senders - 1),
        )

    def _looks(self) -> bool:
        now = self._clock.now()
        self._look = self._looked is None or now >= self._looked + SAFETY_NET
        if self._look:
            self._looked = now
        return self._look

    def _again(self, due: datetime | None) -> datetime | None:
        """Look at least every few seconds where other processes write too: a wake-up of theirs may be missed."""
        if self._look and not (self._shared or self._lost):
            return due
        net = self._clock.now() + SAFETY_NET
        return min(due, net) if due else net

    async def drain(self) -> None:
        """Let what is being sent come to its end; what does not is given up, and the next start takes it back."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._settings.send_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            await self._send(claimed)
        except Exception:
            self._lost = True
            log.exception("outcome could not be kept", delivery=claimed.delivery_id)
        finally:
            self._under_way[claimed.destination] -= 1
            self.wake()

    async def _send(self, claimed: Claimed) -> None:
        try:
            channel = self._channels.get(claimed.destination)
            if channel is None:
                raise Misconfigured(f"{claimed.destination} is not in the configuration")
            limit = timedelta(seconds=self._settings.send_seconds)
            receipt = await self._clock.within(limit, channel.send(self._aimed(channel, claimed)))
            if receipt.status is Status.FAILED:
                raise GiveUp("the provider took it and said at once that it failed")
        except Exception as error:  # noqa: BLE001 - every failure of a send is an outcome that must be kept
            missed = self._missed(claimed, error)
            move = self._outcomes.missed if claimed.lane == Lane.BROADCAST else self._failing.take
            await self._keep(lambda: self._writer.do(move, missed))
        else:
            sent = self._sent(claimed, receipt)
            if self._accepted is None:
                await self._keep(lambda: self._writer.do(queue.complete, sent))
            else:
                gone = Gone(text=claimed, done=sent)
                await self._keep(partial(self._writer.do, self._accepted.take, gone))
            self.sign(claimed.destination, "a text left")

    def _aimed(self, channel: Channel, claimed: Claimed) -> Outgoing:
        return answering(
            self._database,
            channel.can,
            outgoing(claimed, channel.can),
            channel=claimed.destination,
            message_id=claimed.message_id,
            now=self._clock.now(),
        )

    async def _keep(self, write: Callable[[], Awaitable[object]]) -> None:
        """Write an outcome down, again and again while the store is away and the claim is still ours."""
        until = self._clock.now() + timedelta(seconds=self._settings.send_seconds)
        while True:
            try:
                await write()
            except StoreUnavailable:
                if self._clock.now() >= until:
                    raise
                await self._clock.sleep(KEEP_AGAIN)
            else:
                return

    def _sent(self, claimed: Claimed, receipt: Receipt) -> Done:
        return Done(
            delivery_id=claimed.delivery_id,
            owner=self.owner,
            attempt=claimed.attempt,
            outcome="sent",
            provider_id=receipt.provider_id,
            status=STATES[receipt.status],
            segments=receipt.segments,
        )

    def _missed(self, claimed: Claimed, error: Exception) -> Missed:
        outcome, retry_at = self._verdict(claimed, error)
        status = {"failed": MessageState.FAILED, "unknown": MessageState.UNKNOWN}.get(outcome, MessageState.QUEUED)
        done = Done(
            delivery_id=claimed.delivery_id,
            owner=self.owner,
            attempt=claimed.attempt,
            outcome=outcome,
            reason=_reason(claimed, error),
            status=status,
            retry_at=retry_at,
        )
        return Missed(
            done=done,
            message_id=claimed.message_id,
            alarm=isinstance(error, Misconfigured),
            unreachable=isinstance(error, Unreachable),
        )

    def _verdict(self, claimed: Claimed, error: Exception) -> tuple[str, datetime | None]:
        unsure = not isinstance(error, (TryLater, GiveUp, Misconfigured))
        if isinstance(error, (GiveUp, Misconfigured)):
            return "failed", None
        if unsure and not resend(claimed.lane):
            return "unknown", None
        most = self._settings.broadcasts.tries if claimed.lane == Lane.BROADCAST else MOST_ATTEMPTS
        if claimed.lane != Lane.PAGE and claimed.attempt >= most:
            return "failed", None
        wait = min(FIRST_RETRY * 2 ** min(claimed.attempt - 1, 10), LONGEST_RETRY)
        after = getattr(error, "after", None)
        return "later", self._clock.now() + max(wait, after or timedelta(0))


def _nobody() -> None:
    """Stand in until the loop that runs the steps is known."""


def _reason(claimed: Claimed, error: Exception) -> str:
    """Give the words of our own errors; those of any other may quote the text or a secret."""
    if isinstance(error, ChannelError):
        return str(error) or type(error).__name__
    if isinstance(error, TimeoutError):
        return "no answer in time"
    log.error("send failed in an unknown way", channel=claimed.destination, exc_info=error)
    return trail(error)


def outgoing(claimed: Claimed, can: Can) -> Outgoing:
    """Turn a claimed row into what an adapter sends; buttons only where it can carry them."""
    pressed = buttons(claimed.template, claimed.language)[: can.buttons]
    refs = tuple(key for key in claimed.refs if not of_page(key))
    return Outgoing(
        key=claimed.key,
        # A text to a group as such is to nobody in it, and mentions nobody.
        to="" if claimed.recipient == claimed.group else claimed.recipient,
        text=claimed.text,
        template=claimed.template,
        variables=claimed.variables,
        language=claimed.language,
        subject=claimed.subject,
        group=claimed.group,
        in_reply_to=refs[0] if refs else None,
        references=refs,
        automatic=not claimed.sender,
        buttons=tuple(Button(label=label, says=says) for says, label in pressed),
        replaces=claimed.replaces,
        unsubscribe=claimed.variables.get(UNSUBSCRIBE) or None,
    )
