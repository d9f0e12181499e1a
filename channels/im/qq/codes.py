"""The platform's error codes and what each means for a text of ours.

Sources: bot.q.qq.com/wiki, api-v2/dev-prepare/error-trace/openapi.html, and the tables of
autogen/api/v2_groups_group_openid_messages.post.html and v2_users_user_openid_messages.post.html.
"""

from __future__ import annotations

from typing import Final

from channels.contract import ChannelError, GiveUp, Misconfigured, TryLater, Uncertain

TOKEN: Final = frozenset({11241, 11243, 11244})
"""The access token is missing, wrong or over."""
LATER: Final = {
    20028: "the rate is too high",
    22009: "the rate is too high",
    100001: "the rate is too high",
    304045: "the rate is too high",
    304049: "the rate is too high",
    304050: "the rate is too high",
    610013: "the rate is too high",
    1100100: "the rate is too high",
    1100308: "the rate is too high",
    40034100: "the rate is too high",
    11242: "a fault of the platform",
    11252: "a fault of the platform",
    11263: "a fault of the platform",
    11281: "a fault of the platform",
    1100300: "a fault of the platform",
    50055001: "a fault of the platform",
    50055002: "a fault of the platform",
}
WRONG: Final = {
    11251: "the AppID is unknown",
    11261: "the AppID is missing",
    11275: "the AppID is missing",
    100007: "the AppID is unknown",
    100016: "AppID and AppSecret do not belong together",
    11253: "the bot has no right to this interface",
    11254: "this interface is closed to the bot",
    11264: "the bot has no right to this interface",
    11265: "the bot is banned",
    11298: "our address is not in the bot's list of allowed ones",
    40054016: "the bot is offline on the platform",
}
NEVER: Final = {
    11255: "the request is invalid",
    12002: "the request is invalid",
    304003: "a link is not registered with the platform",
    304025: "the text was held back",
    304027: "the window for an answer is over",
    304103: "the window for an answer is over",
    40034005: "the window for an answer is over",
    40034128: "the window or the number of answers is over",
    40034024: "the message to answer is unknown",
    40034006: "the text was held back",
    1100101: "the text was held back",
    1100103: "the text was held back",
    1100104: "the group is gone",
    40034101: "the bot is not in the group",
    40054003: "the bot is not in the group",
    40034102: "the bot may not write first",
    40034105: "the bot may not write first",
    40054002: "the bot is muted there",
    40054004: "the person has not added the bot",
    40054013: "the person does not want texts of the bot",
    40054007: "the text is too long",
    40054018: "the text is too long",
    40054010: "a link is not registered with the platform",
}
UNCLEAR: Final = {
    304023: "a person at the platform looks at the text first",
    304024: "a person at the platform looks at the text first",
    40054005: "an answer of this number to this message was already taken",
}


def error(code: int) -> ChannelError:
    """Which of our errors a code means; one that is not listed is a refusal of this text."""
    said = f"QQ {code}"
    if code in TOKEN:
        return Misconfigured(f"{said}: the access token is refused")
    for table, kind in ((LATER, TryLater), (WRONG, Misconfigured), (UNCLEAR, Uncertain)):
        if code in table:
            return kind(f"{said}: {table[code]}")
    return GiveUp(f"{said}: {NEVER[code]}" if code in NEVER else f"{said}: the platform refused the text")
