"""Why the gateway itself stopped a broadcast, in words with the cure; for the commands and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GOES_ON: Final = "resume goes on all the same, cancel ends it"
STOPS: Final[Mapping[str, tuple[str, str]]] = {
    "refused": ("its provider refuses the account", "correct the account (yizhan doctor), then resume"),
    "errors": ("too many of the last messages failed", f"look at recipients --state failed; {GOES_ON}"),
    "success": ("too little of the wave arrived", f"look at recipients --state failed; {GOES_ON}"),
    "troubles": ("people report that the upgrade went wrong", f"settle their tickets; {GOES_ON}"),
    "revoked": ("its package or its links were revoked", "cancel the rest, and send the new package to them"),
    "missed its time": ("it missed its time", "start it, schedule it anew, or cancel it"),
}
"""Code to what happened and what then; what people write as a reason is not among them."""


def stopped(why: str) -> tuple[str, str]:
    """Return what happened and what then; a reason that a person gave is what happened."""
    return STOPS.get(why, (why, "resume goes on, cancel ends it"))
