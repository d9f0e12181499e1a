"""Reminds who got the link of a package and has not fetched it: once, by the same channel, while the link holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway import wording
from gateway.broadcast.feeding import MANY, MOST, STEP
from gateway.broadcast.forms import WORDS
from gateway.broadcast.lately import against
from gateway.broadcast.letters import allowed, queue
from gateway.broadcast.links import leaving, token
from gateway.broadcast.moves import note
from gateway.broadcast.render import Composer
from gateway.standing import Standing
from router.broadcast_plan import Plan
from store import broadcasts, outbox, reminders
from store.model import Broadcast, BroadcastState, PackageState, Recipient
from store.work import Work
from store.writer import Tx, Writer

TEMPLATE: Final = "broadcast_reminder"
BY_LINK: Final = "broadcast_reminder_link"
LOOK: Final = timedelta(minutes=5)
"""How often a broadcast is looked at that still sends."""
WITHDRAWN: Final = "the broadcast stands still, or its links ended"


class Reminding:
    """The loop and its move."""

    def __init__(self, standing: Standing, writer: Writer) -> None:
        self._standing = standing
        self._settings = standing.config.gateway.broadcasts
        self._writer = writer

    async def step(self) -> datetime | None:
        """Queue a few reminders; returns when the next ones are due."""
        return await self._writer.do(self.remind, None)

    def remind(self, tx: Tx, items: Sequence[None]) -> list[datetime | None]:
        """Take back what must not go any more, and queue what is due, each with its mark in the same transaction."""
        reminders.withdraw(tx, WITHDRAWN)
        ahead = [self._one(tx, found) for found in reminders.broadcasts(tx.connection, tx.now)]
        return [min((at for at in ahead if at is not None), default=None)] * len(items)

    def _one(self, tx: Tx, seen: Broadcast) -> datetime | None:
        found = broadcasts.locked(tx, ident=seen.id)  # another process may be at it, or may have stopped it
        if found is None or found.state not in reminders.GOING:
            return None
        plan, package = Plan.model_validate(found.plan), broadcasts.package(tx.connection, found.package_id)
        if plan.remind_after is None or package is None or package.state != PackageState.READY:
            return None
        work, gone, more = Work(tx), 0, False
        composer = Composer(self._standing, found.number, found.title, plan, package)
        for channel, can in self._standing.ways.can.items():
            if not can.sends or allowed(self._standing, plan, channel, tx.now) > tx.now:
                continue
            due, lying = broadcasts.queued(tx.connection, channel, tx.now)
            room = MOST - due if lying < MANY else 0
            rows = reminders.waiting(tx, found.id, channel, tx.now - plan.remind_after, max(room, 1))
            more |= len(rows) == max(room, 1)
            if room > 0:
                gone += self._put(work, found, plan, composer, rows)
        if gone:
            note(work, found, "", "reminded", count=gone)
            work.flush()
        return tx.now + STEP if more else self._next(tx, found, plan)

    def _next(self, tx: Tx, found: Broadcast, plan: Plan) -> datetime | None:
        """Say when the next one is due, of a channel that exists and in the hours in which it may go."""
        dues = [tx.now + LOOK] if found.state == BroadcastState.RUNNING else []
        for channel, can in self._standing.ways.can.items():
            first = reminders.first(tx.connection, found.id, channel) if can.sends else None
            if first is not None and plan.remind_after is not None:
                opens = allowed(self._standing, plan, channel, tx.now)
                dues.append(max(first + plan.remind_after, opens, tx.now + STEP))
        return min(dues, default=None)

    def _put(self, work: Work, found: Broadcast, plan: Plan, composer: Composer, rows: Sequence[Recipient]) -> int:
        """Queue the reminders of a chunk; who wants no more by now is passed over for good."""
        tx = work.tx
        refused = against(tx.connection, self._standing.ways, plan, rows)
        first = outbox.by_ids(tx.connection, [row.message_id for row in rows if row.message_id])
        pairs: list[tuple[int, int | None]] = [(row.id, None) for row in rows if row.id in refused]
        for row in rows:
            if row.id in refused:
                continue
            before = first.get(row.message_id or 0)
            subject = before.subject if before else None
            pairs.append((row.id, self._queue(work, found, composer, row, subject)))
        work.flush()
        reminders.reminded(tx, pairs)
        return len(rows) - len(refused)

    def _queue(self, work: Work, found: Broadcast, composer: Composer, row: Recipient, subject: str | None) -> int:
        url = self._standing.config.gateway.public_url.rstrip("/")
        way_out = f"{url}/u/{leaving(found.secret, row.id)}"
        letter = composer.letter(row, token=token(found.secret, row.id), unsubscribe=way_out)
        values, words = dict(letter.variables), WORDS[letter.language]
        values["name"] = values["name"] or words["you"]
        return queue(
            work,
            found,
            row,
            subject=words["reminder"] + subject if subject else None,
            text=self._text(row, letter.language, values),
            language=letter.language,
            template=TEMPLATE,
            variables=values,
        )

    def _text(self, row: Recipient, language: str, values: dict[str, str]) -> str:
        """Say it with the link where the channel carries links, else with the code."""
        can, method = self._standing.ways.can[row.channel], self._standing.ways.method(row.channel)
        sign = "" if can.templates or method == "mail" else values["sign"]
        linked = can.links and not can.templates and values["link"].startswith("http")
        text = wording.say(BY_LINK if linked else TEMPLATE, language, **{**values, "sign": sign})
        if method != "mail":
            return text
        words = WORDS[language]
        foot = f"{words['why'].format(sign=values['sign'])}\n{words['unsubscribe']}{values['unsubscribe']}"
        return f"{text}\n\n-- \n{values['sign']}\n{foot}\n"
