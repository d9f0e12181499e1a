"""The moves on packages: begun, received, finished, broken, edited, revoked, dropped. Each is safe to be made twice.

What the row says of an upload under way is for people to look at; how far it is, the file itself says
(`gateway.broadcast.uploads`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from store import packages
from store.batch import Tx
from store.model import Event, EventKind, Package, PackageState
from store.work import Work

UNFINISHED: Final = (PackageState.COMING, PackageState.BROKEN)
"""Nobody was sent a link to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What people say of a package, and may change."""

    product: str = ""
    applies: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    intranet: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """The same as columns."""
        return {
            "product": self.product,
            "applies": self.applies,
            "notes": dict(self.notes),
            "intranet": self.intranet,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Begin:
    """Somebody wants to upload a file."""

    name: str
    version: str
    file: str
    size: int
    by: str
    about: About = About()


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """How far an upload is."""

    ident: int
    offset: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The whole file lies in the storage."""

    ident: int
    sha256: str
    place: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A move that needs no more than who makes it, and why."""

    ident: int
    by: str
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What is said of a package is to be different."""

    ident: int
    by: str
    about: About


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What a move came to; `package` is the row as it stands afterwards."""

    ok: bool
    answer: str
    package: Package | None = None


GONE: Final = Kept(ok=False, answer="unknown_package")


def begin(tx: Tx, items: Sequence[Begin]) -> list[Kept]:
    """Make the row of an upload, or find the one to go on with; another's or a finished one is "taken".

    A broken upload is begun anew by whoever wants to.
    """
    work = Work(tx)
    wanted = list({(item.name, item.version) for item in items})
    known = {(one.name, one.version): one for one in packages.named(tx.connection, wanted)}
    kept = [_begin(work, item, known) for item in items]
    work.flush()
    return kept


def _begin(work: Work, item: Begin, known: dict[tuple[str, str], Package]) -> Kept:
    found = known.get((item.name, item.version))
    fresh: dict[str, Any] = {"file": item.file, "size": item.size, "by": item.by, "at": work.now, **item.about.columns}
    fresh |= {"state": PackageState.COMING.value, "received": 0, "sha256": "", "place": ""}
    if found is None:
        found = work.add(Package(id=work.id(), name=item.name, version=item.version, **fresh))
        known[item.name, item.version] = found
        _note(work, found, item.by, "package begun")
        return Kept(ok=True, answer="begun", package=found)
    if found.state == PackageState.BROKEN:
        work.change(found, **fresh)
        _note(work, found, item.by, "package begun anew")
        return Kept(ok=True, answer="begun", package=found)
    same = (found.by, found.file, found.size) == (item.by, item.file, item.size)
    if found.state == PackageState.COMING and same:
        work.change(found, **item.about.columns)
        return Kept(ok=True, answer="resumed", package=found)
    return Kept(ok=False, answer="coming" if found.state == PackageState.COMING else "taken", package=found)


def received(tx: Tx, items: Sequence[Received]) -> list[Kept]:
    """Note how far uploads are; slices are no history, so no event tells of them."""
    return _each(tx, items, _received)


def _received(work: Work, found: Package, item: Received) -> Kept:
    if found.state != PackageState.COMING:
        return Kept(ok=False, answer="not_now", package=found)
    work.change(found, received=item.offset)
    return Kept(ok=True, answer="received", package=found)


def finished(tx: Tx, items: Sequence[Finished]) -> list[Kept]:
    """Hand packages out from now on."""
    return _each(tx, items, _finished)


def _finished(work: Work, found: Package, item: Finished) -> Kept:
    if found.state == PackageState.READY:
        return Kept(ok=True, answer="ready", package=found)
    if found.state != PackageState.COMING:
        return Kept(ok=False, answer="not_now", package=found)
    whole = {"received": found.size, "sha256": item.sha256, "place": item.place}
    work.change(found, state=PackageState.READY.value, at=work.now, **whole)
    _note(work, found, item.by, "package ready", sha256=item.sha256)
    return Kept(ok=True, answer="ready", package=found)


def broken(tx: Tx, items: Sequence[Named]) -> list[Kept]:
    """Give up what is not what was announced; it may be begun anew."""
    return _each(tx, items, _broken)


def _broken(work: Work, found: Package, item: Named) -> Kept:
    if found.state != PackageState.COMING:
        return Kept(ok=False, answer="not_now", package=found)
    work.change(found, state=PackageState.BROKEN.value, received=0)
    _note(work, found, item.by, "package broken", why=item.why)
    return Kept(ok=False, answer="broken", package=found)


def edit(tx: Tx, items: Sequence[Edit]) -> list[Kept]:
    """Change what is said of packages."""
    return _each(tx, items, _edit)


def _edit(work: Work, found: Package, item: Edit) -> Kept:
    if found.state == PackageState.REVOKED:
        return Kept(ok=False, answer="not_now", package=found)
    changed = {key: value for key, value in item.about.columns.items() if getattr(found, key) != value}
    if changed:
        work.change(found, **changed)
        _note(work, found, item.by, "package edited", changed=", ".join(sorted(changed)))
    return Kept(ok=True, answer="edited", package=found)


def revoke(tx: Tx, items: Sequence[Named]) -> list[Kept]:
    """Hand packages out no more; their bytes go once this is kept (`forgotten`)."""
    return _each(tx, items, _revoke)


def _revoke(work: Work, found: Package, item: Named) -> Kept:
    if found.state == PackageState.REVOKED:
        return Kept(ok=True, answer="revoked", package=found)
    if found.state != PackageState.READY:
        return Kept(ok=False, answer="not_now", package=found)
    work.change(found, state=PackageState.REVOKED.value, revoked_at=work.now, revoked_by=item.by)
    _note(work, found, item.by, "package revoked", why=item.why)
    return Kept(ok=True, answer="revoked", package=found)


def forgotten(tx: Tx, items: Sequence[int]) -> list[None]:
    """Note that the storage holds the bytes of revoked packages no more."""
    work = Work(tx)
    for found in packages.of(tx.connection, items, held=True):
        if found.state == PackageState.REVOKED:
            work.change(found, place="")
    work.flush()
    return [None] * len(items)


def drop(tx: Tx, items: Sequence[Named]) -> list[Kept]:
    """Take uploads back that never became packages: name and version are free again."""
    return _each(tx, items, _drop)


def _drop(work: Work, found: Package, item: Named) -> Kept:
    if found.state not in UNFINISHED:
        return Kept(ok=False, answer="not_now", package=found)
    work.delete(Package, [found.id])
    _note(work, found, item.by, "upload of a package dropped", why=item.why)
    return Kept(ok=True, answer="dropped", package=found)


def _each(tx: Tx, items: Sequence[Any], move: Any) -> list[Kept]:
    work = Work(tx)
    known = {one.id: one for one in packages.of(tx.connection, [item.ident for item in items], held=True)}
    kept = [move(work, known[item.ident], item) if item.ident in known else GONE for item in items]
    work.flush()
    return kept


def _note(work: Work, package: Package, by: str, text: str, **more: str) -> None:
    about = {"package": str(package.id), "name": package.name, "version": package.version}
    kept = {key: value for key, value in more.items() if value}
    work.add(Event(id=work.id(), at=work.now, kind=EventKind.BROADCAST, actor=by, text=text, more={**about, **kept}))
