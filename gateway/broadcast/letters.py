"""What every text of a broadcast has in common, the first one and the reminder: its row, and the hours of adverts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.post import short_id
from gateway.standing import Standing
from router.broadcast_plan import Plan
from router.broadcasts import allowed_at
from store.model import Broadcast, Direction, Lane, Message, MessageState, Recipient
from store.queue import put
from store.work import Work


def allowed(standing: Standing, plan: Plan, channel: str, now: datetime) -> datetime:
    """Return from when a channel may carry this: now, but for adverts by SMS in the night."""
    if not plan.commercial or standing.ways.method(channel) != "sms":
        return now
    return allowed_at(now, standing.config.gateway.broadcasts.advert_hours, standing.router.zone)


def queue(
    work: Work,
    found: Broadcast,
    row: Recipient,
    *,
    subject: str | None,
    text: str,
    language: str,
    template: str,
    variables: Mapping[str, str],
) -> int:
    """Put one text to a recipient into the queue, last of the lanes; returns the id of its message."""
    message = Message(
        id=(ident := work.id()),
        direction=Direction.OUT,
        channel=row.channel,
        key=f"b{found.number}-{short_id(ident)}",
        state=MessageState.QUEUED,
        at=work.now,
        sender=found.author,
        recipient="" if row.group else row.address,
        group=row.address if row.group else None,
        subject=subject,
        text=text,
        language=language,
        contact_id=row.contact_id,
        template=template,
        variables=dict(variables),
    )
    put(work, message, destination=row.channel, lane=Lane.BROADCAST, due=work.now)
    return ident
