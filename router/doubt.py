"""Which of several open matters a person means: how far the words lean to each, and when that is no answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from router.alerts import kept
from router.likeness import Sayable, devices, elsewhere, same_cause
from router.plain import plain
from router.similar import SAME, alike, signature
from store.model import Kind, Ticket

MARGIN: Final = 0.08
"""Two matters whose leans differ by no more than this are about equally likely.

Measured on the labelled messages (`corpus/`, 2,025 chases that name the device or system of one of two faults, and
3,100 follow-ups about neither): at 0.08 the named one is found in 80 of 100, the other is taken in 1.5, and words that
lean to neither of the two decide by accident in 6 of 100 short texts.
"""
SITE, DEVICE = 0.5, 0.3
"""What the same site and the same numbered device add to a lean."""
NAMES: Final = 0.3
"""From this lean on a short answer names a matter by its words."""
ANSWER: Final = 24
"""Characters; who writes more than this has not merely answered."""
_NUMBER: Final = re.compile(r"[^\d]{0,8}([1-9]\d{3,6})[^\d]{0,8}")
_FIRST: Final = re.compile(r"1|一|第一(?:个|张|单|件)?|前(?:者|面)(?:那个)?|(?:the )?first(?: one)?|former")
_SECOND: Final = re.compile(r"2|二|第二(?:个|张|单|件)?|后(?:者|面)(?:那个)?|(?:the )?second(?: one)?|latter")
_THIRD: Final = re.compile(r"3|三|第三(?:个|张|单|件)?|(?:the )?third(?: one)?")
_EDGES: Final = " \t\n。.!?,;:~、…\"'“”‘’「」()*#"


def lean(said: Sayable, ticket: Ticket) -> float:
    """How far words lean to a ticket: the share of them that its own words have, its site, its device.

    The share is of what was said, not Jaccard's: a chase is short and a report may be long.
    """
    own = signature(said.words)
    share = len(own & signature(ticket.symptom)) / len(own) if own else 0.0
    here = SITE if said.site and said.site == ticket.site else 0.0
    device = DEVICE if devices(said.words) & devices(ticket.symptom) else 0.0
    return share + here + device


def ranked(said: Sayable, tickets: Iterable[Ticket]) -> list[tuple[float, Ticket]]:
    """Order matters by lean, the likeliest first; equal ones newest first."""
    pairs = [(lean(said, ticket), ticket) for ticket in tickets]
    return sorted(pairs, key=lambda pair: (-pair[0], -pair[1].id))


def rivals(said: Sayable, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Return the matters that are about as likely as the likeliest one, that one first; fewer than two is no doubt."""
    order = ranked(said, (ticket for ticket in tickets if not elsewhere(said, ticket)))
    near = tuple(ticket for score, ticket in order if order[0][0] - score <= MARGIN)
    return near if len(near) > 1 else ()


def beside(chosen: Ticket, said: Sayable, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Return the matters between which the words do not decide, the chosen one first; empty where they do."""
    near = rivals(said, tickets)
    return (chosen, *(ticket for ticket in near if ticket is not chosen)) if chosen in near else ()


def clearly(said: Sayable, tickets: Iterable[Ticket]) -> Ticket | None:
    """Return the one matter that the words lean to by more than the margin; None when there is no such one."""
    order = ranked(said, tickets)
    if not order or (len(order) > 1 and order[0][0] - order[1][0] <= MARGIN):
        return None
    return order[0][1]


def likeness(said: Sayable, ticket: Ticket) -> float:
    """How much a new report is like a matter of somebody else, from 0 to 1; below `SAME` it is not worth a word.

    Alerts of machines are told apart by host and check, complaints are matters of their own, and another place or
    device is another matter unless both tell of one central failure.
    """
    if kept(ticket.symptom) or ticket.kind == Kind.COMPLAINT:
        return 0.0
    if elsewhere(said, ticket) and not same_cause(said, ticket):
        return 0.0
    return alike(said.words, ticket.symptom)


def worth_a_word(score: float) -> bool:
    """Whether two matters are like enough to suggest that they are one (`libraries.md` 6.4: 0.65 against 0.16)."""
    return score >= SAME


def answered(text: str, choices: Sequence[tuple[int, str]]) -> int | None:
    """Return which number a short answer means, among (number, words) as they were asked; None for any other text."""
    level = plain(text).strip(_EDGES)
    if not level or len(level) > ANSWER:
        return None
    numbers = [number for number, _ in choices]
    named = _NUMBER.fullmatch(level)
    if named:
        return int(named[1]) if int(named[1]) in numbers else None
    for place, pattern in enumerate((_FIRST, _SECOND, _THIRD)[: len(choices)]):
        if pattern.fullmatch(level):
            return numbers[place]
    return _by_words(level, dict(choices))


def _by_words(level: str, words: Mapping[int, str]) -> int | None:
    own = signature(level)
    if not own:
        return None
    scores = sorted(((len(own & signature(text)) / len(own), number) for number, text in words.items()), reverse=True)
    best, second = scores[0], scores[1] if len(scores) > 1 else (0.0, 0)
    return best[1] if best[0] >= NAMES and best[0] - second[0] > MARGIN else None
