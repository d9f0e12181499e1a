"""How tickets hang together within one transaction: brings in parts, parents and children, and lets these follow."""

from __future__ import annotations

from dataclasses import replace

from gateway.files import File, Files
from gateway.gather import Known
from gateway.perform import Line, perform
from router.case import Case
from router.commands import Command
from router.doubt import likeness, worth_a_word
from router.effects import Note
from router.family import along
from router.grammar import Intent
from router.matter import Said
from router.orders import Ordered
from store import matters
from store.model import OPEN_STATES, EventKind, Suggestion, Ticket


def relatives(files: Files) -> None:
    """Bring in what the tickets in hand became parts of, their parents, their children, and what is like them."""
    for file in list(files.by_id.values()):
        files.alive(file)
    files.load(file.ticket.parent_id for file in list(files.by_id.values()) if file.ticket.parent_id is not None)
    ids = list(files.by_id)
    if not ids:
        return
    files.keep(files.work.load(Ticket, matters.children_of(files.tx.connection, ids)))
    for row in matters.suggested(files.tx.connection, ids):
        for mine, other in ((row["ticket_id"], row["other"]), (row["other_id"], row["number"])):
            found = files.by_id.get(mine)
            if found is not None and other not in found.similar:
                found.similar = (*found.similar, other)


def became(files: Files) -> dict[int, int]:
    """Return the number of each ticket in hand that became a part of another, with the number of that."""
    found = {number: files.alive(file).ticket.number for number, file in list(files.by_number.items())}
    return {number: whole for number, whole in found.items() if number != whole}


def spelled_out(files: Files, command: Command) -> Command:
    """Give the order to resolve all children the words with which their parent was resolved, where it has none."""
    if command.intent is not Intent.RESOLVE_ALL or command.text or command.number not in files.by_number:
        return command
    files.work.flush()
    text = matters.resolution(files.tx.connection, files.by_number[command.number].ticket.id)
    return replace(command, text=text or None)


def carry_out(files: Files, ordered: Ordered, line: Line | None) -> None:
    """Perform what was ordered on each ticket, then on the children of those that somebody has now."""
    for number, effects in ordered.on:
        perform(files, files.by_number[number], effects, line)
    for number, _ in ordered.on:
        follow(files, files.by_number[number])
    perform(files, None, ordered.said, line)


def follow(files: Files, file: File) -> None:
    """Take the children of a ticket along when somebody has it, and a child along with its parent."""
    parent = parent_of(files, file)
    if parent is not None and parent.open:
        perform(files, file, along(file.case(), parent, files.scene))
    if not file.case().held:
        return
    files.work.flush()
    children = files.work.load(Ticket, matters.children_of(files.tx.connection, [file.ticket.id]))
    files.keep(children)
    for child in children:
        one = files.by_id[child.id]
        perform(files, one, along(one.case(), file.case(), files.scene))


def parent_of(files: Files, file: File) -> Case | None:
    """Return the great outage that a ticket is a report of."""
    found = files.load([file.ticket.parent_id]) if file.ticket.parent_id is not None else []
    return found[0].case() if found else None


def suggest_like(files: Files, known: Known, file: File, said: Said) -> None:
    """Suggest that a new ticket is the same matter as one of the last days, where the words of both are like enough."""
    ticket = file.ticket
    near = [(likeness(said, other), other) for other in known.lately if _related(ticket, other)]
    score, other = max(near, key=lambda pair: pair[0], default=(0.0, None))
    if other is not None and said.alert is None and worth_a_word(score):
        suggest(files, ticket, other, likeness=score, why="alike")


def _related(ticket: Ticket, other: Ticket) -> bool:
    """Tell whether two tickets are of one person, one customer or one site, and both open."""
    if ticket.id == other.id or other.state not in OPEN_STATES:
        return False
    one = (ticket.contact_id, ticket.customer_id, ticket.site or None)
    two = (other.contact_id, other.customer_id, other.site or None)
    return any(a is not None and a == b for a, b in zip(one, two, strict=True))


def suggest(files: Files, one: Ticket, two: Ticket, *, likeness: float, why: str) -> None:
    """Keep that two tickets may be one matter, once; the later would become a part of the earlier."""
    earlier, later = sorted((one, two), key=lambda ticket: ticket.id)
    row = Suggestion(
        id=files.work.id(),
        ticket_id=later.id,
        other_id=earlier.id,
        likeness=round(likeness, 2),
        why=why,
        at=files.tx.now,
    )
    if matters.suggest(files.tx, row):
        text = f"{earlier.number} ({likeness:.0%})" if likeness else str(earlier.number)
        note = Note(kind=EventKind.SUGGESTED, text=text, more={"other": earlier.number})
        perform(files, files.by_id.get(later.id) or files.load([later.id])[0], [note])
