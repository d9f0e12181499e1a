"""Starts the gateway as a process, with a configuration for benchmarks, and writes signed Twilio requests for it."""

from __future__ import annotations

import contextlib
import hmac
import json
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.peers import ROOT

SID = "AC" + "0" * 32
TOKEN = "benchmarks-only"
NUMBER = "+15005550006"
LEAD = "+8613800000101"
MINOR = "三号窗口的打印机偶尔卡纸，不急，有空来看一下"
MAJOR = "全院系统瘫痪，所有窗口都挂不了号，快来人"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(kw_only=True)
class Gateway:
    """One gateway process and the folder it lives in."""

    folder: Path
    url: str
    provider: str = "http://127.0.0.1:9"
    accept_only: bool = False
    sample: str = ""
    channels: Mapping[str, Any] = field(default_factory=dict)
    router: Mapping[str, Any] = field(default_factory=dict)
    gateway: Mapping[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    ready_after: float = 0.0
    """Seconds from the start of the process to its first answer."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(self) -> dict[str, Any]:
        (self.folder / "token").write_text(TOKEN)
        sms = {
            "account_sid": SID,
            "auth_token": {"file": str(self.folder / "token")},
            "number": NUMBER,
            "api_url": self.provider,
        }
        people = {
            "zhang": {"name": "张三", "addresses": {"tel": LEAD, "email": "zhang@example.cn"}},
            "li": {"name": "李雷", "addresses": {"tel": "+8613800000102", "email": "li@example.cn"}},
            "wang": {"name": "王经理", "addresses": {"tel": "+8613800000103", "email": "wang@example.cn"}},
        }
        return {
            "gateway": {"port": self.port, "public_url": self.base, **self.gateway},
            "channels": {"sms": {"main": sms}, **self.channels},
            "router": {
                "people": people,
                "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
                **self.router,
            },
            "store": {"url": self.url},
        }

    def start(self, *, patience: float = 30.0) -> Gateway:
        config = self.folder / "config.yaml"
        config.write_text(json.dumps(self.config(), ensure_ascii=False), encoding="utf-8")
        command = [sys.executable, "-m", "bench.serve", str(config), str(self.port)]
        command += ["--accept-only"] if self.accept_only else []
        command += ["--sample", self.sample] if self.sample else []
        begun = time.monotonic()
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                break
            if self.process.poll() is not None or time.monotonic() > begun + patience:
                self.kill()
                raise RuntimeError(f"the gateway did not start: {self.log()[-2000:]}")
            time.sleep(0.005)
        self.ready_after = time.monotonic() - begun
        return self

    def log(self) -> str:
        return (self.folder / "gateway.log").read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL to exactly this process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None


@contextlib.contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


def signature(url: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """Sign as Twilio does (twilio.com/docs/usage/webhooks/webhooks-security)."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()


def sms(base: str, ident: str, *, sender: str, text: str) -> tuple[str, bytes]:
    """One text as Twilio posts it: its signature and its body."""
    sid = f"SM{sha1(ident.encode()).hexdigest()[:32]}"
    fields = {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": text,
        "FromCountry": "CN",
        "To": NUMBER,
        "MessagingServiceSid": "MG" + "0" * 32,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": SID,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }
    return signature(f"{base}/in/sms/main", fields), urlencode(fields).encode()


def customer(number: int) -> str:
    """A mainland mobile number that none of the staff has."""
    return f"+86139{number % 100_000_000:08d}"


def http(base: str, signed: str, body: bytes) -> bytes:
    """The bytes of a whole request on a connection that stays open."""
    host = base.removeprefix("http://")
    head = (
        f"POST /in/sms/main HTTP/1.1\r\nHost: {host}\r\nX-Twilio-Signature: {signed}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        f"I-Twilio-Idempotency-Token: 0\r\nUser-Agent: TwilioProxy/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
