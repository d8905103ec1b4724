"""Whether a server's memory stays bounded: class after class of simulated visitors, who open pages and move sliders.

    python -m benchmarks.load_test [WAVES [VISITORS]]

Each visitor speaks Streamlit's own protocol over a websocket, as a browser does, and leaves. Streamlit keeps the last
128 sessions for two minutes in case their browser returns, so memory rises until so many have come and must then stay.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.in_browser import folder
from playground import catalog
from tests.browser import chromium

WAVES, VISITORS, MOVES = 8, 32, 4
KEPT_SESSIONS = 128
PAUSE_S = (0.2, 0.6)  # between two moves of a visitor
END_S = 120


@dataclass
class Visit:
    """One visitor on one page: its sliders as they were last drawn, and how long each answer took."""

    socket: ClientConnection
    page: str
    page_hash: str = ""
    sliders: dict[str, tuple[Slider, str]] = field(default_factory=dict)  # key in the address -> slider, its fragment
    waits_s: list[float] = field(default_factory=list)

    async def open(self) -> None:
        """Load the page, as the first message of a browser asks for it."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        await self._ask(message)

    async def move(self, turn: int) -> None:
        """Move one slider to one of its ends."""
        key = sorted(self.sliders)[turn % len(self.sliders)]
        slider, fragment = self.sliders[key]
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.fragment_id = fragment
        state = message.rerun_script.widget_states.widgets.add(id=slider.id)
        state.double_array_value.data.append(slider.max if turn % 2 else slider.min)
        start = time.perf_counter()
        await self._ask(message)
        self.waits_s.append(time.perf_counter() - start)

    async def _ask(self, message: BackMsg) -> None:
        await self.socket.send(message.SerializeToString())
        async for data in self.socket:
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page_hash = message.new_session.page_script_hash
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "slider":
                slider = message.delta.new_element.slider
                if slider.data_type != Slider.DataType.Value("INT") or slider.disabled or slider.options:
                    continue
                self.sliders[slider.id] = slider, message.delta.fragment_id
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return


async def visit(url: str, page: str, number: int) -> list[float]:
    """Open a page, move its sliders, go; returns the waits in seconds."""
    async with connect(f"ws{url[4:]}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket:
        guest = Visit(socket, page)
        await asyncio.wait_for(guest.open(), END_S)
        for turn in range(MOVES if guest.sliders else 0):
            await asyncio.sleep(PAUSE_S[0] + (PAUSE_S[1] - PAUSE_S[0]) * (number * 7 % 10) / 10)
            await asyncio.wait_for(guest.move(number + turn), END_S)
    return guest.waits_s


async def wave(url: str, visitors: int) -> list[float]:
    """A class at once, spread over all lessons."""
    pages = [lesson.file for lesson in catalog.LESSONS]
    waits = await asyncio.gather(*(visit(url, pages[n % len(pages)], n) for n in range(visitors)))
    return [wait for each in waits for wait in each]


def figures(url: str, server: psutil.Process, waves: int, visitors: int) -> Iterator[float]:
    """Memory in MB after each wave, printed with the wait for a slider."""
    for number in range(waves):
        start = time.perf_counter()
        waits_ms = sorted(1000 * wait for wait in asyncio.run(wave(url, visitors)))
        memory_mb = server.memory_info().rss / 1e6
        median, late = statistics.median(waits_ms), waits_ms[len(waits_ms) * 95 // 100]
        print(
            f"wave {number + 1}: {memory_mb:6.0f} MB, a slider's answer {median:5.0f} ms in the median, {late:5.0f} ms "
            f"at the 95th percentile, {time.perf_counter() - start:.0f} s in all",
            flush=True,
        )
        yield memory_mb


def main(waves: int = WAVES, visitors: int = VISITORS) -> None:
    with folder(), chromium.serving() as url:
        (server,) = psutil.Process().children()
        memory_mb = list(figures(url, server, waves, visitors))
    full = -(-KEPT_SESSIONS // visitors)  # waves until Streamlit keeps as many sessions as it ever does
    if waves > full:
        grown = memory_mb[-1] - memory_mb[full - 1]
        print(f"{grown:+.0f} MB from wave {full} to wave {waves}, {visitors * (waves - full)} visitors later")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
