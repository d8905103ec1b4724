"""The app and a headless Chromium, for tests that look at pages as a person does; the benchmarks use them too."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),  # a camera that films a test card
)
PATIENCE_S = 120  # a busy machine is slow, not wrong
# When the page last said something to the server, how often it did, and when it last heard of it: Streamlit says
# "running" once it hears.
_TALK = """(() => {
  const talk = (window.talk = {said: 0, times: 0, heard: 0});
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) {
    if (!this.isHeard) this.addEventListener('message', () => { talk.heard = performance.now(); });
    this.isHeard = true;
    talk.said = performance.now();
    talk.times += 1;
    return send.apply(this, message);
  };
})()"""
_IDLE = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const {said, heard} = window.talk ?? {said: 0, heard: 0};
  const answered = heard >= said || performance.now() - said > 20_000;
  return answered && app && app.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stMain] [data-testid=stElementContainer]');
}"""
_REST = "() => new Promise((rested) => setTimeout(() => rested(true), 350))"  # controls tell the server after 300 ms


def executable() -> str | None:
    """Where Chromium is, if it is anywhere."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def serving(
    script: Path = ROOT / "streamlit_app.py", prefix: Sequence[str] = (), log_file: Path | None = None
) -> Iterator[str]:
    """The address of an app of its own, served while the block runs.

    `prefix` stands before its command; what it writes goes to `log_file`.
    """
    port = free_port()
    options = {"headless": "true", "port": port, "address": "127.0.0.1", "fileWatcherType": "none"}
    flags = [part for name, value in options.items() for part in (f"--server.{name}", str(value))]
    with log_file.open("wb") if log_file else tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [*prefix, sys.executable, "-m", "streamlit", "run", str(script), *flags],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for_answer(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            end(server)


def free_port() -> int:
    """A port that nobody has; below those that systems give to connections, of which one could take it from the app."""
    dice = random.SystemRandom()  # two test processes would draw the same ones from a seeded generator
    while True:
        port = dice.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to go; if it does not, make it."""
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def wait_for_answer(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the app did not start (exit status {server.poll()})")


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        how = {"executable_path": executable(), "args": list(FLAGS), "timeout": PATIENCE_S * 1000}
        browser = playwright.chromium.launch(**how)
        yield browser
        browser.close()


def new_page(browser: Browser, **options: Any) -> Page:
    """A tab with storage of its own, patient, and ready to be settled; closing its context closes it."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_S * 1000)
    context.add_init_script(_TALK)
    return context.new_page()


def rest(page: Page, milliseconds: int) -> None:
    """Wait in the page's own time: whatever it had planned for earlier, and two frames after that, are over then."""
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => rested(true)))"
    page.wait_for_function(f"(pause) => new Promise((rested) => setTimeout(() => {frames}, pause))", arg=milliseconds)


def come_to_rest(page: Page, milliseconds: int = 200) -> None:
    """Wait until what a new size or theme has set moving has arrived: the menu slides, and colours change slowly."""
    rest(page, milliseconds)
    page.wait_for_function("() => document.getAnimations().every((one) => !(one instanceof CSSTransition))")


def settle(page: Page) -> None:
    """Wait until what was done on the page has been answered, its script has ended, and something is on the screen."""
    page.wait_for_function(_IDLE, timeout=PATIENCE_S * 1000)
    page.wait_for_function(_REST, timeout=PATIENCE_S * 1000)
    page.wait_for_function(_IDLE, timeout=PATIENCE_S * 1000)
