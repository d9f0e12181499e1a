"""The moves on addresses that are not written to: by one of the staff, by the owner of the address, or of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from channels import numbers
from gateway.broadcast.acts import Made
from gateway.broadcast.moves import right
from gateway.standing import Standing, Ways
from store import suppressions
from store.model import Event, EventKind, Message, Suppression, SuppressionKind
from store.suppressions import Pair
from store.work import Work
from store.writer import Tx

OWNER = "customer"
"""Who acts in the history when the owner of an address said it themselves."""
ANSWERS = ("done", "same", "no_right", "no_why", "no_method", "no_address")
WHY = 500
"""Characters of a reason."""
ALL = tuple(SuppressionKind)
"""Whatever stood against an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Against:
    """Something speaks against writing to an address."""

    method: str
    address: str
    kind: SuppressionKind
    why: str = ""
    by: str = ""
    """A staff key, OWNER, or "" where it came of itself."""
    broadcast_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One of the staff wants an address to be left alone, or to be written to again."""

    method: str
    address: str
    by: str
    why: str


class Suppressing:
    """The moves of the page, the API and the command line; each answers one of ANSWERS."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def suppress(self, tx: Tx, wishes: Sequence[Wish]) -> list[Made]:
        """Write down that an address is not to be written to; `same` where that is so already."""
        return [self._one(tx, wish, allow=False) for wish in wishes]

    def allow(self, tx: Tx, wishes: Sequence[Wish]) -> list[Made]:
        """Let an address be written to again, whatever stood against it; `same` where nothing did."""
        return [self._one(tx, wish, allow=True) for wish in wishes]

    def _one(self, tx: Tx, wish: Wish, *, allow: bool) -> Made:
        why = " ".join(wish.why.split())[:WHY]
        address = written(wish.method, wish.address) or (suppressions.plain(wish.address) if allow else "")
        refusal = (
            ("" if right(self._standing, wish.by, "suppress") else "no_right")
            or ("" if why else "no_why")
            or ("" if allow or wish.method in methods(self._standing.ways) else "no_method")
            or ("" if address else "no_address")
        )
        if refusal:
            return Made(ok=False, answer=refusal)
        if allow:
            changed = allow_again(tx, (wish.method, address), by=wish.by, why=why)
        else:
            kind = SuppressionKind.OPTED_OUT
            against = Against(method=wish.method, address=address, kind=kind, why=why, by=wish.by)
            changed = leave_alone(tx, [against])[0]
        return Made(ok=True, answer="done" if changed else "same", variables={"address": address})


def methods(ways: Ways) -> tuple[str, ...]:
    """Name the methods by which this site can write to people."""
    found = (ways.method(name) for name, can in ways.can.items() if can.sends)
    return tuple(one for one in dict.fromkeys(found) if one not in ("voice", "push"))


def written(method: str, address: str) -> str:
    """Return an address in the form under which it is kept; "" for what cannot be one of this method."""
    bare = suppressions.plain(address)
    if method == "sms":
        return numbers.number(bare).e164 or ""
    if method == "mail":
        local, _, domain = bare.rpartition("@")
        return bare if local and "." in domain and len(bare.split()) == 1 else ""
    return bare


def leave_alone(tx: Tx, items: Sequence[Against]) -> list[bool]:
    """Write down what speaks against addresses, with a line of history for what is new; tell what was."""
    rows = [_row(tx, one) for one in items]
    new = suppressions.put(tx, rows)
    work = Work(tx)
    for one, row, told in zip(items, rows, new, strict=True):
        if told:
            _note(work, "suppressed", one, row.address)
    work.flush()
    return new


def many(template: str) -> bool:
    """Tell whether a text went to many."""
    return template.startswith("broadcast")


def never_again(tx: Tx, ways: Ways, gone: Sequence[tuple[Message, str, int | None]]) -> None:
    """Let the next broadcast leave out what a provider will never take anything for: (message, why, broadcast)."""
    against = [
        Against(
            method=ways.method(message.channel),
            address=message.recipient,
            kind=SuppressionKind.REFUSED,
            why=why,
            broadcast_id=broadcast,
        )
        for message, why, broadcast in gone
        if message.recipient and not message.group
    ]
    if against:
        leave_alone(tx, against)


def allow_again(
    tx: Tx,
    pair: Pair,
    *,
    by: str,
    why: str,
    kinds: Iterable[str] = tuple(SuppressionKind),
    broadcast: int | None = None,
) -> bool:
    """Let an address be written to again, with a line of history; False where nothing of these kinds stood there.

    The owner of an address takes back what they said themselves, and never what one of the staff wrote down.
    """
    if not suppressions.lift(tx, pair, kinds, staff=by != OWNER):
        return False
    work = Work(tx)
    one = Against(
        method=pair[0], address=pair[1], kind=SuppressionKind.OPTED_OUT, why=why, by=by, broadcast_id=broadcast
    )
    _note(work, "allowed", one, suppressions.plain(pair[1]))
    work.flush()
    return True


def _row(tx: Tx, one: Against) -> Suppression:
    return Suppression(
        id=tx.database.ids(),
        channel=one.method,
        address=one.address,
        kind=one.kind,
        why=one.why,
        broadcast_id=one.broadcast_id,
        at=tx.now,
        by="" if one.by == OWNER else one.by,
    )


def _note(work: Work, what: str, one: Against, address: str) -> None:
    more = {"method": one.method, "address": address, "why": one.why}
    if what == "suppressed":
        more["kind"] = str(one.kind)
    work.add(
        Event(
            id=work.id(),
            at=work.now,
            kind=EventKind.BROADCAST,
            broadcast_id=one.broadcast_id,
            actor=one.by,
            text=what,
            more=more,
        )
    )
