"""What the buttons of the tab do to the classes; what cannot be done is said in one sentence."""

from __future__ import annotations

import streamlit as st

from core.errors import PlaygroundError
from playground import computation_gate, refusal, units
from playground.inspect_network.own_classes.collection import add_examples, collection, pretrained_body

NAME, FILES, PHOTO = "inspect-own-name", "inspect-own-chosen", "inspect-own-photo"
ADDED, ERROR = "inspect own files", "inspect own error"  # in the session's state


@refusal.toasted()
def add_class() -> None:
    """A class of the name that was typed."""
    collection().add_class(st.session_state[NAME])


def add_files(name: str, key: str) -> None:
    """Add the files that can be opened, each once, and say which cannot."""
    uploaded, added = st.session_state[key], st.session_state.setdefault(ADDED, set())
    files = uploaded if isinstance(uploaded, list) else [uploaded] if uploaded else []
    skipped = []
    for file in (file for file in files if file.file_id not in added):
        added.add(file.file_id)
        try:
            with computation_gate.turn():
                collection().add(name, file, pretrained_body())
        except PlaygroundError as error:
            skipped.append(f"{file.name}: {error}")
    if skipped:
        others = f" (And {len(skipped) - 1} more.)" if len(skipped) > 1 else ""
        st.session_state[ERROR] = f"{len(skipped)} of {units.counted(len(files), 'file')} skipped. {skipped[0]}{others}"


def remove_last(name: str) -> None:
    collection().remove_last(name)


def remove_class(name: str) -> None:
    collection().remove_class(name)


def use_examples() -> None:
    add_examples()
