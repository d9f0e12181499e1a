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

from gateway.commands.common import fail, read_config
from gateway.config import Config

TIMEOUT = 10.0


def ask(config_path: str | None, what: str, choose: Callable[[Config], dict[str, Any]]) -> None:
    """Make one change; ends with exit 1 and the reason when it cannot be made."""
    config = read_config(config_path, channels=False)
    wish = choose(config)
    if what == "poll" or not _locally(config, what, wish):
        _remotely(config, what, wish)


def _remotely(config: Config, what: str, wish: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    if config.gateway.operator_token:
        headers["Authorization"] = f"Bearer {config.gateway.operator_token.reveal()}"
    method, path, body = _request(what, wish)
    url = f"http://{config.gateway.host}:{config.gateway.port}/api/v1{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        fail(f"the gateway refused ({error.code}): {error.read(500).decode('utf-8', 'replace')}")
    except OSError as error:
        fail(f"no gateway answers at {url}: {error}; start it with yizhan run")


def _request(what: str, wish: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    if what == "stand_in":
        return "PUT", f"/duty/{wish['role']}", {key: wish[key] for key in ("person", "until", "by")}
    if what == "link":
        return "POST", "/links", dict(wish)
    if what == "release":
        return "POST", f"/quarantine/{wish['number']}/release", {}
    return "POST", f"/polls/{urllib.parse.quote(wish['account'], safe='')}/now", {}


def _locally(config: Config, what: str, wish: Mapping[str, Any]) -> bool:
    from store.db import StoreLocked, open_database

    try:
        database = open_database(config.store.address, now=lambda: datetime.now(UTC))
    except StoreLocked:
        return False
    try:
        database.migrate()
        answer = asyncio.run(_write(config, database, what, wish))
    finally:
        database.close()
    if answer is False:
        fail("there is nothing like that, or it was done before")
    return True


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
        until = datetime.fromisoformat(wish["until"]) if wish["until"] else None
        standing = Standing(config=config, ways=Ways(can={}), table=table_of(config), judges=())
        item = StandIn(role=wish["role"], person=wish["person"], until=until, by=wish["by"])
        return await writer.do(Moves(standing).stand_in, item)
    finally:
        await writer.stop()
