"""What the server and its processes hold after all pages were opened, while a run trains, after it, and with uploads.

    python -m benchmarks.server_memory [--limit MB]

Proportional set size: memory that several processes share is divided among them, so that the sum is what they take of
the machine. With a limit, the server lives in a control group (Linux, as root) that allows no more, files in the
system's cache included, as a container does; a process that is killed there for want of memory is reported. The entry
file is that of Community Cloud, whose machines have 1 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from playwright.sync_api import Browser, FilePayload

from benchmarks.in_browser import PATIENCE, folder, visit
from playground import catalog
from tests.browser import chromium
from tests.core.test_images import png_claiming

CLOUD = chromium.ROOT / "deploy/community_cloud/streamlit_app.py"
RUN = "/training?tz=64&tnow_epochs=8"
OWN_IMAGE = "/augmentation?au_pic=Your+own+image"
SIDE = 7000  # 49 megapixels, under the cap; of one colour it is a file of 143 kB
IN_ARCHIVE = 40
TRAINED_MS = 4 * PATIENCE  # a run gives way to whatever else the machine does
SAMPLED_S = 0.5
CGROUPS = Path("/sys/fs/cgroup")
ROLES = ("core.jobs.processes.serve", "spawn_main", "resource_tracker", "streamlit run")  # words of a command line


class LimitedGroup:
    """A control group of its own with a limit in bytes, of whichever version the system has."""

    def __init__(self, limit_bytes: int) -> None:
        self._is_2 = (CGROUPS / "cgroup.controllers").exists()
        self.folder = (CGROUPS if self._is_2 else CGROUPS / "memory") / "cnn-playground-memory"
        self.folder.mkdir(exist_ok=True)
        limit = "memory.max" if self._is_2 else "memory.limit_in_bytes"
        (self.folder / limit).write_text(str(limit_bytes), encoding="ascii")

    @property
    def prefix(self) -> tuple[str, ...]:
        """What to put before a command so that it runs in here."""
        return "sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(self.folder)

    @property
    def kills(self) -> int:
        """Processes that were ended here for want of memory."""
        text = (self.folder / ("memory.events" if self._is_2 else "memory.oom_control")).read_text(encoding="ascii")
        return int(re.search(r"oom_kill (\d+)", text)[1])

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # something in it is still ending
            self.folder.rmdir()


class Sampler:
    """The proportional set size of a process and its descendants, looked at again and again.

    `peak` is the most so far, `peak_of_stage` the most since the last report.
    """

    def __init__(self, process: psutil.Process) -> None:
        self._process, self._ended = process, threading.Event()
        self.peak: list[tuple[str, int]] = []
        self.peak_of_stage: list[tuple[str, int]] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def sizes(self) -> list[tuple[str, int]]:
        """Each process, the largest first: what it is, and its bytes."""
        found = []
        for process in (self._process, *self._process.children(recursive=True)):
            with contextlib.suppress(psutil.Error, OSError):
                command = " ".join(process.cmdline())
                role = next((role for role in ROLES if role in command), command[:40])
                found.append((role, set_size(process.pid)))
        found.sort(key=lambda one: -one[1])
        self.peak = max(self.peak, found, key=total)
        self.peak_of_stage = max(self.peak_of_stage, found, key=total)
        return found

    def report(self, when: str) -> None:
        """Print how much it is now, and the most since the last time."""
        now, most, self.peak_of_stage = self.sizes(), self.peak_of_stage, []
        report(when, now)
        report("  at most until then", max(most, now, key=total))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLED_S):
            with contextlib.suppress(psutil.NoSuchProcess):  # a failed measurement has ended the server before
                self.sizes()


def total(sizes: list[tuple[str, int]]) -> int:
    return sum(size for _, size in sizes)


def set_size(pid: int) -> int:
    """Bytes. Source: Linux, Documentation/filesystems/proc.rst, smaps_rollup."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return 1024 * int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1])


def report(when: str, sizes: list[tuple[str, int]]) -> None:
    each = ", ".join(f"{role} {size / 1e6:.0f}" for role, size in sizes)
    print(f"{when:<24}{total(sizes) / 1e6:6.0f} MB: {each}", flush=True)


def open_all(browser: Browser, url: str) -> None:
    """Every page once, each by a visitor of its own, waited for and scrolled through."""
    for lesson in catalog.LESSONS:
        with visit(browser, f"{url}/{lesson.file}") as page:
            page.locator("[data-testid=stMain] h1").first.wait_for(timeout=PATIENCE)
            page.wait_for_function(
                "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
                timeout=PATIENCE,
            )
            page.wait_for_timeout(500)


def train(browser: Browser, url: str, sampler: Sampler) -> None:
    """A small run from its start to its end."""
    with visit(browser, f"{url}{RUN}") as page:
        page.get_by_role("button", name="Start training").click(timeout=PATIENCE)
        page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=PATIENCE)
        sampler.report("while training")
        page.get_by_role("button", name="Start again").wait_for(timeout=TRAINED_MS)
        sampler.report("its results on a page")


def upload(browser: Browser, url: str, sampler: Sampler) -> None:
    """A large PNG for a lesson, and an archive of forty, on which a run is trained."""
    picture = png_claiming(SIDE, SIDE, rows=bytes((3 * SIDE + 1) * SIDE))
    with visit(browser, f"{url}{OWN_IMAGE}") as page:
        page.locator("input[type=file]").first.set_input_files(as_file("large.png", picture), timeout=PATIENCE)
        page.get_by_text("Until then").wait_for(state="detached", timeout=PATIENCE)
        sampler.report("with a large PNG")
    with visit(browser, f"{url}{RUN}") as page:
        page.locator("input[type=file]").first.set_input_files(as_file("forty.zip", archive(picture)), timeout=PATIENCE)
        page.get_by_text("forty.zip").first.wait_for(timeout=PATIENCE)
        page.get_by_role("button", name="Start training").click(timeout=PATIENCE)
        page.get_by_role("button", name="Start again").wait_for(timeout=TRAINED_MS)
        sampler.report("with forty in a ZIP")


def as_file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def archive(picture: bytes) -> bytes:
    """Two classes of it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for number in range(IN_ARCHIVE):
            target.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.png", picture)
    return file.getvalue()


def main(prefix: Sequence[str] = ()) -> int:
    """The peak in bytes."""
    with folder(), chromium.browsing() as browser, chromium.serving(CLOUD, prefix) as url:
        sampler = Sampler(_server())
        sampler.report("nobody was here")
        open_all(browser, url)
        sampler.report("all pages were opened")
        train(browser, url, sampler)
        upload(browser, url, sampler)
        sampler.report("at the end")
        sampler.close()
    report("at the peak", sampler.peak)
    return total(sampler.peak)


def _server() -> psutil.Process:
    return next(child for child in psutil.Process().children() if "streamlit" in " ".join(child.cmdline()))


@contextlib.contextmanager
def limited(limit_mb: int | None) -> Iterator[Sequence[str]]:
    """A prefix for the server's command that limits its memory; empty without a limit."""
    if limit_mb is None:
        yield ()
        return
    group = LimitedGroup(limit_mb * 1_000_000)
    try:
        yield group.prefix
        print(f"with {limit_mb} MB for all: {group.kills} processes killed for want of memory")
    finally:
        group.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, metavar="MB")
    with limited(parser.parse_args().limit) as prefix:
        main(prefix)
