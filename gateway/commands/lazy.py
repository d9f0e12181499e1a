"""A group of commands whose help needs no command's imports: a module is imported when its command is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


class Lazy(click.Group):
    """Beside its own commands it has those of `later`: name to help; they stand in modules that begin with `at`."""

    # ruff: noqa: ARG002 - the signatures are click's

    def __init__(self, *args: Any, later: Mapping[str, str] | None = None, at: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self._later = later or {}
        self._at = at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which somebody meets them."""
        return [*self.commands, *self._later]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in self._later:
            return self.commands.get(cmd_name)
        module = cmd_name.replace("-", "_")
        # What is a word of the language itself cannot be the name of a module.
        found: Any = import_module(f"{self._at}{module}{'_' if iskeyword(module) else ''}").command
        assert isinstance(found, click.Command)  # noqa: S101 - a mistake of ours
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        own = [(name, one.get_short_help_str(limit=100)) for name, one in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *self._later.items()])
