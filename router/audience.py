"""Who of an audience needs it, and by which channel each person is written to once; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from router import versions
from router.broadcast_plan import Audience, Plan
from store.model import SuppressionKind

MANY: Final = 3
"""More products or versions than this are not all named in a text."""


class Reason(StrEnum):
    """Why a channel of a person is not written to, or why nobody is."""

    OTHER_CHANNEL = "other_channel"
    """A better one is chosen."""
    NO_ADDRESS = "no_address"
    """No channel of this site leads to the person."""
    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    REFUSED = "refused"
    WINDOW = "window"
    """The provider lets us answer there, and not begin."""
    ONE_GROUP = "one_group"
    """The same address is written to already, as a list of its own."""
    NOT_SENDING = "not_sending"
    """The channel only hears, or speaks."""
    NOT_MOBILE = "not_mobile"
    """A landline or an extension takes no texts."""
    NOT_IN_ORDER = "not_in_order"
    """The plan names the channels, and this is none of them."""
    FILTERED = "filtered"
    """A filter holds, and nobody knows who is in a chat group or on a list."""
    VERSION_UNKNOWN = "version_unknown"
    """They have the product, and nobody wrote down in which version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A channel as far as it matters here."""

    channel: str
    """"<channel>:<account>"."""
    method: str
    book: str
    sends: bool = True
    """It carries written texts."""
    window: bool = False
    """It only answers, whoever wrote lately."""
    links: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Road:
    """A way in its rank, and what speaks against it whoever is meant."""

    way: Way
    against: str = ""
    """A Reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One channel of one recipient: it is chosen, or the reason says why not."""

    channel: str
    address: str
    group: bool = False
    chosen: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What runs with somebody."""

    product: str
    version: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an audience's filters say of somebody's installations."""

    fits: bool
    homes: Sequence[Home] = ()
    """Those that fit."""
    unknown: bool = False
    """None fits, but one would if its version were known."""


def fitting(audience: Audience, homes: Sequence[Home], *, grade: str, contract: str) -> Found:
    """Tell whether somebody is meant: one installation must fit all of product, version and region."""
    if (audience.grades and grade not in audience.grades) or (
        audience.contracts and contract not in audience.contracts
    ):
        return Found(fits=False)
    if not (audience.product or audience.versions or audience.regions):
        return Found(fits=True, homes=homes)
    product = audience.product.casefold()
    placed = [
        home
        for home in homes
        if product in ("", home.product.casefold()) and (not audience.regions or home.region in audience.regions)
    ]
    meant = [home for home in placed if versions.fits(audience.versions, home.version)] if audience.versions else placed
    unknown = not meant and any(not versions.known(home.version) for home in placed)
    return Found(fits=bool(meant), homes=meant, unknown=unknown)


def roads(ways: Sequence[Way], order: Sequence[str]) -> list[Road]:
    """Rank the ways to a person: as the plan names them, else chat apps that reach at any time, mail, texts.

    Of one method the order given stays. A way that cannot send is told only where no other leads to its book.
    """
    sending = {way.book for way in ways if way.sends}
    told = [way for way in ways if way.sends or way.book not in sending]
    return [
        Road(way=way, against=_against(way, order))
        for way in sorted(told, key=lambda way: (bool(_against(way, order)), _rank(way, order)))
    ]


def _against(way: Way, order: Sequence[str]) -> str:
    if not way.sends:
        return Reason.NOT_SENDING
    if order and _rank(way, order) == len(order):
        return Reason.NOT_IN_ORDER
    return Reason.WINDOW if way.window else ""


def _rank(way: Way, order: Sequence[str]) -> int:
    if order:
        names = (way.channel, way.channel.partition(":")[0], way.method)
        return next((place for place, name in enumerate(order) if name in names), len(order))
    if way.method == "mail":
        return 1
    if way.method == "sms":
        return 2
    # A link is what most broadcasts are about; a chat app that carries none comes after a text with a code.
    return 0 if way.links and way.method != "push" else 3


Stops = Mapping[tuple[str, str], str]
"""(method, address) to a SuppressionKind."""


def rows(
    plan: Plan, ways: Sequence[Road], addresses: Mapping[str, Sequence[str]], stops: Stops, *, owed: bool = False
) -> list[Row]:
    """Choose how one person is written to, and say why not by each other channel.

    `addresses`: by book, the oldest first. `owed`: a member of a contractual group. Who refused adverts by any
    channel gets no advert by another; of a plain notice only the channel that was refused falls out.
    """
    if plan.security and owed:
        stops = {pair: kind for pair, kind in stops.items() if kind != SuppressionKind.OPTED_OUT}
    open_to = [road for road in ways if addresses.get(road.way.book)]
    silent = plan.commercial and any(
        stops.get((road.way.method, address)) == SuppressionKind.OPTED_OUT
        for road in open_to
        for address in addresses[road.way.book]
    )
    made: list[Row] = []
    chosen = False
    for road in open_to:
        address, against = _address(road, addresses[road.way.book], stops)
        reason = road.against or (Reason.OPTED_OUT if silent else against)
        takes = not reason and not chosen
        chosen = chosen or takes
        made.append(
            Row(
                channel=road.way.channel,
                address=address,
                chosen=takes,
                reason="" if takes else str(reason or Reason.OTHER_CHANNEL),
            )
        )
    return made or [nobody(Reason.NO_ADDRESS)]


def nobody(reason: str) -> Row:
    """Return the row of somebody whom no channel leads to, or who is left out as a whole."""
    return Row(channel="", address="", reason=str(reason))


def _address(road: Road, addresses: Sequence[str], stops: Stops) -> tuple[str, str]:
    """Return the first address that nothing speaks against, else one with what does; a landline says the least."""
    for address in addresses:
        if (road.way.method, address) not in stops:
            return address, ""
    against = [(address, stops[road.way.method, address]) for address in addresses]
    return next((pair for pair in against if pair[1] != Reason.NOT_MOBILE), against[0])


def why(found: Sequence[Row]) -> str:
    """Return the one reason that is counted for somebody who is not written to; "" for who is."""
    if any(row.chosen for row in found):
        return ""
    return found[0].reason


def named(values: Sequence[str], language: str) -> str:
    """Write several products or versions in one text, each once."""
    if len(values) < 2:
        return values[0] if values else ""
    distinct = list(dict.fromkeys(value for value in values if value))
    if len(distinct) > MANY:
        distinct = [*distinct[:MANY], "…"]
    return ("、" if language == "zh" else ", ").join(distinct)
