"""What the pages show of broadcasts: rows of the store in, lines and words out; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from gateway.web.broadcast_lines import why_words
from gateway.web.view import Eye, span
from gateway.web.words import Words
from router.blocks import write_span
from router.broadcast_plan import REST, Plan
from router.broadcasts import MOVES, OUT, WAITING
from store.model import Broadcast, BroadcastState, Event, Package, Recipient, RecipientState

WIDE: Final = 1000
"""Units across a bar."""
PARTS: Final[Mapping[str, tuple[RecipientState, ...]]] = {
    "delivered": (RecipientState.DELIVERED,),
    "sent": (RecipientState.SENT,),
    "unknown": (RecipientState.UNKNOWN,),
    "failed": (RecipientState.FAILED,),
    "back": (RecipientState.RECALLED, RecipientState.CANCELLED),
    "left": WAITING,
}
"""The parts of a bar, from left to right."""
CONFIRMS: Final = (BroadcastState.APPROVED, BroadcastState.HELD, BroadcastState.SCHEDULED)
"""States in which somebody types the number of recipients."""
BUTTONS: Final = ("return", "approve", "unschedule", "pause", "resume", "next", "recall", "revoke", "cancel")
"""Moves that are a button of their own, in their order; the others have a form around them."""
ENDING: Final = (BroadcastState.DONE, BroadcastState.CANCELLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of the list."""

    number: int
    title: str
    state: tuple[str, str]
    """Shape and word."""
    state_name: str
    author: str
    progress: str
    when: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of the steps at the top of the page."""

    word: str
    at: str
    """past, now or ahead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One wave in numbers, and as parts of a bar: (part, begin, width)."""

    wave: int
    name: str
    size: int
    sent: int
    delivered: int
    downloaded: int
    failed: int
    unknown: int
    left: int
    back: int
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the store says of one broadcast."""

    broadcast: Broadcast
    package: Package | None = None
    counts: Mapping[tuple[int, str], int] = field(default_factory=dict)
    """By (wave, state)."""
    by_channel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    fetched: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Wave to (opened, downloaded)."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    unknown: Sequence[Recipient] = ()
    troubles: Sequence[tuple[Recipient, int | None]] = ()
    """Who reported that the upgrade went wrong, with the number of the ticket."""
    first: Sequence[str] = ()
    """The first names."""
    history: Sequence[Event] = ()
    recalls: Mapping[str, tuple[int, timedelta | None]] = field(default_factory=dict)
    """Channel to how many can be recalled, and within which time after sending."""

    def of(self, *states: RecipientState) -> int:
        """Count recipients in some states."""
        return sum(n for (_, state), n in self.counts.items() if state in states)


def item(broadcast: Broadcast, counts: Mapping[str, int], eye: Eye) -> Item:
    """Lay out one line of the list."""
    total = sum(n for state, n in counts.items() if state != RecipientState.SKIPPED)
    out = sum(counts.get(state, 0) for state in OUT)
    when = broadcast.ended_at or broadcast.started_at or broadcast.scheduled_at or broadcast.submitted_at
    return Item(
        number=broadcast.number,
        title=broadcast.title,
        state=eye.words.broadcast(broadcast.state),
        state_name=broadcast.state,
        author=eye.names.get(broadcast.author, broadcast.author),
        progress=f"{out} / {total}"
        if total
        else eye.words("bc_people", n=broadcast.expected)
        if broadcast.expected
        else "",
        when=eye.at(when or broadcast.at),
    )


def steps(broadcast: Broadcast, history: Iterable[Event], words: Words) -> tuple[Step, ...]:
    """Lay out the way of a broadcast, with where it is now."""
    plan = Plan.model_validate(broadcast.plan)
    waves = len(broadcast.waves) or len(plan.waves) + bool(plan.pilots)
    last = "cancelled" if broadcast.state == BroadcastState.CANCELLED else "done"
    names = ["draft", "test", "approval", "confirm"]
    told = [words(f"bc_step.{name}") for name in names] + [words("bc_step.wave", n=n) for n in range(1, waves + 1)]
    told.append(words(f"bc_step.{last}"))
    tested = any(event.text == "tested" for event in history)
    match broadcast.state:
        case BroadcastState.DRAFT:
            now = 1 if tested else 0
        case BroadcastState.SUBMITTED:
            now = 2
        case BroadcastState.FREEZING | BroadcastState.APPROVED | BroadcastState.SCHEDULED | BroadcastState.HELD:
            now = 3
        case BroadcastState.DONE | BroadcastState.CANCELLED:
            now = len(told) - 1
        case _:
            now = min(3 + max(broadcast.wave, 1), len(told) - 2)
    return tuple(
        Step(word=word, at="now" if n == now else "past" if n < now else "ahead") for n, word in enumerate(told)
    )


def bars(found: Found, words: Words) -> tuple[Bar, ...]:
    """Lay out the waves, and at last all of them together where there are several."""
    sizes = dict(enumerate(found.broadcast.waves, 1))
    by_wave: dict[int, Counter[str]] = {wave: Counter() for wave in sizes}
    for (wave, state), n in found.counts.items():
        if wave:
            by_wave.setdefault(wave, Counter())[state] += n
    made = [
        bar(wave, words("bc_step.wave", n=wave), max(sizes.get(wave, 0), by_wave[wave].total()), by_wave[wave], found)
        for wave in sorted(by_wave)
    ]
    if len(made) > 1:
        everything: Counter[str] = sum(by_wave.values(), Counter())
        made.append(bar(0, words("bc_total"), sum(one.size for one in made), everything, found))
    return tuple(made)


def bar(wave: int, name: str, size: int, counts: Mapping[str, int], found: Found) -> Bar:
    """Lay out one wave; what is not in the table yet is still to go."""

    def of(*states: RecipientState) -> int:
        return sum(counts.get(state, 0) for state in states)

    ended = sum(n for state, n in counts.items() if state not in WAITING)
    given = {part: of(*states) for part, states in PARTS.items()} | {"left": size - ended}
    fetched = found.fetched.values() if wave == 0 else (found.fetched.get(wave, (0, 0)),)
    return Bar(
        wave=wave,
        name=name,
        size=size,
        sent=of(*OUT),
        delivered=of(RecipientState.DELIVERED),
        downloaded=sum(one[1] for one in fetched),
        failed=given["failed"],
        unknown=given["unknown"],
        left=given["left"],
        back=given["back"],
        parts=parts(given, size),
    )


def parts(given: Mapping[str, int], size: int) -> tuple[tuple[str, int, int], ...]:
    """Cut a bar into parts that fill it to the last unit; one that is too small to be seen gets a sliver."""
    made, begin, seen = [], 0, 0
    for part, n in given.items():
        if n <= 0:
            continue
        seen += n
        end = min(max(round(WIDE * seen / max(size, 1)), begin + 4), WIDE)
        made.append((part, begin, end - begin))
        begin = end
    return tuple(made)


def way(channel: str, eye: Eye) -> str:
    """Name a channel account; its own name is told where several ways are called the same."""
    if not channel:
        return eye.words("bc_no_channel")
    word = eye.way(channel)
    same = [name for name in eye.method if name != channel and eye.way(name) == word]
    return f"{word} ({channel.partition(':')[2]})" if same else word


def channels(by_channel: Mapping[tuple[str, str], int], eye: Eye) -> tuple[tuple[str, str, int], ...]:
    """Count who is written to by each channel: (channel, its name, how many), the most first."""
    totals: Counter[str] = Counter()
    for (channel, state), n in by_channel.items():
        if state != RecipientState.SKIPPED:
            totals[channel] += n
    return tuple((channel, way(channel, eye), n) for channel, n in totals.most_common())


def summed(found: Sequence[tuple[str, str, int]]) -> str:
    """Write counts by channel in a line."""
    return " · ".join(f"{name} {n}" for _, name, n in found)


def audience(plan: Plan, words: Words) -> str:
    """Say in a line whom it is for."""
    given = plan.audience
    whom = [words("bc_everyone_short")] if given.everyone else []
    if given.groups:
        whom.append(words("bc_group_short", names=", ".join(given.groups)))
    if given.customers:
        whom.append(words("bc_customer_short", names=_few(given.customers)))
    filters = [f"{given.product} {given.versions}".strip()] if given.product or given.versions else []
    filters += [" / ".join(some) for some in (given.regions, given.grades, given.contracts) if some]
    line = words("bc_or").join(whom) or words("bc_nobody_short")
    return words("bc_and").join([line, *filters])


def _few(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" … ({len(names)})" if len(names) > most else "")


def plan_lines(plan: Plan, words: Words) -> tuple[str, ...]:
    """Say in lines how it goes."""
    rest = words("bc_left_rest")
    waves = [words("bc_own", n=len(plan.pilots))] if plan.pilots else []
    waves += [rest if wave == REST else wave for wave in plan.waves]
    lines = [
        " → ".join(waves),
        words(
            "bc_gate",
            success=f"{plan.gate.success * 100:g}",
            troubles=plan.gate.troubles,
            hold=write_span(plan.gate.hold),
            how=words("bc_gate_auto" if plan.gate.automatic else "bc_gate_hand"),
        ),
    ]
    if plan.commercial or plan.security:
        lines.append(words("bc_kind_of.advert" if plan.commercial else "bc_kind_of.security"))
    if plan.remind_after:
        lines.append(words("bc_remind_of", n=f"{plan.remind_after / timedelta(days=1):g}"))
    return tuple(lines)


def gone(found: Found, eye: Eye) -> str:
    """Say what a pause or an end cannot undo; "" while nothing has left."""
    sent = found.of(RecipientState.SENT, RecipientState.DELIVERED)
    if not sent:
        return ""
    return eye.words(
        "bc_cannot_undo",
        sent=sent,
        recall="".join(_recall(one, n, within, eye) for one, (n, within) in found.recalls.items() if n),
    )


def _recall(channel: str, n: int, within: timedelta | None, eye: Eye) -> str:
    name = way(channel, eye)
    if within is None:
        return eye.words("bc_can_recall_any", channel=name, n=n)
    return eye.words("bc_can_recall", channel=name, n=n, within=window(within, eye.words))


def window(within: timedelta, words: Words) -> str:
    """Write a time limit as providers name it: 24 hours and not one day."""
    hours, rest = divmod(within, timedelta(hours=1))
    return span(within, words) if rest or not hours else words("bc_hours", h=hours)


def moves(found: Found, rights: Iterable[str], person: str | None) -> tuple[str, ...]:
    """Return the moves that a person may make now, in the order in which they are shown."""
    broadcast, may = found.broadcast, set(rights)
    more = {
        "next": broadcast.wave < len(broadcast.waves) and not _under_way(found),
        "recall": any(n for n, _ in found.recalls.values()),
        "revoke": broadcast.package_id is not None and broadcast.revoked_at is None,
        "approve": person not in broadcast.writers,
        "retry": bool(found.of(RecipientState.FAILED, RecipientState.UNKNOWN)),
    }
    return tuple(
        move
        for move in (*BUTTONS, "submit", "start", "schedule", "retry")
        if broadcast.state in MOVES[move]
        and ("approve" if move == "approve" else "broadcast") in may
        and more.get(move, True)
    )


def _under_way(found: Found) -> bool:
    return any(n for (wave, state), n in found.counts.items() if 0 < wave <= found.broadcast.wave and state in WAITING)


def why(broadcast: Broadcast, eye: Eye) -> str:
    """Say why it is paused or held, in words."""
    if broadcast.state == BroadcastState.HELD and broadcast.scheduled_at:
        return eye.words("bc_held", late=span(eye.now - broadcast.scheduled_at, eye.words))
    stopped = (BroadcastState.PAUSED, BroadcastState.CANCELLED)
    return why_words(broadcast.why, eye.words) if broadcast.state in stopped else ""
