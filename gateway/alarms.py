"""Tells people of what the program itself cannot settle: messages set aside, accounts that fell silent."""

from __future__ import annotations

from collections.abc import Sequence

from gateway import texts
from gateway.asking import way
from gateway.files import Files
from gateway.perform import perform
from gateway.post import Letter, send
from gateway.standing import Standing
from router.effects import Tell
from router.watch import Heard, heard
from store import judging, pulses, tickets
from store.model import Event, EventKind, Lane
from store.writer import Tx, exclusive

MOST = 5
"""Texts about the quarantine to one address within an hour; the rest is on the board."""
WORDS = 160
"""Characters of one such text."""


class Alarms:
    """The move that raises alarms."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def quarantined(self, tx: Tx, asks: Sequence[None]) -> list[int]:
        """Write a line of history for everything newly set aside, and tell the manager; returns how many."""
        files = Files(tx, self._standing)
        rows = judging.unannounced(tx.connection)
        left = self._left(files) if rows else 0
        for place, row in enumerate(rows):
            text = f"{row['channel']} {row['where']}: {row['why']}"
            event = Event(
                id=files.work.id(),
                # Not before the row: the clocks of two processes differ, and it would count as not told.
                at=max(tx.now, row["at"]),
                kind=EventKind.QUARANTINED,
                message_id=row["message_id"] or row["id"],
                text=text,
                more={"quarantine": row["id"]},
            )
            files.work.add(event)
            if place < left:
                tell = Tell(person=_who(files), template="alarm", variables={"text": text[:WORDS]})
                perform(files, None, [tell])
        files.work.flush()
        return [len(rows)] * len(asks)

    def _left(self, files: Files) -> int:
        """Count how many texts the person may still get in this hour."""
        reach = way(files, _who(files), "sms") or way(files, _who(files), "mail")
        if reach is None:
            return 0
        return max(0, MOST - tickets.told_since(files.tx.connection, reach[1], ["alarm"], files.tx.now))

    @exclusive
    def silence(self, tx: Tx, asks: Sequence[None]) -> list[int]:
        """Tell of accounts that fell silent and of those that live again, each once; returns how many."""
        files = Files(tx, self._standing)
        news = heard(pulses.pulses(tx.connection), self._standing.config.gateway.silence, tx.now)
        for one in news:
            name, since = one.pulse.name, f"{one.pulse.at:%Y-%m-%d %H:%M}Z"
            text = f"{name} gave no sign of life since {since}" if one.silent else f"{name} lives again"
            more = {"account": name}
            files.work.add(Event(id=files.work.id(), at=tx.now, kind=EventKind.ALARM, text=text, more=more))
            tell_past(files, one)
        files.work.flush()
        pulses.missed(tx, [(one.pulse.name, one.silent) for one in news])
        return [len(news)] * len(asks)


def tell_past(files: Files, news: Heard) -> None:
    """Write to the manager or the lead by a way that does not lead through the account itself."""
    account, person = news.pulse.name, _who(files)
    found = (way(files, person, method, but=[account]) for method in ("sms", "push", "mail"))
    reach = next((one for one in found if one is not None), None)
    if reach is None:
        return
    language = files.scene.settings.people[person].language
    variables = texts.filled(files, None, language, {"text": account, "minutes": str(news.minutes)})
    template = "silent" if news.silent else "lives_again"
    short = files.standing.ways.method(reach[0]) == "sms"
    letter = Letter(
        destination=reach[0],
        recipient=reach[1],
        text=texts.render(template, language, variables, short=short),
        template=template,
        variables=variables,
        language=language,
        lane=Lane.NOTICE,
        kind=EventKind.REPLY,
        to=person,
        subject=texts.subject(None, language),
    )
    send(files, letter)


def _who(files: Files) -> str:
    return files.scene.duty.manager or files.scene.duty.lead
