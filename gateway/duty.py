"""Reads who is on duty out of the store and the configuration, for whatever only shows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from router.duty import OnDuty, on_duty, plan_of
from router.rota import Plan
from router.settings import RouterSettings
from store import rota


def read_plan(connection: Connection, settings: RouterSettings, now: datetime) -> Plan:
    """Return everything that decides who is on duty from an instant on."""
    return plan_of(settings, rota.shifts(connection, now), rota.presences(connection, now))


def read_duty(connection: Connection, settings: RouterSettings, now: datetime) -> OnDuty:
    """Return who is on duty at an instant."""
    return on_duty(read_plan(connection, settings, now), now)
