"""Spares somebody who said that they are awake: their app is woken in place of texts and calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.asking import APART, Call, letter, recent, suppressed, way, write
from gateway.files import File, Files
from gateway.post import send
from router.awake import SPARED, awake_until, patient, put_back, urgent
from router.case import stored
from router.effects import Rung
from store.model import Page, Ticket

INSTEAD = "pushed instead of called"


def spared(files: Files, file: File, page: Page, rung: Rung) -> bool:
    """Wake the app of somebody who said that they are awake in place of a text or a call, which is kept for later.

    A page of level 1 that they leave unanswered goes on as usual; without an app nothing changes.
    """
    ticket, now = file.ticket, files.tx.now
    until = awake_until(files.plan.presences, rung.person, now) if rung.by in SPARED else None
    reach = way(files, rung.person, "push") if until and patient(ticket, page, now) else None
    if until is None or reach is None:
        return False
    suppressed(files, ticket, rung, f"awake until {until.astimezone(files.scene.settings.zone):%H:%M}: {INSTEAD}")
    own = ("push", rung.person, rung.after)
    if not any((one.by, one.person, one.after) == own for one in file.case().rungs):
        call = Call(file=file, page=page, rung=replace(rung, by="push"), reach=reach)
        wake_again(files, call) if rung.by == "voice" else write(files, call)
    if urgent(ticket) and ticket.plan_from is not None:
        passed = (now - ticket.plan_from).total_seconds()
        files.work.change(ticket, plan=stored(put_back(file.case().rungs, ticket.plan_next, rung, passed)))
    return True


def wake_again(files: Files, call: Call) -> None:
    """Push in place of a call: it waits for no bundle, as a call does not, and comes no sooner than a call would."""
    destination, address = call.reach
    if recent(files, address, destination, APART):
        suppressed(files, call.file.ticket, call.rung, "the last push to this app is less than a minute old")
        return
    files.recent[destination, address].append(files.tx.now)
    send(files, letter(files, call, "page"))


def order(files: Files, person: str, pages: Iterable[tuple[Ticket, Page]]) -> tuple[str, ...]:
    """Return by which methods a bundle goes out, the first choice first."""
    until = awake_until(files.plan.presences, person, files.tx.now)
    app = until is not None and all(patient(ticket, page, files.tx.now) for ticket, page in pages)
    return ("push", "sms", "mail") if app else ("sms", "push", "mail")
