"""What is asked: which network, for which input, how many pictures at a time. Everything lives in the address bar."""

from __future__ import annotations

import streamlit as st

from core.errors import PlaygroundError
from core.model_spec import Shape, Subject, guess_input, read_edits, read_shape, write_edits, write_shape
from core.models import MODELS
from core.parsing.sanitize import MAX_CHARACTERS
from core.profiler.fitting import Edit
from core.profiler.setting import Setting
from playground import controls
from playground.calculator import results
from playground.calculator.links import BATCH, EDITS, INPUT, NET, OWN, TEXT
from playground.calculator.results import Asked
from playground.components.paste_limit import guard

WORKED = "One 5×5 convolution"
WORKED_TEXT = "nn.Sequential(nn.Conv2d(3, 200, 5, padding=2))"
WORKED_INPUT = (3, 150, 100)
EXAMPLE = """\
nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(32 * 8 * 8, 10),
)"""
TITLES = {model.title: key for key, model in MODELS.items()}
LONGEST_LINK = 6_000  # letters of text that an address can carry
HEIGHT = 280  # of the text, in pixels
MOST = 1_048_576


@st.cache_data(max_entries=200, show_spinner=False)
def default_input(subject: Subject) -> Shape:
    """The input of a preset, or the one that a text says or accepts; a colour picture for text we cannot read."""
    if subject.text == WORKED_TEXT:
        return WORKED_INPUT
    try:
        return guess_input(results.readable(subject)[0].parsed())
    except PlaygroundError:
        return (3, 224, 224)


def choice() -> str:
    """The select box of networks: the title of a preset, or one of the two that are text."""
    return controls.pick("Network", (WORKED, *TITLES, OWN), NET, on_change=_new_network)


def subject(name: str) -> Subject:
    """What was chosen, with its changes; for a network of one's own, the text is asked for here."""
    edits = read_edits(st.query_params.get(EDITS, ""))
    if name == WORKED:
        return Subject(text=WORKED_TEXT, edits=edits)
    return Subject(text=_text(), edits=edits) if name == OWN else Subject(preset=TITLES[name], edits=edits)


def input_shape(subject: Subject) -> str:
    """The input as typed; at first the one that the network asks for."""
    return st.text_input(
        "Input (C x H x W)",
        value=write_shape(default_input(subject)),
        key=INPUT,
        bind=controls.LINK,
        help="One picture: channels x height x width, without the batch.",
    )


def batch_size() -> int:
    """Pictures at a time."""
    return int(st.number_input("Batch", 1, MOST, 1, step=1, key=BATCH, bind=controls.LINK, help="Pictures at a time."))


def _text() -> str:
    linked = st.query_params.get(TEXT)
    if linked is not None and linked != st.session_state.get(TEXT):
        st.session_state[TEXT] = linked[:MAX_CHARACTERS]
    translated = results.translation(st.session_state.get(TEXT) or " ")
    paste, lines = st.columns(2) if translated else (st.container(), None)
    text = paste.text_area(
        "PyTorch, Keras or Paddle",
        value=EXAMPLE,
        height=HEIGHT,
        key=TEXT,
        on_change=_new_text,
        persist_state="session",
        max_chars=MAX_CHARACTERS,
        help=f"Read, never run: a list of layers as tutorials write it, at most {MAX_CHARACTERS:,} characters.",
    )
    with paste:
        guard(MAX_CHARACTERS, "paste only the lines of the network", "ca_guard")
    if translated:
        with lines:
            st.markdown(f":small[Read as {translated[0]}. In PyTorch this is]")
            st.code(translated[1], language="python", height=HEIGHT)
    return text or " "


def _new_network() -> None:
    """Another network brings its own input; the text belongs to the link only while it is shown."""
    name = st.session_state[NET]
    if name == OWN:
        _keep_in_link(st.session_state.get(TEXT, EXAMPLE))
        subject = Subject(text=st.session_state.get(TEXT) or EXAMPLE)
    else:
        st.query_params.pop(TEXT, None)
        subject = Subject(text=WORKED_TEXT) if name == WORKED else Subject(preset=TITLES[name])
    st.query_params.pop(EDITS, None)
    st.session_state[INPUT] = write_shape(default_input(subject))


def _new_text() -> None:
    """Another network may want another input."""
    text = st.session_state[TEXT] or ""
    _keep_in_link(text)
    st.query_params.pop(EDITS, None)
    if text.strip() and not _accepts_present_input(Subject(text=text)):
        st.session_state[INPUT] = write_shape(default_input(Subject(text=text)))


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
    _keep_in_link(text)


def _accepts_present_input(subject: Subject) -> bool:
    """Whether what is typed as the input still goes into the network, and its text does not say another."""
    try:
        stated = subject.parsed().input_shape
        shape = read_shape(st.session_state.get(INPUT, ""))
    except PlaygroundError:
        return False
    return stated in (None, shape) and results.look(Asked(subject, shape, Setting())).failed is None


def _keep_in_link(text: str) -> None:
    if text and text != EXAMPLE and len(text) <= LONGEST_LINK:
        st.query_params[TEXT] = text
    else:
        st.query_params.pop(TEXT, None)
