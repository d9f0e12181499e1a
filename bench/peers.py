"""Finds the yardsticks, which stand outside the project: $YIZHAN_PEERS, by default ../shared/peers."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


class Absent(Exception):
    """Something that a benchmark needs is not on this machine; the text says what and the cure."""


def folder() -> Path:
    """Return the folder of the yardsticks; raises Absent."""
    found = Path(os.environ.get("YIZHAN_PEERS", ROOT.parent / "shared" / "peers"))
    if not (found / "benchlib.py").is_file():
        raise Absent(f"the yardsticks are not at {found}; set YIZHAN_PEERS to their folder")
    return found


def peer(name: str) -> ModuleType:
    """Import one of the yardsticks."""
    place = str(folder())
    if place not in sys.path:
        sys.path.insert(0, place)
    return importlib.import_module(name)
