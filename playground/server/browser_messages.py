"""What a browser may say: bounds on its messages, and values that no control of ours can have are left out.

Streamlit's front end keeps to the rules, and its server relies on that: a value of the wrong type raises at every later
run of the session, `clear_cache` from any visitor empties the caches of all and ends their training, and each request
of a whole page gets a thread of its own (`runner.fastReruns`, off in `.streamlit/config.toml`). A forged message is as
if it had not come.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner
from streamlit.runtime.state.common import WidgetMetadata, unpack_widget_state_value
from streamlit.runtime.state.session_state import Serialized, SessionState, WStates

from core.limits import limits
from playground.server import table_values

BURST, PER_S = limits().messages_at_once, limits().messages_per_second  # of one connection
MAX_WIDGETS, MAX_FILES, MAX_QUERY = 2_000, 50_000, 200_000  # in one message; the last in characters
KINDS = ("rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request")
UNSUPPORTED, ABNORMAL = 1003, 1006  # websocket statuses: a frame of the wrong kind, and an end without a word
STREAMLITS_LOG = "streamlit.web.server.starlette.starlette_websocket"

log = logging.getLogger(__name__)


@dataclass
class Pace:
    """How fast messages of one connection are taken in: what comes sooner waits in the network, and costs nobody."""

    left: float = BURST
    at_s: float = field(default_factory=time.monotonic)

    def wait_s(self, now_s: float) -> float:
        """How long the message that has come now waits, in seconds."""
        self.left = min(BURST, self.left + (now_s - self.at_s) * PER_S) - 1
        self.at_s = now_s
        return max(0.0, -self.left / PER_S)


_paces: WeakKeyDictionary[WebSocket, Pace] = WeakKeyDictionary()


@functools.cache
def install() -> None:
    """Put the checks in the way of every message, for all sessions of this process."""
    WebSocket.receive_bytes = _paced(WebSocket.receive_bytes)  # type: ignore[method-assign]
    AppSession.handle_backmsg = _checked(AppSession.handle_backmsg)  # type: ignore[method-assign]
    ScriptRunner.request_rerun = _as_the_server_knows(ScriptRunner.request_rerun)  # type: ignore[method-assign]
    AppSession._create_scriptrunner = _as_the_server_knows(  # type: ignore[method-assign]
        AppSession._create_scriptrunner
    )
    WStates.set_widget_from_proto = _taken_if_legal(WStates.set_widget_from_proto)  # type: ignore[method-assign]
    WStates.__getitem__ = _absent_if_illegal(WStates.__getitem__)  # type: ignore[method-assign]
    SessionState._seed_widget_from_url = _cleared_if_illegal(  # type: ignore[method-assign]
        SessionState._seed_widget_from_url
    )
    table_values.install()
    logging.getLogger(STREAMLITS_LOG).addFilter(_without_traceback)


def refusal_of(message: BackMsg) -> str:
    """Why a message is not for visitors, in a few words for the log; empty if it is.

    >>> refusal_of(BackMsg(clear_cache=True)), refusal_of(BackMsg(app_heartbeat=True))
    ('clear_cache', '')
    """
    kind = message.WhichOneof("type")
    if kind not in KINDS:
        return str(kind)
    if kind == "file_urls_request" and len(message.file_urls_request.file_names) > MAX_FILES:
        return "too many files"
    if kind == "rerun_script" and len(message.rerun_script.widget_states.widgets) > MAX_WIDGETS:
        return "too many widgets"
    if kind == "rerun_script" and len(message.rerun_script.query_string) > MAX_QUERY:
        return "too long an address"
    return ""


def _paced(receive: Any) -> Any:
    async def receive_bytes(websocket: WebSocket) -> Any:
        try:
            data = await receive(websocket)
        except RuntimeError as error:  # it was closed while something was sent; Streamlit takes this for a text
            raise WebSocketDisconnect(ABNORMAL) from error
        except KeyError:
            data = None
        if data is None:  # a frame of text
            await websocket.close(UNSUPPORTED)
            raise WebSocketDisconnect(UNSUPPORTED)
        if wait_s := _paces.setdefault(websocket, Pace()).wait_s(time.monotonic()):
            await asyncio.sleep(wait_s)
        return data

    return receive_bytes


def _checked(handle: Any) -> Any:
    def handle_backmsg(session: AppSession, message: BackMsg) -> None:
        if why := refusal_of(message):
            log.info("A browser's message was left out: %s", why)
        else:
            handle(session, message)

    return handle_backmsg


def _as_the_server_knows(hand_on: Any) -> Any:
    """A fragment's timer repeats all values as the browser has them, and tells nothing new: they are left out.

    One that the script has set a moment ago would be turned back, as when a dataset is chosen because it was uploaded.
    """

    def handed_on(runs: ScriptRunner | AppSession, request: RerunData) -> Any:
        return hand_on(runs, replace(request, widget_states=None) if request.is_auto_rerun else request)

    return handed_on


def _taken_if_legal(take: Any) -> Any:
    """Values of a control that stands on the page: what it cannot have leaves it at what it has."""

    def set_widget_from_proto(states: WStates, state: WidgetState) -> None:
        if is_legal(state, states.widget_metadata.get(state.id)):
            take(states, state)
        else:
            log.info("A browser's value was left out: %s", state.WhichOneof("value"))

    return set_widget_from_proto


def _absent_if_illegal(get: Any) -> Any:
    """Values that came before their control was drawn, as after a lost connection: it then has its default."""

    def getitem(states: WStates, key: str) -> Any:
        state = states.states.get(key)
        if isinstance(state, Serialized) and not is_legal(state.value, states.widget_metadata.get(key)):
            del states.states[key]
            raise KeyError(key)
        return get(states, key)

    return getitem


def _cleared_if_illegal(seed: Any) -> Any:
    """A word of the address that no control can have, such as an infinite whole number: it is taken out of it."""

    def seed_widget_from_url(state: SessionState, metadata: Any, key: str, widget: str, words: Any) -> bool:
        try:
            return bool(seed(state, metadata, key, widget, words))
        except Exception:  # Streamlit itself takes three kinds
            state._clear_url_param(key)
            return False

    return seed_widget_from_url


def is_legal(state: WidgetState, metadata: WidgetMetadata[Any] | None) -> bool:
    """Whether a control can have that value: its type fits, it is one of the options, and Streamlit can read it.

    Of controls that have not been drawn yet all values are.
    """
    if metadata is None:
        return True
    kind = state.WhichOneof("value")
    if kind and metadata.value_type and kind != metadata.value_type:
        return False
    try:
        value = unpack_widget_state_value(state)
        if kind == "json_value" and not isinstance(value, dict | None):  # the state of a component
            return False
        meaning = metadata.deserializer(value)
    except Exception:  # whatever it is, it comes from the value
        return False
    if kind == "string_value" and not table_values.is_well_formed(meaning):
        return False
    options = metadata.formatted_options
    return options is None or all(word in options for word in _words(kind, value))


def _words(kind: str | None, value: Any) -> list[str]:
    return [value] if kind == "string_value" else list(value) if kind == "string_array_value" else []


def _without_traceback(record: logging.LogRecord) -> bool:
    """A frame that is no message is one line in the log."""
    record.exc_info = None
    return True
