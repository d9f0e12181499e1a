"""What a channel is able to do, in words that the gateway asks for; part of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Unit(StrEnum):
    """The unit in which a medium counts the length of a text."""

    CODE_POINTS = "code points"
    UTF16 = "utf-16 units"
    UTF8 = "utf-8 bytes"
    SMS = "sms septets or utf-16 units"
    """GSM-7 septets while the text fits the GSM alphabet, else UTF-16 units (3GPP TS 23.038)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """How long and how often a person may be answered after they last said something, by the provider's rule."""

    lasts: timedelta
    most: int
    """Texts of ours per text of theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """At most so many texts within a sliding window, by the provider's own rule; a site may set others."""

    most: int
    within: timedelta
    per: str = "number"
    """number: one recipient; template: one recipient and one template; group: one group; account: all together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Can:
    """What a channel is able to do; the gateway asks this and never the channel's name."""

    receives: bool = True
    sends: bool = True
    confirms: bool = False
    """Receipts arrive after the send."""
    text_limit: int = 100_000
    unit: Unit = Unit.CODE_POINTS
    links: bool = True
    replies: bool = True
    """The person can answer on the same channel."""
    threads: bool = False
    """Carries a subject and references to earlier messages."""
    vouches: bool = True
    """The provider vouches for the sender; where it does not (mail), an order must answer a text of ours."""
    book: str = ""
    """The address book its ids belong to: "tel", "email", or "" for one of its own. The same number texts and rings."""
    speaks: bool = False
    """A live call: the text is spoken, digits come back, and the answer is spoken in the same exchange."""
    live: bool = True
    """Of a call: what we answer to a pressed key is spoken in the same exchange; else it goes as a text."""
    pushes: bool = False
    """It wakes the app on the phone of one of the staff: the method `push`."""
    groups: bool = False
    """People write in groups there, and the group can be answered."""
    chats: bool = False
    """People write in short lines: those of one person within a minute are read as one message."""
    buttons: int = 0
    """Most buttons that one text may carry; a press comes back as an Inbound that says what the button says."""
    edits: bool = False
    """A text that was sent can be changed: `Outgoing.replaces`."""
    templates: bool = False
    """Only approved templates go out, filled with variables; free text does not."""
    window: Window | None = None
    """Only somebody who said something lately can be answered; None: anybody at any time."""
    group_window: Window | None = None
    """The same for groups."""
    quotas: tuple[Quota, ...] = ()
    """What the provider refuses or drops beyond; the gateway never sends more."""
