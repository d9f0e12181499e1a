"""How JSON columns are written: most of them are empty, which needs no encoder."""

from json import JSONEncoder
from typing import Any

_encode = JSONEncoder(separators=(",", ":")).encode


def compact(value: Any) -> str:
    """Write JSON without blanks, in ASCII, so that no character of it can trouble a database."""
    if value == []:
        return "[]"
    return _encode(value) if value != {} else "{}"
