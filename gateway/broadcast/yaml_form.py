"""A broadcast as people write it into a YAML file, and as it is written back; and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, Field

from gateway.yaml_page import Fault, Page, blame, read_block, read_page
from router.blocks import Block
from router.broadcast_plan import Plan

SHOWN = ("waves", "gate")
"""What is written back although it is as it comes with the program: who copies a form wants to see it."""


class PackageName(Block):
    """By which words people know a package."""

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)


class Form(Plan):
    """A broadcast in one level: the title, the package and the plan."""

    title: str = Field(min_length=1, max_length=200)
    package: PackageName | None = None
    version: int | None = Field(default=None, ge=1)
    """The one that the form shows: an edit of a broadcast that was changed since is refused."""

    @property
    def wish(self) -> dict[str, Any]:
        """The form as the API takes it."""
        own = self.model_dump(mode="json", include={"title", "package"})
        return {**own, "plan": self.model_dump(mode="json", include=set(Plan.model_fields))}


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block that can be edited."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def read(text: str, file: str) -> tuple[Form | None, Page]:
    """Read a file; the page has the faults, and the line of each key. Raises ConfigError for what is no YAML."""
    page = read_page(text, file)
    if not isinstance(page.value, dict):
        page.blame((), "is not a mapping", "write title, audience and texts, each with a colon")
        return None, page
    return read_block(page, Form, (), page.value), page


def written(title: str, package: Mapping[str, str] | None, plan: Mapping[str, Any], version: int | None = None) -> str:
    """Write a broadcast as a file that `read` takes."""
    whole = Plan.model_validate(plan)
    short = whole.model_dump(mode="json", exclude_defaults=True)
    shown = whole.model_dump(mode="json", include=set(SHOWN))
    form: dict[str, Any] = {"title": title, **({"version": version} if version else {})}
    if package:
        form["package"] = dict(package)
    for name in Plan.model_fields:
        if name in short or name in shown:
            form[name] = shown.get(name, short.get(name))
    return yaml.dump(form, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def faults(errors: Sequence[Mapping[str, Any]], kind: type[BaseModel]) -> list[Fault]:
    """Say in our words what the checker found in a request; the body is called by its keys alone."""
    page = Page(file="")
    for one in errors:
        place = one["loc"][1:] if one["loc"][:1] == ("body",) else one["loc"]
        blame(page, kind, (), {**one, "loc": place})
    return page.faults
