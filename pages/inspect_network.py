"""Inspect a network: all its feature maps for one image, from the input to the class scores."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "A network turns an image into feature maps, these into others, and the last ones into a score for each class. "
    "Choose any map to see what it is made of."
):
    from playground.inspect_network import choice, network_view, own_classes, receptive_field, softmax, why

# Each is a part of the page about the same network and the same image; another is one entry here.
TABS = {
    "Network": network_view.show,
    "Softmax and loss": softmax.show,
    "Receptive field": receptive_field.show,
    "Why": why.show,
    "My classes": own_classes.show,
}


@lesson.fragment
def inspect() -> None:
    """A network and an image, then what each tab says of them."""
    with lesson.sheet(is_open=False):
        subject, note = choice.choose()
    if note:
        st.info(note)
    if subject is None:
        return
    for show in lesson.open_tab(TABS, "part"):
        with lesson.friendly():
            show(subject)


inspect()
lesson.source(
    "LeCun, Bottou, Bengio & Haffner 1998, *Gradient-based learning applied to document recognition*. "
    "Inspired by CNN Explainer (Wang et al. 2020, arXiv:2004.15004)."
)
