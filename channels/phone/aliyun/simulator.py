"""Simulated phones that one Aliyun number calls: they ring and take a key; knows nothing of the adapter."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

from channels.aliyun_simulation import AliyunRefusal, AliyunServer, Parameters, spoken
from channels.simulation import Fault, Heard, Ringing, Ticker

OUR_NUMBER: Final = "057100000000"
OPENING: Final = "${level}，单号${number}，地点${place}，故障是${symptom}。接单请按1，上报请按2，稍后再叫请按3。"
TEMPLATES: Final = {
    "TTS_100000001": OPENING,
    "TTS_100000002": "有新的通知：${text}。知道了请按1。",
    "TTS_100000003": "收到，结果以短信为准，再见。",
}
"""What the reviewers approved."""
BLOCK: Final = {
    "number": OUR_NUMBER,
    "fallback": "notice",
    "templates": {
        name: {
            "code": "TTS_100000001",
            "variables": {"level": "level", "number": "number", "place": "site", "symptom": "symptom"},
        }
        for name in ("page", "voice_page")
    }
    | {"notice": {"code": "TTS_100000002", "variables": {"text": "whole"}}},
    "keys": {key: {"code": "TTS_100000003"} for key in "12390"},
}
CALLED: Final = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}")
RING: Final = timedelta(seconds=60)
OUT_ID: Final = 15
"""Bytes (help.aliyun.com/document_detail/393521.htm)."""
LIMITS: Final = (
    ("分钟级", timedelta(minutes=1), 1),
    ("小时级", timedelta(hours=1), 5),
    ("天级", timedelta(days=1), 20),
)
"""Calls to one callee (help.aliyun.com/document_detail/178344.html)."""
UNSIGNED: Final = "the provider signs no push: a secret in the path and the content type are all there is"


class Hand(Enum):
    """What a person does with a phone besides pressing a key."""

    VOICEMAIL = "voicemail"
    HANG_UP = "hang up"


@dataclass(kw_only=True, slots=True)
class Call:
    """One call and what its phone is about to do."""

    ringing: Ringing
    given: Parameters
    acts: asyncio.Queue[str | Hand] = field(default_factory=asyncio.Queue)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing moves until somebody acts or the clock goes on."""
    pressed: str = ""

    @property
    def menu(self) -> Mapping[str, tuple[str, str]]:
        """Code and values for each key."""
        found = {}
        for name, key in self.given.items():
            if re.fullmatch(r"MenuKeyMap\.\d+\.Key", name):
                prefix = name.removesuffix("Key")
                found[key] = (self.given.get(f"{prefix}Code", ""), self.given.get(f"{prefix}TtsParams", ""))
        return found


class PhoneSimulator:
    """One number at Aliyun and everybody's phones."""

    exempt: Mapping[str, str] = {
        "headers": UNSIGNED,
        "body": UNSIGNED,
        "url": UNSIGNED,
        "type": UNSIGNED,
        "receipts": "OutId holds 15 bytes, less than a key of ours: receipts name the call by the provider's id",
        "length": "an approved template carries 35 characters in each variable; tests/contract/test_aliyun_phone.py",
    }

    def __init__(self, aliyun: AliyunServer, account: str) -> None:
        self.heard: list[Heard] = []
        self.refuses: dict[str, tuple[str, str]] = {}
        """Numbers for which IvrCall answers with this code and message."""
        self.limited = False
        """Whether the limits of calls to one callee hold."""
        self.aliyun = aliyun
        self._account = account
        self._calls: list[Call] = []
        self._placed: list[Ringing] = []
        aliyun.serves("IvrCall", self._call)
        aliyun.serves("QueryCallDetailByCallId", self._detail)

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.aliyun.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.aliyun.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.aliyun.start()

    async def stop(self) -> None:
        """End what `start` began; calls are cut off."""
        await self.aliyun.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secrets are written into `folder`."""
        return {**self.aliyun.credentials(folder, f"phone_{self._account}"), **BLOCK}

    def busy(self) -> bool:
        """A request or push is under way at this instant."""
        return self.aliyun.busy()

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
        """A person called by us presses the keys in `text`; returns the CallId."""
        del subject, group, answers
        call = self._call_of(sender)
        for key in text:
            await self._act(call, key)
        return call.ringing.id

    async def press(self, number: str, digit: str | None) -> None:
        """Answer the oldest call of `number` if needed and press a key; None lets voicemail take it to its end."""
        await self._act(self._call_of(number), Hand.VOICEMAIL if digit is None else digit)

    async def hang_up(self, number: str) -> None:
        """End the call of `number`; unanswered, it counts as busy."""
        await self._act(self._call_of(number), Hand.HANG_UP)

    def _call_of(self, number: str) -> Call:
        found = next((call for call in self._calls if call.ringing.to == number), None)
        if found is None:
            raise LookupError("no call rings at this number")
        return found

    async def _act(self, call: Call, act: str | Hand) -> None:
        call.quiet.clear()
        call.acts.put_nowait(act)
        await call.quiet.wait()

    async def _call(self, given: Parameters) -> Mapping[str, Any]:
        number = given.get("CalledNumber", "")
        if not CALLED.fullmatch(number):
            raise AliyunRefusal("isv.MOBILE_NUMBER_ILLEGAL", "号码格式非法")
        if given.get("CalledShowNumber") != OUR_NUMBER:
            raise AliyunRefusal("isv.DISPLAY_NUMBER_ILLEGAL", "号显不合法")
        if len(given.get("OutId", "").encode()) > OUT_ID or not 1 <= int(given.get("PlayTimes", "1")) <= 3:
            raise AliyunRefusal("isv.INVALID_PARAMETERS", "参数异常")
        to = f"+86{number.removeprefix('0')}"
        if to in self.refuses:
            raise AliyunRefusal(*self.refuses[to])
        call = Call(ringing=Ringing(at=self.aliyun.clock.now(), to=to, id=_call_id()), given=given)
        if not call.menu:
            raise AliyunRefusal("isv.INVALID_PARAMETERS", "MenuKeyMap不能为空")
        for code, values in ((given.get("StartCode", ""), given.get("StartTtsParams", "")), *call.menu.values()):
            self._words(code, values)
        self._limit(to)
        self._calls.append(call)
        self._placed.append(call.ringing)
        self.aliyun.spawn(self._run(call))
        return {"CallId": call.ringing.id}

    def _limit(self, to: str) -> None:
        now = self.aliyun.clock.now()
        for name, length, most in LIMITS:
            lately = [one for one in self._placed if one.to == to and one.at > now - length]
            if self.limited and len(lately) >= most:
                raise AliyunRefusal("isv.BUSINESS_LIMIT_CONTROL", f"触发{name}流控Permits:{most}")

    def _words(self, code: str, values: str) -> str:
        if code not in TEMPLATES:
            raise AliyunRefusal("isv.TTS_TEMPLATE_ILLEGAL", "TTS模板不合法")
        if re.search(r"[#/%$]|(?<!\")[:-](?!\")", values.removeprefix("{")):
            raise AliyunRefusal("isv.TEMPLATE_PARAMS_ILLEGAL", "模板变量非法")
        return spoken(TEMPLATES[code], values)

    async def _run(self, call: Call) -> None:
        try:
            await self._on_the_way(call, "200101")
            await self._on_the_way(call, "200201")
            code = await self._rung(call)
            self._calls.remove(call)
            await self._on_the_way(call, "200100")
            await self._ended(call, code)
        finally:
            call.quiet.set()

    async def _rung(self, call: Call) -> str:
        """Ring, be answered, speak, take keys; returns the code of the end."""
        act = await self._next(call, RING)
        if act is None or act is Hand.HANG_UP:
            return "200003" if act is None else "200002"
        call.ringing.answered = True
        await self._on_the_way(call, "200102")
        for _ in range(int(call.given.get("PlayTimes", "1"))):
            self._say(call, call.given["StartCode"], call.given.get("StartTtsParams", ""))
            while isinstance(act, str):
                call.pressed += act
                await self._on_the_way(call, "300000", dtmf=act)
                if act in call.menu:
                    self._say(call, *call.menu[act])
                    return "200000"
                act = await self._next(call, self._patience(call))
            if act is Hand.HANG_UP:
                return "200001"
            if act is not Hand.VOICEMAIL:
                act = await self._next(call, self._patience(call))
        return "200008"

    @staticmethod
    def _patience(call: Call) -> timedelta:
        return timedelta(milliseconds=int(call.given.get("Timeout", "3000")))

    def _say(self, call: Call, code: str, values: str) -> None:
        text = self._words(code, values)
        call.ringing.spoken.append(text)
        self.heard.append(Heard(at=self.aliyun.clock.now(), to=call.ringing.to, text=text, id=call.ringing.id))

    async def _next(self, call: Call, limit: timedelta) -> str | Hand | None:
        """What the person does next, or None when the time is over."""
        if not call.acts.empty():
            return call.acts.get_nowait()
        act = asyncio.ensure_future(call.acts.get())
        over = asyncio.ensure_future(self.aliyun.clock.sleep(limit))
        # Both must have begun to wait before anybody may move the clock.
        await asyncio.sleep(0)
        call.quiet.set()
        try:
            with self.aliyun.waiting():
                await asyncio.wait({act, over}, return_when=asyncio.FIRST_COMPLETED)
            return act.result() if act.done() else None
        finally:
            act.cancel()
            over.cancel()

    async def _on_the_way(self, call: Call, code: str, *, dtmf: str = "") -> None:
        report = {
            "call_id": call.ringing.id,
            "status_code": code,
            "status_time": self.aliyun.moment(),
            "out_id": call.given.get("OutId", ""),
        }
        await self._push(report | ({"dtmf": dtmf} if dtmf else {}))

    async def _ended(self, call: Call, code: str) -> None:
        connected = self.aliyun.moment() if call.ringing.answered else ""
        report = {
            "call_id": call.ringing.id,
            "status_code": code,
            "status_msg": "执行完成",
            "caller": OUR_NUMBER,
            "callee": call.given["CalledNumber"],
            "originate_time": self.aliyun.moment(),
            "start_time": connected,
            "end_time": self.aliyun.moment(),
            "duration": "10" if connected else "0",
            "out_id": call.given.get("OutId", ""),
            "voice_type": "voice",
        }
        await self._push(report | ({"dtmf": call.pressed} if call.pressed else {}))

    async def _push(self, report: Mapping[str, Any]) -> None:
        await self.aliyun.push("phone", self._account, "report", [report])

    async def _detail(self, given: Parameters) -> Mapping[str, Any]:
        raise AliyunRefusal("100008.0", f"Data not available: {len(given)} parameters", 400)


def build(*, clock: Ticker, gateway_url: str, account: str) -> PhoneSimulator:
    """The provider's side of one phone account."""
    return PhoneSimulator(AliyunServer(clock=clock, gateway_url=gateway_url), account)


def _call_id() -> str:
    return f"{uuid.uuid4().int % 10**12}^{uuid.uuid4().int % 10**12}"
