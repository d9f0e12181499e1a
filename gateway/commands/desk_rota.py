"""The changes of `yizhan rota`, as a request to the running gateway and straight to the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from gateway.commands.common import fail
from gateway.config import Config

PREFIX = "rota."


def request(what: str, wish: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return method, path below /api/v1 and body of a change."""
    match what.removeprefix(PREFIX):
        case "stand_in":
            return "POST", "/rota/shifts", dict(wish)
        case "leave":
            return "POST", "/rota/presences", dict(wish)
        case "come_back":
            query = urlencode({"by": wish["by"], "planned": str(wish["planned"]).lower()})
            return "DELETE", f"/rota/presences/{quote(wish['person'], safe='')}?{query}", {}
        case "open_feed":
            return "POST", "/rota/feeds", dict(wish)
    return "DELETE", f"/rota/feeds?{urlencode({'by': wish['by'], 'person': wish['person']})}", {}


async def write(config: Config, writer: Any, what: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Make a change in a store that no gateway has; answers what the API would."""
    from gateway.app import table_of
    from gateway.rota_moves import Back, FeedWish, Gone, RotaMoves, Stands, new_secret
    from gateway.rota_table import stand_of
    from gateway.standing import Standing, Ways
    from gateway.web.feeds import feed_path

    moves = RotaMoves(Standing(config=config, ways=Ways(can={}), table=table_of(config), judges=()))
    match what.removeprefix(PREFIX):
        case "stand_in":
            stands = [stand_of(one) for one in wish["shifts"]]
            return {"ids": await writer.do(moves.stand_in, Stands(stands=stands, by=wish["by"], why=wish["why"]))}
        case "leave":
            span = {name: datetime.fromisoformat(wish[name]) for name in ("begins", "ends")}
            gone = Gone(person=wish["person"], **span, by=wish["by"], why=wish["why"])
            return {"ids": [await writer.do(moves.leave, gone)]}
        case "come_back":
            ended = await writer.do(moves.come_back, Back(**wish))
            return _ended(ended, f"{wish['person']} is not away")
        case "open_feed":
            secret, digest = new_secret()
            await writer.do(moves.open_feed, FeedWish(**wish, digest=digest))
            return {"path": feed_path(secret), "url": f"{config.gateway.public_url}{feed_path(secret)}"}
    ended = await writer.do(moves.revoke_feeds, FeedWish(**wish))
    return _ended(ended, "there is no such address")


def _ended(count: int, otherwise: str) -> dict[str, Any]:
    if not count:
        fail(otherwise)
    return {"ended": count}
