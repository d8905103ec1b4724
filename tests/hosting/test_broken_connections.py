"""Browsers closed in mid-upload, or cut off in mid-slide, cost nobody anything and leave no traceback."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import socket
import struct
import subprocess
import sys
import time
import uuid

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.browser import chromium

pytestmark = pytest.mark.soak
MB = 10**6


@pytest.fixture(scope="module", params=["streamlit_app.py", "server.py"])
def site(request, tmp_path_factory):
    """The app: its address, its process, its log."""
    folder, port = tmp_path_factory.mktemp("site"), chromium.free_port()
    options = ("--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1")
    command = [sys.executable, "-m", "streamlit", "run", request.param, *options]
    environment = os.environ | {"CNN_PLAYGROUND_CACHE": str(folder / "cache")}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=chromium.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            chromium.wait_for_answer(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"127.0.0.1:{port}", psutil.Process(server.pid), folder / "log"
        finally:
            chromium.end(server)


class Visitor:
    """One session, over a websocket that may break; `reconnect` goes on with it as a browser does."""

    def __init__(self, host, session=""):
        self.host = host
        protocols = ["streamlit", "token", session] if session else ["streamlit", "token"]
        self.socket = connect(
            f"ws://{host}/_stcore/stream", subprotocols=protocols, max_size=None, ping_interval=None, legacy=True
        )
        self.session, self.page, self.sliders = session, "", {}

    def ask(self, widgets=(), page="pooling"):
        """Run the page, with new values of sliders."""
        message = BackMsg()
        message.rerun_script.page_name = page
        for name, value in widgets:
            message.rerun_script.widget_states.widgets.add(id=name).double_array_value.data.append(value)
        self.socket.send(message.SerializeToString())

    def until_finished(self):
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=chromium.PATIENCE_S))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "slider":
                slider = message.delta.new_element.slider
                self.sliders[slider.id] = slider
            elif kind == "script_finished":
                return message.script_finished

    def cut(self):
        """The connection breaks without a goodbye: a reset, as when a phone leaves the room."""
        raw = self.socket.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


def upload(host, session, size, sent, token=True):
    """Begin an upload of `size` bytes and stop after `sent`; returns the status, or None if the connection was cut."""
    first = http.client.HTTPConnection(host, timeout=60)
    first.request("GET", "/_stcore/health")
    cookie = first.getresponse().getheader("Set-Cookie", "").split(";")[0]
    headers = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]} if token else {}
    border = secrets.token_hex(8)
    part = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'.encode()
    headers |= {"Content-Type": f"multipart/form-data; boundary={border}", "Content-Length": str(size)}
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.putrequest("PUT", f"/_stcore/upload_file/{session}/{uuid.uuid4()}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.suppress(OSError):
        connection.send(part)
        for _ in range(sent // MB):
            connection.send(bytes(MB))
    if sent < size:
        with contextlib.suppress(OSError):
            connection.sock.settimeout(2.0 if sent else 60.0)
            answer = connection.getresponse()
            return answer.status
        connection.close()
        return None
    return connection.getresponse().status


def visitor_of(host: str) -> Visitor:
    """One who has opened the page."""
    visitor = Visitor(host)
    visitor.ask()
    visitor.until_finished()
    return visitor


def test_a_connection_that_breaks_in_mid_slide_is_taken_up_again(site):
    host, _, log = site
    visitor = Visitor(host)
    visitor.ask()
    while not visitor.sliders:  # a server's first visitor is sent to the page twice
        visitor.until_finished()
    name, slider = next(iter(visitor.sliders.items()))
    for turn in range(30):
        visitor.ask([(name, slider.max if turn % 2 else slider.min)])
        visitor.cut()
        visitor = Visitor(host, visitor.session)
    session = visitor.session
    visitor.ask([(name, slider.max)])
    assert visitor.until_finished() in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    assert visitor.session == session, "the same session, with its state"
    assert "Traceback" not in log.read_text()


def test_a_browser_that_is_closed_in_mid_upload_leaves_nothing(site):
    host, process, log = site
    visitor = visitor_of(host)
    before = process.memory_info().rss
    for _ in range(6):
        assert upload(host, visitor.session, 60 * MB, 40 * MB) is None
    until = time.monotonic() + chromium.PATIENCE_S
    while process.memory_info().rss - before >= 100 * MB and time.monotonic() < until:
        time.sleep(0.2)
    assert process.memory_info().rss - before < 100 * MB
    assert [file.path for file in process.open_files() if "/tmp" in file.path and "log" not in file.path] == []
    visitor.ask()
    assert visitor.until_finished() == ForwardMsg.FINISHED_SUCCESSFULLY
    assert "Traceback" not in log.read_text()


def test_nobody_uploads_into_a_session_that_they_do_not_know_or_without_its_token(site):
    host, _, log = site
    visitor = visitor_of(host)
    for session in (uuid.uuid4(), visitor.session[:-1] + "0", "..", "*"):
        assert upload(host, session, 100, 0) in (400, 404)
    assert upload(host, visitor.session, 100, 0, token=False) == 403
    for path in ("/media/../../etc/passwd", "/media/%2e%2e/secrets", f"/media/{'0' * 56}.png", "/media/"):
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status in (400, 403, 404) or b"<title>" in answer.read(), "nothing, or the app's own page"
    assert "Traceback" not in log.read_text()


def test_a_program_drives_no_page_past_the_limits_for_browsers(site):
    host, _, log = site
    for path in ("interact", "mcp"):
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("POST", f"/_stcore/agent/{path}", "{}", {"Content-Type": "application/json"})
        assert b"not_available" in connection.getresponse().read()
    assert "Traceback" not in log.read_text()
