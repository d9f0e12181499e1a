"""Asks for many values with one parameter: lists of parameters take longer to write than the rows to find."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(connection: Connection, column: ColumnElement[Any], wanted: Iterable[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values, however many they are."""
    values = list(wanted)
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, values, type_=ARRAY(column.type), unique=True))
    each = func.json_each(json.dumps(values, ensure_ascii=False)).table_valued("value")
    return column.in_(select(each.c.value))
