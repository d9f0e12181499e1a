"""Callbacks of an app, read into records; pure.

Fields: developer.work.weixin.qq.com/document/path/90239 (messages) and .../path/90240 (events).
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import Inbound, Refused
from channels.untrusted import Untrusted
from channels.weixin_message import event, message


def callback(elements: Mapping[str, str], *, raw: bytes, agent_id: int) -> Inbound | None:
    """What a genuine callback says; None for an event that says nothing.

    Raises Refused when it is for another app of the enterprise, and Malformed naming the element.
    """
    fields = Untrusted(elements, "xml")
    if elements.get("AgentID", "").strip() not in ("", str(agent_id)):
        raise Refused("it is for another app")
    if fields["MsgType"].word(limit=64) != "event":
        return message(fields, raw=raw)
    if fields["Event"].word(limit=64) != "template_card_event":
        return None
    says = fields["EventKey"].word(limit=64)
    return event(fields, says, raw=raw, answers=(fields["TaskId"].word(limit=128),))
