"""The network, the size of its input and the batch size. Everything lives in the address bar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import MissingShapeError, PlaygroundError
from core.model_spec import ModelSpec, OpenValue, Shape, read_edits, read_shape, write_edits, write_shape
from core.models import MODELS
from core.parsing.clean import MAX_CHARACTERS
from core.profiler.fitting import Edit
from playground import controls
from playground.calculator import results
from playground.calculator.links import BATCH, EDITS, INPUT, NET, OWN, TEXT
from playground.components.paste_limit import guard

WORKED = "One 5×5 convolution"
WORKED_TEXT = "nn.Sequential(nn.Conv2d(3, 200, 5, padding=2))"
WORKED_INPUT = (3, 150, 100)
EXAMPLE = """\
class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 8 * 8, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))"""
TITLES = {model.title: key for key, model in MODELS.items()}
PICKED, VALUE = "ca_pick", "ca_v_"
OPENING = "ResNet-18"
OFFERS = {
    OWN: ("Paste your own code", "ca-own", ":material/content_paste:", "primary"),
    WORKED: ("Example: one 5×5 convolution", "ca-worked", ":material/filter_1:", "tertiary"),
}
LONGEST_LINK = 6_000  # letters of text that an address can carry
LONGEST_LINE = 300  # letters of a line that is quoted
HEIGHT = 280  # of the text, in pixels
MOST = 1_048_576


def default_input(spec: ModelSpec) -> Shape:
    return WORKED_INPUT if spec.text == WORKED_TEXT else results.default_input(spec)


def choice() -> str:
    """The select box of networks: the title of a preset, or one of the two that are text; first of all one's own."""
    return controls.pick("Network", (OWN, WORKED, *TITLES), NET, WORKED, on_change=_new_network)


def spec(name: str) -> ModelSpec:
    """The chosen network with its changes; for a network of one's own, the text box stands here."""
    edits = read_edits(st.query_params.get(EDITS, ""))
    if name == WORKED:
        return ModelSpec(text=WORKED_TEXT, edits=edits)
    if name == OWN:
        return _with_choices(ModelSpec(text=_text(), edits=edits))
    return ModelSpec(preset=TITLES[name], edits=edits)


def with_shape(spec: ModelSpec, shape: Shape) -> ModelSpec:
    """The spec with the input as typed, for a text that cannot be read without it."""
    return replace(spec, input_shape=shape) if spec.text and results.needs_shape(spec) else spec


def _with_choices(spec: ModelSpec) -> ModelSpec:
    """Which network of a text, and values for what it leaves open: boxes that stand only where there is a choice."""
    model = results.loadable(spec)
    if model is None:
        _show_cause(spec)
        return spec
    network = ""
    if len(set(model.networks)) > 1:
        names = tuple(dict.fromkeys(model.networks))
        network = controls.pick("Network in your code", names, PICKED, model.network)
    return replace(spec, network=network if network != model.network else "", values=_open_values(model.assumed))


def _show_cause(spec: ModelSpec) -> None:
    """Beside the text: the line at which reading stops, as it is written; or that an input shape is needed.

    Why it stops there is said below, where the figures would be.
    """
    try:
        results.load(spec)
    except MissingShapeError:
        st.caption("Your code states no input shape: type it as Input.")
    except PlaygroundError as error:
        named = re.match(r"Line (\d+)", str(error))
        lines = spec.text.split("\n")
        if named and 0 < int(named[1]) <= len(lines) > 1:
            st.caption(f"Reading stops at line {named[1]}:")
            st.code(lines[int(named[1]) - 1].strip()[:LONGEST_LINE], language="python")


def _open_values(assumed: Mapping[str, Any]) -> tuple[tuple[str, OpenValue], ...]:
    """Boxes for the values that were assumed; those that were changed."""
    boxes = {name: value for name, value in assumed.items() if type(value) in (int, float, tuple)}
    if not boxes:
        return ()
    st.caption("Your code leaves these open; change them here:")
    changed = []
    for (name, default), column in zip(boxes.items(), st.columns(max(3, len(boxes))), strict=False):
        with column:
            value = _box(name, default)
        if value != default:
            changed.append((name, value))
    return tuple(changed)


def _box(name: str, default: OpenValue) -> OpenValue:
    """A number, or numbers with commas between them; what is not such keeps the default."""
    key = f"{VALUE}{name}"
    if not isinstance(default, tuple):
        return st.number_input(name, value=default, min_value=type(default)(0), key=key, bind=controls.LINK)
    typed = st.text_input(name, ", ".join(map(str, default)), key=key, bind=controls.LINK)
    words = [word.strip() for word in typed.strip("()[] ").split(",") if word.strip()]
    try:
        return tuple(type(default[0])(word) for word in words) or default
    except ValueError:
        st.caption(f"{name} takes numbers with commas between them.")
        return default


def input_shape(spec: ModelSpec) -> str:
    """The input as typed; at first the one that the network takes."""
    help = "Size of one input: channels × height × width, without the batch dimension."
    shape = write_shape(default_input(spec))
    return st.text_input("Input (C × H × W)", shape, key=INPUT, bind=controls.LINK, help=help)


def batch_size() -> int:
    """Images per optimizer step."""
    common = {"bind": controls.LINK, "help": "Images per optimizer step."}
    return int(st.number_input("Batch size", 1, MOST, 1, step=1, key=BATCH, **common))


def _text() -> str:
    linked = st.query_params.get(TEXT)
    if linked is not None and linked != st.session_state.get(TEXT):
        st.session_state[TEXT] = linked[:MAX_CHARACTERS]
    translated = results.translation(st.session_state.get(TEXT) or " ")
    paste, lines = st.columns(2) if translated else (st.container(), None)
    text = paste.text_area(
        "Your network (PyTorch, Keras or Paddle code)",
        value=EXAMPLE,
        height=HEIGHT,
        key=TEXT,
        on_change=_new_text,
        persist_state="session",
        max_chars=MAX_CHARACTERS,
        help=f"Your code is parsed, never executed. At most {MAX_CHARACTERS:,} characters.",
    )
    with paste:
        guard(MAX_CHARACTERS, "paste only the network's own lines", "ca_guard")
    if translated:
        with lines:
            st.markdown(f":small[Read as {translated[0]}; in PyTorch:]")
            st.code(translated[1], language="python", height=HEIGHT)
    return text or " "


def begin() -> None:
    """Who comes without a link meets a network worth looking at; every link opens what it always did."""
    if NET not in st.session_state and not st.query_params:
        st.session_state[NET] = st.query_params[NET] = OPENING  # so that what is shared from here opens here


def offer() -> None:
    """The ways to one's own code and to the worked example, first on the page, until they are taken."""
    chosen = st.session_state.get(NET, st.query_params.get(NET))
    with st.container(horizontal=True):
        for name, (label, key, icon, kind) in OFFERS.items():
            if chosen != name:
                st.button(label, key=key, icon=icon, type=kind, on_click=_take, args=(name,))


def _take(name: str) -> None:
    st.session_state[NET] = name
    _new_network()


def _new_network() -> None:
    """Another network brings its own input; the text belongs to the link only while it is shown."""
    name = st.session_state[NET]
    if name == OWN:
        keep_in_link(TEXT, st.session_state.get(TEXT, EXAMPLE))
        spec = ModelSpec(text=st.session_state.get(TEXT) or EXAMPLE)
    else:
        st.query_params.pop(TEXT, None)
        spec = ModelSpec(text=WORKED_TEXT) if name == WORKED else ModelSpec(preset=TITLES[name])
    st.query_params.pop(EDITS, None)
    st.session_state[INPUT] = write_shape(default_input(spec))


def _new_text() -> None:
    text = st.session_state[TEXT] or ""
    keep_in_link(TEXT, text)
    st.query_params.pop(EDITS, None)
    if text.strip() and not _accepts_present_input(ModelSpec(text=text)):
        st.session_state[INPUT] = write_shape(default_input(ModelSpec(text=text)))


def change(edits: tuple[Edit, ...]) -> None:
    """A callback: further changes of the network, kept in the link; no changes at all undoes those before."""
    before = read_edits(st.query_params.get(EDITS, ""))
    if edits:
        st.query_params[EDITS] = write_edits([*before, *edits])
    else:
        st.query_params.pop(EDITS, None)


def replace_text(text: str) -> None:
    """A callback: another text, in the box and in the link; the input stays."""
    st.session_state[TEXT] = text
    keep_in_link(TEXT, text)


def _accepts_present_input(spec: ModelSpec) -> bool:
    """Whether what is typed as the input still goes into the network, and its text does not state another."""
    try:
        model = results.load(spec)
        shape = read_shape(st.session_state.get(INPUT, ""))
    except PlaygroundError:
        return False
    return model.input_shape in (None, shape) and not model.unparsed and results.accepts(model, shape)


def keep_in_link(key: str, text: str) -> None:
    """A text belongs to the address, where the address can carry it and it is not the example."""
    if text and text != EXAMPLE and len(text) <= LONGEST_LINK:
        st.query_params[key] = text
    else:
        st.query_params.pop(key, None)
