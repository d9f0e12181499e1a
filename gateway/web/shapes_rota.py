"""The shapes of the API about the rota, version 1; instants are written with their zone."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from gateway.web.shape import Id, Shape
from gateway.web.shapes import Role


class Asked(BaseModel):
    """What is sent to the API: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


class TurnShape(Shape):
    """One person, or nobody, has a role for a while; `by` is "shift", a layer's name, "fallback", or "" for nobody."""

    role: Role
    person: str | None
    begins: datetime
    ends: datetime
    by: str


class NowShape(Shape):
    """Who has a role now, until when (null: beyond the days shown), and by what."""

    role: Role
    person: str | None
    name: str | None
    until: datetime | None
    by: str


class ShiftShape(Shape):
    """Somebody stands in; without `ends` until further notice."""

    id: Id
    role: Role
    person: str
    begins: datetime
    ends: datetime | None
    by: str
    why: str


class PresenceShape(Shape):
    """Somebody is away, or awake and wants no calls."""

    id: Id
    person: str
    kind: str
    begins: datetime
    ends: datetime
    why: str
    by: str


class RotaShape(Shape):
    """Who is on duty: now, and in the days asked for."""

    now: list[NowShape]
    turns: list[TurnShape]
    shifts: list[ShiftShape]
    presences: list[PresenceShape]


class FlawShape(Shape):
    """Something wrong: hole, double, overlap or calendar."""

    what: str
    role: Role
    begins: datetime
    ends: datetime
    people: list[str]


class SpanShape(Asked):
    """From one instant to a later one, both with their zone."""

    begins: AwareDatetime
    ends: AwareDatetime

    @model_validator(mode="after")
    def passes(self) -> Self:
        """Refuse a span without length."""
        if self.ends <= self.begins:
            raise ValueError("ends must be later than begins")
        return self


class StandShape(SpanShape):
    """Somebody is to stand in."""

    role: Role = "lead"
    person: str


class StandsShape(Asked):
    """Some of them, together or not at all."""

    shifts: list[StandShape] = Field(min_length=1, max_length=1000)
    by: str
    """A staff key, or the name of what writes."""
    why: str = Field(default="", max_length=200)


class GoneShape(SpanShape):
    """Somebody is to be away."""

    person: str
    by: str
    why: str = Field(default="", max_length=200)


class IdsShape(Shape):
    """The ids of what was written, in the order in which it was asked for."""

    ids: list[Id]


class EndedShape(Shape):
    """How many were ended."""

    ended: int


class FeedWishShape(Asked):
    """An address is wanted for the calendar of a person, "" for the whole rota."""

    person: str = ""
    by: str


class FeedShape(Shape):
    """A new address; it is told this once, and only its digest is kept."""

    path: str
    url: str
