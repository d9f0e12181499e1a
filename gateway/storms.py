"""Tells the manager when tickets pile up before one person, once a storm."""

from __future__ import annotations

from datetime import timedelta

from gateway.files import Files
from router.effects import Tell
from store import tickets, troubles
from store.model import Event, EventKind

WITHIN = timedelta(minutes=10)
"""Tickets that begin to wait within this time belong to one storm."""
ONCE = timedelta(hours=1)
"""A storm is told again when it still blows after this time."""


def watch(files: Files, person: str) -> None:
    """Count what waits for a person, once in a transaction, and tell the manager of a storm."""
    if person in files.storms:
        return
    files.storms.add(person)
    files.work.flush()
    now = files.tx.now
    count = tickets.asked_since(files.tx.connection, person, now - WITHIN)
    if count <= files.scene.settings.fold.storm or troubles.storm_since(files.tx.connection, person, now - ONCE):
        return
    text = f"{count} tickets wait for {person} within {WITHIN.seconds // 60} min"
    more = {"to": person, "count": count}
    files.work.add(Event(id=files.work.id(), at=now, kind=EventKind.STORM, text=text, more=more))
    from gateway.perform import tell  # noqa: PLC0415 - it performs in turn what asks people

    above = files.scene.duty.manager or files.scene.duty.second or files.scene.duty.lead
    variables = {"count": str(count), "minutes": str(WITHIN.seconds // 60)}
    tell(files, None, Tell(person=above, template="storm", variables=variables), None)
