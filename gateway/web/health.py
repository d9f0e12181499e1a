"""Whether the process lives, whether it does its work, what it counts, and the page that says all of it."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.gauges import gauges
from gateway.health import Found, gather
from gateway.health_drill import known as drilled
from gateway.web.desk import Desk
from store.db import StoreUnavailable

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' exposition format."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes for supervisors, Prometheus and people."""
    house = desk.house

    async def alive(request: Request) -> Response:
        del request
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        found = await run_in_threadpool(gather, house)
        return answer(found, whole=desk.access.operator(request) or desk.person(request) is not None)

    async def metrics(request: Request) -> Response:
        del request
        return Response(await run_in_threadpool(gauges, house) + house.metrics.text(), media_type=TEXT)

    async def show(request: Request) -> Response:
        found, eye = await run_in_threadpool(gather, house), desk.eye(request)
        try:
            proofs = await desk.read(lambda connection: drilled(connection, house.config, eye.now))
        except StoreUnavailable:  # that stands among the findings
            proofs = []
        return desk.render(request, "health.html", eye=eye, found=found, proofs=proofs)

    return [
        Route("/healthz", alive, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/health", show, methods=["GET"]),
    ]


def answer(found: list[Found], *, whole: bool) -> Response:
    """Answer a supervisor: 503 with reasons while this process does not do its work; the rest are warnings.

    A stranger (`whole` is false) hears what is amiss and not whom it concerns.
    """
    reasons = [one.said for one in found if one.ok is False and one.grave]
    warnings = [one.said if whole else one.what for one in found if one.ok is False and not one.grave]
    body = {"ready": not reasons, "reasons": reasons, "warnings": warnings}
    return JSONResponse(body, status_code=503 if reasons else 200)
