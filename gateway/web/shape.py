"""What all shapes of the API are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

Id = Annotated[str, BeforeValidator(lambda value: value if value is None else str(value))]


class Shape(BaseModel):
    """Read off the rows of the store."""

    model_config = ConfigDict(from_attributes=True)
