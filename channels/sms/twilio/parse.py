"""Twilio's messaging webhooks, already proved genuine, read into records; pure.

Fields: twilio.com/docs/messaging/guides/webhook-request and
twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks.
"""

from __future__ import annotations

from typing import Final

from multidict import MultiDict

from channels.contract import Inbound, Status, Update
from channels.numbers import number
from channels.untrusted import Untrusted

STATUS: Final = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.ACCEPTED,
    "sending": Status.ACCEPTED,
    "sent": Status.SENT,
    "partially_delivered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
MEDIA: Final = 10
"""Most files that one message carries."""


def message(fields: MultiDict[str], *, raw: bytes, region: str) -> Inbound:
    """One text as it came; raises Malformed naming the field. STOP and its like are ordinary words here.

    Files are named in `whole`, one line each, and not fetched: reading is pure.
    """
    form = Untrusted.form(fields)
    body = form["Body"].text(default="")
    whole = "\n".join([*([body] if body else []), *_media(form)])
    return Inbound(
        key=form["MessageSid"].word(limit=64),
        sender=number(form["From"].word(), region).address,
        sender_name=form["ProfileName"].text(default="", limit=255),
        text=body,
        whole=None if whole == body else whole,
        raw=raw,
    )


def update(fields: MultiDict[str], *, key: str | None, early_part: bool) -> Update | None:
    """A late receipt for the Outgoing `key`; None for a status that says nothing new to us.

    Of a text that went out in several messages the last one speaks for delivery, and each for failure.
    """
    form = Untrusted.form(fields)
    sid = form["MessageSid"].word(limit=64)
    status = STATUS.get(form["MessageStatus"].word())
    if status is None or (early_part and status is not Status.FAILED):
        return None
    code = form["ErrorCode"].text(default="", limit=16) or None
    return Update(status=status, key=key, provider_id=sid, code=code)


def _media(form: Untrusted) -> list[str]:
    count = min(form["NumMedia"].integer(default=0), MEDIA)
    return [
        f"[media {form[f'MediaContentType{n}'].text(default='unknown')} {form[f'MediaUrl{n}'].word()}]"
        for n in range(count)
    ]
