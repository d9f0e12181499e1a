"""The page of one broadcast as a whole, in words; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.broadcast.forms import readable_size
from gateway.web.broadcast_lines import Line, failure, left_word, line, planned
from gateway.web.broadcast_view import (
    Bar,
    Found,
    Step,
    audience,
    bars,
    channels,
    gone,
    moves,
    plan_lines,
    steps,
    summed,
    way,
    why,
    window,
)
from gateway.web.view import Eye
from router.audience import Reason
from router.broadcast_plan import Plan
from router.broadcasts import OUT
from store.model import BroadcastState, RecipientState


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What the page shows."""

    number: int
    version: int
    title: str
    author: str
    """The key of who wrote it."""
    state: tuple[str, str]
    state_name: str
    why: str
    steps: tuple[Step, ...]
    audience: str
    total: int
    expected: int
    frozen: int
    sent: int
    channels: str
    skipped: int
    left_out: tuple[tuple[str, int], ...]
    package: str
    sha256: str
    link: str
    plan: tuple[str, ...]
    planned: str
    text: tuple[tuple[str, str], ...]
    freezing: str
    first: str
    zone: str
    started: bool
    wave_line: str
    bars: tuple[Bar, ...]
    failures: tuple[tuple[str, int, str], ...]
    """Why, how many, and the reason as it is kept."""
    failed: int
    unknown: int
    unknowns: tuple[tuple[str, str, str], ...]
    troubles: tuple[tuple[str, str, int | None], ...]
    recallable: str
    gone: str
    moves: tuple[str, ...]
    lines: tuple[Line, ...]

    def called(self, move: str) -> str:
        """Return the key of a move's word: to cancel what never began is to discard it."""
        return "cancel_draft" if move == "cancel" and not self.started else move


def sheet(found: Found, eye: Eye, *, rights: Collection[str], person: str | None) -> Sheet:
    """Lay out the page."""
    one, words = found.broadcast, eye.words
    plan = Plan.model_validate(one.plan)
    by_channel = channels(found.by_channel, eye)
    left_out = {text: n for text, n in found.left_out.items() if text != Reason.OTHER_CHANNEL}
    return Sheet(
        number=one.number,
        version=one.version,
        title=one.title,
        author=one.author,
        state=words.broadcast(one.state),
        state_name=one.state,
        why=why(one, eye),
        steps=steps(one, found.history, words),
        audience=audience(plan, words),
        total=sum(n for _, _, n in by_channel),
        expected=one.expected,
        frozen=one.frozen,
        sent=found.of(*OUT),
        channels=summed(by_channel),
        skipped=sum(left_out.values()),
        left_out=tuple((left_word(text, words), n) for text, n in _most(left_out)),
        package=package_line(found),
        sha256=found.package.sha256 if found.package else "",
        link=link_line(found, plan, eye),
        plan=plan_lines(plan, words),
        planned=planned(one.scheduled_at, one.zone, eye) if one.scheduled_at else "",
        text=tuple((language, said.text) for language, said in plan.texts.items()),
        freezing=words("bc_freezing", n=_written(found), of=one.expected)
        if one.state == BroadcastState.FREEZING
        else "",
        first=", ".join(found.first),
        zone=one.zone or str(eye.zone),
        started=one.started_at is not None,
        wave_line=wave_line(found, plan, eye),
        bars=bars(found, words),
        failures=tuple((failure(text, words) or "-", n, text) for text, n in _most(found.failed)),
        failed=found.of(RecipientState.FAILED),
        unknown=found.of(RecipientState.UNKNOWN),
        unknowns=tuple((r.name or r.address, way(r.channel, eye), eye.at(r.ended_at)) for r in found.unknown),
        troubles=tuple((r.name or r.address, eye.at(r.trouble_at), ticket) for r, ticket in found.troubles),
        recallable=recallable(found, eye),
        gone=gone(found, eye) if one.state in (BroadcastState.RUNNING, BroadcastState.PAUSED) else "",
        moves=moves(found, rights, person),
        lines=tuple(line(event, eye) for event in found.history),
    )


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _written(found: Found) -> int:
    return sum(n for (_, state), n in found.counts.items() if state != RecipientState.SKIPPED)


def package_line(found: Found) -> str:
    """Name the package with its size; "" without one."""
    package = found.package
    return " ".join((package.name, package.version, package.file, readable_size(package.size))) if package else ""


def link_line(found: Found, plan: Plan, eye: Eye) -> str:
    """Say how long the links hold."""
    one = found.broadcast
    if one.revoked_at:
        return eye.words("bc_link_revoked", at=eye.at(one.revoked_at))
    if one.link_until:
        return eye.words("bc_link_until", at=eye.at(one.link_until))
    return eye.words("bc_link_for", n=plan.link_days)


def wave_line(found: Found, plan: Plan, eye: Eye) -> str:
    """Say which wave it is, and when the gate opens at the earliest."""
    one = found.broadcast
    if not one.wave or one.state != BroadcastState.RUNNING:
        return ""
    said = [eye.words("bc_wave_now", n=one.wave, of=len(one.waves))]
    if one.why == "hold" and one.wave_at:
        said.append(eye.words("bc_gate_opens", at=eye.at(one.wave_at + plan.gate.hold)))
    elif one.why == "by hand":
        said.append(eye.words("bc_gate_waits"))
    return " · ".join(said)


def recallable(found: Found, eye: Eye) -> str:
    """Say what can be taken back."""
    told = []
    for channel, (n, within) in found.recalls.items():
        name = way(channel, eye)
        if within is None:
            told.append(eye.words("bc_recall_one", channel=name, n=n))
        else:
            told.append(eye.words("bc_recall_within", channel=name, n=n, within=window(within, eye.words)))
    return " · ".join(told)
