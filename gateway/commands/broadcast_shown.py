"""How broadcasts look in a terminal: lines, bars, and words for what cannot be undone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

WIDTH = 24
"""Signs of a bar."""
ENDED = ("sent", "delivered", "failed", "unknown", "recalled", "cancelled")
ORDER = ("delivered", "sent", "failed", "unknown", "recalled", "cancelled", "queued", "pending")
COLOURS = {"delivered": "green", "sent": "green", "failed": "red", "unknown": "yellow"}
SIGNS = {"delivered": "#", "sent": "#", "failed": "x", "unknown": "?", "recalled": "-", "cancelled": "-"}
"""A bar is read by its signs; colour only repeats them."""
OVER = ("done", "paused", "cancelled", "held", "draft", "submitted", "approved")
"""States in which nothing goes on by itself."""
GOOD = ("done", "approved")


def counted(counts: Mapping[str, int]) -> str:
    """Write counts, those that are not 0."""
    known = [name for name in ORDER if counts.get(name)]
    others = [name for name in counts if counts[name] and name not in ORDER]
    return ", ".join(f"{name} {counts[name]}" for name in (*known, *others))


def ended(counts: Mapping[str, int]) -> int:
    """Count those that had an outcome."""
    return sum(counts.get(state, 0) for state in ENDED)


def size(counts: Mapping[str, int]) -> int:
    """Count all who are written to."""
    return sum(count for state, count in counts.items() if state != "skipped")


def head(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Write one broadcast in one line."""
    waves = f", wave {one['wave']} of {len(one['waves'])}" if one["state"] in ("running", "paused") else ""
    when = f", starts {at(one['scheduled_at'], zone)}" if one["state"] == "scheduled" else ""
    gate = f", {_gate(one, zone)}" if one["state"] == "running" and one["why"] else ""
    people = f", {one['frozen'] or one['expected']} messages" if one["frozen"] or one["expected"] else ""
    return f"{one['number']:>4}  {one['state']}{waves}{gate}{when}{people}  {one['title']}  ({one['author']})"


def _gate(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say what the next wave waits for."""
    if one["why"] == "by hand":
        return f"the next one waits for: yizhan broadcast next {one['number']}"
    return f"the next one goes {at(one['due'], zone)} if nothing goes wrong" if one["due"] else one["why"]


def at(instant: str | None, zone: ZoneInfo) -> str:
    """Write an instant on the site's wall."""
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}" if instant else "-"


def until(length: timedelta) -> str:
    """Write how long something is from now."""
    minutes = max(0, round(length.total_seconds() / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    parts = [(days, "d"), (hours, "h"), (minutes % 60, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "less than a minute"


def moment(instant: datetime, zone: ZoneInfo, name: str, now: datetime) -> str:
    """Write a start with its zone, its distance from UTC and how long that is from now."""
    local = instant.astimezone(zone)
    shift = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} {name} (UTC{shift[:3]}:{shift[3:]}), in {until(instant - now)}"


def rich(stream: Any = None) -> bool:
    """Tell whether bars may be drawn: on a terminal that can move its cursor."""
    return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def bar(counts: Mapping[str, int]) -> str:
    """Draw how far some messages are; every state that has any gets a sign at least."""
    whole = size(counts)
    if not whole:
        return " " * WIDTH
    parts, left = [], WIDTH
    for state, sign in SIGNS.items():
        count = counts.get(state, 0)
        length = min(left, max(1, WIDTH * count // whole)) if count else 0
        left -= length
        parts.append(_coloured(sign * length, state))
    done = ended(counts) == whole
    return "".join(parts) + ("#" if done else ".") * left


def _coloured(text: str, state: str) -> str:
    plain = bool(os.environ.get("NO_COLOR")) or state not in COLOURS
    return text if plain or not text else click.style(text, fg=COLOURS[state])


def progress(one: Mapping[str, Any], *, bars: bool) -> Iterator[str]:
    """Write how far a broadcast is, a line for each wave and one for all."""
    rows = [(f"wave {wave['wave']}", wave["states"]) for wave in one["progress"]]
    rows.append(("all", {state: count for state, count in one["states"].items() if state != "skipped"}))
    for name, counts in rows if size(rows[-1][1]) else ():
        drawn = f"[{bar(counts)}] " if bars else ""
        yield f"{name:<8} {drawn}{ended(counts)}/{size(counts)}  {counted(counts)}".rstrip()
    if one["package"]:
        yield f"opened {one['opened']}, downloaded {one['downloaded']}, went wrong {one['troubles']}"
    if one["left_out"]:
        yield f"left out: {counted(one['left_out'])}"


def frame(lines: Sequence[str], drawn: int) -> str:
    """Return lines that take the place of those that were drawn before, on a terminal."""
    # Back over what stands there, and everything from there on away.
    return (f"\x1b[{drawn}A\x1b[J" if drawn else "") + "\n".join(lines)


def rows(lines: Sequence[str], columns: int) -> int:
    """Count the rows that lines take on a terminal: long ones go on in the next, and Chinese signs are two wide."""
    return sum(max(1, -(-_cells(click.unstyle(line)) // max(columns, 1))) for line in lines)


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def news(one: Mapping[str, Any]) -> str:
    """Write how far a broadcast is in one line, for a log."""
    states = {state: count for state, count in one["states"].items() if state != "skipped"}
    wave = f" wave {one['wave']}/{len(one['waves'])}" if one["wave"] else ""
    return f"{one['state']}{wave}: {ended(states)}/{size(states)}  {counted(states)}".rstrip()


def why(one: Mapping[str, Any]) -> str:
    """Say why a broadcast does not go on by itself, and what then."""
    from gateway.broadcast.stops import stopped

    what, cure = stopped(one["why"])
    words = {"paused": f"{what}; {cure}" if what else cure, "held": f"{what}; {cure}", "cancelled": what}
    said = words.get(one["state"], "")
    return f"it is {one['state']}{f': {said}' if said else ''}"


def gone(variables: Mapping[str, str]) -> str:
    """Say what a pause or an end does not undo."""
    sent, sending = int(variables.get("sent", 0)), int(variables.get("sending", 0))
    words = f"{sent} are out and stay out"
    words += f", {sending} are being sent at this instant" if sending else ""
    return words + ("; recall takes back what its provider lets" if sent else "")


def previewed(found: Mapping[str, Any]) -> Iterator[str]:
    """Write what a broadcast would come to: whom it reaches, and each channel's text for two recipients."""
    channels = ", ".join(f"{name} {count}" for name, count in found["channels"].items())
    pilots = f", {found['pilots']} of them pilots" if found["pilots"] else ""
    yield f"{found['total']} messages{pilots}{f': {channels}' if channels else ''}"
    if found["first"]:
        yield f"first: {', '.join(found['first'])}"
    if found["left_out"]:
        yield f"left out: {counted(found['left_out'])}"
    if found["segments"]:
        yield f"SMS: at most {found['segments']} segments in all"
    for sheet in found["sheets"]:
        for sample in sheet["samples"]:
            yield ""
            yield _sample_head(sheet, sample)
            yield from ([f"Subject: {sample['subject']}"] if sample["subject"] else [])
            yield from (f"  {line}".rstrip() for line in sample["text"].splitlines())


def _sample_head(sheet: Mapping[str, Any], sample: Mapping[str, Any]) -> str:
    short = f", {sample['segments']} segment(s)" if sheet["segments"] else ""
    name = f" ({sample['name']})" if sample["name"] else ""
    measured = f"{sample['size']} {sample['unit']}{short}"
    return f"== {sheet['channel']} {sheet['language']}, the {sample['kind']} recipient{name}: {measured}"
