"""Reads a block out of YAML that people write: every fault with file, line, key and cure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from channels.settings import Secret
from gateway.config_words import fields, near, own_words

HINTS = {
    "string_type": ("is not a text", "write it in quotes"),
    "model_type": ("is not a block", "write its keys below it, indented"),
    "dict_type": ("is not a block", "write its keys below it, indented"),
    "list_type": ("is not a list", "write it in brackets: [a, b]"),
    "tuple_type": ("is not a list", "write it in brackets: [a, b]"),
}
"""What the checker's types of error mean to somebody who writes YAML, and the cure."""
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong with what somebody wrote."""

    file: str
    line: int
    key: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what}; {self.cure}"


class ConfigError(Exception):
    """What somebody wrote cannot be used; carries every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(slots=True)
class Page:
    """A text that is being read, with the line of each key and the faults found so far."""

    file: str
    value: Any = None
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Sequence[str]) -> int:
        """Return the line of a key, or of the nearest block around it."""
        for length in range(len(path), -1, -1):
            if tuple(path[:length]) in self.lines:
                return self.lines[tuple(path[:length])]
        return 1

    def blame(self, path: Sequence[str], what: str, cure: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(file=self.file, line=self.line(path), key=".".join(path), what=what, cure=cure))


def read_text(path: str, *, cure: str) -> str:
    """Read a file; raises ConfigError with a cure."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        cure = cure if isinstance(error, OSError) else "save it as UTF-8"
        raise ConfigError([Fault(file=path, line=1, key="", what=f"cannot be read ({why})", cure=cure)]) from None


def read_page(text: str, file: str) -> Page:
    """Read a text as YAML; raises ConfigError when it is none."""
    page = Page(file=file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            page.lines.update(_lines(page, node, ()))
        page.value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([*page.faults, _not_yaml(page, error)]) from None
    return page


def _not_yaml(page: Page, error: Exception) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "a value that cannot be read")
    # An unquoted secret that begins with *, & or ! is taken for one of these.
    problem = re.sub(r"(alias|anchor|tag) .*", r"\1", problem)
    cure = "correct it; a value that begins with a special sign belongs in quotes"
    return Fault(file=page.file, line=mark.line + 1 if mark else 1, key="", what=f"is not YAML: {problem}", cure=cure)


def _lines(page: Page, node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give the line of every key; a key that stands twice in a block is a fault, where YAML takes the last."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(page, value, (*path, str(index)))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value) if isinstance(key, yaml.ScalarNode) else "?", key.start_mark.line + 1
        if name in seen:
            fault = Fault(
                file=page.file,
                line=line,
                key=".".join((*path, name)),
                what="stands twice",
                cure=f"take one away, here or in line {seen[name]}",
            )
            page.faults.append(fault)
        seen[name] = line
        yield from _lines(page, value, (*path, name))
        yield (*path, name), line


def read_block(page: Page, kind: type[S], path: tuple[str, ...], value: Any) -> S | None:
    """Check one block of a text; None, with its faults added, where it cannot be used."""
    try:
        block = kind.model_validate({} if value is None else value)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            blame(page, kind, path, one)
        return None
    except OSError as error:  # a time zone such as "Asia" is a folder
        page.blame(path, f"names what cannot be read ({error.strerror})", "correct the value")
        return None
    for empty in _empty_secrets(block, path):
        page.blame(empty, "the secret is empty", "fill the variable or the file that it names")
    return block


def _empty_secrets(block: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name in type(block).model_fields:
        value = getattr(block, name)
        if isinstance(value, BaseModel):
            yield from _empty_secrets(value, (*path, name))
        elif isinstance(value, Secret) and not value.reveal():
            yield (*path, name)


def blame(page: Page, kind: type[BaseModel], path: tuple[str, ...], error: Any) -> None:
    """Add a fault as the checker of a block found it."""
    inner = tuple(str(part) for part in error["loc"])
    full = (*path, *inner)
    match error["type"]:
        case "extra_forbidden":
            page.blame(full, "unknown key", near(inner[-1], fields(kind, inner[:-1])))
        case "missing":
            page.blame(full, "is missing", "add it")
        case "value_error":
            page.blame(full, *own_words(str(error["ctx"]["error"])))
        case known if known in HINTS:
            page.blame(full, *HINTS[known])
        case _:
            page.blame(full, error["msg"], "correct the value")
