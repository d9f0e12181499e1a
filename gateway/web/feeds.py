"""Calendars of the rota under secret addresses (RFC 5545): a person's own turns, or everybody's.

No sign-in: calendar programs cannot. Whoever has the address reads it until it is revoked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.duty import read_plan
from gateway.rota_moves import digest_of
from gateway.web.desk import Desk
from gateway.web.words import LANGUAGES, Words
from router.rota import ROLES, Turn, turns
from store.feeds import feed_at

FEEDS = "/rota/"
"""Below it lie the secret addresses."""
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
ALARM = timedelta(hours=-1)
AGAIN = timedelta(hours=1)
"""How often a calendar program should ask (RFC 7986 5.7, and as older programs read it); most ask when they like."""
HEADERS = {"cache-control": f"private, max-age={int(AGAIN.total_seconds())}, must-revalidate"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Almanac:
    """What one calendar shows."""

    title: str
    entries: tuple[Entry, ...]
    stamp: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One turn in it."""

    uid: str
    title: str
    begins: datetime
    ends: datetime


def feed_path(secret: str) -> str:
    """Return the path under which a calendar is read."""
    return f"{FEEDS}{secret}.ics"


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the calendars."""

    async def show(request: Request) -> Response:
        asked = request.query_params.get("lang", "")
        secret = request.path_params["secret"]
        found = await desk.read(lambda connection: _find(connection, desk, secret, asked))
        if found is None:
            return PlainTextResponse("404\n", status_code=404)
        tag = f'"{_digest(found)}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"etag": tag, **HEADERS})
        body = await run_in_threadpool(written, found)
        return Response(body, media_type="text/calendar", headers={"etag": tag, **HEADERS})

    return [Route(f"{FEEDS}{{secret}}.ics", show, methods=["GET"])]


def _find(connection: Connection, desk: Desk, secret: str, asked: str) -> Almanac | None:
    """Return the calendar of a secret; only its digest is compared. None for one that there is not, or was revoked."""
    feed = feed_at(connection, digest_of(secret))
    people = desk.house.config.router.people
    if feed is None or (feed.person and feed.person not in people):
        return None
    own = people[feed.person].language if feed.person else LANGUAGES[0]
    words = Words(asked if asked in LANGUAGES else own)
    zone = desk.house.config.router.zone
    today = desk.house.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin, end = ((today + away).astimezone(UTC) for away in (-BACK, AHEAD))
    plan = read_plan(connection, desk.house.config.router, begin)
    spans = [turn for role in ROLES for turn in turns(plan, role, begin, end)]
    name = desk.names[feed.person] if feed.person else words("rota_everybody")
    return Almanac(
        title=words("rota_calendar", who=name),
        entries=tuple(entries(spans, feed.person, words, desk, begin)),
        stamp=begin,
    )


def entries(spans: Iterable[Turn], person: str, words: Words, desk: Desk, begin: datetime) -> Iterable[Entry]:
    """Lay out turns: a person's own, or everybody's with the holes of the lead."""
    for turn in spans:
        if turn.person != person if person else (turn.person is None and turn.role != "lead"):
            continue
        name = desk.names.get(turn.person or "", "") if turn.person else words("rota_nobody")
        # A turn that began before the calendar does keeps its name from day to day.
        since = "earlier" if turn.begins == begin else f"{turn.begins:%Y%m%dT%H%M%SZ}"
        yield Entry(
            uid=f"{turn.role}-{turn.person or 'nobody'}-{since}@yizhan",
            title=words("rota_duty", who=name, role=words.named("role", turn.role)),
            begins=turn.begins,
            ends=turn.ends,
        )


def _digest(almanac: Almanac) -> str:
    return sha256(repr(almanac).encode()).hexdigest()[:32]


@lru_cache(maxsize=8)
def written(almanac: Almanac) -> bytes:
    """Write a calendar: no entry makes anybody busy, and each rings an hour before it begins.

    The last few are kept, since many programs ask for one, and a year of hourly turns takes seconds to write.
    """
    from icalendar import Alarm, Calendar, Event, vDuration  # noqa: PLC0415 - only who reads one pays for it

    calendar = Calendar()
    calendar.add("prodid", "-//Yizhan//rota//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", almanac.title)
    calendar.add("refresh-interval", vDuration(AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in almanac.entries:
        event, alarm = Event(), Alarm()
        event.add("uid", entry.uid)
        event.add("dtstamp", almanac.stamp)
        event.add("dtstart", entry.begins)
        event.add("dtend", entry.ends)
        event.add("summary", entry.title)
        event.add("transp", "TRANSPARENT")
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", ALARM)
        alarm.add("description", entry.title)
        event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
