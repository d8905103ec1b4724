"""A component's state in the session is what Streamlit makes of it, is written through, and holds no session."""

import copy
import gc
import json
import weakref
from types import SimpleNamespace

import pytest
from streamlit.components.v2 import presentation
from streamlit.errors import StreamlitAPIException
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata

from playground.server import component_state

STATE, EVENTS = "the component's id", "the id of its events"
PRESENTERS = [component_state.presenter, presentation.make_bidi_component_presenter]
PAYLOADS = [
    *(None, [], "no JSON"),
    {"event": "pressed", "value": 3},
    [{"event": "pressed", "value": 3}, {"event": "held"}, {"event": 5, "value": 1}, "word"],
    [{"event": "cell", "value": "of the event"}],
]


def session(payload: object = None, kind: str = "json_trigger_value") -> SessionState:
    """That of a visitor whose browser has sent these events, and a cell as the component's state."""
    state = SessionState()
    state._key_id_mapper["counter"] = STATE
    widgets = state._new_widget_state
    for name, one in ((STATE, "json_value"), (EVENTS, kind)):
        widgets.widget_metadata[name] = WidgetMetadata(
            id=name, deserializer=as_list, serializer=json.dumps, value_type=one
        )
    widgets.set_from_value(STATE, {"cell": [1, 2]})
    if payload is not None:
        widgets.set_widget_from_proto(WidgetState(id=EVENTS, json_trigger_value=json.dumps(payload)))
    return state


def as_list(text: str) -> object:
    return text if text is None else json.loads(text)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("value", [{"cell": [1, 2]}, {}, [1], None, "word"])
def test_it_shows_what_streamlit_shows(payload, value):
    ours, theirs = (make(EVENTS, STATE, None)(value, session(payload)) for make in PRESENTERS)
    assert ours == theirs
    assert isinstance(ours, dict) is isinstance(theirs, dict)


@pytest.mark.parametrize("aggregator", ["another id", EVENTS])
def test_without_events_the_value_is_itself(aggregator):
    value = {"cell": [1, 2]}
    for make in PRESENTERS:
        assert make(aggregator, STATE, None)(value, session(kind="json_value")) is value


@pytest.mark.parametrize("make", PRESENTERS)
def test_what_is_set_in_it_is_set_in_the_session(make):
    visitor = session([{"event": "pressed", "value": 3}])
    shown = make(EVENTS, STATE, {"cell", "zoom"})({"cell": [1, 2]}, visitor)
    shown.zoom, shown["unknown"] = 4, 5
    del shown["cell"]
    assert shown.zoom == 4
    assert shown.cell is None
    assert copy.deepcopy(shown) is shown
    assert visitor._new_widget_state[STATE] == {"pressed": 3, "zoom": 4} == dict(shown)


class Kept:
    """Something that a session holds."""


def test_it_does_not_keep_the_session():
    visitor, kept = session(), Kept()
    shown = component_state.presenter(EVENTS, STATE, None)({"cell": [1, 2]}, visitor)
    visitor._new_session_state.update(shown=shown, kept=kept)
    watched = weakref.ref(kept)
    gc.disable()
    try:
        del visitor, kept
        assert watched() is None
    finally:
        gc.enable()
    shown["cell"] = [3, 4]
    assert shown == {"cell": [3, 4]}


@pytest.mark.parametrize("make", PRESENTERS)
def test_after_it_was_drawn_it_cannot_be_set(monkeypatch, make):
    drawn = SimpleNamespace(shared=SimpleNamespace(widget_ids_this_run={STATE}, form_ids_this_run=set()))
    for module in (component_state, presentation):
        monkeypatch.setattr(module, "get_script_run_ctx", lambda: drawn)
    shown = make(EVENTS, STATE, None)({"cell": [1, 2]}, session())
    refused = pytest.raises(StreamlitAPIException, match=r"`st.session_state.counter.cell` cannot be modified after")
    with refused:
        shown["cell"] = 7
    with refused:
        del shown["cell"]
