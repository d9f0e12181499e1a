"""Simulated phones that one Twilio number calls: they ring, are answered, play TwiML; knows nothing of the adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin
from xml.etree import ElementTree

from channels.simulation import Fault, Heard, Ringing, Ticker
from channels.twilio_simulation import Form, TwilioRefusal, TwilioServer, dialled, magic, new_sid, required

TO: Final = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
FROM: Final = {"+15005550001": 21212}
"""Test numbers and the errors they give (twilio.com/docs/iam/test-credentials#test-calls)."""
OUR_NUMBER: Final = "+15005550006"
RING: Final = 60
GATHER: Final = 5
"""Seconds, where the request or the TwiML names none."""


class Hand(Enum):
    """What a person does with a phone besides pressing a digit."""

    VOICEMAIL = "voicemail"
    HANG_UP = "hang up"


class HungUp(Exception):
    """The person ended the call."""


@dataclass(kw_only=True, slots=True)
class Call:
    """One call and what its phone is about to do."""

    ringing: Ringing
    form: Form
    keys: asyncio.Queue[str | Hand] = field(default_factory=asyncio.Queue)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing moves until somebody presses or the clock goes on."""
    pending: str | None = None
    voicemail: bool = False
    ended: bool = False
    sequence: int = 0


class PhoneSimulator:
    """One number at Twilio and everybody's phones."""

    def __init__(self, twilio: TwilioServer, account: str) -> None:
        self.heard: list[Heard] = []
        self.twilio = twilio
        self._account = account
        self._calls: list[Call] = []
        twilio.serves("Calls", self._create)

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.twilio.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.twilio.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.twilio.start()

    async def stop(self) -> None:
        """End what `start` began; calls are cut off."""
        await self.twilio.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the auth token is written into `folder`."""
        return self.twilio.credentials(folder, f"phone_{self._account}")

    def busy(self) -> bool:
        """A request or callback is under way at this instant."""
        return self.twilio.busy()

    def ringing(self) -> Sequence[Ringing]:
        """Calls that ring or are answered and not ended, oldest first."""
        return [call.ringing for call in self._calls]

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person called by us presses the keys in `text`; returns the CallSid."""
        del subject, group, answers
        call = self._call_of(sender)
        for key in text:
            await self._act(call, key)
        return call.ringing.id

    async def press(self, number: str, digit: str | None) -> None:
        """Answer the oldest call of `number` if needed and press a digit; None lets voicemail take it to its end."""
        await self._act(self._call_of(number), Hand.VOICEMAIL if digit is None else digit)

    async def hang_up(self, number: str) -> None:
        """End the call of `number`; unanswered, it counts as busy."""
        await self._act(self._call_of(number), Hand.HANG_UP)

    def _call_of(self, number: str) -> Call:
        found = next((call for call in self._calls if call.ringing.to == number and not call.ended), None)
        if found is None:
            raise LookupError("no call rings at this number")
        return found

    async def _act(self, call: Call, act: str | Hand) -> None:
        call.quiet.clear()
        call.keys.put_nowait(act)
        await call.quiet.wait()

    async def _create(self, form: Form) -> Mapping[str, Any]:
        to = dialled(form, missing=21201, invalid=21211)
        required(form, "From", 21213)
        required(form, "Url", 21205, "Twiml", "ApplicationSid")
        if len(form.get("Twiml", "")) > 4000:
            raise TwilioRefusal(20001, "Twiml is longer than 4000 characters")
        magic(form, TO, FROM)
        sid = new_sid("CA")
        call = Call(ringing=Ringing(at=self.twilio.clock.now(), to=to, id=sid), form=form)
        self._calls.append(call)
        self.twilio.spawn(self._run(call))
        return self._resource(sid, to, form)

    async def _run(self, call: Call) -> None:
        try:
            await self._report(call, "initiated", "initiated")
            await self._report(call, "ringing", "ringing")
            ending = await self._answered(call) or await self._talk(call)
            self._calls.remove(call)
            call.ended = True
            await self._report(call, "completed", ending)
        finally:
            call.quiet.set()

    async def _answered(self, call: Call) -> str | None:
        """Ring; the final status of a call that nobody took, or None."""
        act = await self._next(call, timedelta(seconds=int(call.form.get("Timeout", RING))))
        if act is None:
            return "no-answer"
        if act is Hand.HANG_UP:
            return "busy"
        call.voicemail = act is Hand.VOICEMAIL
        call.pending = act if isinstance(act, str) else None
        call.ringing.answered = True
        await self._report(call, "answered", "in-progress")
        return None

    async def _talk(self, call: Call) -> str:
        twiml: bytes | None = call.form.get("Twiml", "").encode()
        try:
            while twiml is not None:
                twiml = await self._play(call, twiml)
        except HungUp:
            pass  # how most calls end
        except ElementTree.ParseError:
            self.twilio.errors.append("12100 the TwiML is not XML")
        return "completed"

    async def _play(self, call: Call, twiml: bytes) -> bytes | None:
        """Play one document; the next one, where a verb leads to it."""
        # The document comes from our own gateway on loopback.
        for verb in ElementTree.fromstring(twiml):  # noqa: S314
            match verb.tag:
                case "Gather":
                    digit = await self._gather(call, verb)
                    if digit is not None:
                        return await self._fetch(call, verb.get("action", ""), {"Digits": digit})
                case "Redirect":
                    return await self._fetch(call, verb.text or "", {})
                case "Hangup":
                    return None
                case _:
                    await self._sound(call, verb)
        return None

    async def _gather(self, call: Call, gather: ElementTree.Element) -> str | None:
        for verb in gather:
            await self._sound(call, verb)
        if call.pending is not None:
            digit, call.pending = call.pending, None
            return digit
        if call.voicemail:
            return None
        act = await self._next(call, timedelta(seconds=float(gather.get("timeout", GATHER))))
        if act is Hand.HANG_UP:
            raise HungUp
        call.voicemail = act is Hand.VOICEMAIL
        return act if isinstance(act, str) else None

    async def _sound(self, call: Call, verb: ElementTree.Element) -> None:
        match verb.tag:
            case "Say":
                spoken = verb.text or ""
                call.ringing.spoken.append(spoken)
                now = self.twilio.clock.now()
                self.heard.append(Heard(at=now, to=call.ringing.to, text=spoken, id=call.ringing.id))
            case "Pause" if not call.voicemail:
                with self.twilio.waiting():
                    await self.twilio.clock.sleep(timedelta(seconds=float(verb.get("length", 1))))
            case "Pause":
                pass
            case other:
                self.twilio.errors.append(f"12200 a verb that is not played here: {other}")

    async def _next(self, call: Call, limit: timedelta) -> str | Hand | None:
        """What the person does next, or None when the time is over."""
        if not call.keys.empty():
            return call.keys.get_nowait()
        act = asyncio.ensure_future(call.keys.get())
        over = asyncio.ensure_future(self.twilio.clock.sleep(limit))
        # Both must have begun to wait before anybody may move the clock.
        await asyncio.sleep(0)
        call.quiet.set()
        try:
            with self.twilio.waiting():
                await asyncio.wait({act, over}, return_when=asyncio.FIRST_COMPLETED)
            return act.result() if act.done() else None
        finally:
            act.cancel()
            over.cancel()

    async def _fetch(self, call: Call, url: str, fields: Mapping[str, str]) -> bytes | None:
        target = urljoin(call.form.get("StatusCallback", ""), url)
        answered = await self.twilio.callback(target, {**self._fields(call, "in-progress"), **fields})
        # Without TwiML Twilio says "an application error has occurred" and hangs up.
        return answered.body if answered is not None and answered.status < 300 else None

    async def _report(self, call: Call, event: str, status: str) -> None:
        url = call.form.get("StatusCallback")
        wanted = call.form.getall("StatusCallbackEvent", ["completed"])
        if not url or event not in wanted:
            return
        fields = {
            **self._fields(call, status),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
            "Timestamp": self.twilio.moment(),
        }
        call.sequence += 1
        await self.twilio.callback(url, fields)

    def _fields(self, call: Call, status: str) -> dict[str, str]:
        ours, theirs = call.form["From"], call.ringing.to
        return {
            "CallSid": call.ringing.id,
            "CallStatus": status,
            "Direction": "outbound-api",
            "From": ours,
            "Caller": ours,
            "To": theirs,
            "Called": theirs,
        }

    def _resource(self, sid: str, to: str, form: Form) -> Mapping[str, Any]:
        uri = f"/2010-04-01/Accounts/{self.twilio.account_sid}/Calls/{sid}"
        empty = ("parent_call_sid", "phone_number_sid", "start_time", "end_time", "duration", "price", "answered_by",
                 "forwarded_from", "group_sid", "caller_name", "trunk_sid")  # fmt: skip
        return {
            **dict.fromkeys(empty),
            "sid": sid,
            "account_sid": self.twilio.account_sid,
            "api_version": "2010-04-01",
            "date_created": self.twilio.moment(),
            "date_updated": self.twilio.moment(),
            "direction": "outbound-api",
            "from": form["From"],
            "from_formatted": form["From"],
            "price_unit": "USD",
            "queue_time": "0",
            "status": "queued",
            "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
            "to": to,
            "to_formatted": to,
            "uri": f"{uri}.json",
        }


def build(
    *,
    clock: Ticker,
    gateway_url: str,
    account: str,
    public_url: str | None = None,
    number: str = OUR_NUMBER,
) -> PhoneSimulator:
    """The provider's side of one phone account; `public_url` is what callbacks are signed for, if not `gateway_url`."""
    server = TwilioServer(clock=clock, gateway_url=gateway_url, public_url=public_url, number=number)
    return PhoneSimulator(server, account)
