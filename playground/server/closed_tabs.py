"""The session of a tab that was closed, reloaded or led elsewhere ends at once, and with it all that it held.

Streamlit keeps every session without a browser for two minutes, in case it comes back. Only one that has lost its
connection does: a browser that leaves a page says so (websocket status 1001), and knows the session no more. In a class
that reloads, fifty of those kept were nobody's.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from weakref import WeakSet

from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.runtime.session_manager import ActiveSessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

GOING_AWAY = 1001  # Source: RFC 6455, 7.4.1

_left: WeakSet[WebSocket] = WeakSet()


@functools.cache
def install() -> None:
    """For all sessions of this process."""
    WebSocket.receive_bytes = _noted(WebSocket.receive_bytes)  # type: ignore[method-assign]
    WebsocketSessionManager.disconnect_session = _ended(  # type: ignore[method-assign]
        WebsocketSessionManager.disconnect_session
    )


def _noted(receive: Callable[[WebSocket], Awaitable[bytes]]) -> Callable[[WebSocket], Awaitable[bytes]]:
    """Remember which browsers have left."""

    @functools.wraps(receive)
    async def receive_bytes(websocket: WebSocket) -> bytes:
        try:
            return await receive(websocket)
        except WebSocketDisconnect as end:
            if end.code == GOING_AWAY:
                _left.add(websocket)
            raise

    return receive_bytes


def _ended(
    disconnect: Callable[[WebsocketSessionManager, str], None],
) -> Callable[[WebsocketSessionManager, str], None]:
    @functools.wraps(disconnect)
    def disconnect_session(sessions: WebsocketSessionManager, session_id: str) -> None:
        if _has_left(sessions.get_active_session_info(session_id)):
            sessions.close_session(session_id)
        else:
            disconnect(sessions, session_id)

    return disconnect_session


def _has_left(session: ActiveSessionInfo | None) -> bool:
    match session:
        case ActiveSessionInfo(client=browser):
            return getattr(browser, "_websocket", None) in _left
    return False
