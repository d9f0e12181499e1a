"""Judges what came in, a batch in one transaction: who speaks, about which matter, how bad; and writes what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway import customers, doubting, linking, opting, staff
from gateway.files import Files
from gateway.gather import Known, gather
from gateway.judged import Judged
from gateway.lines import Lines
from gateway.reading import about_of, read
from gateway.standing import Standing
from router.extract import About
from store import judging
from store.model import Message, MessageState
from store.writer import Tx, exclusive


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Which messages to judge: the oldest unjudged ones, or exactly one."""

    most: int = 25
    """Few enough that what waits for the writer meanwhile, a page above all, waits some 30 ms."""
    only: int | None = None


class Judge:
    """The move that judges; it keeps nothing between batches."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def batch(self, tx: Tx, asks: Sequence[Batch]) -> list[list[Judged]]:
        """Judge; a message that cannot be judged fails its batch, and the caller tries one by one."""
        return [self._one(tx, ask) for ask in asks]

    def _one(self, tx: Tx, ask: Batch) -> list[Judged]:
        messages = judging.waiting(tx.connection, ask.most, only=ask.only)
        if not messages:
            return []
        files = Files(tx, self._standing)
        lines = Lines(files, messages)
        abouts = {m.id: about_of(files, m) for m in messages}
        whole = [about_of(files, m, lines.together(m)) for m in messages if lines.before(m)]
        known = gather(files, messages, [found.site or "" for found in (*abouts.values(), *whole)])
        staff.gather_speakers(files, known.staff.values())
        judged = []
        for message in messages:
            files.hearing = message.id
            person = known.staff.get(message.id)
            if person:
                judged.append(staff.hear(files, known, message, person))
            else:
                judged.append(self._customer(files, known, lines, message, abouts[message.id]))
            self._mark(files, message)
        files.numbers.flush()
        files.work.flush()
        return judged

    def _customer(self, files: Files, known: Known, lines: Lines, message: Message, found: About) -> Judged:
        hearing = (opting.hear, linking.hear, doubting.hear)
        tied = next((judged for hear in hearing if (judged := hear(files, known, message)) is not None), None)
        if tied is not None:
            return tied
        before, alone = lines.before(message), message.text
        if before:
            text = lines.together(message)
            message.__dict__["text"] = text  # for this judgement only: what is stored stays what was said
            found = about_of(files, message)
        try:
            reading = read(files, known, message, found)
            placement = doubting.weighed(files, message, customers.placed(files, known, message, reading))
            asked = doubting.hold(files, known, message, reading, placement)
            heard = asked or customers.settle(files, known, message, reading, placement)
        finally:
            message.__dict__["text"] = alone  # a later line of the batch adds up what was said, each line once
        lines.join(before, message.ticket_id)
        return heard

    def _mark(self, files: Files, message: Message) -> None:
        files.work.change(message, state=MessageState.JUDGED)
