"""A customer's browser: it opens the form, reads what fields there are, fills them in and sends them.

Written from the standard for forms (WHATWG HTML 4.10.22) and from how an address is signed (README.md); it reads the
page as a browser does and knows nothing of the adapter.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from itsdangerous import URLSafeSerializer

from channels.simulation import Fault, Heard, Ticker

SLOWNESS: Final = timedelta(seconds=20)
EXEMPT: Final = {
    "headers": "a browser signs nothing: the proof is the address, which the tests of the form alter",
    "body": "a browser signs nothing: a form cut short is shown again and brings nothing in",
    "url": "the proof is the path, which the tests of the form alter; the host is not part of it",
    "type": "the page is asked for by GET, where the type of a body says nothing; the tests of the form ask the POST",
}


@dataclass(kw_only=True, slots=True)
class Page:
    """What a browser makes of a page."""

    status: int
    headers: Mapping[str, str]
    html: str
    fields: dict[str, str] = field(default_factory=dict)
    """What it would send, by name."""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Name and value of each button."""
    labels: list[str] = field(default_factory=list)
    """What the labels point to."""
    text: str = ""
    lang: str = ""


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._area = ""
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._silent = tag in ("style", "title")
        match tag:
            case "html":
                self._page.lang = given.get("lang", "")
            case "input":
                self._page.fields[given["name"]] = given.get("value", "")
            case "textarea":
                self._area = given["name"]
                self._page.fields[self._area] = ""
            case "button":
                self._page.buttons.append((given.get("name", ""), given.get("value", "")))
            case "label":
                self._page.labels.append(given.get("for", ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            # The first line break after <textarea> is no part of the value (WHATWG HTML 13.2.6.4.7).
            self._page.fields[self._area] += data.removeprefix("\n")
        elif not self._silent:
            self._page.text += f"{data.strip()}\n" if data.strip() else ""


class Browser:
    """One customer's phone, with the address that the customer was given."""

    person = "+8613800138000"
    exempt = EXEMPT

    def __init__(self, *, clock: Ticker, gateway_url: str, account: str, customer: str, key: str) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        """Stays empty: answers go out by text."""
        self.pages: list[Page] = []
        """Every page that was shown, oldest first."""
        self.fills: dict[str, str] = {"place": "滨江机房", "contact": "李工"}
        """What is filled into the fields beside what is said."""
        self.key = key
        self.customer = customer
        self._clock = clock
        self._base = f"{gateway_url.rstrip('/')}/in/visit/{account}/f"
        self._account = account
        self._working = 0
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Switch the phone on."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=15), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def stop(self) -> None:
        """Switch it off."""
        if self._session:
            await self._session.close()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the key is written into `folder`."""
        secret = folder / f"visit_{self._account}_key"
        secret.write_text(self.key, encoding="utf-8")
        return {"key": {"file": str(secret)}}

    def busy(self) -> bool:
        """A page is being asked for at this instant."""
        return self._working > 0

    @property
    def address(self) -> str:
        """The address that this customer has, signed as README.md says."""
        signer = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        made = URLSafeSerializer(self.key, salt="visit-address-1", signer_kwargs=signer).dumps(self.customer)
        return f"{self._base}/{made if isinstance(made, str) else made.decode()}"

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """Open the form, fill in `text` as what it is for, and send it; returns the hidden field of the copy."""
        del subject, group, answers
        if self.fault is Fault.DOWN:
            return ""
        page = await self.open()
        if self.fault is Fault.SLOW:
            await self._clock.sleep(SLOWNESS)
        fields = {**page.fields, **self.fills, "what": text, "phone": sender}
        await self.send(fields)
        if self.fault is Fault.TWICE:
            await self.send(fields)
        return page.fields["seal"]

    async def open(self, query: str = "", **headers: str) -> Page:
        """Ask for the empty form."""
        return await self._ask("GET", f"{self.address}{query}", headers=headers)

    async def send(self, fields: Mapping[str, str]) -> Page:
        """Send a form as a browser does: line breaks as CR LF (WHATWG HTML 4.10.22.4)."""
        broken = {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in fields.items()}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", self.address, headers=headers, body=urlencode(broken).encode())

    async def _ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Page:
        assert self._session, "the phone is switched off"  # noqa: S101 - a mistake of the caller
        self._working += 1
        try:
            async with self._session.request(method, url, headers=headers, data=body) as response:
                html = (await response.read()).decode()
                page = Page(status=response.status, headers=dict(response.headers), html=html)
        finally:
            self._working -= 1
        _Reader(page).feed(page.html)
        self.pages.append(page)
        return page


def build(*, clock: Ticker, gateway_url: str, account: str, customer: str = "市第一医院", key: str = "") -> Browser:
    """The phone of one customer of a visit account."""
    made = key or secrets.token_hex(32)
    return Browser(clock=clock, gateway_url=gateway_url, account=account, customer=customer, key=made)
