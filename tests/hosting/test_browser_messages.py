"""What a browser may say: kinds of messages, values of controls, and how many messages at a time."""

import json

import pytest
from streamlit.elements.arrow import DataframeSelectionSerde
from streamlit.elements.lib.column_config_utils import ColumnDataKind
from streamlit.elements.plotly_chart import PlotlyChartSelectionSerde
from streamlit.elements.widgets import data_editor
from streamlit.elements.widgets.data_editor import DataEditorSerde
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from playground.server import browser_messages
from playground.server.browser_messages import BURST, MAX_FILES, MAX_QUERY, MAX_WIDGETS, PER_S, Pace, is_legal
from tests.hosting.asgi import to_its_end


@pytest.fixture(autouse=True)
def _installed():
    browser_messages.install()


def rerun(widgets=0, query=""):
    message = BackMsg()
    message.rerun_script.query_string = query
    for number in range(widgets):
        message.rerun_script.widget_states.widgets.add(id=str(number))
    return message


def files(count):
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a"] * count)
    return message


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (rerun(), ""),
        (BackMsg(stop_script=True), ""),
        (files(MAX_FILES), ""),
        (files(MAX_FILES + 1), "too many files"),
        (rerun(MAX_WIDGETS), ""),
        (rerun(MAX_WIDGETS + 1), "too many widgets"),
        (rerun(query="a" * MAX_QUERY), ""),
        (rerun(query="a" * (MAX_QUERY + 1)), "too long an address"),
        (BackMsg(clear_cache=True), "clear_cache"),
        (BackMsg(load_git_info=True), "load_git_info"),
        (BackMsg(set_run_on_save=True), "set_run_on_save"),
        (BackMsg(), "None"),
    ],
)
def test_a_message_that_is_not_for_visitors_is_left_out(message, why):
    assert browser_messages.refusal_of(message) == why


def test_what_is_left_out_never_reaches_the_session():
    taken = []
    handle = browser_messages._checked(lambda session, message: taken.append(message))
    for message in (BackMsg(clear_cache=True), rerun()):
        handle(None, message)
    assert taken == [rerun()]


def test_messages_beyond_a_burst_come_in_at_a_steady_pace():
    pace = Pace(at_s=0.0)
    assert [pace.wait_s(0.0) for _ in range(BURST)] == [0.0] * BURST
    assert [round(pace.wait_s(0.0) * PER_S) for _ in range(5)] == [1, 2, 3, 4, 5]
    rested = Pace(at_s=0.0)
    assert [rested.wait_s(number / PER_S) for number in range(500)] == [0.0] * 500


@pytest.mark.parametrize("frame", [{"text": "hello"}, {"text": "hello", "bytes": None}])
def test_a_frame_of_text_closes_the_connection_without_an_error(frame):
    from starlette.websockets import WebSocket, WebSocketDisconnect

    sent, coming = [], [{"type": "websocket.connect"}, {"type": "websocket.receive", **frame}]

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    async def talk():
        websocket = WebSocket({"type": "websocket", "headers": []}, receive, send)
        await websocket.accept()
        await websocket.receive_bytes()

    with pytest.raises(WebSocketDisconnect):
        to_its_end(talk())
    assert sent[-1]["type"] == "websocket.close"
    assert sent[-1]["code"] == browser_messages.UNSUPPORTED


def metadata(value_type, deserialize=lambda value: value, options=None):
    return WidgetMetadata("w", deserialize, lambda value: value, value_type, formatted_options=options)


def word(text):
    return WidgetState(id="w", string_value=text)


@pytest.mark.parametrize(
    ("state", "control", "legal"),
    [
        (word("a"), None, True),
        (word("a"), metadata("string_value"), True),
        (word("a"), metadata("bool_value"), False),
        (WidgetState(id="w"), metadata("string_value"), True),  # emptied
        (word("a"), metadata("string_value", options=["a", "b"]), True),
        (word("c"), metadata("string_value", options=["a", "b"]), False),
        (WidgetState(id="w", double_value=float("inf")), metadata("double_value", int), False),
        (WidgetState(id="w", json_value="{}"), metadata("json_value"), True),
        (WidgetState(id="w", json_value="[1]"), metadata("json_value"), False),
        (WidgetState(id="w", json_value="{"), metadata("json_value"), False),
        (WidgetState(id="w", json_value="[" * 50_000), metadata("json_value"), False),
    ],
)
def test_values_that_a_control_cannot_have(state, control, legal):
    assert is_legal(state, control) is legal


@pytest.mark.parametrize(
    ("selected", "legal"),
    [
        ({"rows": [3]}, True),
        ({"rows": [], "columns": ["a"], "cells": [[0, "a"]]}, True),
        *(({"rows": rows}, False) for rows in ("abc", ["x"], [[1]], [-1], [1.5], [True], {"a": 1}, 7)),
        ({"columns": [5]}, False),
        *(({"cells": [cell]}, False) for cell in ([0], ["a", 0], [-1, "a"])),
        *((selection, False) for selection in ([], "x", None)),
    ],
)
def test_what_a_table_cannot_have_selected(selected, legal):
    state = word(json.dumps({"selection": selected}))
    assert is_legal(state, metadata("string_value", DataframeSelectionSerde().deserialize)) is legal


@pytest.mark.parametrize(
    ("selected", "legal"),
    [
        ({"points": [{"x": 1}], "point_indices": [0], "box": [{"xref": "x"}]}, True),
        *(({"points": points}, False) for points in ("x", [5], [None], {"x": 1}, 7)),
        ({"point_indices": ["a"]}, False),
        ({"lasso": [7]}, False),
    ],
)
def test_what_a_chart_cannot_have_selected(selected, legal):
    state = word(json.dumps({"selection": selected}))
    assert is_legal(state, metadata("string_value", PlotlyChartSelectionSerde().deserialize)) is legal


@pytest.mark.parametrize(
    ("edits", "legal"),
    [
        ({"edited_rows": {"1": {"Use": True}}}, True),
        ({"edited_rows": {}, "added_rows": [], "deleted_rows": []}, True),
        ({"edited_rows": {"1": 5}}, False),
        ({"edited_rows": {"-1": {"Use": True}}}, False),
        ({"edited_rows": {"x": {}}}, False),
        ({"edited_rows": [1]}, False),
        ({"added_rows": [{"Use": True}]}, False),
        ({"deleted_rows": [0]}, False),
    ],
)
def test_edits_that_no_table_of_ours_can_have(edits, legal):
    assert is_legal(word(json.dumps(edits)), metadata("string_value", DataEditorSerde().deserialize)) is legal


def test_an_edit_of_a_cell_that_is_not_there_is_passed_over():
    import pandas as pd

    table = pd.DataFrame({"Use": [True, True]})
    schema = {"Use": ColumnDataKind.BOOLEAN}
    data_editor._apply_cell_edits(table, {9: {"Use": False}, 1: {"Use": False, "Other": 3}}, schema)
    assert table["Use"].tolist() == [True, False]


def test_an_illegal_value_leaves_a_control_at_what_it_has_also_if_it_came_before_the_control():
    state = SessionState()
    control = metadata("double_value", int)
    wrong = WidgetStates(widgets=[WidgetState(id="w", double_value=float("nan"))])
    state.set_widgets_from_proto(wrong)
    state._set_widget_metadata(control)
    assert "w" not in state
    state.set_widgets_from_proto(WidgetStates(widgets=[WidgetState(id="w", double_value=3)]))
    assert state["w"] == 3
    state.set_widgets_from_proto(wrong)
    assert state["w"] == 3


@pytest.mark.parametrize("word", ["inf", "-inf", "1e400", "nan", "1e308", "9" * 5000])
def test_a_number_in_the_address_that_is_none_leaves_the_default(word):
    def page():
        import streamlit as st

        st.number_input("Batch size", 1, 1000, 32, key="batch", bind="query-params")

    app = AppTest.from_function(page)
    app.query_params["batch"] = word
    app.run()
    assert not app.exception
    assert app.number_input[0].value == 32
