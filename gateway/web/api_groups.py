"""The API about user groups: who is in which, and what runs where. Everybody of the staff may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request

from gateway.broadcast.grouping import Meant, meant
from gateway.web.desk import Desk
from gateway.web.shapes_groups import (
    GroupChangeShape,
    GroupDidShape,
    GroupShape,
    InstallationShape,
    InstalledShape,
    JoiningShape,
    MembersShape,
    NewGroupShape,
)
from gateway.web.words import NAMED
from router import versions
from store import group_lists, groups
from store.groups import Change, Did, Gone, Installed, Members, NewGroup

Limit = Annotated[int, Query(ge=1, le=1000)]
STATUS: Mapping[str, int] = {"unknown_group": 404, "in_use": 409, "exists": 409, "bad_name": 422}


class GroupsApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house

    def _person(self, request: Request) -> str:
        person = self._desk.person(request)
        if person is None or not self._desk.may(person, "broadcast"):
            raise HTTPException(403, NAMED["said.groups_no_right"][1])
        return person

    async def listed(self) -> list[GroupShape]:
        """List the groups by name, with how many each has."""
        found = await self._desk.read(group_lists.groups)
        return [GroupShape.model_validate(one) for one in found]

    async def show(self, ident: int) -> GroupShape:
        """Show one group."""
        found = await self._desk.read(lambda connection: group_lists.groups(connection, ident=ident))
        if not found:
            raise HTTPException(404, f"there is no group {ident}")
        return GroupShape.model_validate(found[0])

    async def members(self, ident: int, word: str = "", after: str = "", limit: Limit = 100) -> MembersShape:
        """List members in a fixed order; `word` is a part of a name, a customer or an address."""
        found = await self._desk.read(
            lambda connection: group_lists.members(connection, ident, word=word, after=after, limit=limit)
        )
        last = found[-1].who if len(found) == limit else None
        return MembersShape.model_validate({"members": found, "after": last}, from_attributes=True)

    async def create(self, request: Request, wish: NewGroupShape) -> GroupDidShape:
        """Make a group; one of this name that is alike is answered with its id."""
        item = NewGroup(name=wish.name, by=self._person(request), contractual=wish.contractual)
        return _did(await self._house.writer.do(groups.create, item))

    async def change(self, request: Request, ident: int, wish: GroupChangeShape) -> GroupDidShape:
        """Rename a group, or say whether its members are owed notices by contract."""
        item = Change(id=ident, by=self._person(request), name=wish.name, contractual=wish.contractual)
        return _did(await self._house.writer.do(groups.change, item))

    async def remove(self, request: Request, ident: int) -> GroupDidShape:
        """Delete a group; 409 while a broadcast has yet to look it up."""
        return _did(await self._house.writer.do(groups.remove, Gone(id=ident, by=self._person(request))))

    async def join(self, request: Request, ident: int, wish: JoiningShape) -> GroupDidShape:
        """Put members in, all of them or none; 422 for one who is not known or not clear."""
        person, standing = self._person(request), self._house.standing
        found = await self._desk.read(
            lambda connection: [(word, meant(connection, standing, word)) for word in wish.members]
        )
        if bad := [f"{word!r}: {_why(one)}" for word, one in found if one.answer != "found"]:
            raise HTTPException(422, "; ".join(bad))
        whos = {who: wish.name or name for _, one in found for who, name in one.whos.items()}
        return _did(await self._house.writer.do(groups.join, Members(group_id=ident, by=person, whos=whos)))

    async def leave(self, request: Request, ident: int, who: Annotated[list[str], Query()]) -> GroupDidShape:
        """Take members out, named as they are listed: c12, k3 or "<channel>:<account>|<address>"."""
        item = Members(group_id=ident, by=self._person(request), whos=dict.fromkeys(who, ""))
        return _did(await self._house.writer.do(groups.leave, item))

    async def homes(self, owner: Annotated[list[str], Query()]) -> list[InstallationShape]:
        """List what runs with contacts (c12) and customers (k3)."""
        found = await self._desk.read(lambda connection: group_lists.installations(connection, owner))
        return [InstallationShape.model_validate(one) for some in found.values() for one in some]

    async def install(self, request: Request, wish: InstalledShape) -> GroupDidShape:
        """Note what runs with somebody."""
        person = self._person(request)
        if wish.version and not versions.known(wish.version):
            raise HTTPException(422, f"version: {wish.version!r} has no number; write it as 2.3.1")
        known = await self._desk.read(lambda connection: group_lists.described(connection, [(wish.owner, "")]))
        if not (known[0].name or known[0].addresses):
            raise HTTPException(404, f"nobody is {wish.owner}")
        return _did(await self._house.writer.do(groups.install, Installed(**wish.model_dump(), by=person)))

    async def uninstall(self, request: Request, ident: int) -> GroupDidShape:
        """Strike an installation out."""
        return _did(await self._house.writer.do(groups.uninstall, Gone(id=ident, by=self._person(request))))


def _why(found: Meant) -> str:
    words = NAMED[f"said.groups_{found.answer}"][1]
    ids = ", ".join(f"{one.who} {one.name}".strip() for one in found.choices)
    return f"{words} {ids}".strip()


def _did(did: Did) -> GroupDidShape:
    if not did.ok:
        numbers = ", ".join(map(str, did.numbers))
        raise HTTPException(STATUS[did.answer], f"{NAMED[f'said.groups_{did.answer}'][1]} {numbers}".strip())
    return GroupDidShape.model_validate(did)


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the API about groups."""
    api, router = GroupsApi(desk), APIRouter()
    router.add_api_route("/groups", api.listed, methods=["GET"])
    router.add_api_route("/groups", api.create, methods=["POST"], status_code=201)
    router.add_api_route("/groups/installations", api.homes, methods=["GET"])
    router.add_api_route("/groups/installations", api.install, methods=["PUT"])
    router.add_api_route("/groups/installations/{ident}", api.uninstall, methods=["DELETE"])
    router.add_api_route("/groups/{ident}", api.show, methods=["GET"])
    router.add_api_route("/groups/{ident}", api.change, methods=["PATCH"])
    router.add_api_route("/groups/{ident}", api.remove, methods=["DELETE"])
    router.add_api_route("/groups/{ident}/members", api.members, methods=["GET"])
    router.add_api_route("/groups/{ident}/members", api.join, methods=["POST"])
    router.add_api_route("/groups/{ident}/members", api.leave, methods=["DELETE"])
    return router
