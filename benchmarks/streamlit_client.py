"""A browser tab without a browser: speaks Streamlit's protocol over a websocket, as its front end does.

A request is a `BackMsg`: which page or fragment to run, the values of all widgets, the query of the address. The answer
is a stream of `ForwardMsg`; it is over when a script has finished for good: a fragment that redraws others finishes
early (2) and then as a fragment (3).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import CloseCode

END_S = 30.0  # an answer that takes longer counts as an error
WIDGETS = ("slider", "selectbox", "button_group", "checkbox")


@dataclass(frozen=True)
class Control:
    """A widget as it was last drawn, and the fragment that it is part of ("" outside of any)."""

    kind: str
    widget: Any
    fragment: str

    @property
    def is_movable(self) -> bool:
        """Whether it has more than one value and is not greyed out."""
        return not self.widget.disabled and (self.kind == "checkbox" or len(self._steps()) > 1)

    def _steps(self) -> range:
        """The positions of a slider, or the indices of the options."""
        if self.kind != "slider":
            return range(len(self.widget.options))
        return range(round((self.widget.max - self.widget.min) / (self.widget.step or 1)) + 1)

    def initial(self) -> WidgetState:
        """Its value as the server has drawn it."""
        widget = self.widget
        if self.kind == "checkbox":
            return self._state(widget.value if widget.set_value else widget.default)
        if self.kind == "selectbox":
            chosen = widget.options[widget.default] if widget.options else ""
            return self._state(widget.raw_value if widget.set_value else chosen)
        if self.kind == "button_group":
            names = [option.content for option in widget.options]
            return self._state(list(widget.raw_values) if widget.set_value else [names[i] for i in widget.default])
        if widget.options:
            values = [widget.options[round(index)] for index in widget.default]
            return self._state(list(widget.raw_value) if widget.set_value else values)
        return self._state(list(widget.value if widget.set_value else widget.default))

    def moved(self, dice: random.Random) -> WidgetState:
        """Another value of it, any with the same probability."""
        if self.kind == "checkbox":
            return self._state(dice.random() < 0.5)
        if self.kind == "selectbox":
            return self._state(dice.choice(self.widget.options))
        if self.kind == "button_group":
            return self._state([dice.choice(self.widget.options).content])
        steps = sorted(dice.choice(self._steps()) for _ in self.widget.default)
        if self.widget.options:
            return self._state([self.widget.options[step] for step in steps])
        return self._state([self.widget.min + step * (self.widget.step or 1) for step in steps])

    def _state(self, value: bool | str | list[str] | list[float]) -> WidgetState:
        state = WidgetState(id=self.widget.id)
        if isinstance(value, bool):
            state.bool_value = value
        elif isinstance(value, str):
            state.string_value = value
        elif self.kind == "slider" and not self.widget.options:
            state.double_array_value.data.extend(value)
        else:
            state.string_array_value.data.extend(value)
        return state


@dataclass
class Tab:
    """One visitor's session: what is on the page, and how long each answer took."""

    socket: ClientConnection
    query: dict[str, str] = field(default_factory=dict)
    page_hash: str = ""
    pages: dict[str, str] = field(default_factory=dict)  # name in the address -> its hash
    controls: dict[str, Control] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # label -> id, fragment
    texts: list[str] = field(default_factory=list)  # of `st.text`, as they came
    errors: list[str] = field(default_factory=list)
    ticks: int = 0  # reruns that fragments with `run_every` have asked for
    _redrawn: frozenset[str] = frozenset()  # the fragments that are drawn now; empty for the whole page
    _drawn: set[str] = field(default_factory=set)  # what has been drawn of them
    _stops: dict[str, asyncio.Event] = field(default_factory=dict)  # fragment with `run_every` -> ends its timer
    _timers: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self, page: str) -> float:
        """Go to a page, by its name in the address; the seconds until it stood."""
        message = BackMsg()
        if page in self.pages:  # by the menu
            message.rerun_script.page_script_hash = self.pages[page]
        else:
            message.rerun_script.page_name = page
        self.states.clear()
        return await self._ask(message)

    async def move(self, control: Control, dice: random.Random) -> float:
        """Set a control to another value; the seconds until all that follows it has been redrawn."""
        state = self.states[control.widget.id] = control.moved(dice)
        if control.widget.query_param_key:
            values = getattr(state, state.WhichOneof("value"))
            self.query[control.widget.query_param_key] = ",".join(map(str, getattr(values, "data", [values])))
        return await self._ask(self._rerun(control.fragment))

    async def click(self, label: str) -> float:
        """Press the button whose label begins so. Raises: LookupError if there is none to press."""
        named = [button for name, button in self.buttons.items() if name.startswith(label)]
        if not named:
            raise LookupError(f"no button {label!r} to press among {sorted(self.buttons)}")
        widget, fragment = named[0]
        message = self._rerun(fragment)
        message.rerun_script.widget_states.widgets.add(id=widget).trigger_value = True
        return await self._ask(message)

    def movable(self) -> list[Control]:
        """The controls that can be moved now."""
        return [control for control in self.controls.values() if control.is_movable]

    async def leave(self) -> None:
        """Close the tab: a browser says that it is going away."""
        self._stop_all()
        await asyncio.gather(*self._timers)
        await self.socket.close(CloseCode.GOING_AWAY)

    def _rerun(self, fragment: str) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.fragment_id = fragment
        return message

    async def _ask(self, message: BackMsg) -> float:
        """Send a request and take in its answer; what the visitor waits for an earlier one counts too."""
        begin = time.perf_counter()
        async with self._turn:
            await self._exchange(message)
        return time.perf_counter() - begin

    async def _exchange(self, message: BackMsg) -> None:
        message.rerun_script.query_string = urlencode(self.query)
        message.rerun_script.widget_states.widgets.extend(self.states.values())
        await self.socket.send(message.SerializeToString())
        try:
            async with asyncio.timeout(END_S):
                while not self._is_last(ForwardMsg.FromString(await self.socket.recv(decode=False))):
                    pass
        except TimeoutError:
            what = message.rerun_script
            kind = "tick" if what.is_auto_rerun else "rerun"
            self.errors.append(f"no end after {END_S:.0f} s: {kind} {what.page_name} {what.fragment_id[:6]}")

    def _is_last(self, message: ForwardMsg) -> bool:
        """Take in one message; whether the answer is over."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "delta":
            self._draw(message)
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
            self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_not_found":
            self.errors.append(f"no page {message.page_not_found.page_name!r}")
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                if stop := self._stops.pop(fragment, None):
                    stop.set()
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.errors.append("the page does not compile")
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._forget_what_is_gone()
                return True
        return False

    def _begin(self, message: ForwardMsg) -> None:
        self.page_hash = message.new_session.page_script_hash
        self._redrawn, self._drawn = frozenset(message.metadata.run.fragment_ids), set()
        if not self._redrawn:
            self._stop_all()

    def _forget_what_is_gone(self) -> None:
        """What stood in the parts just drawn and was not drawn again; after an early end all stays."""

        def stands(key: str, fragment: str) -> bool:
            return key in self._drawn or (bool(self._redrawn) and fragment not in self._redrawn)

        self.controls = {key: one for key, one in self.controls.items() if stands(key, one.fragment)}
        self.buttons = {label: one for label, one in self.buttons.items() if stands(*one)}

    def _draw(self, message: ForwardMsg) -> None:
        element, fragment = message.delta.new_element, message.delta.fragment_id
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}".splitlines()[0])
        elif kind == "text":
            self.texts.append(element.text.body)
        elif kind == "button" and not element.button.disabled:
            self.buttons[element.button.label] = element.button.id, fragment
            self._drawn.add(element.button.id)
        elif kind in WIDGETS:
            control = Control(kind, getattr(element, kind), fragment)
            is_moment = kind == "slider" and control.widget.data_type > Slider.DataType.Value("FLOAT")
            if is_moment or (kind == "button_group" and control.widget.click_mode):
                return
            self.controls[control.widget.id] = control
            self._drawn.add(control.widget.id)
            if control.widget.id not in self.states or control.widget.set_value:
                self.states[control.widget.id] = control.initial()

    def _repeat(self, fragment: str, interval_s: float) -> None:
        """Ask for a fragment again and again, as the front end does for `run_every`."""
        if fragment not in self._stops:
            stop = self._stops[fragment] = asyncio.Event()
            timer = asyncio.create_task(self._every(fragment, interval_s, stop))
            self._timers.add(timer)
            timer.add_done_callback(self._timers.discard)

    def _stop_all(self) -> None:
        while self._stops:
            self._stops.popitem()[1].set()

    async def _every(self, fragment: str, interval_s: float, stop: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), interval_s)
            if stop.is_set():
                return
            async with self._turn:
                if stop.is_set():  # the page has changed meanwhile
                    return
                message = self._rerun(fragment)
                message.rerun_script.is_auto_rerun = True
                self.ticks += 1
                await self._exchange(message)


async def opened(url: str, page: str, query: dict[str, str] | None = None) -> tuple[Tab, float]:
    """A fresh visit to a page; the tab, and the seconds from connecting until the page stood."""
    begin = time.perf_counter()
    socket = await connect(f"ws{url[4:]}/_stcore/stream", subprotocols=["streamlit"], max_size=None, ping_interval=None)
    tab = Tab(socket, dict(query or {}))
    await tab.open(page)
    return tab, time.perf_counter() - begin
