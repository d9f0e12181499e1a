"""What people type about a package, made harmless: names, the name of its file, notes and the range of versions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final

from gateway.broadcast.packages import About, Begin
from router import versions

LONGEST_NAME: Final = 100
LONGEST_FILE: Final = 200
NOTES: Final = 20_000


def sound(wish: Begin) -> tuple[Begin, str]:
    """Return a wish with its names made harmless, and what is wrong with it, "" for nothing."""
    name, version = plain(wish.name), plain(wish.version)
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(version) <= LONGEST_NAME:
        return wish, "bad_name"
    file = file_name(wish.file)
    if not file:
        return wish, "bad_file"
    about, wrong = sound_about(wish.about)
    return replace(wish, name=name, version=version, file=file, about=about), wrong


def sound_about(about: About) -> tuple[About, str]:
    """Return what is said of a package in the way it is kept, and what is wrong with it, "" for nothing."""
    product, notes = plain(about.product), {key: text.strip() for key, text in about.notes.items() if text.strip()}
    if len(product) > LONGEST_NAME:
        return about, "bad_name"
    if set(notes) - {"zh", "en"} or any(len(text) > NOTES for text in notes.values()):
        return about, "bad_notes"
    try:
        applies = str(versions.parse(about.applies))
    except ValueError:
        return about, "bad_range"
    return replace(about, product=product, applies=applies, notes=notes), ""


def plain(text: str) -> str:
    """Take out of a line what cannot be seen, such as marks that turn the direction of writing."""
    spaced = (" " if sign.isspace() else sign for sign in text)
    seen = "".join(sign for sign in spaced if unicodedata.category(sign)[0] != "C")
    return re.sub(" +", " ", seen).strip()


def file_name(given: str) -> str:
    """Return the last part of a path, as people may see it; "" where nothing is left of it."""
    name = plain(re.split(r"[/\\]", given)[-1])
    if name.strip(". ") == "":
        return ""
    stem, dot, end = name.rpartition(".")
    return name if len(name) <= LONGEST_FILE else f"{stem[: LONGEST_FILE - len(end) - 1]}{dot}{end}"[:LONGEST_FILE]
