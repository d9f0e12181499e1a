"""Reads the audience of a broadcast in chunks: pilots, then chat groups and lists, then contacts by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from channels.contract import Can
from channels.numbers import country, takes_texts
from gateway.broadcast.extremes import Extremes
from gateway.standing import Standing
from router.audience import Home, Reason, Road, Row, Way, fitting, named, nobody, roads, rows, why
from router.broadcast_plan import Plan
from store import audience
from store.audience import Candidate, Wanted
from store.model import SuppressionKind
from store.suppressions import suppressed

CHUNK = 500
FIRST = 5
"""Names that are shown before a broadcast is sent."""
VALUES = ("name", "customer", "product", "version", "region", "grade", "contract")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One recipient, and every channel that could have been."""

    who: str
    """"c<id of the contact>", "s:<staff key>", or "<channel>:<account>|<address>"."""
    contact_id: int | None = None
    name: str = field(default="", repr=False)
    language: str = "zh"
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    rows: list[Row] = field(default_factory=list)
    """At most one of them is chosen."""

    @property
    def chosen(self) -> Row | None:
        """How the recipient is written to; None for who is left out."""
        return next((row for row in self.rows if row.chosen), None)

    @property
    def pilot(self) -> bool:
        """It is one of the staff."""
        return self.who.startswith("s:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Some recipients; more come after `cursor`, also where these are few."""

    people: list[Target]
    cursor: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What an audience comes to now."""

    total: int = 0
    """Messages, those to pilots included."""
    pilots: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    """By "<channel>:<account>"."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """People to whom nothing goes, by Reason."""
    first: tuple[str, ...] = field(default=(), repr=False)
    longest: Target | None = None
    """Whose values are the longest, of all but the pilots."""
    emptiest: Target | None = None
    missing: tuple[str, ...] = ()
    """Groups that the plan names and that there are not."""
    extremes: Extremes = field(default_factory=Extremes, repr=False)
    """Of all but the pilots."""


def resolve(connection: Connection, standing: Standing, plan: Plan, *, after: str, limit: int) -> Chunk:
    """Return the next recipients of a plan; "" begins, and a cursor of None says that there are no more.

    The order is always the same, and a chunk takes a handful of statements whatever its size.
    """
    groups = audience.groups_named(connection, plan.audience.groups)
    reading = _Reading(connection, standing, plan, groups=sorted(groups.values()))
    stage, given = after[:1] or "s", after[1:]
    if stage == "s":
        people, rest = reading.pilots(int(given or 0), limit), "a"
    elif stage == "a":
        people, rest = reading.own(given, limit), "c"
    else:
        return reading.contacts(int(given or 0), limit)
    if len(people) == limit:
        last = str(int(given or 0) + limit) if stage == "s" else people[-1].who
        return Chunk(people=people, cursor=f"{stage}{last}")
    return Chunk(people=people, cursor=rest) if people else resolve(connection, standing, plan, after=rest, limit=limit)


def everybody(connection: Connection, standing: Standing, plan: Plan, *, limit: int = CHUNK) -> Iterator[Target]:
    """Give every recipient, a chunk at a time."""
    cursor: str | None = ""
    while cursor is not None:
        chunk = resolve(connection, standing, plan, after=cursor, limit=limit)
        yield from chunk.people
        cursor = chunk.cursor


def estimate(connection: Connection, standing: Standing, plan: Plan) -> Estimate:
    """Count what a plan comes to now; an audience of 100,000 takes seconds and no memory."""
    by_channel: dict[str, int] = {}
    left_out: dict[str, int] = {}
    first: list[str] = []
    pilots, extremes = 0, Extremes()
    longest: tuple[int, Target | None] = (-1, None)
    emptiest: tuple[tuple[int, int], Target | None] = ((len(VALUES) + 1, 0), None)
    for one in everybody(connection, standing, plan):
        chosen = one.chosen
        if chosen is None:
            reason = why(one.rows)
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        by_channel[chosen.channel] = by_channel.get(chosen.channel, 0) + 1
        if one.pilot:
            pilots += 1
            continue
        extremes.take(chosen.channel, one.language, one.values)
        if len(first) < FIRST:
            first.append(one.name or chosen.address)
        filled, length = sum(map(bool, one.values.values())), sum(map(len, one.values.values()))
        longest = (length, one) if length > longest[0] else longest
        emptiest = ((filled, length), one) if (filled, length) < emptiest[0] else emptiest
    known = audience.groups_named(connection, plan.audience.groups)
    return Estimate(
        total=sum(by_channel.values()),
        pilots=pilots,
        by_channel=by_channel,
        left_out=left_out,
        first=tuple(first),
        longest=longest[1],
        emptiest=emptiest[1],
        missing=tuple(name for name in plan.audience.groups if name not in known),
        extremes=extremes,
    )


def values(**known: str) -> Mapping[str, str]:
    """Return what a text is filled with; "" for what is not known."""
    return {name: known.get(name, "") for name in VALUES}


class _Reading:
    """One chunk that is being read."""

    def __init__(self, connection: Connection, standing: Standing, plan: Plan, *, groups: Sequence[int]) -> None:
        self._connection = connection
        self._standing = standing
        self._plan = plan
        self._groups = groups
        self._roads: dict[tuple[str, bool], list[Road]] = {}
        self._by_country = any(route.country for route in standing.router.routes)

    def pilots(self, begin: int, limit: int) -> list[Target]:
        """Return the staff who get it first."""
        keys = list(dict.fromkeys(self._plan.pilots))[begin : begin + limit]
        people = {key: self._standing.router.people.get(key) for key in keys}
        addresses = {
            key: {book: [value] for book, value in one.addresses.items()} if one else {} for key, one in people.items()
        }
        made = self._written({key: (addresses[key], True) for key in keys}, owed=frozenset())
        return [
            Target(
                who=f"s:{key}",
                name=one.name if one else key,
                language=one.language if one else "zh",
                values=values(name=one.name if one else key),
                rows=made[key],
            )
            for key, one in people.items()
        ]

    def own(self, after: str, limit: int) -> list[Target]:
        """Return chat groups and lists."""
        found = audience.own_addresses(self._connection, self._groups, after=after, limit=limit)
        places = {who: tuple(who.split("|", 1)) for who, _ in found}
        methods = {who: (self._standing.ways.method(channel), address) for who, (channel, address) in places.items()}
        stops = suppressed(self._connection, methods.values())
        owed = audience.owed_among(self._connection, methods) if self._plan.security else set()
        made = []
        for who, name in found:
            channel, address = places[who]
            can = self._standing.ways.can.get(channel)
            stop = stops.get(methods[who])
            kind = "" if stop is None or (who in owed and stop.kind == SuppressionKind.OPTED_OUT) else str(stop.kind)
            reason = self._against_group(channel, can) or kind
            group = can is not None and can.groups
            row = Row(channel=channel, address=address, group=group, chosen=not reason, reason=reason)
            made.append(Target(who=who, name=name, values=values(name=name), rows=[row]))
        return made

    def _against_group(self, channel: str, can: Can | None) -> str:
        if self._plan.audience.filtered:
            return Reason.FILTERED
        if can is None or not can.sends or can.speaks:
            return Reason.NOT_SENDING
        way = _way(channel, can, self._standing.ways.method(channel))
        against = roads([way], self._plan.order)[0].against
        if can.group_window is not None and against == "":
            return Reason.WINDOW
        return str(against)

    def contacts(self, after: int, limit: int) -> Chunk:
        """Return the next contacts whom the filters let through."""
        asked = self._plan.audience
        wanted = Wanted(
            everyone=asked.everyone,
            groups=self._groups,
            customers=asked.customers,
            grades=asked.grades,
            contracts=asked.contracts,
        )
        found = audience.candidates(self._connection, wanted, after=after, limit=limit)
        cursor = f"c{found[-1].id}" if len(found) == limit else None
        homes = {
            owner: [Home(product=product, version=version, region=region) for product, version, region in some]
            for owner, some in audience.homes_of(self._connection, {o for one in found for o in one.owners}).items()
        }
        meant: list[tuple[Candidate, Sequence[Home]]] = []
        unknown: set[int] = set()
        for one in found:
            own = [home for owner in one.owners for home in homes.get(owner, ())]
            fit = fitting(asked, own, grade=one.grade, contract=one.contract)
            if fit.fits or fit.unknown:
                meant.append((one, fit.homes))
            if fit.unknown:
                unknown.add(one.id)
        return Chunk(people=self._people(meant, unknown), cursor=cursor)

    def _people(self, meant: Sequence[tuple[Candidate, Sequence[Home]]], unknown: set[int]) -> list[Target]:
        people = [one for one, _ in meant]
        addresses = audience.addresses_of(self._connection, [one.id for one in people if one.id not in unknown])
        owed: frozenset[str] = frozenset()
        if self._plan.security and people:
            members = audience.owed_among(self._connection, (owner for one in people for owner in one.owners))
            owed = frozenset(f"c{one.id}" for one in people if not members.isdisjoint(one.owners))
        made = self._written({f"c{one.id}": (addresses.get(one.id, {}), False) for one in people}, owed=owed)
        self._only_once(made)
        return [
            Target(
                who=f"c{one.id}",
                contact_id=one.id,
                name=one.name,
                language=one.language,
                values=_values(one, homes),
                rows=[nobody(Reason.VERSION_UNKNOWN)] if one.id in unknown else made[f"c{one.id}"],
            )
            for one, homes in meant
        ]

    def _only_once(self, made: Mapping[str, list[Row]]) -> None:
        """Leave out who is the very list or chat group that is written to for itself."""
        chosen = {
            f"{row.channel}|{row.address}": (who, place)
            for who, found in made.items()
            for place, row in enumerate(found)
            if row.chosen
        }
        for address in audience.members_among(self._connection, self._groups, chosen):
            who, place = chosen[address]
            row = made[who][place]
            made[who][place] = Row(channel=row.channel, address=row.address, reason=str(Reason.ONE_GROUP))

    def _written(
        self, people: Mapping[str, tuple[Mapping[str, Sequence[str]], bool]], *, owed: frozenset[str]
    ) -> dict[str, list[Row]]:
        """Choose how each is written to; what stands against their addresses is asked for all at once."""
        ways = {who: self._roads_to(addresses, staff=staff) for who, (addresses, staff) in people.items()}
        pairs = {
            (road.way.method, address)
            for who, (addresses, _) in people.items()
            for road in ways[who]
            if road.way.sends
            for address in addresses.get(road.way.book, ())
        }
        stops = {pair: str(Reason.NOT_MOBILE) for pair in pairs if pair[0] == "sms" and not takes_texts(pair[1])}
        stops |= {pair: str(one.kind) for pair, one in suppressed(self._connection, pairs).items()}
        return {
            who: rows(self._plan, ways[who], addresses, stops, owed=who in owed)
            for who, (addresses, _) in people.items()
        }

    def _roads_to(self, addresses: Mapping[str, Sequence[str]], *, staff: bool) -> list[Road]:
        tel = next(iter(addresses.get("tel", ())), "") if self._by_country else ""
        key = (country(tel) if tel else "", staff)
        if key not in self._roads:
            self._roads[key] = roads(list(_ways(self._standing, tel, staff=staff)), self._plan.order)
        return self._roads[key]


def _ways(standing: Standing, tel: str, *, staff: bool) -> Iterator[Way]:
    """Give the ways that exist, those of one method in the order that the site wants for this number's country."""
    known = standing.ways
    asked: set[str] = set()
    for channel, can in known.can.items():
        method = known.method(channel)
        if method == "push" and not staff and not can.chats:
            continue  # a pager wakes the phones of the staff; an app that people write in is for everybody
        if method in ("sms", "mail") and can.sends:
            if method not in asked:
                asked.add(method)
                yield from (_way(one, known.can[one], method) for one in standing.carrying(method, tel))
        else:
            yield _way(channel, can, method)


def _way(channel: str, can: Can, method: str) -> Way:
    return Way(
        channel=channel,
        method=method,
        book=can.book or channel.partition(":")[0],
        sends=can.sends and not can.speaks,
        window=can.window is not None,
        links=can.links,
    )


def _values(one: Candidate, homes: Iterable[Home]) -> Mapping[str, str]:
    some = list(homes)
    return values(
        name=one.name,
        customer=one.customer,
        product=named([home.product for home in some], one.language),
        version=named([home.version for home in some], one.language),
        region=named([home.region for home in some], one.language),
        grade=one.grade,
        contract=one.contract,
    )
