"""What all tables share: how a column is built and how a row is made."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, Text
from sqlalchemy.types import JSON
from sqlmodel import Field, SQLModel


def key() -> Any:
    """Build a primary key column made by us."""
    return Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


def ref(*, index: bool = False, nullable: bool = True) -> Any:
    """Build a column that holds another row's id; no foreign key: hot tables are emptied before history."""
    return Field(default=None, sa_column=Column(BigInteger, index=index, nullable=nullable))


def long_text(*, default: str = "") -> Any:
    """Build a text column without a length."""
    return Field(default=default, sa_column=Column(Text, nullable=False))


def json_list() -> Any:
    """Build a JSON column that starts as an empty list."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


def json_map() -> Any:
    """Build a JSON column that starts as an empty object."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


@cache
def _columns(kind: type[SQLModel]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    plain: dict[str, Any] = {}
    made: dict[str, Callable[[], Any]] = {}
    for name, field in kind.model_fields.items():
        if field.default_factory is not None:
            made[name] = field.default_factory  # type: ignore[assignment]  # ours take no argument
        else:
            plain[name] = None if field.is_required() else field.default
    return plain, made


class Noun(SQLModel):
    """A row; made without validation, which table classes of SQLModel do not have either, and 20 times quicker.

    Raises TypeError for a column that there is not.
    """

    def __init__(self, **values: Any) -> None:
        plain, made = _columns(type(self))
        if unknown := values.keys() - plain.keys() - made.keys():
            raise TypeError(f"{type(self).__name__} has no column {', '.join(sorted(unknown))}")
        held = self.__dict__
        held.update(plain)
        for name, make in made.items():
            if name not in values:
                held[name] = make()
        held.update(values)
        object.__setattr__(self, "__pydantic_fields_set__", set(values))
