"""The pages of user groups: the list, and one group with its members and what runs with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.grouping import WHO, Meant, accounts, meant, own
from gateway.web.desk import Desk, see_other
from gateway.web.words import NAMED
from router import versions
from store import group_lists, groups
from store.group_lists import Chat, Group, Listed
from store.groups import Change, Did, Gone, Installed, Members, NewGroup

PAGE = 100
"""Members on one page."""
RIGHT = "broadcast"
TYPED = ("name", "word", "account", "address", "own_name")


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a form came to, and what the page that answers it needs."""

    key: str
    status: int = 303
    numbers: tuple[int, ...] = ()
    choices: Sequence[Listed] = ()
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form of a group's page, and by whom it was filled in."""

    form: FormData = field(repr=False)
    ident: int
    by: str

    def __call__(self, name: str) -> str:
        """Return what stands in a field."""
        return _text(self.form, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One page of a group."""

    group: Group
    members: list[Listed]
    chats: list[Chat]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the pages."""
    acts = Acts(desk)

    async def listed(request: Request) -> Response:
        return await list_page(desk, request, Said(key=request.query_params.get("said", ""), status=200))

    async def show(request: Request) -> Response:
        return await group_page(desk, request, Said(key=request.query_params.get("said", ""), status=200))

    async def create(request: Request) -> Response:
        return await acts.create(request)

    async def act(request: Request) -> Response:
        return await acts.do(request)

    one = "/groups/{ident:int}"
    return [
        Route("/groups", listed, methods=["GET"]),
        Route("/groups", create, methods=["POST"]),
        Route(one, show, methods=["GET"]),
        Route(one, act, methods=["POST"]),
    ]


async def list_page(desk: Desk, request: Request, said: Said) -> Response:
    """Show all groups."""
    found = await desk.read(group_lists.groups)
    return desk.render(request, "groups.html", status=said.status, rows=found, **_around(desk, request, said))


async def group_page(desk: Desk, request: Request, said: Said) -> Response:
    """Show one group: 100 members, and the forms where the reader may change something."""
    ident, query = request.path_params["ident"], request.query_params
    word, after = query.get("q", "").strip()[:200], query.get("after", "")
    writers = accounts(desk.house.standing)
    found = await desk.read(lambda connection: _shown(connection, ident, word, after))
    if found is None:
        raise HTTPException(404)
    more = len(found.members) > PAGE
    members = found.members[:PAGE]
    given = {"q": word} if word else {}
    path = f"/groups/{ident}"
    return desk.render(
        request,
        "group.html",
        status=said.status,
        group=found.group,
        members=members,
        chats=[chat for chat in found.chats if chat.channel in writers],
        accounts=writers,
        word=word,
        after=after,
        next=f"{path}?{urlencode({**given, 'after': members[-1].who})}" if more else "",
        first=f"{path}?{urlencode(given)}" if after else "",
        choices=said.choices,
        **_around(desk, request, said),
    )


def _shown(connection: Connection, ident: int, word: str, after: str) -> Shown | None:
    group = next(iter(group_lists.groups(connection, ident=ident)), None)
    if group is None:
        return None
    members = group_lists.members(connection, ident, word=word, after=after, limit=PAGE + 1)
    return Shown(group=group, members=members, chats=group_lists.chats(connection))


def _around(desk: Desk, request: Request, said: Said) -> Mapping[str, object]:
    person = desk.person(request)
    known = f"said.groups_{said.key}" in NAMED
    return {
        "may": desk.may(person, RIGHT),
        "said": f"groups_{said.key}" if known else "",
        "numbers": said.numbers,
        "typed": {name: said.typed.get(name, "") for name in TYPED},
    }


class Acts:
    """What the forms do; each answers with what to say, "groups_..." of the words."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._writer = desk.house.writer

    async def create(self, request: Request) -> Response:
        """Make a group and show it."""
        form = await self._desk.form(request)
        by = self._person(request)
        if by is None:
            return await list_page(self._desk, request, Said(key="no_right", status=403))
        item = NewGroup(name=_text(form, "name"), by=by, contractual="contractual" in form)
        did = await self._writer.do(groups.create, item)
        if did.ok:
            return see_other(f"/groups/{did.id}", said=did.answer)
        said = Said(key=did.answer, status=422, typed={"name": item.name})
        return await list_page(self._desk, request, said)

    async def do(self, request: Request) -> Response:
        """Do what one form of a group's page asks for, and show the page again."""
        form, ident = await self._desk.form(request), request.path_params["ident"]
        acts: Mapping[str, Callable[[Filled], Awaitable[Said]]] = {
            "add": self._add,
            "own": self._own,
            "remove": self._remove,
            "change": self._change,
            "delete": self._delete,
            "install": self._install,
            "uninstall": self._uninstall,
        }
        by, act = self._person(request), acts.get(_text(form, "act"))
        if by is None or act is None:
            said = Said(key="no_right" if by is None else "nobody", status=403 if by is None else 422)
        else:
            said = await act(Filled(form=form, ident=ident, by=by))
        if said.key == "gone":
            return see_other("/groups", said=said.key)
        if said.status != 303:
            return await group_page(self._desk, request, said)
        kept = {name: value for name, value in request.query_params.items() if name in ("q", "after")}
        return see_other(f"/groups/{ident}", **kept, said=said.key)

    def _person(self, request: Request) -> str | None:
        person = self._desk.person(request)
        return person if self._desk.may(person, RIGHT) else None

    async def _add(self, asked: Filled) -> Said:
        picked = [who for one in asked.form.getlist("pick") if WHO.fullmatch(who := str(one))]
        if picked:
            return await self._joined(asked, dict.fromkeys(picked, ""))
        word, standing = asked("word"), self._desk.house.standing
        found = await self._desk.read(lambda connection: meant(connection, standing, word))
        return await self._meant(asked, found, {"word": word})

    async def _own(self, asked: Filled) -> Said:
        standing = self._desk.house.standing
        heard = [str(one).split("|", 1) for one in asked.form.getlist("heard") if "|" in str(one)]
        if heard:
            whos: dict[str, str] = {}
            for account, address in heard:
                whos |= own(standing, account, address).whos
            return await self._joined(asked, whos)
        typed = {name: asked(name) for name in ("account", "address", "own_name")}
        found = own(standing, typed["account"], typed["address"], typed["own_name"])
        return await self._meant(asked, found, typed)

    async def _meant(self, asked: Filled, found: Meant, typed: Mapping[str, str]) -> Said:
        if found.answer == "found":
            return await self._joined(asked, found.whos)
        return Said(key=found.answer, status=422, choices=found.choices, typed=typed)

    async def _joined(self, asked: Filled, whos: Mapping[str, str]) -> Said:
        item = Members(group_id=asked.ident, by=asked.by, whos=whos)
        return _said(await self._writer.do(groups.join, item))

    async def _remove(self, asked: Filled) -> Said:
        item = Members(group_id=asked.ident, by=asked.by, whos={asked("who"): ""})
        return _said(await self._writer.do(groups.leave, item))

    async def _change(self, asked: Filled) -> Said:
        item = Change(id=asked.ident, by=asked.by, name=asked("name"), contractual="contractual" in asked.form)
        return _said(await self._writer.do(groups.change, item))

    async def _delete(self, asked: Filled) -> Said:
        did = await self._writer.do(groups.remove, Gone(id=asked.ident, by=asked.by))
        return Said(key="gone") if did.ok else _said(did)

    async def _install(self, asked: Filled) -> Said:
        who, version = asked("who"), asked("version")
        if not WHO.fullmatch(who):
            return Said(key="nobody", status=422)
        if version and not versions.known(version):
            return Said(key="bad_version", status=422)
        item = Installed(owner=who, product=asked("product"), version=version, region=asked("region"), by=asked.by)
        return _said(await self._writer.do(groups.install, item))

    async def _uninstall(self, asked: Filled) -> Said:
        given = asked("installation")
        number = int(given) if given.isdecimal() and len(given) < 20 else 0
        return _said(await self._writer.do(groups.uninstall, Gone(id=number, by=asked.by)))


def _said(did: Did) -> Said:
    status = 303 if did.ok else 409 if did.answer in ("in_use", "exists") else 422
    return Said(key=did.answer, status=status, numbers=did.numbers)


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()[:300]
