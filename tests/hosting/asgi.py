"""A request to an ASGI app, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def get(app: Any, path: str, query: str = "", **headers: str) -> Answer:
    """What the app answers to a GET."""
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": named}
    return to_its_end(_answer(app, {**scope, "root_path": "", "scheme": "http"}))


def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What it returns, run in a thread of its own: in this one a browser test may have left an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _answer(app: Any, scope: dict[str, Any]) -> Answer:
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    headers = [(name.decode(), value.decode()) for name, value in messages[0]["headers"]]
    assert len(dict(headers)) == len(headers), "a header is sent twice"
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(messages[0]["status"], dict(headers), body.decode())
