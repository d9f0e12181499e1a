"""Why a message is not read at all."""

from __future__ import annotations


class TooMuch(Exception):
    """A message beyond a limit (bytes, parts, levels, headers); it goes to quarantine with the place and the reason."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why
