"""The changes of `yizhan account`, as a request to the running gateway and straight to the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateway.commands.common import fail
from gateway.config import Config

PREFIX = "account."


def request(what: str, wish: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return method, path below /api/v1 and body of a change."""
    path = f"/accounts/{quote(wish['person'], safe='')}"
    match what.removeprefix(PREFIX):
        case "set":
            return "PUT", f"{path}/password", {"password": wish["password"]}
        case "remove":
            return "DELETE", f"{path}/password", {}
    return "POST", f"{path}/unlock", {}


async def write(config: Config, writer: Any, what: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Make a change in a store that no gateway has."""
    from argon2 import PasswordHasher

    from router.passwords import normal
    from store import logins

    del config
    person = wish["person"]
    if what == f"{PREFIX}set":
        digest = PasswordHasher().hash(normal(wish["password"]))
        await writer.do(logins.set_password, logins.NewPassword(person=person, digest=digest, by=""))
        return {}
    move = logins.remove if what == f"{PREFIX}remove" else logins.unlock
    if not await writer.do(move, logins.Asked(person=person, by="")):
        fail(f"{person} has no password")
    return {}
