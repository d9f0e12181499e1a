"""A preview and a test of a broadcast as the API tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from gateway.broadcast.fields import Problem
from gateway.broadcast.preview import Preview, Sample, Sheet, preview
from gateway.broadcast.testing import Tested
from gateway.standing import Standing
from gateway.web.shapes_broadcasts import PreviewShape, ProblemShape, SampleShape, SheetShape, TestedShape
from gateway.web.words_composing import sentence
from router.broadcast_plan import Plan
from store import broadcasts
from store.model import Broadcast


def previewed(connection: Connection, standing: Standing, found: Broadcast, language: str) -> PreviewShape:
    """Count the audience of a broadcast and render its texts; takes seconds for a large one."""
    package = broadcasts.package(connection, found.package_id)
    plan = Plan.model_validate(found.plan)
    return _shape(found, preview(connection, standing, plan, found.title, package), language)


def _shape(found: Broadcast, shown: Preview, language: str) -> PreviewShape:
    known = shown.estimate
    problems = told(shown.problems, language)
    return PreviewShape(
        number=found.number,
        version=found.version,
        total=known.total,
        pilots=known.pilots,
        channels=dict(known.by_channel),
        left_out={str(reason): count for reason, count in known.left_out.items()},
        first=list(known.first),
        segments=shown.segments,
        sheets=[_sheet(one) for one in shown.sheets],
        problems=problems,
        blocked=not known.total or any(one.blocks for one in problems),
    )


def _sheet(one: Sheet) -> SheetShape:
    return SheetShape(
        channel=one.channel,
        method=one.method,
        language=one.language,
        count=one.count,
        segments=one.segments,
        samples=[_sample(sample) for sample in one.samples],
    )


def _sample(one: Sample) -> SampleShape:
    rendered = one.rendered
    return SampleShape(
        kind=one.kind,
        name=one.name,
        subject=rendered.subject,
        text=one.shown,
        size=rendered.size,
        unit=rendered.unit,
        segments=rendered.segments,
    )


def told(problems: Iterable[Problem], language: str) -> list[ProblemShape]:
    """Say problems in words."""
    return [
        ProblemShape(
            code=one.code,
            channel=one.channel,
            language=one.language,
            where=one.where,
            blocks=one.blocks,
            words=sentence(one, language),
        )
        for one in problems
    ]


def tested(done: Tested, language: str) -> TestedShape:
    """Say where a test went, and where not."""
    return TestedShape(written=dict(done.written), without=list(done.without), problems=told(done.problems, language))
