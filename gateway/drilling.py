"""Runs drills: plans the weekly one, asks phone after phone, keeps the result and tells of those that stay silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway import inquiring
from gateway.asking import timer, way
from gateway.files import Files
from gateway.perform import perform
from gateway.standing import Standing
from gateway.watch_settings import Drill
from router.drill import ANSWERS_WITHIN, APART, Ask, allowed_at, spaced, weekly
from router.effects import Inquire, Note, Tell
from store import rota, tickets, timers
from store.model import Answer, EventKind, Inquiry, InquiryKind, Timer, TimerKind
from store.rows import nouns
from store.writer import Tx, exclusive

WEEKLY, ONE, RESULT = "weekly", "ask", "result"
"""What the due time of a drill is for: the first word of its `about`."""
SLACK = timedelta(seconds=1)
AFTER = timedelta(minutes=1)
NO_WAY = "no account or no address for this method"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Whose phones are to be proved by which method; "" is everybody, and every method of the configuration."""

    person: str = ""
    method: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """When one phone is asked."""

    person: str
    method: str
    at: datetime


class Drills:
    """The moves of the drill."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def plan(self, tx: Tx, asks: Sequence[None]) -> list[None]:
        """Plan the weekly drill as the configuration has it now; one that is overdue is left to be run."""
        drill = self._standing.config.gateway.drill
        at = weekly(drill.weekday, drill.at, self._standing.router.zone, tx.now) if drill else None
        ahead = [one for one in timers.of_kind(tx.connection, TimerKind.DRILL) if one.about == WEEKLY]
        stale = [one for one in ahead if drill is None or one.due > tx.now]
        kept = len(ahead) > len(stale)
        timers.remove(tx, [one.id for one in stale])
        if at is not None and not kept:
            files = Files(tx, self._standing)
            timer(files, TimerKind.DRILL, at, None, about=WEEKLY)
            files.work.flush()
        return [None] * len(asks)

    @exclusive
    def begin(self, tx: Tx, wishes: Sequence[Wish]) -> list[list[Planned]]:
        """Plan a drill, now or as soon as it may be; returns when each phone is asked."""
        files = Files(tx, self._standing)
        begun = [_begin(files, wish, self._standing.config.gateway.drill) for wish in wishes]
        files.work.flush()
        return begun


def fired(files: Files, due: Timer) -> None:
    """Act on a due time of a drill."""
    what, _, rest = due.about.partition(" ")
    if what == WEEKLY:
        _weekly(files)
    elif what == ONE:
        person, _, method = rest.partition(" ")
        _ask(files, person, method)
    elif what == RESULT:
        _result(files, rest)


def _allowed(files: Files) -> datetime:
    urgent = tickets.urgent_pages(files.tx.connection)
    return allowed_at(files.scene.settings, files.tx.now, urgent=urgent)


def _weekly(files: Files) -> None:
    drill, now = files.standing.config.gateway.drill, files.tx.now
    if drill is None:
        return
    at = _allowed(files)
    if at > now + SLACK:
        timer(files, TimerKind.DRILL, at, None, about=WEEKLY)
        return
    _begin(files, Wish(), drill)
    timer(files, TimerKind.DRILL, weekly(drill.weekday, drill.at, files.scene.settings.zone, now), None, about=WEEKLY)


def _begin(files: Files, wish: Wish, drill: Drill | None) -> list[Planned]:
    drill = drill or Drill()
    people = [wish.person] if wish.person else _people(files, drill)
    methods = [wish.method] if wish.method else drill.methods
    asks = [
        Ask(person=person, method=method, phone=reach[1])
        for person in people
        for method in methods
        if (reach := way(files, person, method)) is not None
    ]
    planned = spaced(asks, _allowed(files))
    for at, ask in planned:
        timer(files, TimerKind.DRILL, at, None, about=f"{ONE} {ask.person} {ask.method}")
    if planned:
        end = planned[-1][0] + ANSWERS_WITHIN + AFTER
        timer(files, TimerKind.DRILL, end, None, about=f"{RESULT} {planned[0][0].isoformat()}")
    return [Planned(person=ask.person, method=ask.method, at=at) for at, ask in planned]


def _people(files: Files, drill: Drill) -> Sequence[str]:
    duty = files.scene.duty
    if drill.who == "everyone":
        return duty.everyone
    return list(dict.fromkeys(person for person in (duty.lead, duty.second, duty.manager) if person))


def _ask(files: Files, person: str, method: str) -> None:
    """Ask one phone, later where it may not be now; one that cannot be reached any more has not answered."""
    now, at = files.tx.now, _allowed(files)
    if at > now + SLACK:
        files.work.flush()
        others = [one.due for one in _ahead(files) if one.about.startswith(f"{ONE} {person} ")]
        at = max([at, *(due + APART for due in others)])
        timer(files, TimerKind.DRILL, at, None, about=f"{ONE} {person} {method}")
        return
    wish = Inquire(
        kind=InquiryKind.DRILL,
        person=person,
        template="voice_test" if method == "voice" else "test_page",
        until=now + ANSWERS_WITHIN,
        by=method,
    )
    if inquiring.inquire(files, None, wish) is None:
        lapsed = Inquiry(
            id=files.work.id(),
            kind=InquiryKind.DRILL,
            person=person,
            asked_at=now,
            until=now,
            answer=Answer.LAPSED,
            answered_at=now,
            method=method,
            more={"why": NO_WAY},
        )
        files.work.add(lapsed)


def _ahead(files: Files) -> list[Timer]:
    """Return the phones that are still to be asked, the last at the end."""
    found = timers.of_kind(files.tx.connection, TimerKind.DRILL)
    return [one for one in found if one.about.startswith(f"{ONE} ")]


def _result(files: Files, since: str) -> None:
    """Tell the manager in one text who did not answer; later, while somebody is still to be asked."""
    files.work.flush()
    connection, now = files.tx.connection, files.tx.now
    if ahead := _ahead(files):
        end = max(ahead[-1].due, now) + ANSWERS_WITHIN + AFTER
        timer(files, TimerKind.DRILL, end, None, about=f"{RESULT} {since}")
        return
    rows = nouns(Inquiry, rota.inquiries_since(connection, InquiryKind.DRILL, datetime.fromisoformat(since)))
    silent = [row for row in rows if row.answer != Answer.YES]
    if not silent:
        return
    words = ", ".join(f"{row.person} {row.method}" for row in silent)
    names = " ".join(f"{files.scene.name(row.person)}{row.method}" for row in silent)
    variables = {"count": str(len(silent)), "list": names}
    who = files.scene.duty.manager or files.scene.duty.lead
    told = Tell(person=who, template="drill_failed", variables=variables)
    perform(files, None, [Note(kind=EventKind.ALARM, text=f"the drill was not answered: {words}"), told])
