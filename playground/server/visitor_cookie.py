"""The cookie by which a browser's runs are known, set with the page itself: no script can read it (HttpOnly)."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground import identity

MAX_AGE_S = 180 * 86_400  # since the last visit; core/jobs/retention.py keeps finished runs for as long


class VisitorCookie:
    """ASGI middleware around Streamlit's app.

    A browser that opens a page gets a secret, or its own once more for another half year; one that a script has set
    becomes unreadable for scripts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Set-Cookie", set_cookie(scope))
                    headers["Cache-Control"] = "private, no-cache"  # no proxy may give it to another visitor
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def set_cookie(scope: Scope) -> str:
    """The header for whoever sent a request: the secret that they have, or a fresh one."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    known = cookie_parser(headers.get(b"cookie", "")).get(identity.COOKIE, "")
    secret = known if identity.SECRET.fullmatch(known) else secrets.token_hex(16)
    protocol = headers.get(b"x-forwarded-proto", scope.get("scheme", "")).split(",")[0].strip()
    secure = "; Secure" if protocol == "https" else ""
    return f"{identity.COOKIE}={secret}; Max-Age={MAX_AGE_S}; Path=/; HttpOnly; SameSite=Lax{secure}"
