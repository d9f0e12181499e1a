"""The recipients of a broadcast, one by one: who they are, what became of each, and the whole as a sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast import result
from gateway.broadcast.audience import Target, resolve
from gateway.web.broadcast_lines import left_word, outcome_word
from gateway.web.broadcast_view import way
from gateway.web.desk import Desk
from gateway.web.view import Eye
from gateway.web.words_reasons import refusal
from router.audience import why
from router.broadcast_plan import Plan
from store import broadcast_lists, broadcasts
from store.model import Attempt, Broadcast, Message, Recipient, RecipientState
from store.showing import attempts_of

PAGE = 50
ASKED = ("state", "wave", "channel", "reason", "search")
LONGEST = 100
"""Characters of what is searched for."""
CHUNK = 500
LOOKS = 40
"""Chunks of an audience that one page goes through to find those left out for a reason."""
DIGITS = 19


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One recipient in words."""

    ident: int
    name: str
    way: str
    address: str
    wave: str
    state: str
    state_name: str
    reason: str
    story: tuple[str, ...]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of these pages."""
    pages = Pages(desk)
    return [
        Route("/broadcasts/{number:int}/recipients", pages.recipients, methods=["GET"]),
        Route("/broadcasts/{number:int}/audience", pages.audience, methods=["GET"]),
        Route("/broadcasts/{number:int}/result.xlsx", pages.result, methods=["GET"]),
    ]


class Pages:
    """The pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def recipients(self, request: Request) -> Response:
        """Show recipients, a page at a time."""
        number, eye = request.path_params["number"], self._desk.eye(request)
        asked = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in ASKED}
        after = _number(request.query_params.get("after", "")) or 0
        context = await self._desk.read(lambda connection: listed(connection, number, asked, after, eye))
        if context is None:
            return self._desk.message(request, "not_found", status=404)
        given = {name: value for name, value in asked.items() if value}
        base = f"/broadcasts/{number}/recipients"
        last = context.pop("last")
        return self._desk.render(
            request,
            "broadcasts/recipients.html",
            eye=eye,
            number=number,
            asked=asked,
            first=f"{base}?{urlencode(given)}" if after else "",
            more=f"{base}?{urlencode({**given, 'after': last})}" if last else "",
            **context,
        )

    async def audience(self, request: Request) -> Response:
        """Show whom a draft would reach now, or who is left out for a reason."""
        number, eye = request.path_params["number"], self._desk.eye(request)
        reason, after = request.query_params.get("reason", ""), request.query_params.get("after", "")
        standing = self._desk.house.standing

        def ask(connection: Connection) -> tuple[Broadcast, list[Target], str | None] | None:
            found = broadcasts.find(connection, number)
            if found is None:
                return None
            plan = Plan.model_validate(found.plan)
            people: list[Target] = []
            cursor: str | None = after
            for _ in range(LOOKS):
                chunk = resolve(connection, standing, plan, after=cursor or "", limit=CHUNK if reason else PAGE)
                people += [one for one in chunk.people if _meant(one, reason)]
                cursor = chunk.cursor
                if cursor is None or len(people) >= PAGE:
                    break
            return found, people, cursor

        try:
            seen = await self._desk.read(ask)
        except ValueError:
            seen = None  # a cursor that somebody typed
        if seen is None:
            return self._desk.message(request, "not_found", status=404)
        found, people, cursor = seen
        query = {"reason": reason} if reason else {}
        base = f"/broadcasts/{number}/audience"
        return self._desk.render(
            request,
            "broadcasts/audience.html",
            eye=eye,
            number=number,
            title=found.title,
            reason=left_word(reason, eye.words) if reason else "",
            rows=[_target(one, eye) for one in people],
            first=f"{base}?{urlencode(query)}" if after else "",
            more=f"{base}?{urlencode({**query, 'after': cursor})}" if cursor else "",
        )

    async def result(self, request: Request) -> Response:
        """Send the sheet."""
        sent = await sheet(self._desk, request.path_params["number"], self._desk.eye(request))
        return sent or self._desk.message(request, "not_found", status=404)


async def sheet(desk: Desk, number: int, eye: Eye) -> Response | None:
    """Send the result as a sheet, written in a thread; its file goes when it was sent. None: no such broadcast."""
    how = result.Sheet(language=eye.words.language, zone=eye.zone, standing=desk.house.standing)
    file = await asyncio.to_thread(result.made, desk.house.database, number, how)
    if file is None:
        return None
    gone = BackgroundTask(file.unlink, missing_ok=True)
    return FileResponse(file, media_type=result.TYPE, filename=result.name(number), background=gone)


def listed(
    connection: Connection, number: int, asked: Mapping[str, str], after: int, eye: Eye
) -> dict[str, Any] | None:
    """Ask for one page of recipients, and for what the filters offer."""
    found = broadcasts.find(connection, number)
    if found is None:
        return None
    some = broadcasts.recipients(
        connection,
        found.id,
        state=asked["state"] or None,
        channel=asked["channel"] or None,
        wave=_number(asked["wave"]),
        reason=asked["reason"] or None,
        search=asked["search"],
        after=after,
        limit=PAGE + 1,
    )
    counts = broadcasts.counts(connection, found.id)
    states = {state: sum(n for (_, of), n in counts.items() if of == state) for state in RecipientState}
    channels = {channel for channel, _ in broadcasts.by_channel(connection, found.id)}
    shown = some[:PAGE]
    return {
        "title": found.title,
        "rows": rows(connection, shown, eye),
        "last": shown[-1].id if len(some) > PAGE else 0,
        "states": [(state.value, eye.words.named("recipient", state), n) for state, n in states.items() if n],
        "waves": sorted({wave for wave, _ in counts if wave}),
        "channels": sorted((channel, way(channel, eye)) for channel in channels if channel),
        "reasons": _reasons(connection, found, asked["state"], eye),
    }


def _reasons(connection: Connection, found: Broadcast, state: str, eye: Eye) -> list[tuple[str, str, int]]:
    given = (RecipientState.SKIPPED, RecipientState.FAILED, RecipientState.UNKNOWN)
    told = []
    for one in given:
        if state in ("", one):
            counts = broadcasts.reasons(connection, found.id, one)
            word = left_word if one == RecipientState.SKIPPED else refusal
            told += [(text, word(text, eye.words), n) for text, n in counts.items() if text]
    return sorted(told, key=lambda one: -one[2])[:PAGE]


def rows(connection: Connection, some: Sequence[Recipient], eye: Eye) -> list[Row]:
    """Lay out recipients with what happened to each."""
    ids = [ident for one in some for ident in (one.message_id, one.reminder_id) if ident]
    messages = broadcast_lists.messages_of(connection, ids) if ids else {}
    tries: dict[int, list[Attempt]] = {}
    for attempt in attempts_of(connection, ids) if ids else ():
        tries.setdefault(attempt.message_id, []).append(attempt)
    return [row(one, messages, tries, eye) for one in some]


def row(one: Recipient, messages: Mapping[int, Message], tries: Mapping[int, Sequence[Attempt]], eye: Eye) -> Row:
    """Lay out one recipient."""
    return Row(
        ident=one.id,
        name=one.name,
        way=way(one.channel, eye),
        address=one.address,
        wave=str(one.wave) if one.wave else "",
        state=eye.words.named("recipient", one.state),
        state_name=one.state,
        reason=outcome_word(one, eye.words),
        story=tuple(story(one, messages, tries, eye)),
    )


def story(
    one: Recipient, messages: Mapping[int, Message], tries: Mapping[int, Sequence[Attempt]], eye: Eye
) -> list[str]:
    """Tell what happened to one recipient, the oldest first."""
    words, message = eye.words, messages.get(one.message_id or 0)
    told = [words("bc_sent_at", at=eye.at(message.at))] if message else []
    for attempt in tries.get(one.message_id or 0, ()):
        outcome, why = words.named("outcome", attempt.outcome), refusal(attempt.reason or "", words)
        said = words("bc_try", n=attempt.number, at=eye.at(attempt.started_at), outcome=outcome, reason=why)
        told.append(said.rstrip())
    if one.ended_at and one.state != RecipientState.SKIPPED:
        receipt = f" ({message.provider_id})" if message and message.provider_id else ""
        state = words.named("recipient", one.state)
        told.append(words("bc_ended_at", state=state, at=eye.at(one.ended_at)) + receipt)
    later = {key: getattr(one, key) for key in ("opened_at", "downloaded_at", "reminded_at", "trouble_at")}
    return [*told, *(words(f"bc_{key}", at=eye.at(at)) for key, at in later.items() if at)]


def _meant(one: Target, reason: str) -> bool:
    chosen = one.chosen
    return chosen is None and why(one.rows) == reason if reason else chosen is not None


def _target(one: Target, eye: Eye) -> tuple[str, str, str, str]:
    chosen = one.chosen
    if chosen is not None:
        return one.name, one.values.get("customer", ""), way(chosen.channel, eye), chosen.address
    tried = ", ".join(dict.fromkeys(way(row.channel, eye) for row in one.rows if row.channel))
    addresses = ", ".join(dict.fromkeys(row.address for row in one.rows if row.address))
    return one.name, one.values.get("customer", ""), tried, addresses


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < DIGITS else None
