"""What both Telegram bots have in common: the meaning of the Bot API's answers, ids, buttons; no library is needed.

Source: core.telegram.org/bots/api, "Making requests" and "ResponseParameters".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from channels.contract import (
    Button,
    ChannelError,
    GiveUp,
    Malformed,
    Misconfigured,
    Outgoing,
    Quota,
    TryLater,
    Uncertain,
    Unreachable,
)
from channels.http import Answer, failure
from channels.untrusted import Untrusted

API_URL: Final = "https://api.telegram.org"
TEXT_LIMIT: Final = 4096
"""Longest text of one message, in UTF-16 units (core.telegram.org/bots/api#sendmessage)."""
QUOTAS: Final = (
    Quota(most=1, within=timedelta(seconds=1)),
    Quota(most=20, within=timedelta(minutes=1), per="group"),
)
"""core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""
DATA_LIMIT: Final = 64
"""Longest callback_data in bytes (core.telegram.org/bots/api#inlinekeyboardbutton); more fails at Telegram only."""
TOKEN: Final = r"^\d{1,20}:[A-Za-z0-9_-]{30,100}$"  # noqa: S105 - the look of one, and none itself
"""How a token looks: the bot's own user id, a colon, and the secret."""
NO_TOKEN: Final = "0:none"  # noqa: S105 - as above
HOOK_SECRET: Final = r"[A-Za-z0-9_-]{16,256}"  # noqa: S105 - as above
"""What Telegram takes as secret_token (#setwebhook); shorter than 16 could be guessed."""
LONGEST_WAIT: Final = timedelta(days=1)

GIVE_UP: Final = {
    "bot was blocked": "the person has blocked the bot",
    "user is deactivated": "the person's account is gone",
    "can't initiate conversation": "the person has never written to the bot, and it may not begin",
    "bot was kicked": "the bot was removed from the group",
    "bot is not a member": "the bot is not in the group",
    "chat not found": "there is no such chat",
    "peer_id_invalid": "there is no such chat",
    "group chat was deactivated": "the group is closed",
    "not enough rights": "the bot may not write in the group",
    "have no rights": "the bot may not write in the group",
    "need administrator rights": "the bot may not write in the group",
    "chat_write_forbidden": "the bot may not write in the group",
    "thread not found": "the topic is gone",
    "topic_closed": "the topic is closed",
    "text is empty": "the text is empty",
    "message is too long": "the text is too long",
    "message can't be edited": "the message can no longer be changed",
    "message can't be deleted": "the message can no longer be taken back",
    "message to edit not found": "the message to change is gone",
    "message_id_invalid": "the message to change is gone",
    "file is too big": "the file is larger than 20 MB",
    "wrong file": "the file is gone",
    "invalid file": "the file is gone",
    "file_id": "the file is gone",
    "query is too old": "the press is too old to be answered",
}
"""Parts of Telegram's descriptions, which have no codes of their own, and what they mean; not all are documented."""
GONE: Final = "user is deactivated"
"""The one of them after which nobody is ever there again; a person who blocked the bot may think better of it."""


class Moved(GiveUp):
    """The group became a supergroup and has a new id (ResponseParameters.migrate_to_chat_id)."""

    def __init__(self, chat: int) -> None:
        super().__init__("the group became a supergroup and has a new id")
        self.chat = chat


class Gone(GiveUp):
    """The message to delete is not there any more."""

    def __init__(self) -> None:
        super().__init__("the message is not there any more")


class Unchanged(GiveUp):
    """The message has that text already, so that nothing is left to change."""

    def __init__(self) -> None:
        super().__init__("the message has that text already")


AS_WANTED: Final[Mapping[str, type[Gone | Unchanged]]] = {
    "message is not modified": Unchanged,
    "message to delete not found": Gone,
}
"""Parts of descriptions that say that it is already as it was to be."""


def refusal(answer: Answer) -> ChannelError | None:
    """Which of our errors an answer of the Bot API means; None when it says ok.

    The description is never repeated: it may hold what was sent.
    """
    error = failure(answer)
    try:
        body = Untrusted.json(answer.body, "answer")
        fine = body["ok"].boolean()
        described = body["description"].text(default="").lower()
        asked = body.get("parameters")
        after = asked.get("retry_after") if asked else None
        moved = asked.get("migrate_to_chat_id") if asked else None
        if after:
            wait = min(timedelta(seconds=max(after.integer(), 0)), LONGEST_WAIT)
            return TryLater("Telegram asks us to wait", after=wait)
        if moved:
            return Moved(moved.integer())
    except (Malformed, OverflowError):
        return error or Uncertain(f"{answer.host} answered {answer.status} with something that cannot be read")
    if fine and error is None:
        return None
    return _by_status(answer, described) or error or GiveUp(f"{answer.host} answered {answer.status} and not ok")


def _by_status(answer: Answer, described: str) -> ChannelError | None:
    """What Telegram's own words mean; None where only the status tells."""
    as_wanted = next((error for words, error in AS_WANTED.items() if words in described), None)
    if answer.status < 500 and as_wanted is not None:
        return as_wanted()
    known = next((ours for theirs, ours in GIVE_UP.items() if theirs in described), "")
    match answer.status:
        case 401 | 404:
            return Misconfigured("Telegram knows no such bot: is the token right?")
        case 409:
            return TryLater("another program asks for the messages of this bot, or a webhook is set")
        case status if known and status < 500:
            return (Unreachable if GONE in described else GiveUp)(f"Telegram {status}: {known}")
        case 403:
            return GiveUp("Telegram 403: the bot may not write there")
    return None


def usable(token: str) -> str:
    """The token, or one that Telegram refuses with 401: the libraries raise for a text that does not look like one."""
    return token if re.fullmatch(TOKEN, token) else NO_TOKEN


def bot_id(token: str) -> int:
    """The bot's own user id, which is the first part of a usable token."""
    return int(token.partition(":")[0])


def on_loopback(url: str) -> bool:
    """Whether an address leads to this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def safe_address(url: str) -> str:
    """The base address of the Bot API; raises ValueError when the token, which is in every path, would go in clear."""
    if not url.startswith("https://") and not on_loopback(url):
        raise ValueError("api_url must be https, or lead to this machine")
    return url.rstrip("/")


def message_id(chat: int | str, number: int | str) -> str:
    """The key of a message: its number counts within one chat only."""
    return f"{chat}:{number}"


def place(key: str) -> tuple[int, int]:
    """Chat and number of a message by its key, that of a correction included; ValueError for anything else."""
    chat, number, *_ = [*key.split(":"), ""]
    return int(chat), int(number)


def data(button: Button, key: str) -> str:
    """What a button carries: what it says and the key of our text."""
    return f"{button.says}|{key}"


def pressed(carried: str) -> tuple[str, str]:
    """What a pressed button says, and the key of our text or ""."""
    says, _, key = carried.rpartition("|")
    return (says, key) if says else (carried, "")


def buttons(outgoing: Outgoing, most: int) -> Sequence[Button]:
    """The buttons that can be shown; none at all when there are too many or one would be too long for Telegram."""
    fits = all(len(data(one, outgoing.key).encode()) <= DATA_LIMIT for one in outgoing.buttons)
    return outgoing.buttons if fits and len(outgoing.buttons) <= most else ()
