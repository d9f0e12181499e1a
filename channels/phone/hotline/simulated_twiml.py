"""Which TwiML a call may be answered with: verbs, attributes, values and nesting, from Twilio's documents.

twilio.com/docs/voice/twiml, .../say, .../dial, .../number, .../hangup and twilio.com/docs/api/twiml/record. For the
simulator; knows nothing of how the adapter writes its documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

URL: Final = re.compile(r"https?://[^\s_]+\.?[^\s]*|/\S*")
METHOD: Final = re.compile("GET|POST")
FLAG: Final = re.compile("true|false")
PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")
ANY: Final = re.compile(".+")


Rule = re.Pattern[str] | range
ATTRIBUTES: Final[Mapping[str, Mapping[str, Rule]]] = {
    "Response": {},
    "Say": {"language": ANY, "voice": ANY, "loop": range(101)},
    "Hangup": {},
    "Dial": {
        "action": URL,
        "method": METHOD,
        "timeout": range(5, 601),
        "answerOnBridge": FLAG,
        "callerId": PHONE,
        "timeLimit": range(1, 14401),
    },
    "Number": {"sendDigits": re.compile(r"[\dwW#*]+"), "url": URL, "method": METHOD},
    "Record": {
        "action": URL,
        "method": METHOD,
        "timeout": range(601),
        "finishOnKey": re.compile(r"[\d#*]*"),
        "maxLength": range(1, 14401),
        "playBeep": FLAG,
        "trim": re.compile("trim-silence|do-not-trim"),
        "recordingStatusCallback": URL,
        "recordingStatusCallbackMethod": METHOD,
        "recordingStatusCallbackEvent": re.compile("((in-progress|completed|absent) ?)+"),
    },
}
INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "Response": ("Say", "Dial", "Record", "Hangup"),
    "Dial": ("Number",),
}
NUMBERS: Final = 10
"""Most numbers of one Dial (twilio.com/docs/voice/twiml/number)."""


def faults(document: Element) -> Iterator[str]:
    """What Twilio's debugger would complain of; nothing when the document can be played."""
    if document.tag != "Response":
        yield f"12100 the document begins with {document.tag}"
        return
    yield from _faults(document)


def _faults(element: Element) -> Iterator[str]:
    known = ATTRIBUTES.get(element.tag)
    if known is None:
        yield f"12200 no such verb: {element.tag}"
        return
    for name, value in element.attrib.items():
        if name not in known:
            yield f"12200 {element.tag} has no attribute {name}"
        elif not _fits(known[name], value):
            yield f"12200 {element.tag} {name} cannot be {value!r}"
    yield from _inside(element)


def _inside(element: Element) -> Iterator[str]:
    allowed = INSIDE.get(element.tag, ())
    for child in element:
        if child.tag not in allowed:
            yield f"12200 {child.tag} may not stand within {element.tag}"
        yield from _faults(child)
    text = (element.text or "").strip()
    if element.tag == "Number" and not PHONE.fullmatch(text):
        yield "13223 the number to dial is not E.164"
    if element.tag == "Say" and not text:
        yield "13520 Say has no words"
    if element.tag == "Dial" and not 1 <= len(element) <= NUMBERS:
        yield f"12200 Dial with {len(element)} numbers"
    if element.tag not in ("Number", "Say") and text:
        yield f"12200 words within {element.tag}"


def _fits(rule: Rule, value: str) -> bool:
    if isinstance(rule, range):
        return value.isascii() and value.isdigit() and int(value) in rule
    return rule.fullmatch(value) is not None
