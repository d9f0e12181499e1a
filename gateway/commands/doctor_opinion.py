"""What the doctor says of the second opinion: whether texts leave for it, whether it answers, how its last day was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from channels.contract import Finding

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.opinion_settings import SecondOpinion

OURS = "打印机卡纸，请派人看看"
"""What the endpoint is asked about: a sentence of our own and nobody's message."""
ANSWERED = frozenset({"agrees", "raised", "proposed", "kept", "settled"})
UNASKED = frozenset({"late", "skipped"})
CURE = "address, model and key: docs/judging.md; the flow goes on without it"


def findings(config: Config) -> Iterator[Finding]:
    """Check it; switched off there is nothing to check."""
    settings = config.router.second_opinion
    if settings is None:
        yield Finding(what="is off, no text of a message leaves for one", ok=True)
        return
    note = "phones, addresses and known names are masked"
    yield Finding(what=f"is on: texts of messages leave for {settings.host}", ok=True, note=note)
    yield asyncio.run(_asked(settings))
    yield _last_day(config)


async def _asked(settings: SecondOpinion) -> Finding:
    from gateway.clock import SystemClock
    from gateway.opinion_endpoint import Endpoint, NoAnswer
    from router.opinion import question

    endpoint = Endpoint(settings, lambda: datetime.now(UTC))
    what = "answers a question about a sentence of our own"
    try:
        words = question(channel="sms", subject="", text=OURS)
        said = await SystemClock().within(timedelta(seconds=settings.timeout_seconds), endpoint.ask(words))
    except (NoAnswer, TimeoutError) as error:
        return Finding(what=what, ok=False, note=str(error) or "no answer in time", cure=CURE)
    finally:
        await endpoint.close()
    return Finding(what=what, ok=True, note=said.kind.value)


def _last_day(config: Config) -> Finding:
    from store import opinions
    from store.db import StoreUnavailable, open_database

    now = datetime.now(UTC)
    what = "its last day brought answers"
    try:
        database = open_database(config.store.address, now=lambda: now, writes=False)
        with database.read() as connection:
            counts = opinions.outcomes(connection, now - timedelta(days=1))
        database.close()
    except StoreUnavailable as error:
        return Finding(what=what, ok=None, note=str(error), cure="start the gateway once, or the database")
    return Finding(what=what, ok=_good(counts), note=_told(counts), cure=CURE)


def _good(counts: Mapping[str, int]) -> bool | None:
    """More answers than failures; None where nothing was asked."""
    answered = sum(count for outcome, count in counts.items() if outcome in ANSWERED)
    failed = sum(count for outcome, count in counts.items() if outcome not in ANSWERED | UNASKED)
    return answered >= failed if counts else None


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items())) or "nothing was asked"
