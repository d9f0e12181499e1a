"""`python -m bench NAME ...`: one JSON object per benchmark on stdout, talk on stderr; `--help` names them."""

from __future__ import annotations

import argparse
import sys

from bench import broadcast, hostile, idle, intake, judge, mailbox, page, profile, rota, titles
from bench import open as open_tickets
from bench.measure import talk
from bench.peers import Absent

ALL = (
    "intake --mode judged",
    "intake --mode accept",
    "intake --mode judged --database postgresql",
    "intake --mode accept --database postgresql",
    "page",
    "page --database postgresql",
    "mailbox",
    "idle",
    "judge",
    "rota",
    "open",
    "open --database postgresql",
    "broadcast",
    "broadcast --database postgresql",
)


def main(words: list[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = reader.add_subparsers(dest="name")
    for one in (broadcast, hostile, idle, intake, judge, open_tickets, page, mailbox, profile, rota, titles):
        one.add(commands)
    if not words:
        return max(main(each.split()) for each in ALL)
    given = reader.parse_args(words)
    try:
        given.run(given)
    except Absent as missing:
        talk(f"{given.name} skipped: {missing}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
