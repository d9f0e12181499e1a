"""Callbacks of an official account, read into records; pure.

Fields: developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html and
.../Receiving_event_pushes.html.
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import Inbound
from channels.untrusted import Untrusted
from channels.weixin_message import event, message


def callback(elements: Mapping[str, str], *, raw: bytes) -> Inbound | None:
    """What a genuine callback says, a press of the menu included; None for every other event. Raises Malformed."""
    fields = Untrusted(elements, "xml")
    if fields["MsgType"].word(limit=64) != "event":
        return message(fields, raw=raw)
    if fields["Event"].word(limit=64).upper() != "CLICK":
        return None
    return event(fields, f"[菜单] {fields['EventKey'].word(limit=128)}", raw=raw)
