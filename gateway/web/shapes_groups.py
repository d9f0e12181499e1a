"""The shapes of the API about user groups, version 1."""

from __future__ import annotations

from pydantic import Field

from gateway.web.shape import Id, Shape
from gateway.web.shapes_rota import Asked


class GroupShape(Shape):
    """A group with how many it has of each sort; `own` are chat groups and mailing lists."""

    id: Id
    name: str
    contractual: bool
    contacts: int
    customers: int
    own: int


class InstallationShape(Shape):
    """What runs where: `owner` is "c<id of a contact>" or "k<id of a customer>"."""

    id: Id
    owner: str
    product: str
    version: str
    region: str


class MemberShape(Shape):
    """One member; `addresses` are pairs of book and value, of a chat group or list account and address."""

    who: str
    name: str
    customer: str
    people: int
    addresses: list[tuple[str, str]]
    installations: list[InstallationShape]


class MembersShape(Shape):
    """Some members; the next begin after `after`, null where there are no more."""

    members: list[MemberShape]
    after: str | None


class NewGroupShape(Asked):
    """A group that is to be there."""

    name: str = Field(min_length=1, max_length=100)
    contractual: bool = False


class GroupChangeShape(Asked):
    """What is to be different about a group; what is not there stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    contractual: bool | None = None


class JoiningShape(Asked):
    """Whom to put in: ids such as c12 or k3, names, addresses, or "<channel>:<account>|<address>"."""

    members: list[str] = Field(min_length=1, max_length=1000)
    name: str = Field(default="", max_length=200)
    """What a chat group or list is to be called, where there is one."""


class InstalledShape(Asked):
    """What runs with a contact or a customer; the same product in the same region is noted anew."""

    owner: str = Field(pattern=r"^[ck][1-9]\d{0,18}$")
    product: str = Field(min_length=1, max_length=200)
    version: str = Field(default="", max_length=200)
    region: str = Field(default="", max_length=200)


class GroupDidShape(Shape):
    """What became of it: done, or same where nothing changed; `count` of members."""

    id: Id | None
    answer: str
    count: int
