"""Whether a page that did not get through went another way, and whether what was folded was told in a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gateway.config import Config
from store.model import TicketState
from tools.night_seen import Seen
from tools.night_world import CAN, World

if TYPE_CHECKING:
    from tools.night_check import Rows

METHOD = {"sms": "sms", "voice": "voice", "push": "push", "email": "mail"}
Line = dict[str, Any]


def stuck(world: World, seen: Seen, rows: Rows, config: Config, tolerance: timedelta) -> Iterator[str]:
    """Find pages that failed, with a way to the person left that nobody tried although the ticket went on waiting."""
    by_id = {row["id"]: row for row in rows.messages}
    for failed in seen.events:
        message = by_id.get(failed["message_id"] or 0)
        if failed["kind"] != "failed" or message is None or message["page_id"] is None:
            continue
        page, number = rows.pages[message["page_id"]], seen.numbers[message["ticket_id"]]
        numbers = str((message["variables"] or {}).get("numbers", "")).split()
        if len(numbers) != 1 or message["channel"].startswith("push"):
            continue  # a bundle goes on as the page of whichever waits; a copy in the app has its text beside it
        if not waits(seen, number, failed["at"], failed["at"] + tolerance) or _over(page, failed["at"] + tolerance):
            continue
        if _went_on(seen, by_id, page, failed, tolerance):
            continue
        tried = {row["channel"] for row in rows.messages if row["page_id"] == page["id"] and row["at"] <= failed["at"]}
        ways = reachable(page["person"], world, config)
        if not ways - tried:
            if (following := _unasked(seen, number, failed, tolerance)) is not None:
                yield f"{number}: no way to {page['person']} at {failed['at']:%H:%M:%S}, and {following} was not asked"
            continue
        yield (
            f"{number}: {message['channel']} failed {page['person']} at {failed['at']:%H:%M:%S}, and nobody tried"
            f" {sorted(ways - tried)}"
        )


def _over(page: Line, at: datetime) -> bool:
    return page["ended_at"] is not None and page["ended_at"] <= at


def _went_on(seen: Seen, by_id: dict[int, Line], page: Line, failed: Line, tolerance: timedelta) -> bool:
    """Tell whether the same page went another way, or there is a line that says why it did not."""
    for event in seen.events:
        if not failed["at"] <= event["at"] <= failed["at"] + tolerance or event["id"] == failed["id"]:
            continue
        message = by_id.get(event["message_id"] or 0)
        if event["kind"] == "page" and message is not None and message["page_id"] == page["id"]:
            return True
        if event["kind"] == "suppressed" and event["more"].get("to") == page["person"]:
            return True
    return False


def _unasked(seen: Seen, number: int, failed: Line, tolerance: timedelta) -> str | None:
    """Return whom the ladder still had ahead when nothing reached the first one, and who was not asked at once."""
    ladder = next((f for f in reversed(seen.frozen) if f.number == number and f.at <= failed["at"]), None)
    asked = {e["more"].get("to") for e in seen.of(number, "page", "suppressed") if e["at"] <= failed["at"] + tolerance}
    people = [rung["person"] for rung in ladder.rungs[ladder.next :]] if ladder else []
    return next((person for person in people if person not in asked), None)


def reachable(person: str, world: World, config: Config) -> set[str]:
    """Return the roads that may carry a page to somebody, by the addresses and the routes of the site."""
    addresses = world.night.config["router"]["people"][person]["addresses"]
    barred: set[str] = set()
    for method, prefix in (("sms", "sms:"), ("voice", "voice:")):
        route = next((one for one in config.router.routes if one.method == method), None)
        if route is not None and route.only:
            barred |= {name for name in CAN if name.startswith(prefix) and name not in route.order}
    return {
        name
        for name, can in CAN.items()
        if can.sends and name.partition(":")[0] in METHOD and addresses.get(can.book) and name not in barred
    }


def waits(seen: Seen, number: int, begin: datetime, end: datetime) -> bool:
    """Tell whether a ticket waited for somebody, in one round, during the whole of a span; a dead end counts as no."""
    state: str | None = None
    for change in seen.changes:
        if change.number != number:
            continue
        if change.at <= begin:
            state = change.after["state"]
        elif change.at <= end:
            return False
    return state == TicketState.PAGING and end <= seen.clock.now()


def _answered(event: Line, folded: Line, end: datetime) -> bool:
    """Tell whether the person whose text was folded passed the ticket on, or put it off, before the bundle was due."""
    same = event["ticket_id"] == folded["ticket_id"] and event["actor"] == folded["more"]["to"]
    return same and event["kind"] in ("escalated", "snoozed") and folded["at"] <= event["at"] <= end


def forgotten(seen: Seen, rows: Rows, config: Config, tolerance: timedelta) -> Iterator[str]:
    """Find what was folded into a bundle that never came, although it went on waiting."""
    window = config.router.fold.window
    for folded in seen.events:
        if folded["kind"] != "suppressed" or not folded["text"].startswith("folded"):
            continue
        number, person = seen.numbers[folded["ticket_id"]], folded["more"]["to"]
        end = folded["at"] + window + tolerance
        pages = [p for p in rows.pages.values() if p["ticket_id"] == folded["ticket_id"] and p["person"] == person]
        if not waits(seen, number, folded["at"], end) or all(_over(page, end) for page in pages):
            continue
        if any(_answered(event, folded, end) for event in seen.events):
            continue
        ids = {page["id"] for page in pages}
        named = (row for row in rows.messages if _names(row, number, person, rows, ids))
        if not any(folded["at"] - window <= row["at"] <= end for row in named):
            yield f"{number}: folded for {person} at {folded['at']:%H:%M:%S}, and no text named it until {end:%H:%M:%S}"


def _names(row: Line, number: int, person: str, rows: Rows, pages: set[int]) -> bool:
    page = rows.pages.get(row["page_id"] or 0)
    if page is None or page["person"] != person:
        return False
    return page["id"] in pages or str(number) in str((row["variables"] or {}).get("numbers", "")).split()
