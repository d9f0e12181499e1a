"""The `yizhan` command: argv in, the fitting module out; a command's module is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

COMMANDS: Mapping[str, str] = {
    "run": "Run the gateway.",
    "sandbox": "Run a complete gateway with pretend phones in the browser.",
    "check": "Check the configuration without starting anything.",
    "doctor": "Ask every part whether it works, and say what to do where it does not.",
    "classify": "Judge messages given as JSON lines.",
    "judge": "Explain a judgement, and let the judge learn from what people corrected.",
    "parse-mail": "Show what a mail file says.",
    "replay": "Play a scenario through the real code on a moved clock.",
    "tickets": "List and show tickets.",
    "visit": "Make the addresses of forms and sites, and list visits.",
    "lead": "Show or change who is on duty.",
    "rota": "Show and change who is on duty when: turns, holes, stand-ins, absences, calendars.",
    "drill": "Prove that phones ring and are answered, and show when each was proved.",
    "broadcast": "Send one text or package to many: to exactly those who need it, once.",
    "account": "Set and list the passwords with which the staff sign in.",
    "contacts": "List contacts, and link chat identities to known people.",
    "channels": "Show what each channel can do.",
    "quarantine": "List, show and release what could not be read.",
    "poll": "Read a mailbox now, or show when it was read.",
    "import": "Bring in calls, faxes or contacts from files.",
    "backup": "Copy the live database to a file.",
}


class Lazy(click.Group):
    """A group whose help needs no command's imports."""

    # ruff: noqa: ARG002 - the signatures are click's

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which somebody meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        # What is a word of the language itself cannot be the name of a module.
        found: Any = import_module(f"gateway.commands.{module}{'_' if iskeyword(module) else ''}").command
        assert isinstance(found, click.Command)  # noqa: S101 - a mistake of ours
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="yizhan", prog_name="yizhan")
def main() -> None:
    """Yizhan (驿站): every message becomes a ticket, every outage a ringing phone."""


if __name__ == "__main__":
    main(prog_name="yizhan")
