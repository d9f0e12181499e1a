"""Explains the ladders of a configuration at an instant: reads who is on duty then, and what reaches whom."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from gateway.app import build_channels, table_of
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.reaching import Linked, reaches
from gateway.standing import Standing, Ways, ways
from router.duty import on_duty, plan_of
from router.explain import Explained, explain
from router.rota import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What the store knows beside the configuration."""

    plan: Plan
    linked: Linked


def explained(config: Config, now: datetime, kept: Kept | None = None) -> list[Explained]:
    """Explain every ladder; without what the store keeps, by the configuration alone. Nothing is connected."""
    standing = Standing(config=config, ways=asyncio.run(_ways(config)), table=table_of(config), judges=())
    plan = kept.plan if kept else plan_of(config.router)
    return explain(config.router, on_duty(plan, now), reaches(standing, kept.linked if kept else None), now)


async def _ways(config: Config) -> Ways:
    channels = build_channels(config, SystemClock())
    found = ways(channels)
    for channel in channels.values():
        await channel.close()
    return found
