"""What a person reads of a message, and the files that came with it."""

from __future__ import annotations

import re
from typing import Final

from channels.contract import Attachment
from channels.email.charsets import decode
from channels.email.headers import first, parameters, words
from channels.email.html import text_of
from channels.email.structure import Part

NAME: Final = 200
"""Characters of a file name that are kept."""
_UNSAFE = re.compile("[\0-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
_READ: Final = frozenset({"text/plain", "text/html", "text/enriched", "text/x-amp-html", "text/markdown", "text"})


def text(root: Part, hint: str | None) -> str:
    """The text of the message: of alternatives the plain one, of several parts all in order."""
    found = _text(root, hint, root=True)
    return "\n".join(found).replace("\r\n", "\n").replace("\r", "\n")


def attachments(root: Part, hint: str | None) -> tuple[Attachment, ...]:
    """Every part that is not read as text; names have no path and may be empty."""
    return tuple(
        Attachment(name=_name(part, hint), type=part.type, content=part.content())
        for part in root.walk()
        if not part.multipart and part.type != "message/delivery-status" and not _is_text(part, root=part is root)
    )


def _text(part: Part, hint: str | None, *, root: bool = False) -> list[str]:
    if part.type == "multipart/alternative":
        return _alternative(part, hint)
    if part.multipart:
        return [each for inner in part.parts for each in _text(inner, hint)]
    if not _is_text(part, root=root):
        return []
    content, label = part.content(), part.label
    found = text_of(content, label) if part.type == "text/html" else decode(content, label, hint=hint)
    return [found] if found.strip() else []


def _alternative(part: Part, hint: str | None) -> list[str]:
    """The first plain one that says anything, else the first that does (RFC 2046 5.1.4 puts the plainest first)."""
    plain = (inner for inner in part.parts if inner.type == "text/plain")
    for inner in (*plain, *(inner for inner in part.parts if inner.type != "text/plain")):
        found = _text(inner, hint)
        if found:
            return found
    return []


def _is_text(part: Part, *, root: bool) -> bool:
    if part.type not in _READ:
        return False
    disposition, given = parameters(first(part.fields, "content-disposition"))
    if disposition == "attachment":
        return False
    if disposition == "inline" and part.type == "text/plain":
        return True
    return root or not (given.get("filename") or part.parameters.get("name"))


def _name(part: Part, hint: str | None) -> str:
    _, given = parameters(first(part.fields, "content-disposition"), hint)
    _, kind = parameters(first(part.fields, "content-type"), hint)
    name = given.get("filename") or kind.get("name") or ""
    if "=?" in name:
        name = words(name, hint)
    return safe_name(name)


def safe_name(name: str) -> str:
    """A file name without path, control or direction characters; a long one keeps its ending."""
    name = _UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2])
    name = _SPACE.sub(" ", name).strip().strip(".") if set(name) <= set(". ") else _SPACE.sub(" ", name).strip()
    if len(name) > NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: NAME - 1 - len(ending)] + dot + ending if dot and len(ending) < 20 else name[:NAME]
    return name
