"""The call log of one number, read at intervals: calls that no webhook told us of to their end.

A caller who hangs up before the beep leaves no request that a message could not still follow, and the call's own
status callback races the recording's. So the log is asked, a while after the call ended, when all is decided; what the
webhooks brought already has the same key and is dropped by the store. Calls while we were down are found as well.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from channels.contract import Accept, Around, Inbound, Malformed, Polled, TryLater
from channels.numbers import number
from channels.phone.hotline import parse
from channels.phone.hotline.config import Account
from channels.twilio_account import TwilioApi

FIRST: Final = timedelta(hours=1)
"""How far the very first look goes back."""
LONGEST: Final = timedelta(hours=12)
"""A call or recording that is still under way after this is not waited for."""
PAGE: Final = 1000
"""Most calls of one look (twilio.com/docs/voice/api/call-resource, PageSize)."""


class History:
    """Reads the log of one account."""

    def __init__(self, account: Account, around: Around, api: TwilioApi) -> None:
        self._account = account
        self._around = around
        self._api = api

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring every call that started since `cursor` and is over; raises TryLater when the log cannot be read."""
        now = self._around.now()
        since = datetime.fromisoformat(cursor) if cursor else now - FIRST
        try:
            items, until = await self._since(since, now)
        except Malformed as broken:
            raise TryLater(f"the call log cannot be read ({broken})") from None
        count = await accept(items, cursor=until.isoformat())
        return Polled(count=count)

    async def _since(self, since: datetime, now: datetime) -> tuple[list[Inbound], datetime]:
        # The description lets StartTime> name a day; what is earlier on that day is left out here.
        page = await self._api.read(
            "Calls", **{"To": self._account.number, "StartTime>": f"{since:%Y-%m-%d}", "PageSize": str(PAGE)}
        )
        settle = timedelta(seconds=self._account.settle_seconds)
        items, until = [], now - settle
        for call in parse.calls(page):
            if call.started < since:
                continue
            done = parse.settled(call, now=now, after=settle)
            inbound = await self._told(call) if done else None
            if inbound is not None:
                items.append(inbound)
            elif now - call.started < LONGEST:
                until = min(until, call.started)
        return sorted(items, key=_moment), max(until, since)

    async def _told(self, call: parse.Logged) -> Inbound | None:
        """What became of a call; None while its recording is not ready."""
        region = self._account.region
        who = parse.Caller(call=call.sid, address=parse.address(call.number, region))
        legs = parse.legs(await self._api.read("Calls", ParentCallSid=call.sid))
        raw = _raw(call)
        taken = next((leg for leg in legs if leg.status == "completed" and leg.seconds), None)
        if taken is not None:
            by = number(taken.number, region).address
            return parse.answered(who, seconds=taken.seconds, by=by, raw=raw, at=call.started)
        found = parse.recordings(await self._api.read(f"Calls/{call.sid}/Recordings"))
        ready = next((one for one in found if one.status == "completed" and one.seconds), None)
        if ready is not None:
            return parse.left(who, seconds=ready.seconds, url=self._place(ready), raw=raw, at=call.started)
        waits = any(one.status in parse.UNFINISHED for one in found)
        fresh = self._around.now() - call.started < LONGEST
        return None if waits and fresh else parse.silent(who, raw=raw, at=call.started)

    def _place(self, recording: parse.Recording) -> str:
        base = self._account.api_url.rstrip("/")
        return f"{base}/2010-04-01/Accounts/{self._account.account_sid}/Recordings/{recording.sid}"


def _raw(call: parse.Logged) -> bytes:
    kept = {"sid": call.sid, "from": call.number, "status": call.status, "duration": call.seconds}
    return json.dumps({**kept, "start_time": call.started.isoformat()}, ensure_ascii=False).encode()


def _moment(inbound: Inbound) -> str:
    return inbound.sent_at.isoformat() if inbound.sent_at else ""
