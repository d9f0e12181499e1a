"""On the API whoever signed in acts in their own name, and the operator says for whom."""

from typing import Any

import httpx
import pytest

from gateway.app import House
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.web.server import build_app

HERE, ELSEWHERE = ("127.0.0.1", 5), ("192.0.2.7", 5)
SETTINGS = """
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
    wang: {name: 王经理, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li, manager: wang}
"""


@pytest.fixture
async def house(town: Any) -> House:
    made = await town({}, whole=SETTINGS)
    await plant(made.house)
    return made.house  # type: ignore[no-any-return]


def client(house: House, *, peer: Any = ELSEWHERE, auth: Any = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(house, hasher=QUICK), client=peer)
    headers = {"accept-language": "en"}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers, auth=auth)


SPAN = {"begins": "2026-11-26T00:00Z", "ends": "2026-11-27T00:00Z"}
ACTS = [
    ("POST", "/tickets/1/moves", {"move": "take"}),
    ("POST", "/ignored/1/open", {}),
    ("PUT", "/duty/lead", {"person": "li"}),
    ("POST", "/rota/swaps", {"other": "li", "day": "2026-11-26"}),
    ("POST", "/rota/shifts", {"shifts": [{"person": "li", **SPAN}]}),
    ("POST", "/rota/presences", {"person": "li", **SPAN}),
    ("POST", "/rota/feeds", {}),
    ("DELETE", "/rota/shifts/1", None),
    ("DELETE", "/rota/presences/li", None),
    ("DELETE", "/rota/feeds", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ACTS)
async def test_who_signed_in_acts_as_nobody_else_and_the_operator_as_anybody(
    house: House, method: str, path: str, body: Any
) -> None:
    async def ask(web: httpx.AsyncClient, by: str) -> httpx.Response:
        given = {"params": {"by": by}} if body is None else {"json": {**body, "by": by}}
        return await web.request(method, f"/api/v1{path}", **given)

    async with client(house, auth=("wang", PASSWORD)) as web:
        other, own = await ask(web, "zhang"), await ask(web, "wang")
    async with client(house, peer=HERE) as web:
        operator = await ask(web, "zhang")
    assert (other.status_code, "in as yourself" in other.text) == (403, True)
    assert 403 not in (own.status_code, operator.status_code)


async def test_a_stand_in_is_signed_by_who_signed_in(house: House) -> None:
    async with client(house, auth=("wang", PASSWORD)) as web:
        made = await web.put("/api/v1/duty/lead", json={"person": "li"})
        (shift,) = (await web.get("/api/v1/rota")).json()["shifts"]
    assert (made.status_code, shift["by"]) == (200, "wang")


async def test_a_code_for_another_of_the_staff_is_the_operators(house: House) -> None:
    code = {"digest": "0" * 64, "expires_at": "2026-11-27T00:00Z"}
    async with client(house, auth=("wang", PASSWORD)) as web:
        given = [(await web.post("/api/v1/links", json={**code, "person": one})).status_code for one in ("li", "wang")]
    async with client(house, peer=HERE) as web:
        operator = await web.post("/api/v1/links", json={**code, "digest": "1" * 64, "person": "li"})
    assert (given, operator.status_code) == ([403, 204], 204)
