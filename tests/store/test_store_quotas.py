"""Two processes over one database keep a quota together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.claiming import Claiming
from router.quotas import Quota
from store import queue
from store.db import Database
from store.model import Lane, Message
from store.queue import Ask
from store.work import Work
from store.writer import Tx, Writer


async def test_two_processes_together_keep_a_quota(url: str, opened: Callable[..., Database], kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("one process writes it")
    quotas = {"sms:a": (Quota(most=3, within=timedelta(hours=1)),)}
    writers = [Writer(opened(url, node=node), woken=lambda _names: None) for node in (1, 2)]
    for running in writers:
        running.start()

    def put(tx: Tx, keys: Sequence[str]) -> list[None]:
        work = Work(tx)
        for key in keys:
            text = Message(
                id=work.id(), direction="out", channel="sms:a", key=key, state="queued", at=tx.now, recipient="1"
            )
            queue.put(work, text, destination="sms:a", lane=Lane.PAGE, due=tx.now)
        work.flush()
        return [None for _ in keys]

    await asyncio.gather(*(writers[0].do(put, f"m{place}") for place in range(40)))
    claiming = Claiming(quotas, ZoneInfo("UTC"))
    asks = [Ask(owner=f"p{place}", free={"sms:a": 1}) for place in (0, 1)]
    taken = []
    for _ in range(10):
        both = (writer.do(claiming.take, ask) for writer, ask in zip(writers, asks, strict=True))
        taken += [one for each in await asyncio.gather(*both) for one in each.claimed]
    for running in writers:
        await running.stop()
    assert len(taken) == 3
