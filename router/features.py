"""What the learned judge sees of a message: short words, each there or not. Pure, the same for learning and judging.

Chinese has no word borders, so every run of one to four characters is a word; other scripts are read by words, their
pairs and triples. Numbers keep their shape only, because a ticket number or an address must never decide anything.
"""

import re
from collections.abc import Iterator

from router.reading import Reading

HANZI = "\u3400-\u9fff"
LONGEST = 4
"""Characters of Chinese that make one word at most."""
_PIECE = re.compile(rf"[a-z]+(?:'[a-z]+)?|\d+(?:[.:,/-]\d+)*%?|[{HANZI}]+|[?!]+|\n+|\S")
_HANZI = re.compile(rf"[{HANZI}]")
_SERVER_CODE = re.compile(r"[45]\d\d")


def features(reading: Reading) -> set[str]:
    """The words of a message, and how long it is, on which channel, and whether it has a subject."""
    text = reading.part("anywhere").text
    found = {f"\tlength {min(len(text).bit_length(), 11)}", f"\tchannel {reading.channel}"}
    if reading.part("subject").text:
        found.add("\tsubject")
    before, last = "^", "^"
    for piece in _pieces(text):
        if _HANZI.match(piece):
            found.update(_runs(piece))
            found.add(f"{last}|{piece[:2]}")
            if last == "^":
                found.add(f"^{piece[:1]}")
            before, last = last, piece[-2:]
        else:
            found.add(piece)
            found.add(f"{last}|{piece}")
            found.add(f"{before}|{last}|{piece}")
            if len(piece) > 5 and piece.isalpha():
                found.add(f"{piece[:5]}*")
            before, last = last, piece
    found.add(f"{last}|$")
    found.add(f"{before}|{last}|$")
    return found


def shown(feature: str) -> str:
    """The feature as a person reads it among the reasons."""
    return feature.strip("|^$\t").replace("|$", "").replace("^|", "").replace("|", " ").replace("*", "…").strip()


def _pieces(text: str) -> Iterator[str]:
    """Words, numbers by their shape, runs of Chinese, and signs."""
    for piece in _PIECE.findall(text):
        first = piece[0]
        if first.isdigit():
            yield piece if _SERVER_CODE.fullmatch(piece) else "#%" if piece[-1] == "%" else f"#{min(len(piece), 4)}"
        elif first in "?!":
            yield piece[:2]
        else:
            yield "\n" if first == "\n" else piece


def _runs(piece: str) -> Iterator[str]:
    """Every run of one to four characters."""
    for length in range(1, LONGEST + 1):
        for at in range(len(piece) - length + 1):
            yield piece[at : at + length]
