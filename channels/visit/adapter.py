"""A public form per customer, at a signed address; what is sent is a message from the phone number given in it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    GiveUp,
    Outgoing,
    Parsed,
    Receipt,
    Webhook,
    Wire,
)
from channels.settings import Settings
from channels.visit import page, parse
from channels.visit.config import Account
from channels.visit.page import Shown
from channels.visit.seals import Copy, Seals

PREFIX: Final = "/f"
GOOD: Final = timedelta(hours=24)
"""How long a copy of the form is good: "tomorrow" means another day after that."""
AHEAD: Final = timedelta(minutes=5)
"""How far the clocks of two of our machines may differ."""
CAN: Final = Can(sends=False, replies=False, vouches=False, book="tel")


class VisitForm:
    """The form of one account."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"visit:{around.account}"
        self._account = account
        self._around = around
        self._seals = Seals(account.key.reveal(), epoch=account.epoch, valid_days=account.valid_days)

    def webhooks(self) -> Sequence[Webhook]:
        """The empty form, and the one that is sent."""
        return (
            Webhook(method="GET", prefix=PREFIX, read=self._show),
            Webhook(method="POST", prefix=PREFIX, read=self._take),
        )

    def invitation(self, customer: str) -> str:
        """The address of a customer's form; raises ValueError for a name that is empty or too long."""
        token = self._seals.address(customer, self._around.now())
        return f"{self._around.public_url}/in/visit/{self._around.account}{PREFIX}/{token}"

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Nothing can be sent to a form; answers go to the phone number as a text."""
        del outgoing
        raise GiveUp("a form takes requests in and sends nothing")

    async def check(self) -> Sequence[Finding]:
        """Whether what people type travels encrypted."""
        url = urlsplit(self._around.public_url)
        safe = url.scheme == "https" or _loopback(url.hostname or "")
        return (
            Finding(
                what="the form is served over https",
                ok=safe,
                note="" if safe else "names and phone numbers would travel for everybody to read",
                cure="" if safe else "put a proxy with TLS in front and write https into gateway.public_url",
            ),
        )

    async def close(self) -> None:
        """There is nothing to give back."""

    def _show(self, wire: Wire) -> Parsed:
        customer = self._customer(wire)
        language = parse.language(wire.query.get("lang", ""), wire.headers.get("accept-language", ""))
        shown = self._shown(customer, language, wire.at)
        return Parsed(reply=page.reply(page.form(shown), language=language))

    def _take(self, wire: Wire) -> Parsed:
        customer = self._customer(wire)
        filled = parse.filled(wire.body, type_=wire.headers.get("content-type", ""), region=self._account.region)
        copy = self._seals.opened(customer, filled.seal)
        fresh = copy if copy is not None and -AHEAD <= wire.at - copy.made_at <= GOOD else None
        if filled.switched or filled.wrong or filled.trapped or fresh is None:
            return self._again(customer, filled, wire, fresh)
        inbound = parse.inbound(filled, key=fresh.nonce, customer=customer, raw=wire.body)
        body = page.done(language=filled.language, house=self._account.house, phone=filled.typed["phone"])
        return Parsed(reply=page.reply(body, language=filled.language), inbounds=(inbound,))

    def _again(self, customer: str, filled: parse.Filled, wire: Wire, fresh: Copy | None) -> Parsed:
        """The same form with what was typed; a copy that is still good stays the same one."""
        notice = ""
        if not filled.switched:
            notice = "trapped" if filled.trapped else "" if fresh or filled.wrong else "old"
        shown = self._shown(
            customer,
            filled.language,
            wire.at,
            copy=fresh,
            typed=filled.typed,
            wrong={} if filled.switched else filled.wrong,
            notice=notice,
            again=True,
        )
        status = 200 if filled.switched else 422
        return Parsed(reply=page.reply(page.form(shown), language=filled.language, status=status))

    def _shown(self, customer: str, language: str, at: datetime, *, copy: Copy | None = None, **more: object) -> Shown:
        made = copy or Copy(nonce=secrets.token_hex(12), made_at=at)
        seal = self._seals.copy(customer, made)
        return Shown(language=language, customer=customer, seal=seal, house=self._account.house, **more)  # type: ignore[arg-type]

    def _customer(self, wire: Wire) -> str:
        """Whose address was called, before anything else of the request is looked at; raises Refused."""
        return self._seals.customer(wire.path.removeprefix(f"{PREFIX}/"), wire.at)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account."""
    if not isinstance(account, Account):
        raise TypeError("the visit channel needs the settings of channels.visit.config")
    return VisitForm(account, around)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
