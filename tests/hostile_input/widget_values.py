"""Values that a browser may claim a control to have: every type of the protocol, within its range and far outside."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from playground import components
from tests.hostile import ALL

NUMBERS = (0.0, -1.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 2.0**63)
WHOLE = (0, 1, -1, 2**63 - 1, -(2**63))
TEXTS = ("", "\0", ALL, "9" * 5000, "../../etc/passwd", "~nobody", "\u202e\ufeff", "null", "{", "1e999", "NaN")
MOUNTS = "".join(file.read_text() for file in sorted(Path(components.__file__).parent.glob("*/__init__.py")))
KEYS = (*re.findall(r"on_(\w+)_change=", MOUNTS), "value", "held", "zoom", "selection", "event", "__proto__")
SELECTED = ("rows", "columns", "cells", "points", "point_indices", "box")
JSON = ("", "{", "null", "[]", "1e999", "[" * 20_000, '"x"', '{"value": {"value": null}}', '{"edited": [[NaN]]}')
ANYTHING = (
    *(None, True, -1, 10**400, 1.5, "x", ALL),
    *([], [[1, 2], [3]], [[10**400]], {"a": {}}, [None] * 9, {"row": -1, "column": 1e9}),
)
FIELDS = tuple(WidgetState.DESCRIPTOR.oneofs_by_name["value"].fields)


def hostile_value(widget: str, dice: random.Random) -> WidgetState:
    """Some value, of any type, for one control."""
    state = WidgetState(id=widget)
    name = dice.choice(FIELDS).name
    if name.endswith("_array_value") and name != "bytes_value":
        pool = {"double": NUMBERS, "int": WHOLE, "string": TEXTS}[name.split("_")[0]]
        values = getattr(state, name)
        values.SetInParent()
        values.data.extend(dice.choice(pool) for _ in range(dice.choice((0, 1, 2, 3, 500))))
    elif name in ("trigger_value", "bool_value"):
        setattr(state, name, dice.random() < 0.8)
    elif name == "double_value":
        state.double_value = dice.choice(NUMBERS)
    elif name == "int_value":
        state.int_value = dice.choice(WHOLE)
    elif name == "string_value":
        state.string_value = dice.choice((*TEXTS, *JSON, _table_state(dice)))
    elif name == "bytes_value":
        state.bytes_value = dice.randbytes(40)
    elif name in ("json_value", "json_trigger_value"):
        setattr(state, name, dice.choice(JSON) if dice.random() < 0.4 else _component_state(dice))
    else:
        _messages(state, name, dice)
    return state


def _component_state(dice: random.Random) -> str:
    """What a component of ours may send, with anything in the place of what it means."""
    event = {"event": dice.choice(KEYS), "value": dice.choice(ANYTHING)}
    return json.dumps(dice.choice(({key: dice.choice(ANYTHING) for key in KEYS}, event, [event])))


def _table_state(dice: random.Random) -> str:
    """What a table or a chart may say to have selected, and what a table, to have edited."""
    edits = {"edited_rows": {dice.choice(("0", "-1", "99", "x")): dice.choice((*ANYTHING, {"Use": True, "a": 1}))}}
    selected = {name: dice.choice((*ANYTHING, [dice.choice(ANYTHING)])) for name in SELECTED}
    return json.dumps(dice.choice(({"selection": selected}, {"selection": dice.choice(ANYTHING)}, edits)))


def _messages(state: WidgetState, name: str, dice: random.Random) -> None:
    """The types that are messages: files that were never uploaded, a chat, a text that was sent."""
    message = getattr(state, name)
    message.SetInParent()
    if name == "file_uploader_state_value":
        for _ in range(dice.choice((0, 1, 50))):
            message.uploaded_file_info.add(
                file_id=dice.choice(TEXTS), name=dice.choice(TEXTS), size=dice.choice((0, 1, 2**62))
            )
    elif hasattr(message, "data") and dice.random() < 0.8:
        try:
            message.data = dice.choice(TEXTS)
        except (TypeError, AttributeError):
            return
