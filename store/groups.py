"""User groups, their members and what is installed where: the moves; each leaves a line of history."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import delete, select, update

from store.among import among
from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Broadcast, BroadcastState, Event, EventKind, Installation, Member, UserGroup
from store.rows import nouns, values

LONGEST: Final = 100
"""Characters of a name."""
APART: Final = re.compile("[;；、\n]")
"""What stands between the names of groups in a table, and so in no name."""
USING: Final = (BroadcastState.DRAFT, BroadcastState.SUBMITTED, BroadcastState.FREEZING)
"""Broadcasts whose list is not written yet find their groups by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Did:
    """What became of a move: `answer` is done, same, exists, unknown_group, in_use or bad_name."""

    answer: str
    id: int | None = None
    count: int = 0
    numbers: tuple[int, ...] = ()
    """Broadcasts that stand in the way."""

    @property
    def ok(self) -> bool:
        """It is as it was wished."""
        return self.answer in ("done", "same")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewGroup:
    """A group that is to be there."""

    name: str
    by: str
    contractual: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What is to be different about a group; None leaves it."""

    id: int
    by: str
    name: str | None = None
    contractual: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """A group, or an installation, that is not wanted any more."""

    id: int
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Members:
    """Who is to be in a group, or no more: who to the name of an address of its own."""

    group_id: int
    by: str
    whos: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """What runs with somebody; of one product in one region there is one version."""

    owner: str
    product: str
    by: str
    version: str = ""
    region: str = ""


def tidy(name: str) -> str:
    """Return a name as it is kept."""
    return " ".join(clean(name).split())


def wrong(name: str) -> bool:
    """Tell whether a name cannot be one."""
    return not name or len(name) > LONGEST or bool(APART.search(name))


def note(tx: Tx, by: str, text: str, **more: object) -> None:
    """Write a line of history."""
    said = {key: str(value) for key, value in more.items()}
    row = Event(id=tx.database.ids(), at=tx.now, kind=EventKind.BROADCAST, actor=by, text=text, more=said)
    tx.connection.execute(table_of(Event).insert(), values(row))


def create(tx: Tx, items: Sequence[NewGroup]) -> list[Did]:
    """Make groups; one that there is already is answered with its id."""
    known = named(tx, {tidy(item.name) for item in items})
    answers = []
    for item in items:
        name = tidy(item.name)
        if wrong(name):
            answers.append(Did(answer="bad_name"))
        elif name in known:
            same = known[name].contractual == item.contractual
            answers.append(Did(answer="same" if same else "exists", id=known[name].id))
        else:
            row = UserGroup(id=tx.database.ids(), name=name, contractual=item.contractual, at=tx.now, by=item.by)
            tx.connection.execute(tx.database.insert(UserGroup).values(values(row)).on_conflict_do_nothing())
            known[name] = named(tx, {name})[name]  # another process may have been first
            note(tx, item.by, "a group was made", group=name)
            answers.append(Did(answer="done", id=known[name].id))
    return answers


def change(tx: Tx, items: Sequence[Change]) -> list[Did]:
    """Rename groups, or say whether they are owed notices by contract."""
    known = by_id(tx, {item.id for item in items})
    return [_change(tx, known.get(item.id), item) for item in items]


def _change(tx: Tx, group: UserGroup | None, item: Change) -> Did:
    if group is None:
        return Did(answer="unknown_group")
    name = group.name if item.name is None else tidy(item.name)
    contractual = group.contractual if item.contractual is None else item.contractual
    if (name, contractual) == (group.name, group.contractual):
        return Did(answer="same", id=group.id)
    if name != group.name:
        if wrong(name):
            return Did(answer="bad_name", id=group.id)
        if named(tx, {name}):
            return Did(answer="exists", id=group.id)
        if numbers := users(tx, group.name):
            return Did(answer="in_use", id=group.id, numbers=numbers)
    table = table_of(UserGroup)
    wanted = {"name": name, "contractual": contractual}
    tx.connection.execute(update(table).where(table.c.id == group.id).values(wanted))
    note(tx, item.by, "a group was changed", group=group.name, **wanted)
    group.__dict__.update(wanted)
    return Did(answer="done", id=group.id)


def remove(tx: Tx, items: Sequence[Gone]) -> list[Did]:
    """Delete groups that no broadcast still has to look up; who was in them stays known."""
    known = by_id(tx, {item.id for item in items})
    answers = []
    for item in items:
        group = known.get(item.id)
        numbers = users(tx, group.name) if group else ()
        if group is None or numbers:
            answers.append(Did(answer="in_use" if group else "unknown_group", id=item.id, numbers=numbers))
            continue
        members, groups = table_of(Member), table_of(UserGroup)
        gone = tx.connection.execute(delete(members).where(members.c.group_id == group.id))
        tx.connection.execute(delete(groups).where(groups.c.id == group.id))
        note(tx, item.by, "a group was deleted", group=group.name, members=gone.rowcount)
        del known[item.id]
        answers.append(Did(answer="done", id=item.id, count=gone.rowcount))
    return answers


def join(tx: Tx, items: Sequence[Members]) -> list[Did]:
    """Put members into groups; who is in already stays as they are, but for a new name."""
    known = by_id(tx, {item.group_id for item in items})
    answers = []
    for item in items:
        group = known.get(item.group_id)
        if group is None:
            answers.append(Did(answer="unknown_group"))
            continue
        there = _there(tx, group.id, item.whos)
        new = [who for who in item.whos if who not in there]
        called = {who: name for who, name in item.whos.items() if name and there.get(who, name) != name}
        add_members(tx, [(group.id, who, item.whos[who]) for who in new])
        for who, name in called.items():
            table = table_of(Member)
            tx.connection.execute(
                update(table).where(table.c.group_id == group.id, table.c.who == who).values(name=clean(name))
            )
        if new or called:
            note(tx, item.by, "members were added", group=group.name, count=len(new), first=(new or list(called))[0])
        answers.append(Did(answer="done" if new or called else "same", id=group.id, count=len(new)))
    return answers


def leave(tx: Tx, items: Sequence[Members]) -> list[Did]:
    """Take members out of groups."""
    known = by_id(tx, {item.group_id for item in items})
    answers = []
    for item in items:
        group = known.get(item.group_id)
        if group is None:
            answers.append(Did(answer="unknown_group"))
            continue
        table = table_of(Member)
        wanted = among(tx.connection, table.c.who, item.whos)
        gone = tx.connection.execute(delete(table).where(table.c.group_id == group.id, wanted)).rowcount
        if gone:
            note(tx, item.by, "members were removed", group=group.name, count=gone, first=next(iter(item.whos)))
        answers.append(Did(answer="done" if gone else "same", id=group.id, count=gone))
    return answers


def add_members(tx: Tx, rows: Sequence[tuple[int, str, str]]) -> None:
    """Write (group, who, name); those that are there already are left."""
    made = [
        values(Member(id=tx.database.ids(), group_id=group, who=who, name=clean(name), at=tx.now))
        for group, who, name in rows
    ]
    if made:
        tx.connection.execute(tx.database.insert(Member).on_conflict_do_nothing(), made)


def install(tx: Tx, items: Sequence[Installed]) -> list[Did]:
    """Write down what runs where; the same again changes nothing."""
    table = table_of(Installation)
    answers = []
    for item in items:
        product, region = tidy(item.product), tidy(item.region)
        if not product:
            answers.append(Did(answer="bad_name"))
            continue
        place = (table.c.owner == item.owner, table.c.product == product, table.c.region == region)
        found = next(iter(nouns(Installation, tx.connection.execute(select(table).where(*place)).mappings())), None)
        version = tidy(item.version)
        if found is not None and found.version == version:
            answers.append(Did(answer="same", id=found.id))
            continue
        ident = found.id if found else tx.database.ids()
        row = Installation(id=ident, owner=item.owner, product=product, version=version, region=region, at=tx.now)
        put = tx.database.insert(Installation).values(values(row))
        said = {name: put.excluded[name] for name in ("version", "at")}
        tx.connection.execute(put.on_conflict_do_update(index_elements=["owner", "product", "region"], set_=said))
        note(tx, item.by, "an installation was noted", owner=item.owner, product=product, version=version)
        answers.append(Did(answer="done", id=ident))
    return answers


def uninstall(tx: Tx, items: Sequence[Gone]) -> list[Did]:
    """Strike out installations."""
    table = table_of(Installation)
    answers = []
    for item in items:
        rows = tx.connection.execute(select(table).where(table.c.id == item.id)).mappings()
        found = next(iter(nouns(Installation, rows)), None)
        if found is not None:
            tx.connection.execute(delete(table).where(table.c.id == item.id))
            note(tx, item.by, "an installation was struck out", owner=found.owner, product=found.product)
        answers.append(Did(answer="done" if found else "same", id=item.id))
    return answers


def named(tx: Tx, names: Collection[str]) -> dict[str, UserGroup]:
    """Return the groups of these names."""
    table = table_of(UserGroup)
    statement = select(table).where(among(tx.connection, table.c.name, names))
    return {one.name: one for one in nouns(UserGroup, tx.connection.execute(statement).mappings())}


def by_id(tx: Tx, idents: Collection[int]) -> dict[int, UserGroup]:
    """Return groups by their ids."""
    table = table_of(UserGroup)
    statement = select(table).where(among(tx.connection, table.c.id, idents))
    return {one.id: one for one in nouns(UserGroup, tx.connection.execute(statement).mappings())}


def users(tx: Tx, name: str) -> tuple[int, ...]:
    """Return the numbers of the broadcasts that still have to look a group up."""
    c = table_of(Broadcast).c
    rows = tx.connection.execute(select(c.number, c.plan).where(c.state.in_(USING)).order_by(c.number)).all()
    return tuple(row[0] for row in rows if name in ((row[1] or {}).get("audience") or {}).get("groups", ()))


def _there(tx: Tx, group: int, whos: Collection[str]) -> dict[str, str]:
    c = table_of(Member).c
    statement = select(c.who, c.name).where(c.group_id == group, among(tx.connection, c.who, whos))
    return {row[0]: row[1] for row in tx.connection.execute(statement).all()}
