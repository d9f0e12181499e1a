"""Simulated customers who phone one Twilio number, and the phones that are rung for them; knows no adapter.

A call plays the gateway's TwiML at once and counts its seconds instead of waiting for them, so the clock stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin
from xml.etree import ElementTree

from aiohttp import web

from channels.phone.hotline.simulated_twiml import faults
from channels.simulation import Fault, Heard, Ticker
from channels.twilio_simulation import TwilioRefusal, TwilioServer, new_sid

OUR_NUMBER: Final = "+15005550006"
SECONDS_OF_WORDS: Final = 6
RING: Final = 30
"""Seconds that a Dial rings where it names none (twilio.com/docs/voice/twiml/dial)."""


class HungUp(Exception):
    """The caller ended the call."""


@dataclass(kw_only=True, slots=True)
class Leg:
    """One phone of the staff that was rung."""

    to: str
    shown: str
    status: str
    seconds: int
    sid: str = field(default_factory=lambda: new_sid("CA"))


@dataclass(kw_only=True, slots=True)
class Visit:
    """One call and what its caller and the people who are rung are about to do."""

    sender: str
    answered_after: float | None
    answered_by: str | None
    talks: int
    message: str | None
    hangs_up: str
    sid: str = field(default_factory=lambda: new_sid("CA"))
    url: str = ""
    seconds: float = 0
    status: str = "in-progress"
    spoken: list[str] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    recording: str = ""
    callback: str = ""
    started: str = ""
    ended: str = ""


class HotlineSimulator:
    """One number at Twilio, and everybody who phones it."""

    def __init__(self, twilio: TwilioServer, account: str) -> None:
        self.heard: list[Heard] = []
        self.visits: list[Visit] = []
        self.twilio = twilio
        self.tells = True
        """Whether recordings are called back; what Twilio does not deliver stands in its log all the same."""
        self._account = account
        twilio.shows("/Calls.json", self._calls)
        twilio.shows("/Calls/{call}/Recordings.json", self._recordings)
        twilio.shows("/Recordings/{file}", self._file)

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
        """End what `start` began."""
        await self.twilio.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the auth token is written into `folder`."""
        return self.twilio.credentials(folder, f"hotline_{self._account}")

    def busy(self) -> bool:
        """A request or callback is under way at this instant."""
        return self.twilio.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person phones, nobody answers, and they leave a message that says `text`; returns the CallSid."""
        del subject, group, answers
        return await self.call(sender, leaves_message=text)

    async def call(
        self,
        sender: str,
        *,
        answered_after: float | None = None,
        answered_by: str | None = None,
        talks: int = 185,
        leaves_message: str | None = None,
        hangs_up: str = "",
    ) -> str:
        """A person phones; returns the CallSid.

        A phone is taken `answered_after` seconds of ringing, only that of `answered_by` where given, for a talk of
        `talks` seconds. `hangs_up` is the verb (Say, Dial, Record) at which the caller ends the call.
        """
        visit = Visit(
            sender=sender,
            answered_after=answered_after,
            answered_by=answered_by,
            talks=talks,
            message=leaves_message,
            hangs_up=hangs_up,
        )
        self.visits.append(visit)
        with self.twilio.working():
            await self._talk(visit)
        return visit.sid

    async def _talk(self, visit: Visit) -> None:
        began = self.twilio.clock.now()
        visit.started = visit.ended = format_datetime(began)
        visit.url = self.twilio.webhook("hotline", self._account)
        try:
            twiml = await self._fetch(visit, visit.url, {"CallStatus": "ringing"})
            while twiml is not None:
                twiml = await self._play(visit, twiml)
        except HungUp:
            pass  # how every call ends that nobody took
        except ElementTree.ParseError:
            self.twilio.errors.append("12100 the TwiML is not XML")
        # The call ends now; it began as long ago as it lasted.
        now = self.twilio.clock.now()
        visit.started, visit.ended = format_datetime(now - timedelta(seconds=visit.seconds)), format_datetime(now)
        visit.status = "completed"
        if visit.recording and visit.callback and self.tells:
            await self.twilio.callback(visit.callback, self._recorded(visit))

    async def _play(self, visit: Visit, twiml: bytes) -> bytes | None:
        """Play one document; the next one, where a verb leads to it."""
        document = ElementTree.fromstring(twiml)  # noqa: S314 - it comes from our own gateway on loopback
        wrong = list(faults(document))
        if wrong:
            self.twilio.errors += wrong
            return None
        for verb in document:
            if verb.tag == visit.hangs_up == "Say":
                raise HungUp
            match verb.tag:
                case "Say":
                    self._say(visit, verb.text or "")
                case "Dial":
                    return await self._dial(visit, verb)
                case "Record":
                    if await self._record(visit, verb):
                        return await self._fetch(visit, verb.get("action", ""), self._told(visit))
                case _:
                    return None
        return None

    def _say(self, visit: Visit, words: str) -> None:
        visit.spoken.append(words)
        visit.seconds += SECONDS_OF_WORDS
        self.heard.append(Heard(at=self.twilio.clock.now(), to=visit.sender, text=words, id=visit.sid))

    async def _dial(self, visit: Visit, dial: ElementTree.Element) -> bytes | None:
        limit = int(dial.get("timeout", RING))
        taken: Leg | None = None
        for noun in dial:
            leg = self._rung(visit, (noun.text or "").strip(), dial.get("callerId", visit.sender), limit)
            visit.legs.append(leg)
            taken = taken or (leg if leg.status == "completed" else None)
        if visit.hangs_up == "Dial":
            # The Dial is over, and its action is told; the answer is played to nobody.
            visit.status = "completed"
            gone = {"DialCallStatus": "no-answer", "DialCallSid": visit.legs[-1].sid}
            await self._fetch(visit, dial.get("action", ""), gone)
            raise HungUp
        visit.seconds += (visit.answered_after or 0) + taken.seconds if taken else limit
        fields = {"DialCallStatus": taken.status if taken else "no-answer", "DialCallSid": visit.legs[-1].sid}
        if taken:
            fields |= {"DialCallDuration": str(taken.seconds), "DialBridged": "true"}
        return await self._fetch(visit, dial.get("action", ""), fields)

    def _rung(self, visit: Visit, to: str, shown: str, limit: int) -> Leg:
        after, by = visit.answered_after, visit.answered_by
        taken = after is not None and after < limit and by in (None, to) and visit.hangs_up != "Dial"
        return Leg(to=to, shown=shown, status="completed" if taken else "no-answer", seconds=visit.talks * taken)

    async def _record(self, visit: Visit, record: ElementTree.Element) -> bool:
        """Whether somebody spoke; silence lets the document go on without a request."""
        if visit.hangs_up == "Record":
            raise HungUp
        if visit.message is None:
            visit.seconds += int(record.get("timeout", 5))
            return False
        visit.recording = new_sid("RE")
        visit.callback = record.get("recordingStatusCallback", "")
        visit.seconds += self._spoken(visit)
        return True

    async def _fetch(self, visit: Visit, url: str, fields: Mapping[str, str]) -> bytes | None:
        visit.url = urljoin(visit.url, url)
        answered = await self.twilio.callback(visit.url, {**self._fields(visit), **fields})
        # Without TwiML Twilio says "an application error has occurred" and hangs up.
        return answered.body if answered is not None and answered.status < 300 else None

    def _fields(self, visit: Visit) -> dict[str, str]:
        ours, theirs = self.twilio.number, visit.sender
        both = {"From": theirs, "Caller": theirs, "To": ours, "Called": ours}
        return {"CallSid": visit.sid, "CallStatus": visit.status, "Direction": "inbound", **both}

    def _spoken(self, visit: Visit) -> int:
        """Seconds of a message: about four characters each."""
        return max(len(visit.message or "") // 4, 1)

    def _told(self, visit: Visit) -> dict[str, str]:
        return {
            "RecordingUrl": f"{self.twilio.url}{self._place(visit)}",
            "RecordingSid": visit.recording,
            "RecordingDuration": str(self._spoken(visit)),
            "Digits": "#",
        }

    def _recorded(self, visit: Visit) -> dict[str, str]:
        """As documented for recordingStatusCallback: it does not say who called."""
        told = {name: value for name, value in self._told(visit).items() if name != "Digits"}
        more = {"RecordingStatus": "completed", "RecordingChannels": "1", "RecordingSource": "RecordVerb"}
        return {"CallSid": visit.sid, **told, **more, "RecordingStartTime": visit.started}

    def _place(self, visit: Visit) -> str:
        return f"/2010-04-01/Accounts/{self.twilio.account_sid}/Recordings/{visit.recording}"

    def _calls(self, request: web.Request) -> web.Response:
        query = request.query
        parent = query.get("ParentCallSid")
        if parent:
            one = next((visit for visit in self.visits if visit.sid == parent), None)
            found = [self._leg(one, leg) for leg in one.legs] if one else []
        else:
            found = [self._call(visit) for visit in reversed(self.visits) if query.get("To") == self.twilio.number]
        return web.json_response({"calls": found, "page": 0, "page_size": 50, "next_page_uri": None})

    def _call(self, visit: Visit) -> dict[str, Any]:
        over = visit.status == "completed"
        ended = {"end_time": visit.ended, "duration": str(int(visit.seconds))} if over else {}
        people = {"from": visit.sender, "to": self.twilio.number, "parent_call_sid": None}
        return self._line(visit, visit.sid, visit.status, "inbound") | people | ended

    def _leg(self, visit: Visit, leg: Leg) -> dict[str, Any]:
        ended = {"end_time": visit.ended, "duration": str(leg.seconds)}
        people = {"from": leg.shown, "to": leg.to, "parent_call_sid": visit.sid}
        return self._line(visit, leg.sid, leg.status, "outbound-dial") | people | ended

    def _line(self, visit: Visit, sid: str, status: str, direction: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "account_sid": self.twilio.account_sid,
            "status": status,
            "direction": direction,
            "date_created": visit.started,
            "start_time": visit.started,
            "end_time": None,
            "duration": None,
        }

    def _recordings(self, request: web.Request) -> web.Response:
        found = [visit for visit in self.visits if visit.sid == request.match_info["call"] and visit.recording]
        listed = [
            {
                "sid": visit.recording,
                "call_sid": visit.sid,
                "status": "completed" if visit.status == "completed" else "processing",
                "duration": str(self._spoken(visit)),
                "source": "RecordVerb",
            }
            for visit in found
        ]
        return web.json_response({"recordings": listed, "next_page_uri": None})

    def _file(self, request: web.Request) -> web.Response:
        """A recording; what stands for its sound is its words."""
        file = request.match_info["file"]
        for visit in self.visits:
            if visit.recording and file == f"{visit.recording}.mp3":
                return web.Response(body=b"ID3" + (visit.message or "").encode(), content_type="audio/mpeg")
        raise TwilioRefusal(20404, "The requested resource was not found", 404)


def build(
    *,
    clock: Ticker,
    gateway_url: str,
    account: str,
    public_url: str | None = None,
    number: str = OUR_NUMBER,
) -> HotlineSimulator:
    """The provider's side of one hotline; `public_url` is what callbacks are signed for, if not `gateway_url`."""
    server = TwilioServer(clock=clock, gateway_url=gateway_url, public_url=public_url, number=number)
    return HotlineSimulator(server, account)
