"""Whether somebody can still be answered where the provider limits answers, and which message a text answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from channels.contract import Can, GiveUp, Outgoing, Window
from store import windows
from store.db import Database
from store.windows import Last


def window_of(can: Can, group: str | None) -> Window | None:
    """Return the limit that holds for this conversation; None: no limit."""
    return can.group_window if group and can.group_window else can.window


def closed(window: Window, last: Last | None, now: datetime) -> str | None:
    """Say why a person can no longer be answered, or None while they can."""
    if last is None:
        return "nothing was said there, and this provider lets us answer only"
    if now - last.at > window.lasts:
        return f"the last message is older than the {_hours(window)} in which this provider lets us answer"
    if last.sent >= window.most:
        return f"this provider lets us answer a message {window.most} times"
    return None


def _hours(window: Window) -> str:
    minutes = int(window.lasts.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def answering(
    database: Database, can: Can, outgoing: Outgoing, *, channel: str, message_id: int, now: datetime
) -> Outgoing:
    """Point a text at the message that it answers; raises GiveUp once the provider's window is closed."""
    window = window_of(can, outgoing.group)
    if window is None:
        return replace(outgoing, quotes=outgoing.in_reply_to)
    with database.read() as connection:
        last = windows.last(connection, channel, sender=outgoing.to, group=outgoing.group, but=message_id)
    why = closed(window, last, now)
    if why or last is None:
        raise GiveUp(why or "nothing was said there")
    return replace(outgoing, quotes=last.key, turn=last.sent + 1)
