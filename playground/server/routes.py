"""The addresses beside the pages: `/healthz` for everybody, `/metrics` for those who know the secret."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.server import access, health, metrics, status

log = logging.getLogger(__name__)


async def healthz(request: Request) -> Response:
    """Whether the server can serve, as JSON; 503 if not."""
    found = await run_in_threadpool(health.checks)
    body = {"status": health.summary(found), "checks": found}
    return JSONResponse(body, health.status_code(found), {"Cache-Control": "no-store"})


async def metrics_text(request: Request) -> Response:
    """The metrics, for `Authorization: Bearer SECRET`; for strangers, and without a secret, there is nothing here."""
    if not access.is_admin_header(request.headers.get("authorization", "")):
        if access.is_configured():
            log.warning("metrics refused: no or wrong secret")
        return PlainTextResponse("Not Found", 404)
    families = (await run_in_threadpool(status.current)).families()
    return Response(metrics.exposition(families), headers={"Content-Type": metrics.CONTENT_TYPE})


ROUTES = (Route("/healthz", healthz), Route("/metrics", metrics_text))
