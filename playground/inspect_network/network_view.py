"""The tab "Network": columns of feature maps from the input to the class scores."""

from __future__ import annotations

import streamlit as st
import torch

from core.lessons.inspect_network import Subject
from core.percent import percent
from playground import lesson


def show(subject: Subject) -> None:
    """The network on the image."""
    with torch.no_grad():
        shares = subject.model(subject.x_BCHW)[0].softmax(0)
    best = int(shares.argmax())
    st.markdown(f"The network says **{subject.classes[best]}** with {percent(float(shares[best]))}.")
    lesson.subheader("Feature maps")
