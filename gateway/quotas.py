"""The quotas of accounts as they stand: who can be asked by what within them, and what is left on each phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gateway.files import Files
from gateway.standing import Standing
from router.effects import Climb, Rung
from router.quotas import ORDER, PATIENCE, Moved, Prospect, Quota, Reach, Room, Sending, Use, foresee, room, used
from store import quotas as counts
from store.db import Database
from store.quotas import Used

EVERY = ""
"""In place of a recipient: all that went by an account."""


def longest(quotas: Iterable[Quota]) -> timedelta:
    """Return how far back quotas count."""
    return max((quota.within for quota in quotas), default=timedelta(0))


def ways_of(files: Files, person: str, method: str) -> Sequence[Reach]:
    """Return every (account, address) for a person and method, the first choice first."""
    found = files.reaches.get((person, method))
    if found is None:
        found = files.reaches[person, method] = list(_ways(files, person, method))
    return found


def _ways(files: Files, person: str, method: str) -> Iterator[Reach]:
    known = files.scene.settings.people.get(person)
    if known is None:
        return
    for destination in files.standing.carrying(method, known.addresses.get("tel", "")):
        book = files.standing.ways.book(destination)
        address = known.addresses.get(book) or files.linked(book, person=person)
        if address:
            yield destination, address


def uses(files: Files, reaches: Iterable[Reach]) -> None:
    """Bring in what went to these lately, and what is about to go, with one statement for all that is not known."""
    known = {
        reach: quotas for reach in reaches if reach not in files.uses and (quotas := files.standing.quotas(reach[0]))
    }
    if not known:
        return
    files.work.flush()
    now, database = files.tx.now, files.tx.database
    since = now - longest(quota for quotas in known.values() for quota in quotas)
    files.uses.update({reach: [] for reach in known})
    for one in counts.used(files.tx.connection, database, known, since):
        files.uses[one.destination, one.to].append(_use(one))
    for destination, quotas in {reach[0]: quotas for reach, quotas in known.items()}.items():
        if (destination, EVERY) not in files.uses and any(quota.per == "account" for quota in quotas):
            found = counts.used_by_account(files.tx.connection, destination, now - longest(quotas), now)
            files.uses[destination, EVERY] = [_use(one) for one in found]


def _use(one: Used) -> Use:
    return Use(at=one.at, to=one.to, template=one.template)


def known_uses(files: Files, reach: Reach) -> Sequence[Use]:
    """Return what was brought in for an address, or for the whole account where a quota counts all of it."""
    whole = files.uses.get((reach[0], EVERY))
    return files.uses.get(reach, []) if whole is None else whole


def sending(to: str, method: str) -> Sending:
    """Return a page as the quotas see it."""
    return Sending(to=to, template="voice_page" if method == "voice" else "page")


def room_for(files: Files, reach: Reach, method: str) -> Room:
    """Tell when a page may go to an address by an account."""
    quotas = files.standing.quotas(reach[0])
    if not quotas:
        return Room(at=files.tx.now)
    uses(files, [reach])
    return room(quotas, known_uses(files, reach), sending(reach[1], method), files.tx.now, files.scene.settings.zone)


def roomy(files: Files, person: str, method: str, *, but: Sequence[str] = ()) -> Reach | None:
    """Return the first (account, address) by which a page can go now."""
    for reach in ways_of(files, person, method):
        if reach[0] not in but and room_for(files, reach, method).at <= files.tx.now + PATIENCE:
            return reach
    return None


def foreseen(files: Files, effect: Climb) -> tuple[tuple[Rung, ...], tuple[Moved, ...]]:
    """Look along a ladder before it begins, and move what a quota would swallow."""
    ahead = effect.plan[effect.next :]
    firsts = [reach for rung in ahead for reach in ways_of(files, rung.person, rung.by)[:1]]
    if not any(files.standing.quotas(destination) for destination, _ in firsts):
        return effect.plan, ()
    people = dict.fromkeys(rung.person for rung in ahead)
    ways = {(person, by): ways_of(files, person, by) for person in people for by in ORDER}
    reaches = {reach for found in ways.values() for reach in found}
    uses(files, reaches)
    lately: dict[str, list[Use]] = {}
    for reach in sorted(reaches):
        if (reach[0], EVERY) not in files.uses or reach[0] not in lately:
            lately.setdefault(reach[0], []).extend(known_uses(files, reach))
    prospect = Prospect(
        quotas={destination: files.standing.quotas(destination) for destination, _ in reaches},
        ways=ways,
        uses=lately,
        zone=files.scene.settings.zone,
    )
    laid, moves = foresee(ahead, effect.start, files.tx.now, prospect)
    return (*effect.plan[: effect.next], *laid), moves


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What is left of a quota on one phone, or of a whole account."""

    destination: str
    person: str
    """A staff key, or "" for the account."""
    quota: Quota
    used: int

    @property
    def left(self) -> int:
        """How many texts may still go within the window."""
        return max(0, self.quota.most - self.used)


def left(connection: Connection, database: Database, standing: Standing, now: datetime) -> list[Left]:
    """Count, for every phone of the staff and every account with quotas, what was used; texts that wait count."""
    router, found = standing.router, []
    for destination, quotas in standing.all_quotas().items():
        book = standing.ways.book(destination)
        phones = {key: tel for key, person in router.people.items() if (tel := person.addresses.get(book))}
        since = now - longest(quotas)
        rows = counts.used(connection, database, [(destination, tel) for tel in phones.values()], since)
        every = [_use(one) for one in rows]
        for quota in quotas:
            if quota.per == "account":
                whole = [_use(one) for one in counts.used_by_account(connection, destination, since, now)]
                count = used(quota, whole, Sending(to=EVERY), now, router.zone)
                found.append(Left(destination=destination, person="", quota=quota, used=count))
            elif quota.per != "group":
                found += [
                    Left(
                        destination=destination,
                        person=key,
                        quota=quota,
                        used=_worst(quota, every, tel, now, router.zone),
                    )
                    for key, tel in phones.items()
                ]
    return found


def _worst(quota: Quota, every: Sequence[Use], tel: str, now: datetime, zone: ZoneInfo) -> int:
    """Count what one phone used; where templates count apart, of the one that was used most."""
    templates = {use.template for use in every if use.to == tel} if quota.per == "template" else {""}
    return max((used(quota, every, Sending(to=tel, template=one), now, zone) for one in templates), default=0)
