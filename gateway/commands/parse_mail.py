"""`yizhan parse-mail`: what a mail file says, one JSON object a file."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from gateway.commands.common import put


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def command(files: tuple[str, ...]) -> None:
    """Parse mail files; "-" reads one from stdin. A file that cannot be read is named on stderr, exit 1."""
    describe = import_module("channels.email.parse").describe
    failed = False
    for file in files:
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            row = describe(raw, file)
        except Exception as error:  # noqa: BLE001 - one bad file must not stop the others
            failed = True
            click.echo(f"{file}: {type(error).__name__}: {error}", err=True)
        else:
            put(row)
    sys.exit(1 if failed else 0)
