"""The text of a broadcast in pieces: what stands as it is and what each recipient fills in; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

NAMES: Final = ("name", "customer", "product", "version", "package", "link", "code")
"""What may stand in braces."""
OF_PACKAGE: Final = frozenset({"package", "link", "code"})
"""What there is only where a package goes along."""
_MARK: Final = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]|｛\s*(\w+)\s*｝")
_AGAINST: Final = re.compile(r"[A-Za-z0-9/:.]$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something wrong with a text; `gateway.web.words_composing` says it in words, with the cure."""

    code: str
    where: str = ""
    """Where it stands: title, subject, text or short."""
    language: str = ""
    channel: str = ""
    """"<channel>:<account>", where only that one minds."""
    at: int = 0
    """Which sign there, from 1."""
    more: Mapping[str, str] = field(default_factory=dict)
    blocks: bool = True
    """False: worth knowing, and it may be sent all the same."""

    def __str__(self) -> str:
        """Give it in one line for a log or a reason; it quotes a variable's name and never a value."""
        where = " ".join(filter(None, (self.channel, self.language, self.where)))
        more = " ".join(f"{name}={value}" for name, value in self.more.items())
        return ": ".join(filter(None, (where, " ".join(filter(None, (self.code, more))))))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to be filled in."""

    name: str
    default: str | None = None
    """In its place where a recipient has none; None: it must be there."""


Piece = str | Field


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text in pieces, and what is wrong with it."""

    pieces: tuple[Piece, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of what is to be filled in."""
        return frozenset(one.name for one in self.pieces if isinstance(one, Field))


def parsed(text: str, where: str, language: str) -> Parsed:
    """Take a text apart; what is wrong in it stays in it as it is, so that a preview shows it."""
    pieces: list[Piece] = []
    problems: list[Problem] = []
    end = 0
    for found in _MARK.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        code, name = _meant(found)
        if not code:
            pieces.append(Field(name, found[2]))
            continue
        pieces.append(found[0])
        at = found.start() + 1
        problems.append(Problem(code=code, where=where, language=language, at=at, more={"what": name}))
    pieces.append(text[end:])
    return Parsed(_apart([piece for piece in pieces if piece != ""]), tuple(problems))


def _meant(found: re.Match[str]) -> tuple[str, str]:
    """Return what is wrong with a mark, "" for nothing, and the name in it."""
    if found[3] is not None:
        return "wide_braces", found[3]
    if found[1] is None:
        return "lone_brace", found[0]
    name = found[1].strip()
    return ("" if name in NAMES else "unknown_variable"), name


def _apart(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Keep a space around links: many programs take the next sign, a Chinese one too, for a part of the address."""
    kept = list(pieces)
    for at, piece in enumerate(kept):
        if not isinstance(piece, Field) or piece.name != "link":
            continue
        before, after = (kept[at - 1] if at else ""), (kept[at + 1] if at + 1 < len(kept) else "")
        if isinstance(after, Field) or (after and not after[0].isspace()):
            kept[at + 1 : at + 2] = [" ", after] if isinstance(after, Field) else [" " + after]
        if isinstance(before, str) and _AGAINST.search(before):
            kept[at - 1] = before + " "
    return tuple(kept)


def filled(pieces: Sequence[Piece], values: Mapping[str, str], missing: list[str]) -> str:
    """Join the pieces with one recipient's values; the names of those that are not there go into `missing`."""
    found = []
    for piece in pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        value = values.get(piece.name) or piece.default
        if value is None:
            missing.append(piece.name)
        else:
            found.append(value)
    return "".join(found)


def on(channel: str, problem: Problem) -> Problem:
    """Say that a problem is one of a channel's."""
    return replace(problem, channel=channel)
