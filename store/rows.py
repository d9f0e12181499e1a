"""Turns rows of Core statements into nouns and nouns into rows, without validation: what is stored was checked."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import RowMapping
from sqlmodel import SQLModel

from store.db import table_of

N = TypeVar("N", bound=SQLModel)


def noun(table: type[N], row: Mapping[str, Any] | RowMapping) -> N:
    """Make a noun of one row; columns that the row lacks are None when read.

    It is what the object mapper does when it loads (a new instance with its state, then the plain values), so that
    later changes of attributes go through the same instrumentation.
    """
    made: N = table.__mapper__.class_manager.new_instance()  # type: ignore[attr-defined]
    made.__dict__.update(row)
    return made


def nouns(table: type[N], rows: Iterable[Mapping[str, Any] | RowMapping]) -> list[N]:
    """Make a noun of each row."""
    return [noun(table, row) for row in rows]


def values(row: SQLModel) -> dict[str, Any]:
    """Give the columns of a noun as parameters for an INSERT."""
    held = row.__dict__
    return {name: held.get(name) for name in table_of(type(row)).columns.keys()}  # noqa: SIM118 - not a dict
