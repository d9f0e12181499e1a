"""Rows of one call brought together, judged and put into words; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from channels.calls import ANONYMOUS, ANSWERED, MISSED, WITHHELD, joined, length
from channels.contract import Inbound
from channels.numbers import number
from channels.phone.records.leg import INCOMING, OUTGOING, Leg
from channels.powers import NotTaken

APART: Final = timedelta(seconds=5)
"""Rows without an id belong to one call when caller and callee agree and their starts are no further apart."""
NOBODY: Final = frozenset(
    {"", "anonymous", "unknown", "restricted", "unavailable", "private", "s", "-", "匿名", "未知", "隐藏", "无号码"}
)
OUTGOING_CALL: Final = "outgoing call"
INTERNAL_CALL: Final = "internal call"
PASSED_OVER: Final = frozenset(
    {OUTGOING_CALL, INTERNAL_CALL, "the other leg of a call", "a row of totals", "the call has not ended in this file"}
)
"""Reasons that say nothing against a file: it was understood."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Whose numbers are whose."""

    region: str
    extensions: re.Pattern[str]
    own: frozenset[str]
    """In one form (E.164 where there is one)."""

    def caller(self, leg: Leg) -> str:
        """The one form of the caller's number, or "anonymous"."""
        bare = leg.caller.strip()
        return ANONYMOUS if bare.lower() in NOBODY else number(bare, self.region).address

    def apart(self, leg: Leg) -> str:
        """Why a row is no call that came in; "" when it is one."""
        if leg.direction == INCOMING:
            return ""
        if leg.direction == OUTGOING:
            return OUTGOING_CALL
        if any(self._inside(one) for one in (leg.caller.strip(), leg.origin)):
            return INTERNAL_CALL if self._inside(leg.callee.strip()) else OUTGOING_CALL
        return OUTGOING_CALL if self.own and self.caller(leg) in self.own else ""

    def _inside(self, text: str) -> bool:
        return bool(text and self.extensions.pattern and self.extensions.fullmatch(text))


def told(rows: Iterable[Leg | NotTaken], rules: Rules) -> Iterator[Inbound | NotTaken]:
    """Every call that came in, once, and every row that is not taken, in the order of the file."""
    legs: list[Leg] = []
    found: list[tuple[int, Inbound | NotTaken]] = []
    for row in rows:
        if isinstance(row, NotTaken):
            found.append((row.line, row))
        else:
            legs.append(row)
    seen: Counter[str] = Counter()
    for call in calls(legs, rules):
        first = _opening(call, rules)
        why = rules.apart(first)
        if why:
            found += [(leg.line, NotTaken(line=leg.line, why=why)) for leg in call]
        else:
            found.append((first.line, _inbound(call, first, key=_key(first, seen), rules=rules)))
    return (one for _, one in sorted(found, key=lambda pair: pair[0]))


def _opening(call: Sequence[Leg], rules: Rules) -> Leg:
    """The row that began the call: of the earliest ones, one that came in where there is any.

    A later row of an extension is a transfer of the call and no call of its own.
    """
    return min(call, key=lambda leg: (leg.started, bool(rules.apart(leg)), leg.line))


def calls(legs: Iterable[Leg], rules: Rules) -> Iterator[Sequence[Leg]]:
    """The rows of each call, together."""
    known: dict[str, list[Leg]] = {}
    near: dict[tuple[str, str], list[list[Leg]]] = {}
    for leg in legs:
        if leg.ident:
            known.setdefault(leg.ident, []).append(leg)
            continue
        caller = rules.caller(leg)
        groups = near.setdefault((caller, leg.callee), [])
        beside = [group for group in groups if abs(group[0].started - leg.started) <= APART]
        if beside and caller != ANONYMOUS:  # two who hide their numbers are two
            beside[0].append(leg)
        else:
            groups.append([leg])
    yield from known.values()
    for groups in near.values():
        yield from groups


def _key(leg: Leg, seen: Counter[str]) -> str:
    """The log's own id of the call; without one a digest and, among equal rows, the ordinal."""
    if leg.ident:
        return leg.ident
    said = "\0".join((leg.caller, leg.callee, leg.started.isoformat()))
    digest = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[digest] += 1
    return f"row:{digest}" if seen[digest] == 1 else f"row:{digest}:{seen[digest]}"


def _inbound(call: Sequence[Leg], first: Leg, *, key: str, rules: Rules) -> Inbound:
    caller = rules.caller(first)
    taken = sorted((leg for leg in call if leg.answered), key=lambda leg: (leg.started, leg.line))
    return Inbound(
        key=key,
        sender=caller,
        sender_name=first.name if caller != ANONYMOUS else "",
        text=_answered(taken, call) if taken else _missed(call, first, caller),
        raw="\n".join(leg.raw for leg in call).encode("utf-8", "replace"),
        sent_at=first.started,
    )


def _answered(taken: Sequence[Leg], call: Sequence[Leg]) -> str:
    known = [leg.talked for leg in taken if leg.talked is not None]
    agents = "、".join(dict.fromkeys(leg.agent for leg in taken if leg.agent))
    return joined(ANSWERED, length(sum(known)) if known else "", f"坐席 {agents}" if agents else "", _note(call))


def _missed(call: Sequence[Leg], first: Leg, caller: str) -> str:
    waits = [leg.waited for leg in call if leg.waited is not None]
    who = WITHHELD if caller == ANONYMOUS else f"主叫 {caller}"
    where = f"呼入 {first.callee}" if first.callee else ""
    return joined(
        MISSED,
        f"{who}，{where}" if caller == ANONYMOUS and where else f"{who} {where}".strip(),
        f"等待 {length(max(waits))}" if waits else "",
        first.why,
        "" if caller == ANONYMOUS else "请回电",
        _note(call),
    )


def _note(call: Sequence[Leg]) -> str:
    notes = "；".join(dict.fromkeys(leg.note for leg in call if leg.note))
    return f"备注：{notes}" if notes else ""
