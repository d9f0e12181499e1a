"""The moves that people make on broadcasts; every one leaves a line of history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.broadcast.acts import Act, Draft, Made, made
from gateway.broadcast.links import new_secret
from gateway.standing import Standing
from router.broadcast_plan import Plan
from router.broadcasts import MOVES, NEEDS, OUT, needs_second, sizes
from store import broadcast_rows, broadcasts
from store.model import Broadcast, BroadcastState, Event, EventKind, PackageState, RecipientState
from store.numbers import Numbers
from store.work import Work
from store.writer import Tx

COUNTER = "broadcast"
AGAIN = ("failed", "unknown")
OVERRIDE = ("troubles", "success")
"""Reasons of a shut gate: whoever goes on knows of them."""


def note(work: Work, broadcast: Broadcast, by: str, text: str, **more: object) -> None:
    """Write a line of history; `by` is "" for the gateway itself."""
    work.add(
        Event(
            id=work.id(),
            at=work.now,
            kind=EventKind.BROADCAST,
            broadcast_id=broadcast.id,
            actor=by,
            text=text,
            more={key: str(value) for key, value in more.items() if value not in (None, "")},
        )
    )


def right(standing: Standing, person: str, move: str) -> bool:
    """Tell whether one of the staff may make a move."""
    known = standing.router.people.get(person)
    return known is not None and NEEDS.get(move, "broadcast") in known.rights


class Broadcasts:
    """The moves."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._settings = standing.config.gateway.broadcasts
        self._moves: Mapping[str, Callable[[Work, Broadcast, Act], Made]] = {
            "submit": self._submit,
            "return": self._return,
            "approve": self._approve,
            "start": self._start,
            "schedule": self._schedule,
            "unschedule": self._unschedule,
            "pause": self._pause,
            "resume": self._resume,
            "next": self._next,
            "retry": self._retry,
            "cancel": self._cancel,
            "recall": self._recall,
            "revoke": self._revoke,
        }

    def draft(self, tx: Tx, items: Sequence[Draft]) -> list[Made]:
        """Write drafts, new ones and those that are still drafts; the number stands in the answer."""
        work, numbers = Work(tx), Numbers(tx, COUNTER, 1)
        answers = [self._draft(work, numbers, item) for item in items]
        numbers.flush()
        work.flush()
        return answers

    def _draft(self, work: Work, numbers: Numbers, item: Draft) -> Made:
        if not right(self._standing, item.by, "edit"):
            return made("no_right")
        package = broadcasts.package(work.tx.connection, item.package_id)
        if item.package_id is not None and (package is None or package.state != PackageState.READY):
            return made("no_package")
        plan = item.plan.model_dump(mode="json")
        if item.number is None:
            fresh = Broadcast(
                id=work.id(),
                number=numbers.next(),
                title=item.title,
                state=BroadcastState.DRAFT,
                author=item.by,
                at=work.now,
                plan=plan,
                package_id=item.package_id,
                writers=[item.by],
                secret=new_secret(),
            )
            note(work, work.add(fresh), item.by, "drafted")
            return made("done", number=fresh.number, version=1)
        found = broadcasts.locked(work.tx, number=item.number)
        refusal = self._refused(found, "edit", item.version)
        if refusal is not None or found is None:
            return refusal or made("unknown_broadcast")
        changed(work, found, title=item.title, plan=plan, package_id=item.package_id, writers=_with(found, item.by))
        note(work, found, item.by, "edited")
        return made("done", number=found.number, version=found.version)

    def act(self, tx: Tx, items: Sequence[Act]) -> list[Made]:
        """Make moves; each is checked against the state that the one before it left."""
        answers = []
        for item in items:
            work = Work(tx)
            answers.append(self._act(work, item))
            work.flush()
        for loop in ("broadcast", "remind"):
            tx.wake(loop)
        return answers

    def _act(self, work: Work, item: Act) -> Made:
        if not right(self._standing, item.by, item.move):
            return made("no_right")
        found = broadcasts.locked(work.tx, number=item.number)
        refusal = self._refused(found, item.move, item.version)
        if refusal is not None or found is None:
            return refusal or made("unknown_broadcast")
        return self._moves[item.move](work, found, item)

    def _refused(self, found: Broadcast | None, move: str, version: int | None) -> Made | None:
        if found is None:
            return made("unknown_broadcast")
        if version is not None and version != found.version:
            return made("stale", version=found.version, state=found.state)
        if found.state not in MOVES.get(move, ()):
            return made("not_now", state=found.state)
        return None

    def _submit(self, work: Work, found: Broadcast, item: Act) -> Made:
        reach, refusal = item.reach, _unfit(found, item)
        if refusal is not None or reach is None:
            return refusal or made("nobody")
        values = {"expected": reach.total, "submitted_at": work.now, "writers": _with(found, item.by)}
        changed(work, found, **values)
        if needs_second(
            reach.total, reach.by_sms, above=self._settings.approve_above, always_sms=self._settings.approve_sms
        ):
            changed(work, found, state=BroadcastState.SUBMITTED)
            note(work, found, item.by, "submitted", expected=reach.total)
            return made("needs_second", count=reach.total)
        return self._freeze(work, found, item)

    def _approve(self, work: Work, found: Broadcast, item: Act) -> Made:
        if item.by in found.writers:
            return made("own_broadcast")
        return _unfit(found, item) or self._freeze(work, found, item)

    def _freeze(self, work: Work, found: Broadcast, item: Act) -> Made:
        plan, reach = Plan.model_validate(found.plan), item.reach
        total, pilots = (reach.total, reach.pilots) if reach else (found.expected, len(plan.pilots))
        changed(
            work,
            found,
            state=BroadcastState.FREEZING,
            approved_by=item.by,
            approved_at=work.now,
            expected=total,
            waves=sizes(plan.waves, pilots, total - pilots),
            frozen=0,
            cursor="",
            due=work.now,
        )
        note(work, found, item.by, "approved", expected=total)
        return made("done", count=total)

    def _return(self, work: Work, found: Broadcast, item: Act) -> Made:
        broadcast_rows.remove_all(work.tx, found.id)
        values = {"approved_by": "", "approved_at": None, "submitted_at": None, "frozen": 0, "expected": 0}
        changed(work, found, state=BroadcastState.DRAFT, waves=[], cursor="", why="", **values)
        note(work, found, item.by, "returned", why=item.why)
        return made("done")

    def _start(self, work: Work, found: Broadcast, item: Act) -> Made:
        if item.count != found.frozen:
            return made("wrong_count", count=found.frozen)
        begin(work, found)
        note(work, found, item.by, "started", count=found.frozen)
        return made("done", count=found.frozen)

    def _schedule(self, work: Work, found: Broadcast, item: Act) -> Made:
        if item.count != found.frozen:
            return made("wrong_count", count=found.frozen)
        if item.at is None or item.at <= work.now:
            return made("past")
        zone = item.zone or self._standing.router.time_zone
        changed(work, found, state=BroadcastState.SCHEDULED, scheduled_at=item.at, zone=zone, due=item.at, why="")
        note(work, found, item.by, "scheduled", at=item.at.isoformat(), zone=zone)
        return made("done", at=item.at.isoformat(), zone=zone)

    def _unschedule(self, work: Work, found: Broadcast, item: Act) -> Made:
        changed(work, found, state=BroadcastState.APPROVED, scheduled_at=None, zone="", due=None, why="")
        note(work, found, item.by, "unscheduled")
        return made("done")

    def _pause(self, work: Work, found: Broadcast, item: Act) -> Made:
        taken = pause(work, found, item.why)
        note(work, found, item.by, "paused", why=item.why, withdrawn=taken)
        return made("done", **_gone(work.tx, found))

    def _resume(self, work: Work, found: Broadcast, item: Act) -> Made:
        over = not broadcasts.waiting(work.tx.connection, found.id, found.wave)
        further = over and found.why in OVERRIDE and found.wave < len(found.waves)
        wave = found.wave + 1 if further else found.wave
        values = {"why": "", "wave": wave, "wave_at": None, "counted_from": work.now, "due": work.now}
        values["link_until"] = links_hold(found, work.now)
        changed(work, found, state=BroadcastState.RUNNING, **values)
        note(work, found, item.by, "resumed", wave=wave, why=item.why)
        return made("done", wave=wave)

    def _next(self, work: Work, found: Broadcast, item: Act) -> Made:
        if found.wave >= len(found.waves) or broadcasts.waiting(work.tx.connection, found.id, found.wave):
            return made("not_now", state=found.state)
        values = {"wave": found.wave + 1, "wave_at": None, "due": work.now, "counted_from": work.now}
        values["link_until"] = links_hold(found, work.now)
        changed(work, found, **values)
        note(work, found, item.by, "next_wave", wave=found.wave)
        return made("done", wave=found.wave)

    def _retry(self, work: Work, found: Broadcast, item: Act) -> Made:
        states = [state for state in item.again if state in AGAIN]
        count = broadcast_rows.again(work.tx, found.id, states) if states else 0
        if not count:
            return made("nobody")
        values = {"ended_at": None, "wave_at": None, "counted_from": work.now, "due": work.now, "why": ""}
        state = BroadcastState.RUNNING if found.state == BroadcastState.DONE else BroadcastState(found.state)
        if state == BroadcastState.PAUSED:
            values = {"ended_at": None, "wave_at": None}
        changed(work, found, state=state, link_until=links_hold(found, work.now), **values)
        note(work, found, item.by, "retried", states=" ".join(states), count=count)
        return made("done", count=count)

    def _cancel(self, work: Work, found: Broadcast, item: Act) -> Made:
        broadcast_rows.take_back(work.tx, found.id, "the broadcast was cancelled")
        changed(
            work,
            found,
            state=BroadcastState.CANCELLED,
            ended_at=work.now,
            due=work.now,
            why=item.why,
            scheduled_at=None,
        )
        note(work, found, item.by, "cancelled", why=item.why)
        return made("done", **_gone(work.tx, found))

    def _recall(self, work: Work, found: Broadcast, item: Act) -> Made:
        count = broadcast_rows.ask_recall(work.tx, found.id)
        note(work, found, item.by, "recall", count=count, why=item.why)
        work.tx.wake("recall")
        return made("done", count=count) if count else made("nobody")

    def _revoke(self, work: Work, found: Broadcast, item: Act) -> Made:
        changed(work, found, revoked_at=work.now)
        note(work, found, item.by, "links_revoked", why=item.why)
        return made("done")


def _with(found: Broadcast, person: str) -> list[str]:
    return list(dict.fromkeys((*found.writers, person)))


def _unfit(found: Broadcast, item: Act) -> Made | None:
    """Say why it cannot be approved; what was changed since its audience was counted was not counted."""
    reach = item.reach
    if reach is None or not reach.total:
        return made("nobody")
    if reach.version != found.version:
        return made("stale", version=found.version, state=found.state)
    return made("problems", problems="\n".join(reach.problems)) if reach.problems else None


def changed(work: Work, found: Broadcast, **values: object) -> None:
    """Change a broadcast so that a page which shows it as it was is refused."""
    work.change(found, version=found.version + 1, **values)


def begin(work: Work, found: Broadcast) -> None:
    """Let the first wave go."""
    changed(
        work,
        found,
        state=BroadcastState.RUNNING,
        wave=1,
        wave_at=None,
        started_at=work.now,
        link_until=links_hold(found, work.now),
        counted_from=work.now,
        due=work.now,
        why="",
    )


def links_hold(found: Broadcast, now: datetime) -> datetime:
    """Return until when the links hold: whoever is written to from now on has as long as those before."""
    until = now + timedelta(days=Plan.model_validate(found.plan).link_days)
    return max(until, found.link_until) if found.link_until else until


def pause(work: Work, found: Broadcast, why: str) -> int:
    """Stop, and take back what lies in the queue; returns how many that were."""
    taken = broadcast_rows.take_back(work.tx, found.id, "the broadcast was paused")
    changed(work, found, state=BroadcastState.PAUSED, why=why, due=None)
    return taken


def _gone(tx: Tx, found: Broadcast) -> dict[str, int]:
    """Count what a pause or an end cannot undo: what was taken by a provider, and what is just being sent."""
    counts = broadcasts.counts(tx.connection, found.id)
    out = sum(n for (_, state), n in counts.items() if state in OUT)
    sending = sum(n for (_, state), n in counts.items() if state == RecipientState.QUEUED)
    return {"sent": out, "sending": sending}
