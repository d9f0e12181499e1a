"""What the drills have proved, for whatever shows it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels import registry
from channels.can import Can
from gateway.config import Config
from router.drill import Proof, proofs, wanted
from router.settings import Person
from store import rota
from store.model import Inquiry, InquiryKind
from store.rows import nouns

REMEMBERED = timedelta(days=365)


def known(connection: Connection, config: Config, now: datetime) -> list[Proof]:
    """Return what is known of every person by every method that the drill proves, and of what was asked besides."""
    rows = nouns(Inquiry, rota.inquiries_since(connection, InquiryKind.DRILL, now - REMEMBERED))
    drill = config.gateway.drill
    methods = drill.methods if drill else ()
    people = {key: ways_of(config, person) for key, person in config.router.people.items()}
    return proofs(rows, wanted(people, list(methods)))


def ways_of(config: Config, person: Person) -> list[str]:
    """Return the methods by which somebody is reached, by the accounts that are configured."""
    found = []
    for name, accounts in config.channels.items():
        for settings in accounts.values():
            can = registry.can(registry.make(name, getattr(settings, "provider", "")))
            if not can.sends or (can.book or name) not in person.addresses:
                continue
            method = method_of(can)
            found += [method] if method and method not in found else []
    return found


def method_of(can: Can) -> str:
    """Name the method of an account by what it can do; "" for one that carries no page."""
    if can.pushes:
        return "push"
    if can.book == "tel":
        return "voice" if can.speaks else "sms"
    return "mail" if can.book == "email" else ""
