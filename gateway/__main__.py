"""The `yizhan` command: argv in, the fitting module out; a command's module is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping

import click

from gateway.commands.lazy import Lazy

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


@click.group(
    cls=Lazy,
    later=COMMANDS,
    at="gateway.commands.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="yizhan", prog_name="yizhan")
def main() -> None:
    """Yizhan (驿站): every message becomes a ticket, every outage a ringing phone."""


if __name__ == "__main__":
    main(prog_name="yizhan")
