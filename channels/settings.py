"""The typed base of every configuration block, and secrets that never stand in the file itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

PLAIN = "a secret does not belong into config.yaml; write {env: NAME} or {file: PATH}"


class Settings(BaseModel):
    """A configuration block: an unknown key is an error, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Secret:
    """A value read from an environment variable or a file; it prints as ******."""

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, origin: str = "given") -> None:
        self._value = value
        self.origin = origin

    def reveal(self) -> str:
        """The value itself; only for the line that hands it to the provider."""
        return self._value

    def __repr__(self) -> str:
        return "******"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def read(cls, value: Any) -> Secret:
        """Resolve {env: NAME} or {file: PATH}; raises ValueError naming the cure."""
        match value:
            case Secret():
                return value
            case {"env": str(name), **rest} if not rest:
                found = os.environ.get(name)
                if found is None:
                    raise ValueError(f"environment variable {name} is not set")
                return cls(found, f"env {name}")
            case {"file": str(path), **rest} if not rest:
                try:
                    return cls(Path(path).read_text(encoding="utf-8").strip(), f"file {path}")
                except OSError as error:
                    raise ValueError(f"cannot read the secret file {path}: {error.strerror}") from None
        raise ValueError(PLAIN)
