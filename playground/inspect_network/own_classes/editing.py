"""What the buttons of the tab do to the classes; what cannot be done is said in one sentence."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from playground import computation_gate, refusal
from playground.inspect_network.own_classes.collection import add_examples, collection, pretrained_body
from playground.picture_form import PictureForm

NAME = "inspect-own-name"
ADDED, ERROR = "inspect own files", "inspect own error"  # in the session's state


@refusal.toasted()
def add_class() -> None:
    """A class of the name that was typed."""
    collection().add_class(st.session_state[NAME])


@computation_gate.in_turn
def _add(name: str, file: UploadedFile) -> None:
    collection().add(name, file, pretrained_body())


PICTURES = PictureForm("inspect-own", "Image", ADDED, ERROR, _add)


def remove_last(name: str) -> None:
    collection().remove_last(name)


def remove_class(name: str) -> None:
    collection().remove_class(name)


def use_examples() -> None:
    add_examples()
