"""Makes moves on broadcasts for the faces: counts the audience first where a move hangs on it, away from the writer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.broadcast.acts import Act, Draft, Made, Reach
from gateway.broadcast.audience import estimate, resolve
from gateway.broadcast.feeding import Feeding
from gateway.broadcast.freezing import CHUNK, Freezing, Piece
from gateway.broadcast.moves import Broadcasts
from gateway.broadcast.preview import check
from gateway.standing import Standing
from router.broadcast_plan import Plan
from store import broadcasts
from store.db import Database
from store.model import Broadcast
from store.writer import Writer

COUNTS = ("submit", "approve")
"""Moves for which the audience is counted."""


class Conduct:
    """All that a running gateway does about broadcasts of its own accord, and what faces ask of it."""

    def __init__(self, standing: Standing, database: Database, writer: Writer) -> None:
        self._standing = standing
        self._database = database
        self._writer = writer
        self._moves = Broadcasts(standing)
        self._feeding = Feeding(standing)
        self._freezing = Freezing(standing)

    async def draft(self, draft: Draft) -> Made:
        """Write a draft."""
        return await self._writer.do(self._moves.draft, draft)

    async def act(self, act: Act) -> Made:
        """Make a move."""
        if act.move in COUNTS:
            act = replace(act, reach=await asyncio.to_thread(self._reach, act.number))
        return await self._writer.do(self._moves.act, act)

    def _reach(self, number: int) -> Reach | None:
        with self._database.read() as connection:
            found = broadcasts.find(connection, number)
            return self._counted(connection, found) if found is not None else None

    def _counted(self, connection: Connection, found: Broadcast) -> Reach:
        plan, ways = Plan.model_validate(found.plan), self._standing.ways
        reached = estimate(connection, self._standing, plan)
        by_sms = sum(n for channel, n in reached.by_channel.items() if ways.method(channel) == "sms")
        problems = check(connection, self._standing, found, estimate=reached)
        return Reach(
            version=found.version, total=reached.total, by_sms=by_sms, pilots=reached.pilots, problems=tuple(problems)
        )

    async def step(self) -> datetime | None:
        """Freeze a piece of each list that is being written, and take the running ones further."""
        with self._database.read() as connection:
            unfinished = broadcasts.freezing(connection)
        for one in unfinished:
            piece = await asyncio.to_thread(self._piece, one)
            await self._writer.do(self._freezing.write, piece)
        return await self._writer.do(self._feeding.step, None)

    def _piece(self, found: Broadcast) -> Piece:
        plan = Plan.model_validate(found.plan)
        with self._database.read() as connection:
            chunk = resolve(connection, self._standing, plan, after=found.cursor, limit=CHUNK)
        return Piece(ident=found.id, after=found.cursor, cursor=chunk.cursor, people=chunk.people)
