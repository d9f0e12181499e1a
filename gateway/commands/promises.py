"""How a promise of a ticket is told on the command line: kept, broken or running, and by how much. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def status(clock: Mapping[str, Any], now: datetime) -> str:
    """Say how one promise stands; `clock` is a row of the store."""
    due, stopped, paused = clock["due_at"], clock["stopped_at"], clock["paused_at"]
    stood = clock["paused_seconds"] + ((now - paused).total_seconds() if paused else 0.0)
    on_hold = f", stood still for {length(timedelta(seconds=stood))}" if stood else ""
    if clock["breached_at"]:
        until = "" if stopped else ", and still runs"
        return f"BROKEN by {length(max((stopped or now) - due, timedelta(0)))}{until}{on_hold}"
    if clock["void"]:
        return "no longer owed"
    if stopped:
        return f"kept by {length(due - stopped)}{on_hold}"
    if paused:
        return f"stands still with {length(due - paused)} left{on_hold}"
    return f"runs, {length(due - now)} left{on_hold}" if now <= due else f"runs, {length(now - due)} over{on_hold}"


def length(span: timedelta) -> str:
    """Write a length of time in its two largest units."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
