"""What happens when a due time comes: the next rung, a bundle, a warning, a breach, a ticket that closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from gateway import idling, rota_watch, texts, wording
from gateway.asking import bundle, step, way
from gateway.clocks import reached
from gateway.doubting import waited
from gateway.drilling import fired as drilled
from gateway.files import File, Files
from gateway.handing import fired
from gateway.inquiring import silence
from gateway.perform import perform
from gateway.post import Letter, send
from gateway.relations import parent_of
from gateway.standing import Standing
from gateway.sweep import untouched
from gateway.visiting import came_due
from router.effects import Change, Note, Tell
from router.family import reminded, watched
from router.opening import blamed
from store import timers
from store.db import DatabaseTrouble
from store.model import Clock, ClockKind, Event, EventKind, Lane, TicketState, Timer, TimerKind
from store.work import Work
from store.writer import Tx, exclusive

MOST = 200
"""Timers fired in one transaction; the rest follow in the next."""
SLACK = timedelta(seconds=1)
AGAIN = timedelta(minutes=1)
SECOND = (ClockKind.SECOND_ARRIVE, ClockKind.SECOND_RESOLVE)
log = structlog.get_logger()


class Due:
    """The move that fires what is due."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def fire(self, tx: Tx, asks: Sequence[None]) -> list[tuple[int, datetime | None]]:
        """Fire due timers; returns how many fired and when the next is due."""
        ripe = timers.fire(tx, tx.now, MOST)
        if not self._together(tx, ripe):
            for timer in ripe:
                if not self._together(tx, [timer]):
                    put_back(tx, timer)
        ahead = timers.next_due(tx.connection)
        return [(len(ripe), ahead)] * len(asks)

    def _together(self, tx: Tx, fired: Sequence[Timer]) -> bool:
        """Fire some timers as one; False when one of them cannot be, and then nothing of theirs is kept."""
        before, savepoint = set(tx.woken), tx.connection.begin_nested()
        try:
            files = Files(tx, self._standing)
            files.load(timer.ticket_id for timer in fired if timer.ticket_id is not None)
            for timer in fired:
                _fire(files, timer)
            files.work.flush()
        except DatabaseTrouble:
            raise
        except Exception:
            log.exception("timers could not be fired", timers=[timer.id for timer in fired])
            savepoint.rollback()
            tx.woken = before
            return False
        savepoint.commit()
        return True


def put_back(tx: Tx, timer: Timer) -> None:
    """Try a timer that cannot be fired again later, with an alarm, so that it stops no other."""
    work = Work(tx)
    work.add(Timer(**{**timer.model_dump(), "due": tx.now + AGAIN}))
    text = f"a due time ({timer.kind}) could not be acted on; it is tried again"
    event = Event(id=work.id(), at=tx.now, kind=EventKind.ALARM, ticket_id=timer.ticket_id, text=text)
    work.add(event)
    work.flush()


def _fire(files: Files, timer: Timer) -> None:
    if timer.kind == TimerKind.FOLD:
        bundle(files, timer.about)
        return
    if timer.kind == TimerKind.QUESTION:
        waited(files, int(timer.about))
        return
    if timer.kind == TimerKind.DRILL:
        drilled(files, timer)
        return
    if timer.kind == TimerKind.INQUIRY:
        silence(files, int(timer.about))
        return
    if timer.kind == TimerKind.SHIFT:
        rota_watch.look(files, timer.about) if rota_watch.is_look(timer) else fired(files, timer)
        return
    file = files.by_id.get(timer.ticket_id or 0)
    if file is None:
        return
    acts: dict[str, Callable[[Files, File, Timer], None]] = {
        TimerKind.STEP: _step,
        TimerKind.CLOCK: _clock,
        TimerKind.CLOSE: _close,
        TimerKind.STILL: idling.still,
        TimerKind.HOLD: idling.held,
        TimerKind.VISIT: came_due,
        TimerKind.UNTOUCHED: untouched,
    }
    acts[timer.kind](files, file, timer)


def _step(files: Files, file: File, timer: Timer) -> None:
    if timer.round == file.ticket.round:
        step(files, file)


def _clock(files: Files, file: File, timer: Timer) -> None:
    running = next((c for c in file.clocks if c.kind == timer.about and c.stopped_at is None), None)
    if running is None or running.breached_at is not None or running.paused_at is not None:
        return
    at = reached(running, timer.part)
    if at > files.tx.now + SLACK or (timer.part < 1.0 and timer.due - at > SLACK):
        return  # a due time of an earlier clock of this kind, or of an earlier limit
    if timer.part < 1.0:
        warn(files, file, running)
    else:
        breach(files, file, running)


def warn(files: Files, file: File, clock: Clock) -> None:
    """Warn whoever has the ticket; while it is being paged the ladder itself is the warning."""
    left = str(int((clock.due_at - files.tx.now).total_seconds() // 60))
    effects: list[Note | Tell] = [Note(kind=EventKind.WARNING, text=clock.kind, more={"minutes_left": left})]
    if file.ticket.owner and file.case().held and not reminded(clock.kind, file.ticket, parent_of(files, file)):
        variables = {"clock": clock.kind, "until": clock.due_at.isoformat()}
        effects.append(Tell(person=file.ticket.owner, template="clock_warning", variables=variables))
        manager = files.scene.duty.manager
        if clock.kind in SECOND and manager and manager != file.ticket.owner:
            # Senior staff and the manufacturer are the manager's to call.
            effects.append(Tell(person=manager, template="clock_warning", variables=variables))
    perform(files, file, effects)


def breach(files: Files, file: File, clock: Clock) -> None:
    """Write a broken promise down, and page the manager and whoever has the ticket."""
    files.work.change(clock, breached_at=files.tx.now)
    perform(files, file, [Note(kind=EventKind.BREACH, text=clock.kind)])
    if watched(clock.kind, file.ticket, parent_of(files, file)):
        text = "the great outage of which this is a report has the same promise"
        perform(files, file, [Note(kind=EventKind.SUPPRESSED, text=text)])
        return
    duty = files.scene.duty
    avoided = blamed(file.ticket, files.scene)
    above = next((p for p in (duty.manager, duty.lead, duty.second) if p and p not in avoided), None)
    for person in dict.fromkeys(filter(None, (file.ticket.owner, above))):
        page_breach(files, file, clock, person)


def page_breach(files: Files, file: File, clock: Clock, person: str) -> None:
    """Page one person about a broken promise."""
    reach = way(files, person, "sms") or way(files, person, "mail")
    if reach is None:
        return
    language = files.scene.settings.people[person].language
    late = str(int((files.tx.now - clock.due_at).total_seconds() // 60))
    given = {"clock": clock.kind, "late": late, "who": file.ticket.owner or ""}
    variables = texts.filled(files, file.ticket, language, given)
    send(
        files,
        Letter(
            destination=reach[0],
            recipient=reach[1],
            text=texts.render("breach", language, variables, short=files.standing.ways.method(reach[0]) == "sms"),
            template="breach",
            variables=variables,
            language=language,
            lane=Lane.PAGE,
            kind=EventKind.PAGE,
            to=person,
            ticket=file.ticket,
            subject=wording.say("mail_subject", language, number=str(file.ticket.number), title=file.ticket.title),
        ),
    )


def _close(files: Files, file: File, timer: Timer) -> None:
    ticket = file.ticket
    since = ticket.resolved_at
    if ticket.state == TicketState.RESOLVED and since and since + files.scene.settings.close_after <= timer.due + SLACK:
        values = {"state": TicketState.CLOSED, "closed_at": files.tx.now}
        perform(files, file, [Change(values=values), Note(kind=EventKind.CLOSED)])
