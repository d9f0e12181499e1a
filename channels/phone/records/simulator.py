"""A simulated switchboard that writes its call records into a folder; knows nothing of the adapter.

As FreeSWITCH's mod_json_cdr does by default (developer.signalwire.com, mod_json_cdr): a file for each call, values
URL-encoded, times as epochs; and a line for each call as Asterisk's cdr_csv writes it (cdr/cdr_csv.c there).
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import quote
from zoneinfo import ZoneInfo

from channels.simulation import Fault, Heard, Ticker

HOTLINE: Final = "4008000000"
RINGS: Final = 35
LOOKS: Final = 1000
"""How often the clock is moved on, at most, until somebody has taken a file away."""


@runtime_checkable
class Standing(Protocol):
    """A clock that stands until it is moved, as in the tests."""

    async def advance(self, length: timedelta) -> None:
        """Move it."""
        ...


class RecordsSimulator:
    """One switchboard, and everybody who phones it."""

    def __init__(self, clock: Ticker) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.folder: Path | None = None
        self._clock = clock
        self._ordinal = 0

    async def start(self) -> None:
        """Nothing listens."""

    async def stop(self) -> None:
        """Nothing listened."""

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml, with a folder below `folder`."""
        self.folder = folder / "calls"
        self.folder.mkdir(exist_ok=True)
        return {"provider": "records", "folder": str(self.folder), "every_seconds": 1}

    def busy(self) -> bool:
        """A switchboard is done when its file is written."""
        return False

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person phones and nobody answers, so that `text` is said to nobody; returns the id of the call."""
        del text, subject, group, answers
        ident = await asyncio.to_thread(self.call, sender)
        if isinstance(self._clock, Standing):
            await self._looked(self._clock, ident)
        return ident

    def call(self, sender: str, *, talked: int = 0, file: bool = True) -> str:
        """Write the record of a call that ends now; with `talked` seconds somebody answered. Returns its id."""
        ident = str(uuid.uuid4())
        if self.folder is None:
            raise RuntimeError("block() names the folder first")
        if file:
            record = json.dumps(self._json(ident, sender, talked))
            (self.folder / f"{ident}.cdr.json").write_text(record, encoding="utf-8")
        return ident

    def log(self, sender: str, *, talked: int = 0, zone: str = "Asia/Shanghai") -> str:
        """Append a line to Master.csv; returns the unique id of the call."""
        if self.folder is None:
            raise RuntimeError("block() names the folder first")
        self._ordinal += 1
        end = self._clock.now()
        start = end - timedelta(seconds=RINGS + talked)
        unique = f"{int(start.timestamp())}.{self._ordinal}"
        local = ["" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for at in (start, end)]
        answer = local[0] if talked else ""
        texts = ["", sender, HOTLINE, "hotline", f'"{sender}" <{sender}>', "PJSIP/trunk-00000001"]
        texts += ["PJSIP/801-00000002", "Dial", "PJSIP/801,60", local[0], answer, local[1]]
        quoted = ",".join('"' + text.replace('"', '""') + '"' if text else '""' for text in texts)
        verdict = '"ANSWERED"' if talked else '"NO ANSWER"'
        with (self.folder / "Master.csv").open("a", encoding="utf-8") as log:
            log.write(f'{quoted},{RINGS + talked},{talked},{verdict},"DOCUMENTATION","{unique}",""\n')
        return unique

    async def _looked(self, clock: Standing, ident: str) -> None:
        """Let time pass until the file was taken away."""
        for _ in range(LOOKS):
            if self.folder is None or not (self.folder / f"{ident}.cdr.json").exists():
                return
            await clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.002)

    def _json(self, ident: str, sender: str, talked: int) -> Mapping[str, Any]:
        end = self._clock.now()
        start = end - timedelta(seconds=RINGS + talked)
        variables = {
            "uuid": ident,
            "call_uuid": ident,
            "direction": "inbound",
            "sip_from_user": sender,
            "start_stamp": f"{start:%Y-%m-%d %H:%M:%S}",
            "start_epoch": str(int(start.timestamp())),
            "answer_epoch": str(int(start.timestamp()) + RINGS) if talked else "0",
            "end_epoch": str(int(end.timestamp())),
            "duration": str(RINGS + talked),
            "billsec": str(talked),
            "hangup_cause": "NORMAL_CLEARING" if talked else "NO_ANSWER",
        }
        if talked:
            variables |= {"bridge_uuid": str(uuid.uuid4()), "last_sent_callee_id_number": "801"}
        profile = {"caller_id_number": sender, "destination_number": HOTLINE, "uuid": ident, "context": "public"}
        encoded = {name: quote(value, safe="") for name, value in variables.items()}
        flow = {
            "profile_index": "1",
            "caller_profile": {name: quote(value, safe="") for name, value in profile.items()},
        }
        return {"core-uuid": str(uuid.uuid4()), "variables": encoded, "callflow": [flow]}


def build(*, clock: Ticker, gateway_url: str, account: str, **more: Any) -> RecordsSimulator:
    """The switchboard of one account; it reaches the gateway by its folder only."""
    del gateway_url, account, more
    return RecordsSimulator(clock)
