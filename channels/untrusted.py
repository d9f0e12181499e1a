"""Typed getters over foreign JSON and forms; every miss raises Malformed and names the path, never the value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from multidict import MultiDict

from channels.contract import Malformed

FIELDS: Final = 1000
"""More fields in one form than any provider sends; a guard against floods."""


class Untrusted:
    """One foreign value and the path that leads to it; nothing inside is believed before a getter checked it."""

    __slots__ = ("_value", "path")

    def __init__(self, value: Any, path: str) -> None:
        self._value = value
        self.path = path

    @classmethod
    def json(cls, body: bytes, path: str = "body") -> Untrusted:
        """Read UTF-8 JSON (RFC 8259); raises Malformed for anything else, NaN and too deep nesting included."""
        try:
            return cls(json.loads(body.decode("utf-8"), parse_constant=_refuse), path)
        except UnicodeDecodeError:
            raise Malformed(path, "not UTF-8") from None
        except (ValueError, RecursionError):
            raise Malformed(path, "not JSON") from None

    @classmethod
    def form(cls, fields: MultiDict[str], path: str = "form") -> Untrusted:
        """View form fields; of a repeated one the first counts."""
        return cls({name: fields[name] for name in fields}, path)

    @property
    def missing(self) -> bool:
        """Whether there is no such field at all (null is a value)."""
        return self._value is _MISSING

    def __getitem__(self, name: str) -> Untrusted:
        """A field of an object; a missing one complains only when it is read without a default."""
        if not isinstance(self._value, dict):
            raise self._wrong("an object")
        return Untrusted(self._value.get(name, _MISSING), f"{self.path}.{name}")

    def get(self, name: str) -> Untrusted | None:
        """A field of an object, or None when it is missing or null."""
        found = self[name]
        return None if found.missing or found._value is None else found

    @property
    def kind(self) -> type | None:
        """Of JSON's kinds: dict, list, str, or None for every other and for nothing."""
        return next((kind for kind in (dict, list, str) if isinstance(self._value, kind)), None)

    def names(self) -> Iterator[str]:
        """The names of an object's fields; foreign words themselves."""
        if not isinstance(self._value, dict):
            raise self._wrong("an object")
        return iter(self._value)

    def items(self) -> Iterator[Untrusted]:
        """The elements of a list."""
        if not isinstance(self._value, list):
            raise self._wrong("a list")
        return (Untrusted(value, f"{self.path}[{n}]") for n, value in enumerate(self._value))

    def text(self, default: str | None = None, *, limit: int | None = None) -> str:
        """A string of at most `limit` code points; what no store can hold (NUL, lone surrogates) becomes U+FFFD."""
        if self.missing and default is not None:
            return default
        if not isinstance(self._value, str):
            raise self._wrong("text")
        if limit is not None and len(self._value) > limit:
            raise Malformed(self.path, f"longer than {limit} characters")
        return self._value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def word(self, default: str | None = None, *, limit: int = 255) -> str:
        """A string that must say something: an id or a number, without surrounding space."""
        found = self.text(default, limit=limit).strip()
        if not found and default is None:
            raise Malformed(self.path, "empty")
        return found

    def integer(self, default: int | None = None) -> int:
        """A whole number, or its decimal digits as text, as forms carry it; at most 64 bits."""
        if self.missing and default is not None:
            return default
        value = self._value
        if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
            raise self._wrong("a whole number")
        return value

    def number(self) -> float:
        """A finite number, with or without a fraction."""
        if isinstance(self._value, bool) or not isinstance(self._value, int | float) or not abs(self._value) < 1e300:
            raise self._wrong("a number")
        return float(self._value)

    def boolean(self, default: bool | None = None) -> bool:
        """True or false."""
        if self.missing and default is not None:
            return default
        if not isinstance(self._value, bool):
            raise self._wrong("true or false")
        return self._value

    def unix_seconds(self) -> datetime:
        """A moment as seconds since 1970, aware UTC."""
        try:
            return datetime.fromtimestamp(self.integer(), UTC)
        except (OverflowError, ValueError, OSError):
            raise self._wrong("a moment") from None

    def _wrong(self, expected: str) -> Malformed:
        return Malformed(self.path, "missing" if self.missing else f"not {expected}")


class _Missing:
    __slots__ = ()


_MISSING: Final = _Missing()


def form_fields(body: bytes) -> MultiDict[str]:
    """The fields of application/x-www-form-urlencoded in order, empty and repeated ones kept.

    Raises Malformed when the bytes or the escapes in them are not UTF-8, or for more than 1000 fields.
    """
    try:
        fields = body.decode("utf-8").split("&")
        if len(fields) > FIELDS:
            raise Malformed("form", f"more than {FIELDS} fields")
        parts = (field.partition("=") for field in fields if field)
        return MultiDict((_unquoted(name), _unquoted(value)) for name, _, value in parts)
    except UnicodeDecodeError:
        raise Malformed("form", "not UTF-8") from None


def _unquoted(text: str) -> str:
    """As urllib.parse.parse_qsl does it, in a fifth of the time: most fields of a form hold nothing to unquote."""
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode("utf-8") if "%" in text else text


def _refuse(name: str) -> Any:
    raise ValueError(name)
