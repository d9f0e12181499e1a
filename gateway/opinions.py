"""Asks for second opinions, one at a time, behind everything else; the flow neither waits for it nor sees it fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock
from gateway.files import File, Files
from gateway.log import trail
from gateway.metrics import Metrics
from gateway.opinion_endpoint import Endpoint, NoAnswer
from gateway.opinion_settings import SecondOpinion
from gateway.perform import perform
from gateway.standing import Standing
from router.masking import masked
from router.opinion import BY, Said, follows, question
from router.reading import unquoted
from store import opinions, showing, tickets
from store.model import Message, Opinion, Ticket
from store.opinions import Handed, Want
from store.rows import nouns
from store.writer import Tx, Writer, exclusive

LOOK = timedelta(seconds=2)
"""How soon it is looked again whether a page has left."""
TRIES = 3
AGAIN = (timedelta(seconds=30), timedelta(minutes=3))
"""After the first and the second failure."""
LONGEST_TEXT = 4000
"""Characters of a ticket's messages that are shown to the endpoint."""
log = structlog.get_logger()


def wanted(files: Files, ticket: Ticket) -> None:
    """Put a question about a new ticket down, where the site wants one."""
    settings = files.standing.config.router.second_opinion
    if settings is None or ticket.kind not in settings.kinds or ticket.language not in settings.languages:
        return
    files.work.add(Opinion(id=files.work.id(), ticket_id=ticket.id, at=files.tx.now, due=files.tx.now))
    files.tx.wake("opinion")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question that was handed out, in the words in which it leaves."""

    opinion: Opinion
    words: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What came of one try: what was said, or why nothing was; `again` is when to try once more."""

    opinion: Opinion
    said: Said | None = field(default=None, repr=False)
    outcome: str = ""
    again: datetime | None = None


class Opinions:
    """The asking of one process."""

    def __init__(
        self, settings: SecondOpinion, standing: Standing, *, writer: Writer, clock: Clock, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._standing = standing
        self._writer = writer
        self._clock = clock
        self._metrics = metrics
        self._endpoint = Endpoint(settings, clock.now)
        self.asking = False
        """An answer is awaited; only the endpoint or its time limit can go on."""

    async def step(self) -> datetime | None:
        """Ask what is due, one after another; returns when to look again."""
        while (one := await self._next()) is not None:
            answered = await self._ask(one)
            outcome = await self._writer.do(self.weigh, answered)
            if outcome:
                self._metrics.opinion(outcome)
        due = await self._writer.do(ahead, None)
        return max(due, self._clock.now() + LOOK) if due else None

    async def close(self) -> None:
        """Give back the sockets."""
        await self._endpoint.close()

    async def _next(self) -> Question | None:
        lease = timedelta(seconds=2 * self._settings.timeout_seconds + 30)
        want = Want(per_hour=self._settings.per_hour, lease=lease)
        handed, asked = await self._writer.do(self.take, want)
        self._metrics.opinion("late", handed.late)
        self._metrics.opinion("skipped", handed.skipped)
        return asked

    async def _ask(self, one: Question) -> Answered:
        self.asking = True
        try:
            limit = timedelta(seconds=self._settings.timeout_seconds)
            said = await self._clock.within(limit, self._endpoint.ask(one.words))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for this answer
            return self._failed(one.opinion, error)
        finally:
            self.asking = False
        return Answered(opinion=one.opinion, said=said)

    def _failed(self, opinion: Opinion, error: Exception) -> Answered:
        known = isinstance(error, NoAnswer)
        outcome = error.outcome if isinstance(error, NoAnswer) else "broken_off"
        again = error.again if isinstance(error, NoAnswer) else False
        if isinstance(error, TimeoutError):
            outcome, again = "timeout", True
        why = str(error) if known else trail(error)
        retried = again and opinion.attempt < TRIES
        log.warning("no second opinion", outcome=outcome, why=why, attempt=opinion.attempt, again=retried)
        when = self._clock.now() + AGAIN[opinion.attempt - 1] if retried else None
        return Answered(opinion=opinion, outcome=outcome, again=when)

    def take(self, tx: Tx, wants: Sequence[Want]) -> list[tuple[Handed, Question | None]]:
        """Hand out the next question with its words."""
        return [self._take(tx, want) for want in wants]

    def _take(self, tx: Tx, want: Want) -> tuple[Handed, Question | None]:
        handed = opinions.claim(tx, want)
        if handed.opinion is None:
            return handed, None
        said = nouns(Message, tickets.messages_of(tx.connection, handed.opinion.ticket_id))
        heard = [m for m in said if m.direction == "in" and not (m.verdict or {}).get("staff")]
        found = nouns(Ticket, tickets.by_ids(tx.connection, [handed.opinion.ticket_id]))
        names = [m.sender_name for m in heard] + [p.name for p in self._standing.router.people.values()]
        names += [showing.contact_name(tx.connection, t.contact_id) for t in found]
        return handed, Question(opinion=handed.opinion, words=worded(heard, names))

    @exclusive
    def weigh(self, tx: Tx, items: Sequence[Answered]) -> list[str]:
        """Write down what came of some questions, and what follows; answers what to count, "" for a try to repeat."""
        files = Files(tx, self._standing)
        outcomes = [_weighed(files, item) for item in items]
        files.work.flush()
        return outcomes


def worded(messages: Sequence[Message], names: Sequence[str]) -> str:
    """Word the question about a ticket from what was said on it, without persons."""
    first = messages[0] if messages else None
    text = "\n".join(unquoted(message.text) for message in messages)[:LONGEST_TEXT]
    subject = (first.subject or "") if first else ""
    return question(
        channel=first.channel.partition(":")[0] if first else "",
        subject=masked(subject[:200], names),
        text=masked(text, names),
    )


def _weighed(files: Files, item: Answered) -> str:
    one = opinions.current(files.tx.connection, item.opinion.id, item.opinion.attempt)
    if one is None:
        return ""  # another process went on with it after our lease had ended
    if item.said is None:
        files.work.change(one, due=item.again, outcome="" if item.again else item.outcome)
        return "" if item.again else item.outcome
    found = files.load([one.ticket_id])
    outcome = _followed(files, found[0], item.said) if found else "settled"
    said = {"kind": item.said.kind.value, "level": item.said.level, "reason": item.said.reason}
    files.work.change(one, due=None, outcome=outcome, **said)
    return outcome


def _followed(files: Files, file: File, said: Said) -> str:
    found = follows(said, file.case(), files.scene)
    if found.proposed is not None:
        # Not by a Change: a form that somebody is looking at stays good.
        files.work.change(file.ticket, proposed=found.proposed)
    perform(files, file, found.effects)
    log.info("second opinion", by=BY, ticket=file.ticket.number, outcome=found.outcome)
    return found.outcome


def ahead(tx: Tx, asks: Sequence[None]) -> list[datetime | None]:
    """Say when the next question is due."""
    return [opinions.upcoming(tx.connection)] * len(asks)
