"""A server on this machine for download tests: it breaks off, lies, changes its mind or is slow, as a test wants it."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from core.datasets import REMOTE, RemoteDataset


def png(seed: int, size: int = 24) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def pets() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for label, kind in enumerate(("Cat", "Dog")):
            for number in range(30):
                archive.writestr(f"PetImages/{kind}/{number}.png", png(100 * label + number, 64))
    return buffer.getvalue()


PETS = pets()  # some 700 kB


class Server(ThreadingHTTPServer):
    """Serves `content`; what else it does is set by the test."""

    content = PETS
    ranges = True  # answers a Range with 206
    break_after: int | None = None  # bytes of each answer after which the line breaks
    slow = 0.0  # seconds between two pieces
    status = 200
    tag = '"first"'
    honest_length = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []

    def handle_error(self, request, client_address) -> None:
        """A caller who hangs up is part of the test."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.server.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
        if self.headers.get("If-Range", self.server.tag) != self.server.tag:
            start = 0
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        self._answer(start)

    def _answer(self, start: int) -> None:
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("ETag", self.server.tag)
        if self.server.honest_length:
            self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(self.server.content)}")
        self.end_headers()
        body = body[: self.server.break_after]
        for at in range(0, len(body), 50_000):
            self.wfile.write(body[at : at + 50_000])
            self._rest()

    def _rest(self) -> None:
        """For as long as `slow` says by now: a test may be in less of a hurry first, and in more of it later."""
        since = time.monotonic()
        while time.monotonic() - since < self.server.slow:
            time.sleep(0.005)

    def log_message(self, *_) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    """A server in a thread of its own."""
    running = Server()
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()


def offering(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What puts an entry into the catalogue that lies on that server, and returns its name."""

    def entry(content: bytes = PETS, checksum: str | None = None, **changes) -> str:
        server.content = content
        md5 = f"md5:{hashlib.md5(content).hexdigest()}" if checksum is None else checksum
        url = f"http://127.0.0.1:{server.server_port}/pets.zip"
        made = RemoteDataset("Pets", "", url, len(content), md5, "ours", url, 60, ("Cat", "Dog"))
        monkeypatch.setitem(REMOTE, "pets", dataclasses.replace(made, **changes))
        return "pets"

    return entry
