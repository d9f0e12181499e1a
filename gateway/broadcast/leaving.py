"""The move of a recipient's own page: they want no more texts for many there, or want them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.broadcast.suppressing import OWNER, Against, allow_again, leave_alone
from gateway.standing import Ways
from store import broadcasts
from store.model import Recipient, SuppressionKind
from store.suppressions import Pair
from store.writer import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """What a recipient's page asks for; whose page it is was proved by its address."""

    recipient_id: int
    again: bool = False
    """They want texts again."""
    why: str = ""


class Leaving:
    """The move."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    def leave(self, tx: Tx, items: Sequence[Leave]) -> list[bool]:
        """Do it; done twice it is as good. False for a recipient that there is not."""
        return [self._one(tx, item) for item in items]

    def _one(self, tx: Tx, item: Leave) -> bool:
        found = broadcasts.recipient(tx.connection, item.recipient_id)
        if found is None:
            return False
        pair = place(self._ways, found)
        kind = SuppressionKind.OPTED_OUT
        if item.again:
            # Only what they said themselves: no click makes a mailbox, or lifts a ban by the staff.
            allow_again(tx, pair, by=OWNER, why=item.why, kinds=(kind,), broadcast=found.broadcast_id)
            return True
        against = Against(
            method=pair[0], address=pair[1], kind=kind, why=item.why, by=OWNER, broadcast_id=found.broadcast_id
        )
        leave_alone(tx, [against])
        return True


def place(ways: Ways, recipient: Recipient) -> Pair:
    """Return the method and address by which somebody was written to."""
    return ways.method(recipient.channel), recipient.address
