"""What a draft comes to, in words: how many by which channel, who is left out and why, and what they would read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.broadcast.preview import Preview, Sheet, preview
from gateway.standing import Standing
from gateway.web.broadcast_lines import left_word
from gateway.web.broadcast_view import Found, summed, way
from gateway.web.view import Eye
from gateway.web.words_composing import sentence
from router.broadcast_plan import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What one channel would carry, for one recipient."""

    way: str
    who: str
    subject: str
    text: str
    signs: int
    segments: int
    """0 where nobody counts those."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """All of it."""

    total: int
    channels: str
    first: str
    skipped: int
    left_out: tuple[tuple[str, str, int], ...]
    """Reason, its words, how many."""
    segments: int
    blocking: tuple[str, ...]
    warnings: tuple[str, ...]
    letters: tuple[Letter, ...]


def reach(connection: Connection, standing: Standing, found: Found, eye: Eye) -> Reached:
    """Look at a broadcast as it would go out now; an audience of 100,000 takes seconds."""
    one = found.broadcast
    plan = Plan.model_validate(one.plan)
    return reached(preview(connection, standing, plan, one.title, found.package), eye)


def reached(shown: Preview, eye: Eye) -> Reached:
    """Lay out a preview."""
    known, words = shown.estimate, eye.words
    by_channel = sorted(known.by_channel.items(), key=lambda pair: -pair[1])
    left_out = sorted(known.left_out.items(), key=lambda pair: -pair[1])
    said: dict[bool, list[str]] = {True: [], False: []}
    for one in shown.problems:
        said[one.blocks].append(sentence(one, words.language))
    return Reached(
        total=known.total,
        channels=summed([(name, way(name, eye), n) for name, n in by_channel]),
        first=", ".join(known.first),
        skipped=sum(known.left_out.values()),
        left_out=tuple((reason, left_word(reason, words), n) for reason, n in left_out),
        segments=shown.segments,
        blocking=tuple(said[True]),
        warnings=tuple(said[False]),
        letters=tuple(letter for sheet in shown.sheets for letter in letters(sheet, eye)),
    )


def letters(sheet: Sheet, eye: Eye) -> list[Letter]:
    """Lay out what one channel would carry; the same text is not shown twice."""
    made: list[Letter] = []
    for sample in sheet.samples:
        if made and made[-1].text == sample.shown:
            continue
        kind = eye.words(f"bc_{sample.kind}")
        made.append(
            Letter(
                way=f"{way(sheet.channel, eye)} · {eye.words('bc_' + sheet.language)}",
                who=f"{kind}: {sample.name}" if sample.name else kind,
                subject=sample.rendered.subject or "",
                text=sample.shown,
                signs=len(sample.shown),
                segments=sample.rendered.segments if sheet.method == "sms" else 0,
            )
        )
    return made
