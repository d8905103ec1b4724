"""Headers of everything that is sent, and a door before Streamlit's own metrics, which are open to everybody.

`?embed=true` is how a teacher's page shows ours in a frame; only then may others frame it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.server import access

METRICS_OF_STREAMLIT = "/_stcore/metrics"
EMBEDDERS = "CNN_PLAYGROUND_EMBED_FROM"  # addresses of the sites that may embed pages; all where it is not set
_SOURCE = re.compile(r"https?://[A-Za-z0-9.*:_-]+")
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address holds what a visitor set and typed
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class ResponseHeaders:
    """ASGI middleware around Streamlit's app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = {**ALWAYS, **framing(scope.get("query_string", b"").decode("latin-1"))}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class MetricsForAdmin:
    """ASGI middleware around Streamlit's app: its metrics are not there but for whoever knows the secret."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = _not_found if scope["type"] == "http" and _is_closed(scope) else self._app
        await app(scope, receive, send)


def framing(query: str) -> dict[str, str]:
    """The headers that say who may show the page in a frame: ourselves, and with `embed=true` others.

    >>> framing("k=3")["Content-Security-Policy"], framing("embed=true")["Content-Security-Policy"]
    ("frame-ancestors 'self'", 'frame-ancestors *')
    """
    if not any(value.lower() == "true" for value in parse_qs(query).get("embed", ())):
        return {"Content-Security-Policy": "frame-ancestors 'self'", "X-Frame-Options": "SAMEORIGIN"}
    sources = [source for source in os.environ.get(EMBEDDERS, "").split() if _SOURCE.fullmatch(source)]
    ancestors = " ".join(["'self'", *sources]) if sources else "*"
    return {"Content-Security-Policy": f"frame-ancestors {ancestors}"}


def _is_closed(scope: Scope) -> bool:
    """Whether a stranger asks for Streamlit's metrics."""
    is_metrics = scope["path"].rstrip("/").endswith(METRICS_OF_STREAMLIT)
    return is_metrics and not access.is_admin_header(Headers(scope=scope).get("authorization", ""))


_not_found = PlainTextResponse("Not Found", status_code=404)
