"""A browser that sends what it likes: Streamlit's messages over a websocket, without its front end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 300  # a busy machine is slow, not wrong


@dataclass
class Client:
    """One session: the controls of its page by their ids, and the exceptions that it was shown."""

    socket: ClientConnection
    page: str
    widgets: dict[str, str] = field(default_factory=dict)  # id -> kind of element
    fragments: set[str] = field(default_factory=set)  # those of the last run of the whole page
    shown: list[str] = field(default_factory=list)

    def rerun(self, query: str = "", fragment: str = "") -> BackMsg:
        """A request to run the page, or a fragment of it, without any value."""
        message = BackMsg()
        message.rerun_script.page_name = "" if self.page == "home" else self.page
        message.rerun_script.query_string = query
        message.rerun_script.fragment_id = fragment
        return message

    def send(self, message: BackMsg | bytes) -> None:
        """Send it and wait for nothing."""
        self.socket.send(message if isinstance(message, bytes) else message.SerializeToString())

    def ask(self, message: BackMsg) -> None:
        """Send it, and take in what comes until the script has ended for good."""
        self.send(message)
        self.read_to_end()

    def read_to_end(self) -> None:
        """Take in what comes until the script has ended for good."""
        while True:
            answer = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE_S))
            kind = answer.WhichOneof("type")
            if kind == "delta":
                self._draw(answer)
            elif kind == "new_session" and not answer.metadata.run.fragment_ids:
                self.fragments.clear()
            is_end = kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if is_end:
                return

    def _draw(self, answer: ForwardMsg) -> None:
        if answer.delta.fragment_id:
            self.fragments.add(answer.delta.fragment_id)
        for kind, message in elements(answer.delta):
            if kind == "exception":
                self.shown.append(f"{message.type}: {message.message}")
            elif getattr(message, "id", ""):
                self.widgets[message.id] = kind


def elements(message: Message) -> Iterator[tuple[str, Any]]:
    """Every message inside of one, with the name that it has there."""
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None and isinstance(value, Message):
            yield descriptor.name, value
            yield from elements(value)


@contextlib.contextmanager
def visiting(url: str, page: str, query: str = "") -> Iterator[Client]:
    """A session that has opened a page."""
    stream = f"ws{url.removeprefix('http')}/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None, ping_interval=None) as socket:
        client = Client(socket, page)
        client.ask(client.rerun(query))
        yield client
