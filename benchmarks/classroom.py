"""A class at once on one server: how long each of thirty visitors waits, and what the server's memory does.

    python -m benchmarks.classroom [--minutes 5] [--waves 3] [--visitors 30] [--runs 2] [--script server.py]
    python -m benchmarks.classroom --cold      thirty first visits together on a server that has just started

Visitors speak Streamlit's protocol as a browser does (`benchmarks.streamlit_client`): each opens random pages, moves
random controls to random values, thinks for one to three seconds after each answer, and sometimes reloads. Meanwhile
networks are trained and watched. One visitor alone walks through all pages before, in the same run: a noisy machine
disturbs both. Visitors and server share the machine. Afterwards all leave, and the next class comes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil

from benchmarks.class_memory import Memory
from benchmarks.in_browser import folder
from benchmarks.streamlit_client import Tab, opened
from playground import catalog
from tests.browser import chromium

THINK_S, MOVES, RELOADS = (1.0, 3.0), (4, 10), 0.2  # between two moves; moves on a page; share of pages opened afresh
ALONE_MOVES, AWAY_S = 4, 10.0
TRAINING_QUERY = {"tz": "64", "tnow_epochs": "60"}
BANNER = ("You can now view", "URL:", "Stopping...", "Uvicorn server started", "For better performance", "$ ")
OPEN, MOVE = "open", "move"
# Goals on two cores, in seconds, MB and as a ratio.
MEDIAN_S, LATE_S, LATEST_S, OPENING_S, COLD_S = 0.1, 0.5, 1.0, 1.0, 5.0
PEAK_MB, GROWTH_PERCENT = 700, 10
SHOWN = 10  # errors, and answers slower than `LATE_S` unless told otherwise


@dataclass
class AnswerTimes:
    """Seconds that visitors waited, by kind and page, and what went wrong."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    slow: list[tuple[float, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, kind: str, page: str, seconds: float, what: str = "") -> None:
        self.seconds[kind, page].append(seconds)
        if seconds > LATE_S:
            self.slow.append((seconds, f"{kind} {page} {what}"))

    def of(self, kind: str, page: str | None = None) -> list[float]:
        """All waits of a kind, of one page or of all, the shortest first."""
        chosen = (waits for (one, file), waits in self.seconds.items() if one == kind and page in (None, file))
        return sorted(wait for waits in chosen for wait in waits)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share lies; NaN of none.

    >>> quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.99)
    (3, 4)
    """
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def address(page: str) -> str:
    """A page's name in the address."""
    return "" if page == catalog.HOME.file else page


async def stay(
    tab: Tab, page: str, moves: int, waits: AnswerTimes, dice: random.Random, until: float | None = None
) -> None:
    """Move some of the page's controls, with time to think if there is an end."""
    for _ in range(moves):
        if until is not None:
            if time.monotonic() > until:
                return
            await asyncio.sleep(dice.uniform(*THINK_S))
        if controls := tab.movable():
            control = dice.choice(controls)
            name = control.widget.query_param_key or control.widget.label
            waits.add(MOVE, page, await tab.move(control, dice), f"{name} of {urlencode(tab.query)}")


async def student(url: str, pages: Sequence[str], until: float, waits: AnswerTimes, seed: int) -> None:
    """One visitor, from the first visit until the lesson is over."""
    dice, tab = random.Random(seed), None
    await asyncio.sleep(dice.uniform(0, THINK_S[1]))
    while time.monotonic() < until:
        page = dice.choice(pages)
        if tab is not None and dice.random() < RELOADS:
            await leave(tab, waits)
            tab = None
        if tab is None:
            tab, seconds = await opened(url, address(page))
        else:
            seconds = await tab.open(address(page))
        waits.add(OPEN, page, seconds)
        await stay(tab, page, dice.randint(*MOVES), waits, dice, until)
    if tab is not None:
        await leave(tab, waits)


async def leave(tab: Tab, waits: AnswerTimes) -> None:
    await tab.leave()
    waits.errors += tab.errors


async def started_run(url: str) -> Tab:
    """A visitor whose network is being trained, or waits in the queue."""
    tab, _ = await opened(url, "training", TRAINING_QUERY)
    await tab.click("Start training")
    return tab


async def stop_run(tab: Tab, waits: AnswerTimes) -> None:
    with contextlib.suppress(LookupError):  # it is over
        await tab.click("Stop")
    await leave(tab, waits)


async def lesson(url: str, pages: Sequence[str], visitors: int, minutes: float, runs: int, seed: int) -> AnswerTimes:
    """A class that comes, works and leaves, while networks train."""
    waits, trainers = AnswerTimes(), [await started_run(url) for _ in range(runs)]
    until = time.monotonic() + 60 * minutes
    async with asyncio.TaskGroup() as group:
        for number in range(visitors):
            group.create_task(student(url, pages, until, waits, seed * 1000 + number))
    for tab in trainers:
        await stop_run(tab, waits)
    return waits


async def alone(url: str, pages: Sequence[str]) -> AnswerTimes:
    """One visitor on all pages; what the server imports and computes once for all is not counted."""
    waits, dice = AnswerTimes(), random.Random(0)
    for page in pages:
        await (await opened(url, address(page)))[0].leave()
        tab, seconds = await opened(url, address(page))
        waits.add(OPEN, page, seconds)
        await stay(tab, page, ALONE_MOVES, waits, dice)
        await leave(tab, waits)
    return waits


async def first_visits(url: str, pages: Sequence[str], visitors: int) -> AnswerTimes:
    """All at once."""
    waits = AnswerTimes()

    async def come(number: int) -> None:
        page = pages[number % len(pages)]
        tab, seconds = await opened(url, address(page))
        waits.add(OPEN, page, seconds)
        await leave(tab, waits)

    async with asyncio.TaskGroup() as group:
        for number in range(visitors):
            group.create_task(come(number))
    return waits


HEAD = "{:16} {:>6} {:>7} {:>6} {:>6} {:>8}   {:>8} {:>6} {:>8}"
ROW = "{:16} {:6} {:7.0f} {:6.0f} {:6.0f} {:8.0f}   {:8.0f} {:6.0f} {:8.0f}"


def table(waits: AnswerTimes, base: AnswerTimes) -> Iterator[str]:
    """A line a page: median, 95th and 99th percentile in ms of its controls and of opening it, and medians alone."""
    yield HEAD.format("ms", "moves", "median", "95 %", "99 %", "(alone)", "opening", "95 %", "(alone)")
    for page in [*sorted({page for _, page in waits.seconds}), None]:
        moves, opening = waits.of(MOVE, page), waits.of(OPEN, page)
        seconds = [
            *(quantile(moves, share) for share in (0.5, 0.95, 0.99)),
            quantile(base.of(MOVE, page), 0.5),
            *(quantile(opening, share) for share in (0.5, 0.95)),
            quantile(base.of(OPEN, page), 0.5),
        ]
        yield ROW.format(page or "all", len(moves), *(1000 * one for one in seconds))


def goals(waits: AnswerTimes, errors: Sequence[str], peak_mb: float) -> Iterator[str]:
    """Each goal with what was measured."""
    moves, opening = waits.of(MOVE), waits.of(OPEN)
    yield reached("a control's median wait, ms", 1000 * quantile(moves, 0.5), 1000 * MEDIAN_S)
    yield reached("95th percentile, ms", 1000 * quantile(moves, 0.95), 1000 * LATE_S)
    yield reached("99th percentile, ms", 1000 * quantile(moves, 0.99), 1000 * LATEST_S)
    yield reached("opening, 95th percentile, ms", 1000 * quantile(opening, 0.95), 1000 * OPENING_S)
    yield reached("errors", len(errors), 0)
    yield reached("peak of the server's memory, MB", peak_mb, PEAK_MB)


def reached(what: str, value: float, goal: float) -> str:
    """
    >>> reached("95th percentile, ms", 420, 500)
    '  holds  95th percentile, ms: 420 (goal 500)'
    """
    return f"  {'holds ' if value <= goal else 'FAILS '} {what}: {value:.0f} (goal {goal:.0f})"


def log_lines(log: Path) -> list[str]:
    """What the server has written except its greeting."""
    lines = (line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines())
    return [line for line in lines if line and not any(part in line for part in BANNER)]


def classes(url: str, memory: Memory, log: Path, options: argparse.Namespace) -> None:
    """One visitor, then class after class."""
    begin_mb, base, first_mb = memory.now_mb, asyncio.run(alone(url, options.pages)), 0.0
    time.sleep(options.rest)
    print(f"memory {begin_mb:.0f} MB at the start, {memory.now_mb:.0f} MB after one visitor on all pages", flush=True)
    for wave in range(1, options.waves + 1):
        cpu_s, begin = memory.cpu_s, time.monotonic()
        how = options.visitors, options.minutes, options.runs, options.seed + wave
        with memory.watched():
            waits = asyncio.run(lesson(url, options.pages, *how))
        cpu_s, took_s, answers = memory.cpu_s - cpu_s, time.monotonic() - begin, sum(map(len, waits.seconds.values()))
        time.sleep(AWAY_S)
        print(f"\nclass {wave} of {options.waves}: {options.visitors} visitors, {options.runs} runs, {took_s:.0f} s")
        print(*table(waits, base), sep="\n")
        print(f"{answers / took_s:.1f} answers a second, {1000 * cpu_s / answers:.0f} ms of processor time each")
        print(f"memory {memory.peak_mb:.0f} MB at the peak, {memory.now_mb:.0f} MB after they left", end="")
        print(f" ({memory.proportional_mb:.0f} MB PSS; {memory.both_mb:.0f} MB at the peak with what computes apart)")
        errors = [*waits.errors, *log_lines(log)]
        print(*goals(waits, errors, memory.peak_mb), sep="\n")
        if first_mb:
            print(reached("growth since the first class, %", 100 * (memory.now_mb / first_mb - 1), GROWTH_PERCENT))
        first_mb = first_mb or memory.now_mb
        print(*(f"  {count} x {error}" for error, count in Counter(errors).most_common(SHOWN)), sep="\n")
        slow = sorted(waits.slow, reverse=True)[: options.slow]
        print(*(f"  slow: {1000 * seconds:.0f} ms {what}" for seconds, what in slow), sep="\n", flush=True)


def cold(url: str, memory: Memory, options: argparse.Namespace) -> None:
    """All first visits together."""
    waits = asyncio.run(first_visits(url, options.pages, options.visitors))
    opening = waits.of(OPEN)
    print(f"{len(opening)} first visits: median {statistics.median(opening):.1f} s, last {opening[-1]:.1f} s")
    print(reached("the last of them, ms", 1000 * opening[-1], 1000 * COLD_S))
    last = sorted(((max(waits.of(OPEN, page)), page) for page in options.pages), reverse=True)
    print("the last of each page, s:", *(f"{page} {seconds:.1f}" for seconds, page in last))
    print(*waits.errors, f"memory {memory.now_mb:.0f} MB", sep="\n")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom")
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--rest", type=float, default=0.0, help="seconds between the one visitor and the first class")
    parser.add_argument("--runs", type=int, default=2, help="networks that are trained meanwhile")
    parser.add_argument("--slow", type=int, default=SHOWN, help="how many of the slowest answers are printed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--script", default="streamlit_app.py", help="streamlit_app.py, or server.py")
    parser.add_argument("--pages", nargs="+", default=[page.file for page in (catalog.HOME, *catalog.LESSONS)])
    parser.add_argument("--cold", action="store_true")
    return parser.parse_args(words)


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server ends, too
    with folder() as cache, chromium.serving(chromium.ROOT / options.script, log_file=cache / "server.log") as url:
        (process,) = psutil.Process().children()
        memory = Memory(process)
        cold(url, memory, options) if options.cold else classes(url, memory, cache / "server.log", options)


if __name__ == "__main__":
    main()
