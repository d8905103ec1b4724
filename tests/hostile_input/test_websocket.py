"""Messages that no front end sends: no traceback in the log, no exception on the page, and the session goes on."""

import contextlib
import random

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from playground import catalog
from tests.hostile_input.client import Client, visiting
from tests.hostile_input.widget_values import TEXTS, hostile_value
from tests.hosting.proxied import app_server

PAGES = [page.file for page in (catalog.HOME, *catalog.LESSONS)]
ROUNDS = 100  # of a page: about 700 values
FRAMES = (b"", b"\xff" * 40, b"\n" * 999, b"\x0a\xff\xff\xff\xff\x0f", bytes(5000))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with app_server(folder / "log", CNN_PLAYGROUND_CACHE=str(folder), CNN_PLAYGROUND_LOGS="") as running:
        yield running


def throw(client: Client, dice: random.Random, rounds: int) -> None:
    """Rounds of hostile values for the controls of a page, each of the whole page or of one of its fragments."""
    was_full = True
    for _ in range(rounds):
        fragments = sorted(client.fragments) if was_full else []
        fragment = dice.choice(["", *fragments])
        was_full = not fragment
        message = client.rerun(fragment=fragment)
        ids = sorted(client.widgets)
        for widget in dice.sample(ids, min(len(ids), dice.choice((1, 1, 3, 30)))):
            message.rerun_script.widget_states.widgets.append(hostile_value(widget, dice))
        client.ask(message)
        assert client.shown == [], str(message)[:2000]


def no_traceback(server) -> None:
    text = server.log.read_text(errors="replace")
    assert "Traceback" not in text, text[text.index("Traceback") :][:3000]


@pytest.mark.soak
@pytest.mark.parametrize(("page", "query"), [*((page, "") for page in PAGES), ("calculator", "ca_tab=Find+a+layer")])
def test_no_value_of_a_control_breaks_a_session(server, page, query):
    with visiting(f"http://{server.address}", page, query) as client:
        throw(client, random.Random(page), ROUNDS)
        client.ask(client.rerun())
        assert client.shown == []
        assert len(client.widgets) > 3
    no_traceback(server)


def strange_requests(client: Client, dice: random.Random) -> list[BackMsg]:
    """Pages, fragments, files and addresses that there are not, and what only developers may do."""
    messages = [BackMsg(clear_cache=True), BackMsg(load_git_info=True), BackMsg(debug_shutdown_runtime=True), BackMsg()]
    for text in (*TEXTS, "%", "&=&=", "a=1&" * 9000, "k=%ff%00"):
        for field in ("query_string", "page_name", "page_script_hash", "fragment_id"):
            message = client.rerun()
            setattr(message.rerun_script, field, text)
            messages.append(message)
        asking = BackMsg()
        asking.file_urls_request.file_names.extend([text] * dice.choice((0, 1, 9)))
        messages.append(asking)
    return messages


@pytest.mark.soak
def test_strange_requests_and_frames_leave_the_server_as_it_was(server):
    url, dice = f"http://{server.address}", random.Random(0)
    with visiting(url, "convolution") as client:
        for message in strange_requests(client, dice):
            client.send(message)
        throw(client, dice, 3)
    for frame in (*FRAMES, "a frame of text"):
        with visiting(url, "home") as client:
            client.socket.send(frame)
            with contextlib.suppress(ConnectionClosed):  # at once, or after the next message
                client.send(client.rerun())
                client.read_to_end()
            assert client.socket.close_code in (None, 1002, 1003)
    with visiting(url, "convolution") as client:
        assert client.shown == []
    no_traceback(server)
