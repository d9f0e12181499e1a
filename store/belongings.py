"""What an import of contacts says of groups and of what runs where; planned against what is there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from store.among import among
from store.db import table_of
from store.group_lists import installations
from store.model import Installation, Member, UserGroup
from store.model.base import Noun


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What one row of a table says to run with its person."""

    product: str
    version: str
    region: str
    place: str
    """Where the row stands."""


@dataclass(kw_only=True, slots=True)
class Belongings:
    """Groups, members and installations as they will be, and what is to be written."""

    groups: dict[str, int]
    members: set[tuple[int, str]]
    homes: dict[str, list[Installation]]
    added: list[Noun] = field(default_factory=list)
    changed: list[tuple[Noun, dict[str, object]]] = field(default_factory=list)
    spoken: dict[int, str] = field(default_factory=dict)
    """Installations that a row of this import speaks of, and its place."""

    def counted(self, kind: type[Noun]) -> int:
        """Tell how many of a kind are new."""
        return sum(isinstance(one, kind) for one in self.added)

    @property
    def told(self) -> dict[str, str]:
        """What stands in the history; empty where nothing changes."""
        found = {
            "groups": self.counted(UserGroup),
            "members": self.counted(Member),
            "installations": self.counted(Installation) + len(self.changed),
        }
        return {name: str(count) for name, count in found.items() if count}

    def join(self, who: str, group: str, *, make_id: Callable[[], int], now: datetime) -> None:
        """Put somebody into a group, which is made where there is none."""
        ident = self.groups.get(group)
        if ident is None:
            ident = self.groups[group] = make_id()
            self.added.append(UserGroup(id=ident, name=group, at=now))
        if (ident, who) not in self.members:
            self.members.add((ident, who))
            self.added.append(Member(id=make_id(), group_id=ident, who=who, at=now))

    def install(self, owner: str, home: Home, *, make_id: Callable[[], int], now: datetime) -> str:
        """Note what runs with somebody; returns why not, or "".

        A region that was not known is filled in. A row without a region means the only installation that there is.
        """
        mine = self.homes.setdefault(owner, [])
        alike = [one for one in mine if one.product.casefold() == home.product.casefold()]
        found = next((one for one in alike if one.region == home.region), None)
        if found is None and home.region:
            found = next((one for one in alike if not one.region), None)
        elif found is None and len(alike) == 1:
            found = alike[0]
        elif found is None and alike:
            return "the product runs in several regions with this person; say in which this is"
        if found is None:
            made = Installation(
                id=make_id(), owner=owner, product=home.product, version=home.version, region=home.region, at=now
            )
            mine.append(made)
            self.added.append(made)
            self.spoken[made.id] = home.place
            return ""
        said = {"version": home.version, "region": home.region}
        return self._update(found, {key: value for key, value in said.items() if value}, home.place, now)

    def _update(self, found: Installation, said: dict[str, str], place: str, now: datetime) -> str:
        differing = {key: value for key, value in said.items() if getattr(found, key) != value}
        first = self.spoken.setdefault(found.id, place)
        if differing and first != place:
            return f"{' and '.join(differing)} of {found.product} differ from {first}"
        if differing:
            columns: dict[str, object] = {**differing, "at": now}
            found.__dict__.update(columns)
            self.changed.append((found, columns))
        return ""


def known(connection: Connection, contacts: Collection[int], names: Collection[str]) -> Belongings:
    """Read what is there of the groups and people that an import speaks of."""
    g, m = table_of(UserGroup).c, table_of(Member).c
    owners = [f"c{one}" for one in contacts]
    groups = connection.execute(select(g.name, g.id).where(among(connection, g.name, names))).all()
    members = connection.execute(select(m.group_id, m.who).where(among(connection, m.who, owners))).all()
    return Belongings(
        groups={row[0]: row[1] for row in groups},
        members={(row[0], row[1]) for row in members},
        homes=dict(installations(connection, owners)),
    )
