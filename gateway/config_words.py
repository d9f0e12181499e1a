"""How a fault of the configuration is put into words: what is wrong, and the cure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel


def own_words(text: str) -> tuple[str, str]:
    """Part what one of our own checks said into what is wrong and the cure."""
    what, _, cure = text.partition("; ")
    if not cure and what.startswith(("write ", "give ")):
        return "cannot be used so", what
    return what, cure or "correct it"


def fields(kind: Any, path: Sequence[str]) -> tuple[str, ...]:
    """Return the keys that are known at a place inside a block."""
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = inner(kind.model_fields[part].annotation if part in kind.model_fields else None)
        else:
            kind = inner(next((arg for arg in reversed(get_args(kind)) if arg is not Ellipsis), None))
    return (
        tuple(field.alias or name for name, field in kind.model_fields.items())
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        else ()
    )


def inner(kind: Any) -> Any:
    """Take what may also be None, and what is annotated, for itself."""
    if get_origin(kind) in (dict, list, tuple, Mapping, Sequence):
        return kind
    return next((arg for arg in get_args(kind) if isinstance(arg, type) and issubclass(arg, BaseModel)), kind)


def near(word: str, known: Sequence[str]) -> str:
    """Return the cure for an unknown word: the one that it is like, or those that there are."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(known)}" if known else "remove it"
