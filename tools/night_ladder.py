"""Whether everybody was asked whom the frozen ladder names, in time, and whether it named whoever was on duty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.config import Config
from router.ladder import urgency
from store.model import ShiftState
from tools.night_seen import Frozen, Seen
from tools.night_world import World

TRIED = ("page", "suppressed", "failed")
ANSWERS = ("taken", "escalated", "snoozed", "transferred", "released")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One person to be asked by one method at an instant."""

    number: int
    person: str
    by: str
    due: datetime


def unasked(world: World, seen: Seen, tolerance: timedelta) -> Iterator[str]:
    """Find people who should have been asked while a ticket waited, and were not, without a line that says why."""
    for ladder in seen.frozen:
        over = ladder.over or world.clock.now()
        for rung in ladder.rungs[ladder.next :]:
            due = max(ladder.start + timedelta(seconds=rung["after"]), ladder.at)
            if due + tolerance > over:
                continue
            wanted = Rung(number=ladder.number, person=rung["person"], by=rung["by"], due=due)
            if not _tried(seen, wanted, tolerance) and not _has_answered(seen, wanted):
                yield f"{wanted.number}: {wanted.person} was to be asked by {wanted.by} at {due:%H:%M:%S} and was not"
            elif (left := _left(world, seen, wanted, tolerance)) is not None:
                yield left


def _tried(seen: Seen, rung: Rung, tolerance: timedelta) -> bool:
    """Tell whether the history says that the person was asked by this method, or why not."""
    begin, end = rung.due - timedelta(seconds=5), rung.due + tolerance
    return any(
        begin <= e["at"] <= end and e["more"].get("to") == rung.person and e["more"].get("by") == rung.by
        for e in seen.of(rung.number, *TRIED)
    )


def _has_answered(seen: Seen, rung: Rung) -> bool:
    """Tell whether the person had passed it on or put it off, and so is not asked by this ladder."""
    return any(e["actor"] == rung.person and e["at"] <= rung.due for e in seen.of(rung.number, *ANSWERS))


def _left(world: World, seen: Seen, rung: Rung, tolerance: timedelta) -> str | None:
    """Return what is wrong when a page was written for the rung and never reached a provider, without a word."""
    begin, end = rung.due - timedelta(seconds=5), rung.due + tolerance
    pages = [
        e
        for e in seen.of(rung.number, "page")
        if begin <= e["at"] <= end and e["more"].get("to") == rung.person and e["more"].get("by") == rung.by
    ]
    told = {e["message_id"] for e in seen.events if e["kind"] in ("failed", "suppressed", "late", "alarm")}
    for page in pages:
        until = page["at"] + tolerance
        moved = any(one.number == rung.number and page["at"] < one.at <= until for one in seen.changes)
        keys = {one.outgoing.key for one in world.sent if one.began <= until and not one.lost}
        key = _key(rung.number, page["message_id"])
        if key not in keys and page["message_id"] not in told and not moved and not _ended(seen, rung, page, tolerance):
            return f"{rung.number}: the page to {rung.person} by {rung.by} of {page['at']:%H:%M:%S} never left"
    return None


def _ended(seen: Seen, rung: Rung, page: dict[str, Any], tolerance: timedelta) -> bool:
    """Tell whether the person answered before the text could leave."""
    return any(
        e["actor"] == rung.person and page["at"] <= e["at"] <= page["at"] + tolerance
        for e in seen.of(rung.number, *ANSWERS)
    )


def _key(number: int, message_id: int) -> str:
    from gateway.post import short_id  # noqa: PLC0415

    return f"{number}-{short_id(message_id)}"


def wrong_people(world: World, seen: Seen, config: Config) -> Iterator[str]:
    """Find ladders that began with somebody who did not have the role by the rota, the stand-ins and the absences."""
    settings = world.night.config["router"]
    for ladder in seen.frozen:
        if not ladder.opening or not ladder.rungs:
            continue
        name = urgency(ladder.kind, ladder.level)
        step = config.router.policies[name].steps[0]
        away = {a.person for a in world.night.absences if a.said < ladder.at and a.begins <= ladder.at < a.ends}
        said = [*(a.said for a in world.night.absences), *(s.said for s in world.night.stand_ins)]
        unsure = any(abs(one - ladder.at) < timedelta(minutes=1) for one in said)
        if name == "complaint" or unsure:
            continue  # a complaint goes past whom it names
        expected = {p for role in step.who for p in on_duty(settings, ladder, role, away)}
        first = min(rung["after"] for rung in ladder.rungs)
        found = {rung["person"] for rung in ladder.rungs if rung["after"] == first}
        if not expected & found or not found <= {*expected, *_later(settings, ladder, config, away)}:
            yield f"{ladder.number}: asked first {found} at {ladder.at}, on duty by the rota {expected} ({step.who})"


def _later(settings: dict[str, Any], ladder: Frozen, config: Config, away: set[str]) -> set[str]:
    """Return everybody whom any step of the ladder may name."""
    steps = config.router.policies[urgency(ladder.kind, ladder.level)].steps
    return {p for step in steps for role in step.who for p in on_duty(settings, ladder, role, away)}


def on_duty(settings: dict[str, Any], ladder: Frozen, role: str, away: set[str]) -> Sequence[str]:
    """Answer who has a role when a ladder was frozen, told apart from the product: plainly, by counting turns."""
    everyone = [p for p in settings["people"] if p not in away] or list(settings["people"])
    if role == "everyone":
        return everyone
    if role not in ("lead", "second", "manager"):
        return [role] if role in everyone else [_lead(settings, ladder, away, everyone)]
    return [_holder(settings, ladder, role, away) or _lead(settings, ladder, away, everyone)]


def _lead(settings: dict[str, Any], ladder: Frozen, away: set[str], everyone: list[str]) -> str:
    held = (_holder(settings, ladder, role, away) for role in ("lead", "second", "manager"))
    return next((person for person in held if person), everyone[0])


def _holder(settings: dict[str, Any], ladder: Frozen, role: str, away: set[str]) -> str | None:
    now = ladder.at
    standing = [
        s
        for s in ladder.shifts
        if s["role"] == role
        and s["state"] == ShiftState.IN_FORCE
        and s["begins"] <= now
        and (s["ends"] is None or now < s["ends"])
    ]
    if standing:
        return str(max(standing, key=lambda s: (s["at"], s["id"]))["person"])
    for layer in reversed(settings["rota"]["layers"]):
        if layer["role"] == role and (person := _turn(layer, settings["time_zone"], now, away)):
            return person
    fallback = settings["rota"].get(role)
    return None if fallback in away else fallback


HOURS = {"8 hours": 8, "12 hours": 12, "daily": 24, "weekly": 168}


def _turn(layer: dict[str, Any], zone: str, now: datetime, away: set[str]) -> str | None:
    wall = now.astimezone(ZoneInfo(layer.get("zone") or zone)).replace(tzinfo=None)
    hours = layer.get("hours")
    if hours:
        said, begin, end = f"{wall:%H:%M}", hours["begin"], hours["end"]
        if not (begin <= said < end if begin < end else said >= begin or said < end):
            return None
    people = layer["people"]
    begins = datetime.strptime(layer["begins"], "%Y-%m-%d %H:%M")  # noqa: DTZ007 - on the wall
    passed = int((wall - begins).total_seconds() // 3600 // HOURS[layer["every"]])
    in_order = people[passed % len(people) :] + people[: passed % len(people)]
    return next((person for person in in_order if person not in away), None)
