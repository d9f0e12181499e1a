"""The shapes of the API about broadcasts, version 1; instants are written with their zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.broadcast.yaml_form import PackageName
from gateway.web.shape import Id, Shape
from router.blocks import Zone
from router.broadcast_plan import Plan

Move = Literal[
    "submit",
    "return",
    "approve",
    "start",
    "schedule",
    "unschedule",
    "pause",
    "resume",
    "next",
    "retry",
    "cancel",
    "recall",
    "revoke",
]


class Asked(BaseModel):
    """What is sent to the API: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class WishShape(Asked):
    """A broadcast is wanted, or is to become another one."""

    title: str = Field(min_length=1, max_length=200)
    package: PackageName | None = None
    plan: Plan
    version: int | None = None
    """The one that was shown; 409 for an older one. Looked at when a broadcast is edited."""


class ActShape(Asked):
    """A move on a broadcast."""

    move: Move
    version: int | None = None
    """The one that was shown; 409 for an older one."""
    count: int | None = Field(default=None, ge=0)
    """How many messages are expected: `start` and `schedule` want the number of the frozen list."""
    at: AwareDatetime | None = None
    """When a `schedule` is to start, with its zone."""
    zone: Zone | None = None
    """The zone in which the start was written, such as Asia/Shanghai."""
    why: str = Field(default="", max_length=500)
    again: list[str] = Field(default=[], max_length=100)
    """Which outcomes a `retry` sends again: failed, and unknown for those whose outcome nobody knows."""


class FaultShape(BaseModel):
    """One thing wrong with what was sent."""

    place: str
    """Where it stands, such as plan.audience.groups.0."""
    what: str
    cure: str


class FaultsShape(BaseModel):
    """Everything wrong with it."""

    detail: list[FaultShape]


class BroadcastShape(Shape):
    """A broadcast."""

    number: int
    title: str
    state: str
    author: str
    at: datetime
    version: int
    submitted_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    expected: int
    """How many messages it came to when it was approved."""
    frozen: int
    """How many stand in the list."""
    scheduled_at: datetime | None
    zone: str
    started_at: datetime | None
    wave: int
    """The wave that is being sent; 0 before the first."""
    waves: list[int]
    """How many messages each wave has."""
    due: datetime | None
    why: str
    """Why it is paused or held."""
    link_until: datetime | None
    revoked_at: datetime | None
    ended_at: datetime | None


class RefusalShape(BaseModel):
    """Why a move was not made, and what is true now."""

    answer: str
    """stale, not_now, no_right, own_broadcast, wrong_count, ..."""
    what: str
    cure: str
    now: BroadcastShape | None = None
    may: list[str] = []
    """The moves that can be made now."""


class RefusedShape(BaseModel):
    """A refusal."""

    detail: RefusalShape


class PackageShape(Shape):
    """The package of a broadcast."""

    id: Id
    name: str
    version: str
    state: str
    file: str
    size: int
    sha256: str


class WaveShape(BaseModel):
    """How far one wave is."""

    wave: int
    size: int
    states: dict[str, int]
    """State to the number of messages."""


class WholeBroadcastShape(BroadcastShape):
    """A broadcast with all that is counted; counts are over the rows of its recipients."""

    package: PackageShape | None
    plan: dict[str, Any]
    states: dict[str, int]
    """State to the number of recipients, `skipped` for those left out."""
    progress: list[WaveShape]
    channels: dict[str, int]
    """Channel account to the number of messages."""
    left_out: dict[str, int]
    """Reason to the number of people who are not written to."""
    troubles: int
    """Who said that the upgrade went wrong."""
    opened: int
    downloaded: int
    may: list[str]
    """The moves that can be made now."""


class BroadcastMadeShape(BaseModel):
    """What became of a move."""

    answer: str
    """done, or needs_second: it was submitted and waits for a second person."""
    variables: dict[str, str]
    broadcast: BroadcastShape


class ProblemShape(BaseModel):
    """Something wrong with a text, for all or for one channel and language."""

    code: str
    channel: str
    language: str
    where: str
    """title, subject, text or short."""
    blocks: bool
    """False: worth knowing; it may be sent all the same."""
    words: str
    """The problem with its place and cure."""


class SampleShape(BaseModel):
    """One channel's text for one recipient."""

    kind: str
    """longest or emptiest."""
    name: str
    subject: str | None
    text: str
    """What would go out, also where the provider has words of its own."""
    size: int
    unit: str
    """What the channel counts in."""
    segments: int
    """Short messages; 1 where nobody counts those."""


class SheetShape(BaseModel):
    """What one channel carries in one language."""

    channel: str
    method: str
    language: str
    count: int
    """Recipients; 0 where the audience reaches nobody and the channel is shown all the same."""
    segments: int
    """Short messages for all of these recipients at most; 0 where nobody counts those."""
    samples: list[SampleShape]


class PreviewShape(BaseModel):
    """What a broadcast would come to now."""

    number: int
    version: int
    total: int
    """Messages, those to pilots included."""
    pilots: int
    channels: dict[str, int]
    left_out: dict[str, int]
    """Reason to the number of people to whom nothing goes."""
    first: list[str]
    """The first names."""
    segments: int
    sheets: list[SheetShape]
    problems: list[ProblemShape]
    blocked: bool
    """It is not to be submitted: a problem blocks, or it reaches nobody."""


class TestShape(Asked):
    """A test is wanted."""

    __test__ = False

    channels: list[str] = Field(default=[], max_length=50)
    """Only these accounts, such as sms:main; none: every one that carries broadcasts."""


class TestedShape(BaseModel):
    """What came of a test."""

    written: dict[str, str]
    """Channel to the own address there that a text went to."""
    without: list[str]
    """Channels on which the person has no address."""
    problems: list[ProblemShape]
    """Why nothing went to a channel."""


class RecipientShape(Shape):
    """One (person, channel) of a broadcast."""

    id: Id
    who: str
    name: str
    channel: str
    address: str
    group: bool
    wave: int
    state: str
    reason: str | None
    tries: int
    ended_at: datetime | None
    opened_at: datetime | None
    downloaded_at: datetime | None
    trouble_at: datetime | None
    reminded_at: datetime | None


class RecipientsShape(BaseModel):
    """A page of them."""

    rows: list[RecipientShape]
    after: Id | None
    """What to ask for the next page with; null: that was the last."""


class BroadcastEventShape(Shape):
    """One line of its history."""

    id: Id
    at: datetime
    actor: str
    """A staff key, or "" for the gateway itself."""
    text: str
    more: dict[str, Any]
