"""The world around a gateway that is killed: customers, the lead, the provider and the mailbox, which all survive."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels import registry
from channels.twilio_simulation import new_sid

ROOT = Path(__file__).resolve().parent.parent
LEAD, SECOND = "+8613800000101", "+8613800000102"
SENDERS = 4
SEND_SECONDS = 2.0
TEXTS = (
    "全院系统瘫痪 K{n}，所有窗口都办不了业务",
    "K{n} 号站点的打印机卡纸，有空来看一下",
    "K{n} 机房的网络很慢，影响一部分人",
    "The whole site K{n} is down, nobody can work",
)
STEPS = [{"after": "0s", "who": ["lead"]}, {"after": "3s", "who": ["lead", "second"]}]
POLICY = {"steps": STEPS, "how": [{"after": "0s", "by": "sms"}], "repeat": "20s"}


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()


class SystemTime:
    """The clock of the simulators: the real one, since the gateway's is real too."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    async def sleep(self, length: timedelta) -> None:
        """Wait in real time."""
        await asyncio.sleep(length.total_seconds())


@dataclass(kw_only=True, slots=True)
class Tally:
    """What the world outside knows: what was said and acknowledged, and what reached phones."""

    answered: dict[str, str] = field(default_factory=dict)
    """MessageSid to sender, of every text that the gateway answered with 200."""
    mails: set[str] = field(default_factory=set)
    """Message-IDs that stand in the mailbox."""
    sends: Counter[str] = field(default_factory=Counter)
    """Our key of a text to how often the provider was handed it."""
    first: dict[str, float] = field(default_factory=dict)
    """Our key of a text to when (seconds since 1970) the provider was first handed it."""
    kills: list[float] = field(default_factory=list)
    """When a process was killed."""
    ready: list[float] = field(default_factory=list)
    """Seconds from each start to the first answer."""
    repeated_posts: int = 0
    log: str = ""


class Victim:
    """One process of the gateway, with a configuration of its own."""

    def __init__(self, folder: Path, port: int, config: str = "config.yaml") -> None:
        self._folder = folder
        self.port = port
        self._config = folder / config
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin the process; it is not ready yet."""
        command = [sys.executable, "-m", "gateway", "run", "--config", str(self._config)]
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)}
            )

    async def ready(self, patience: float = 30.0) -> float:
        """Wait until the port answers; returns the seconds; raises RuntimeError with the end of its log."""
        begun = time.monotonic()
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return time.monotonic() - begun
            if self._process is None or self._process.poll() is not None or time.monotonic() > begun + patience:
                raise RuntimeError(f"the gateway did not start: {self.log()[-3000:]}")
            await asyncio.sleep(0.005)

    def kill(self) -> None:
        """SIGKILL to exactly this process."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def log(self) -> str:
        """What it said on stderr, over all its lives."""
        return (self._folder / "gateway.log").read_text(encoding="utf-8", errors="replace")


class World:
    """Customers, the lead, the provider and the mailbox; `async with World(folder, seed) as world`."""

    def __init__(self, folder: Path, seed: int, *, processes: int = 1) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a repeatable run, not a secret
        self.tally = Tally()
        self.ports = [free_port() for _ in range(processes)]
        self.port = self.ports[0]
        self.front = self.port if processes == 1 else free_port()
        """Where providers call: the process itself, or what passes on to one of several."""
        url = f"http://127.0.0.1:{self.front}"
        made = {
            name: registry.simulator(name, clock=SystemTime(), gateway_url=url, account="main")
            for name in ("sms", "email")
        }
        self.sms: Any = made["sms"]
        self.email: Any = made["email"]
        self._folder = folder
        self._numbers = itertools.count(1)
        self._stack = contextlib.AsyncExitStack()
        self._to_answer: asyncio.Queue[str] = asyncio.Queue()
        self.talking = True

    async def __aenter__(self) -> World:
        for simulator in (self.sms, self.email):
            await simulator.start()
            self._stack.push_async_callback(simulator.stop)
        if self.front not in self.ports:
            front = await asyncio.start_server(self._pass_on, "127.0.0.1", self.front)
            self._stack.callback(front.close)
        inner = self.sms._create

        async def counted(form: Any) -> Mapping[str, Any]:
            key = parse_qs(urlsplit(form.get("StatusCallback", "")).query).get("key", [""])[0]
            self.tally.sends[key] += 1
            self.tally.first.setdefault(key, time.time())
            if form.get("To") == LEAD and "-" in key and self.random.random() < 0.2:
                self._to_answer.put_nowait(key.partition("-")[0])
            await asyncio.sleep(self.random.uniform(0.0, 0.05))  # so that kills meet texts on their way
            answer: Mapping[str, Any] = await inner(form)
            return answer

        self.sms.twilio.serves("Messages", counted)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on to a process that answers, as a balancer does; none: it is closed."""
        for port in self.random.sample(self.ports, len(self.ports)):
            with contextlib.suppress(OSError):
                behind = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pipe(reader, behind[1]), _pipe(behind[0], writer))
                return
        writer.close()

    def write_config(self, url: str, *, port: int = 0, name: str = "config.yaml") -> None:
        """Point a process at this world: the first one, or the one with this port."""
        people = {
            "zhang": {"name": "张三", "addresses": {"tel": LEAD}},
            "li": {"name": "李雷", "addresses": {"tel": SECOND}},
        }
        email = {**self.email.block(self._folder), "every_minutes": 0.01}
        gateway = {
            "port": port or self.port,
            "public_url": f"http://127.0.0.1:{self.front}",
            "senders": SENDERS,
            "send_seconds": SEND_SECONDS,
        }
        router = {
            "people": people,
            "rota": {"lead": "zhang", "second": "li"},
            "fold": {"window": "2s", "free": 20},
            "policies": dict.fromkeys(("fault-1", "fault-2", "fault-3", "other"), POLICY),
            "quiet_hours": {"begin": "00:00", "end": "00:00"},
        }
        channels = {"sms": {"main": dict(self.sms.block(self._folder))}, "email": {"main": email}}
        config = {"gateway": gateway, "channels": channels, "router": router, "store": {"url": url}}
        (self._folder / name).write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")

    async def customer(self) -> None:
        """Text now and then, each until it is acknowledged, as Twilio does."""
        while self.talking:
            n = next(self._numbers)
            await self.say(f"+86139{n % 400:08d}", TEXTS[n % len(TEXTS)].format(n=f"{n:05d}"))
            await asyncio.sleep(self.random.uniform(0.0, 0.1))

    async def mailer(self) -> None:
        """Write mails."""
        while self.talking:
            n = next(self._numbers)
            words = TEXTS[n % len(TEXTS)].format(n=f"{n:05d}")
            ident = await self.email.say(sender=f"c{n % 97}@customer.example", text=words, subject=f"K{n:05d}")
            self.tally.mails.add(ident)
            await asyncio.sleep(self.random.uniform(0.05, 0.3))

    async def lead(self) -> None:
        """Take some of the tickets that the lead was paged for."""
        while True:
            number = await self._to_answer.get()
            await self.say(LEAD, f"1 {number}", staff=True)

    async def say(self, sender: str, words: str, *, staff: bool = False) -> None:
        """Post one text again and again until the answer is 200."""
        sid = new_sid("SM")
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "From": sender,
            "To": self.sms.twilio.number,
            "Body": words,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        while True:
            answered = await self.sms.twilio.callback(self.sms.twilio.webhook("sms", "main"), fields)
            if answered is not None and answered.status == 200:
                break
            self.tally.repeated_posts += 1
            await asyncio.sleep(0.03)
        self.tally.answered[sid] = LEAD if staff else sender
