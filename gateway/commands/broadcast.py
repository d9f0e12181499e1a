"""`yizhan broadcast`: one text or package for many."""

from __future__ import annotations

import click

from gateway.commands.broadcast_package import package
from gateway.commands.broadcast_suppressions import suppressions


@click.group()
def command() -> None:
    """Send one text or package to many: to exactly those who need it, once."""


command.add_command(package)
command.add_command(suppressions)
