"""`yizhan broadcast groups`: who belongs to which user group, and what runs where."""

from __future__ import annotations

from typing import Any

import click

from gateway.commands.broadcast_wire import Wire, person_option, reader, talking, writer
from gateway.commands.common import config_option, fail, json_option, put

PAGE = 500
"""Members asked for at once."""
NAME = click.argument("name")
WHOM = click.argument("whom", metavar="ADDRESS...", nargs=-1, required=True)


@click.group()
def command() -> None:
    """Show and change user groups: whom a broadcast may be meant for."""


@command.command("list")
@config_option
@json_option
def list_(config_path: str | None, as_json: bool) -> None:
    """List the groups with how many contacts, customers, and chat groups or lists each has."""
    with talking():
        found = reader(config_path).get("/groups")
    for one in found:
        if as_json:
            put(one)
        else:
            owed = "  contractual" if one["contractual"] else ""
            counts = f"contacts {one['contacts']}, customers {one['customers']}, chats and lists {one['own']}"
            click.echo(f"{one['name']}  {counts}{owed}")


@command.command()
@NAME
@click.option("--search", default="", help="Only members in whose name, customer or address this stands.")
@config_option
@json_option
def show(name: str, search: str, config_path: str | None, as_json: bool) -> None:
    """List the members of group NAME, with what runs with each."""
    wire = reader(config_path)
    with talking():
        group = _group(wire, name)
        after = ""
        while after is not None:
            path = f"/groups/{group['id']}/members"
            page = wire.get(path, word=search, after=after, limit=PAGE)
            for one in page["members"]:
                put(one) if as_json else click.echo(_line(one))
            after = page["after"]


@command.command()
@NAME
@click.option("--contractual", is_flag=True, help="A security notice goes to its members although they opted out.")
@person_option
@json_option
def create(name: str, contractual: bool, person: str | None, config_path: str | None, as_json: bool) -> None:
    """Make group NAME."""
    wire = writer(config_path, person)
    with talking():
        _told(wire.send("POST", "/groups", {"name": name, "contractual": contractual}), as_json)


@command.command()
@NAME
@click.option("--name", "new", metavar="NEW", help="What it is to be called.")
@click.option("--contractual/--not-contractual", default=None, help="Whether notices are owed to it by contract.")
@person_option
@json_option
def change(
    *, name: str, new: str | None, contractual: bool | None, person: str | None, config_path: str | None, as_json: bool
) -> None:
    """Rename group NAME, or say whether notices are owed to it."""
    wire = writer(config_path, person)
    with talking():
        wish = {"name": new, "contractual": contractual}
        _told(wire.send("PATCH", f"/groups/{_group(wire, name)['id']}", wish), as_json)


@command.command()
@NAME
@person_option
@json_option
def delete(name: str, person: str | None, config_path: str | None, as_json: bool) -> None:
    """Delete group NAME; who was in it stays known. Refused while a broadcast has yet to look it up."""
    wire = writer(config_path, person)
    with talking():
        _told(wire.send("DELETE", f"/groups/{_group(wire, name)['id']}"), as_json)


@command.command()
@NAME
@WHOM
@click.option("--called", default="", help="What a chat group or list is to be called.")
@person_option
@json_option
def add(
    *, name: str, whom: tuple[str, ...], called: str, person: str | None, config_path: str | None, as_json: bool
) -> None:
    """Put into group NAME whoever has an ADDRESS, all of them or none.

    An ADDRESS is a number, a mail address, the name of a contact or of a customer (all its people), an id such as c12,
    or, for a chat group or mailing list, the account and the id or address: "email:main|users@lists.example".
    """
    wire = writer(config_path, person)
    with talking():
        path = f"/groups/{_group(wire, name)['id']}/members"
        _told(wire.send("POST", path, {"members": list(whom), "name": called}), as_json)


@command.command()
@NAME
@WHOM
@person_option
@json_option
def remove(*, name: str, whom: tuple[str, ...], person: str | None, config_path: str | None, as_json: bool) -> None:
    """Take whoever has an ADDRESS out of group NAME, all of them or none."""
    from urllib.parse import urlencode

    wire = writer(config_path, person)
    with talking():
        path = f"/groups/{_group(wire, name)['id']}/members"
        query = urlencode([("who", _member(wire, path, one)) for one in whom])
        _told(wire.send("DELETE", f"{path}?{query}"), as_json)


@command.command()
@click.argument("owner", metavar="ID")
@click.argument("product")
@click.argument("version", required=False, default="")
@click.option("--region", default="", help="Where it runs; one product may run in several.")
@person_option
@json_option
def install(
    *,
    owner: str,
    product: str,
    version: str,
    region: str,
    person: str | None,
    config_path: str | None,
    as_json: bool,
) -> None:
    """Note that PRODUCT runs in VERSION with ID, a contact (c12) or a customer (k3) as `show` prints it."""
    wire = writer(config_path, person)
    home = {"owner": owner, "product": product, "version": version, "region": region}
    with talking():
        _told(wire.send("PUT", "/groups/installations", home), as_json)


@command.command()
@click.argument("owner", metavar="ID")
@click.argument("product")
@click.option("--region", default="", help="Where it ran.")
@person_option
@json_option
def uninstall(
    *, owner: str, product: str, region: str, person: str | None, config_path: str | None, as_json: bool
) -> None:
    """Strike out that PRODUCT runs with ID."""
    wire = writer(config_path, person)
    with talking():
        found = wire.get("/groups/installations", owner=owner)
        mine = [one for one in found if (one["product"], one["region"]) == (product, region)]
        if not mine:
            fail(f"{product} is not noted with {owner}; noted: {', '.join(map(_home, found)) or 'nothing'}")
        _told(wire.send("DELETE", f"/groups/installations/{mine[0]['id']}"), as_json)


def _group(wire: Wire, name: str) -> Any:
    found = wire.get("/groups")
    mine = next((one for one in found if name in (one["name"], one["id"])), None)
    if mine is None:
        fail(f"there is no group {name!r}; there are: {', '.join(one['name'] for one in found) or 'none'}")
    return mine


def _member(wire: Wire, path: str, word: str) -> str:
    """Return who of a group's members is meant by an id, a name or an address."""
    _, bar, address = word.partition("|")
    known = [] if _id(word) else wire.get(path, word=address if bar else word, limit=PAGE)["members"]
    exact = [one for one in known if word in (one["who"], one["name"], *(pair[1] for pair in one["addresses"]))]
    found = exact or known
    if _id(word):
        return word
    if len(found) != 1:
        several = ", ".join(f"{one['who']} {one['name']}" for one in found)
        fail(f"{len(found)} members fit {word!r}; give the id: {several}" if found else f"no member fits {word!r}")
    return str(found[0]["who"])


def _id(word: str) -> bool:
    return word[:1] in ("c", "k") and word[1:].isdecimal()


def _line(one: dict[str, Any]) -> str:
    addresses = "  ".join(value for _, value in one["addresses"])
    people = f"{one['people']} contacts" if one["people"] else ""
    homes = "; ".join(map(_home, one["installations"]))
    customer = one["customer"] if one["customer"] != one["name"] else ""
    return "  ".join(filter(None, (one["who"], one["name"], customer, people, addresses, homes)))


def _home(one: dict[str, Any]) -> str:
    return " ".join(filter(None, (one["product"], one["version"], one["region"])))


def _told(made: Any, as_json: bool) -> None:
    if as_json:
        put(made)
    else:
        count = f", {made['count']} member(s)" if made["count"] else ""
        click.echo(f"{made['answer']}{count}", err=True)
