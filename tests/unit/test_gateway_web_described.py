"""The description of the API lists every path with its methods."""

from typing import Any

import httpx

from gateway.web.server import build_app

PATHS = {
    "/tickets": ["get"],
    "/tickets/{number}": ["get"],
    "/tickets/{number}/moves": ["post"],
    "/polls": ["get"],
    "/polls/{account}/now": ["post"],
    "/quarantine": ["get"],
    "/quarantine/{ident}/release": ["post"],
    "/duty": ["get"],
    "/duty/{role}": ["put"],
    "/rota/swaps": ["post"],
    "/ignored": ["get"],
    "/ignored/{ident}/open": ["post"],
    "/corrections": ["get"],
    "/troubles": ["get"],
    "/links": ["post"],
    "/rota": ["get"],
    "/rota/feeds": ["delete", "post"],
    "/rota/flaws": ["get"],
    "/rota/presences": ["post"],
    "/rota/presences/{person}": ["delete"],
    "/rota/shifts": ["post"],
    "/rota/shifts/{ident}": ["delete"],
    "/visits": ["get"],
    "/accounts": ["get"],
    "/accounts/{person}/password": ["delete", "put"],
    "/accounts/{person}/unlock": ["post"],
    "/packages": ["get", "post"],
    "/packages/{ident}": ["get", "put"],
    "/packages/{ident}/finish": ["post"],
    "/packages/{ident}/revoke": ["post"],
    "/packages/{ident}/upload": ["delete", "get", "patch"],
    "/suppressions": ["get"],
    "/suppressions/allow": ["post"],
    "/suppressions/suppress": ["post"],
    "/groups": ["get", "post"],
    "/groups/installations": ["get", "put"],
    "/groups/installations/{ident}": ["delete"],
    "/groups/{ident}": ["delete", "get", "patch"],
    "/groups/{ident}/members": ["delete", "get", "post"],
    "/broadcasts": ["get", "post"],
    "/broadcasts/{number}": ["get", "put"],
    "/broadcasts/{number}/moves": ["post"],
    "/broadcasts/{number}/preview": ["get"],
    "/broadcasts/{number}/test": ["post"],
    "/broadcasts/{number}/recipients": ["get"],
    "/broadcasts/{number}/events": ["get"],
    "/broadcasts/{number}/result.xlsx": ["get"],
    "/health": ["get"],
    "/drills": ["get", "post"],
}


async def test_the_api_is_described(town: Any) -> None:
    transport = httpx.ASGITransport(build_app((await town({})).house), client=("127.0.0.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as web:
        described = (await web.get("/api/v1/openapi.json")).json()
        docs = await web.get("/api/v1/docs")
    assert {path: sorted(methods) for path, methods in described["paths"].items()} == PATHS
    assert docs.status_code == 404
