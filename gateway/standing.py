"""What stands while the process runs: settings, the ways to people, and the table of judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from channels import numbers
from channels.contract import Can, Channel, Outgoing
from channels.powers import Previews
from gateway.config import Config
from router.judge import Judge
from router.quotas import Quota
from router.rules import Table
from router.settings import RouterSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Ways:
    """How people are reached: what each destination can do, and which destinations carry a method."""

    can: Mapping[str, Can]
    """By destination, "<channel>:<account>"."""
    previews: Mapping[str, Callable[[Outgoing], str]] = field(default_factory=dict)
    """Of the destinations that send something else than the text, what they would send."""

    def book(self, destination: str) -> str:
        """Return the address book of a destination; without a shared one it is the channel's own name."""
        can = self.can.get(destination)
        return can.book if can and can.book else destination.partition(":")[0]

    def answering(self, destination: str) -> str:
        """Return where somebody who wrote here is answered: here, or by text where only the number is known."""
        can = self.can.get(destination)
        if can is not None and not can.sends and can.book == "tel":
            return next(iter(self.carrying("sms")), destination)
        return destination

    def vouches(self, destination: str) -> bool:
        """Tell whether the sender of what comes in there can be believed."""
        can = self.can.get(destination)
        return can is None or can.vouches

    def carrying(self, method: str) -> tuple[str, ...]:
        """Return the destinations of a method, the first choice first: sms, voice, mail, or a channel's own name."""
        return tuple(name for name, can in self.can.items() if can.sends and self.method(name) == method)

    def method(self, destination: str) -> str:
        """Name the method of a destination by what it can do."""
        can = self.can.get(destination)
        if can is None:
            return destination.partition(":")[0]
        if can.pushes:
            return "push"
        if can.book == "tel":
            return "voice" if can.speaks else "sms"
        return "mail" if can.book == "email" else destination.partition(":")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Handed to everything that decides or writes."""

    config: Config
    ways: Ways
    table: Table
    judges: tuple[Judge, ...]
    """What weighs the words, beside the rules of the table."""

    @property
    def router(self) -> RouterSettings:
        """The router's settings."""
        return self.config.router

    def carrying(self, method: str, tel: str = "") -> tuple[str, ...]:
        """Return the destinations of a method for somebody with this number, in the order that the site wants."""
        found = self.ways.carrying(method)
        country = numbers.country(tel) if tel else ""
        for route in self.router.routes:
            if route.method == method and route.country in ("", country):
                chosen = [name for name in route.order if name in found]
                return (*chosen, *(name for name in found if name not in chosen and not route.only))
        return found

    def quotas(self, destination: str) -> tuple[Quota, ...]:
        """Return what an account bears: the site's own list, else what the provider's documents say."""
        own = self.config.gateway.quotas.get(destination)
        if own is not None:
            return tuple(Quota(most=q.most, within=q.within, per=q.per, hours=q.hours) for q in own)
        can = self.ways.can.get(destination)
        return tuple(Quota(most=q.most, within=q.within, per=q.per) for q in can.quotas) if can else ()

    def all_quotas(self) -> Mapping[str, tuple[Quota, ...]]:
        """Return the quotas of every account that has some."""
        found = {name: self.quotas(name) for name in self.ways.can}
        return {name: quotas for name, quotas in found.items() if quotas}

    def sign(self, language: str) -> str:
        """Return the name under which texts go out."""
        signature = self.config.gateway.signature
        return signature.en if language == "en" else signature.zh

    def staff(self, book: str, value: str) -> str | None:
        """Return the staff key behind an address."""
        for key, person in self.router.people.items():
            if person.addresses.get(book, "").lower() == value.lower() and value:
                return key
        return None


def ways(channels: Mapping[str, Channel]) -> Ways:
    """Read the ways off the channels that are configured."""
    return Ways(
        can={name: channel.can for name, channel in channels.items()},
        previews={name: channel.preview for name, channel in channels.items() if isinstance(channel, Previews)},
    )
