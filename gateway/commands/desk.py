"""Changes from the command line: by the running gateway where there is one, else straight in the store.

On SQLite one process may write, so a command asks the gateway that runs; on PostgreSQL any process may.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.commands import desk_account, desk_rota
from gateway.commands.common import fail, read_config
from gateway.commands.direct import straight
from gateway.config import Config

TIMEOUT = 10.0


def ask(
    config_path: str | None, what: str, choose: Callable[[Config], dict[str, Any]], *, channels: bool = False
) -> dict[str, Any]:
    """Make one change and return what became of a move; ends with exit 1 and the reason when it cannot be made.

    `channels`: the change may cause texts, so that the channels must be known.
    """
    config = read_config(config_path, channels=channels)
    wish = choose(config)
    made = None if what == "poll" else _locally(config, what, wish)
    return _remotely(config, what, wish) if made is None else made


def _remotely(config: Config, what: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    method, path, body = _request(what, wish)
    url = address(config, path)
    request = urllib.request.Request(url, json.dumps(body).encode(), headers(config), method=method)  # noqa: S310
    try:
        with straight(request, TIMEOUT) as answer:
            said = answer.read()
            found = json.loads(said) if said else {}
            return found if isinstance(found, dict) else {"rows": found}
    except urllib.error.HTTPError as error:
        fail(f"the gateway refused ({error.code}): {error.read(500).decode('utf-8', 'replace')}")
    except OSError as error:
        fail(f"no gateway answers at {url}: {error}; start it with yizhan run")


def address(config: Config, path: str) -> str:
    """Return where the running gateway answers."""
    host = f"[{config.gateway.host}]" if ":" in config.gateway.host else config.gateway.host
    return f"http://{host}:{config.gateway.port}/api/v1{path}"


def headers(config: Config) -> dict[str, str]:
    """Return what the running gateway wants to see of its operator."""
    token = config.gateway.operator_token
    known = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
    return {"Content-Type": "application/json", **known}


def _part(what: str) -> Any:
    """Return the module that knows changes of this prefix."""
    return next((one for one in (desk_rota, desk_account) if what.startswith(one.PREFIX)), None)


def _request(what: str, wish: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    if part := _part(what):
        asked: tuple[str, str, dict[str, Any]] = part.request(what, wish)
        return asked
    if what == "stand_in":
        return "PUT", f"/duty/{wish['role']}", {key: wish[key] for key in ("person", "until", "by")}
    if what in ("link", "drill", "swap"):
        return "POST", "/rota/swaps" if what == "swap" else f"/{what}s", dict(wish)
    if what == "move":
        body = {key: value for key, value in wish.items() if key != "number"}
        return "POST", f"/tickets/{wish['number']}/moves", body
    if what == "release":
        return "POST", f"/quarantine/{wish['number']}/release", {}
    return "POST", f"/polls/{urllib.parse.quote(wish['account'], safe='')}/now", {}


def _locally(config: Config, what: str, wish: Mapping[str, Any]) -> dict[str, Any] | None:
    """Write straight to the store; None when a gateway has it."""
    from store.db import StoreLocked, open_database

    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC))
    except StoreLocked:
        return None
    try:
        database.migrate()
        answer = asyncio.run(_write(config, database, what, wish))
    finally:
        database.close()
    if answer is False:
        fail("there is nothing like that, or it was done before")
    return answer if isinstance(answer, dict) else {}


async def _write(config: Config, database: Any, what: str, wish: Mapping[str, Any]) -> object:
    from gateway.app import table_of
    from gateway.moves import Moves, StandIn
    from gateway.standing import Standing, Ways
    from store.linking import new_code, put_code
    from store.quarantine import quarantined_one, release
    from store.writer import Writer

    writer = Writer(database, woken=lambda _: None)
    writer.start()
    try:
        if what == "release":
            with database.read() as connection:
                found = quarantined_one(connection, wish["number"])
            if found is not None and found.message_id is None and found.released_at is None:
                fail("these bytes must be read again by their channel: start the gateway and release them then")
            return await writer.do(release, wish["number"]) is not None
        if what == "link":
            return await writer.do(put_code, new_code(wish))
        if what == "move":
            return await _moved(config, writer, wish)
        if what in ("swap", "drill"):
            return await (_swapped if what == "swap" else _drilled)(config, writer, wish)
        if part := _part(what):
            return await part.write(config, writer, what, wish)
        until = datetime.fromisoformat(wish["until"]) if wish["until"] else None
        standing = Standing(config=config, ways=Ways(can={}), table=table_of(config), judges=())
        item = StandIn(role=wish["role"], person=wish["person"], until=until, by=wish["by"])
        return await writer.do(Moves(standing).stand_in, item)
    finally:
        await writer.stop()


async def _swapped(config: Config, writer: Any, wish: Mapping[str, Any]) -> dict[str, Any]:
    from gateway.app import build_channels, table_of
    from gateway.clock import SystemClock
    from gateway.moves import Moves
    from gateway.standing import Standing, ways
    from router.swaps import Wish

    channels = build_channels(config, SystemClock())
    standing = Standing(config=config, ways=ways(channels), table=table_of(config), judges=())
    days = tuple(day for day in (wish["day"], wish["for_day"]) if day)
    made = await writer.do(Moves(standing).swap, Wish(person=wish["by"], other=wish["other"], days=days))
    for channel in channels.values():
        await channel.close()
    return {"ok": made.ok, "answer": made.answer, "variables": dict(made.variables)}


async def _drilled(config: Config, writer: Any, wish: Mapping[str, Any]) -> dict[str, Any]:
    from dataclasses import asdict

    from gateway.app import build_channels, table_of
    from gateway.clock import SystemClock
    from gateway.drilling import Drills, Wish
    from gateway.standing import Standing, ways

    channels = build_channels(config, SystemClock())
    standing = Standing(config=config, ways=ways(channels), table=table_of(config), judges=())
    planned = await writer.do(Drills(standing).begin, Wish(**wish))
    for channel in channels.values():
        await channel.close()
    return {"rows": [{**asdict(one), "at": one.at.isoformat()} for one in planned]}


async def _moved(config: Config, writer: Any, wish: Mapping[str, Any]) -> dict[str, Any]:
    from gateway.app import build_channels, table_of
    from gateway.clock import SystemClock
    from gateway.judges import judge_of
    from gateway.moves import Moves, Wish
    from gateway.splitting import Split, Splitting
    from gateway.standing import Standing, ways
    from gateway.web.ticket import command

    channels = build_channels(config, SystemClock())
    standing = Standing(config=config, ways=ways(channels), table=table_of(config), judges=(judge_of(config),))
    if wish["move"] == "split":
        given = {name: wish[name] for name in ("number", "following", "receipt")}
        made = await writer.do(
            Splitting(standing).split, Split(person=wish["by"], message_id=int(wish["message"]), **given)
        )
    else:
        given = {name: str(wish.get(name) or "") for name in ("other", "to", "text")}
        order = command(wish["move"], **given)
        if order is None:
            fail("this move is not understood")
        made = await writer.do(Moves(standing).make, Wish(person=wish["by"], number=wish["number"], command=order))
    for channel in channels.values():
        await channel.close()
    return {"ok": made.ok, "answer": made.answer, "variables": dict(made.variables)}
