"""Normalization: which cells share a mean and a variance, and what that does to a network."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "Every normalization does the same arithmetic. They differ only in **which cells share a mean and a variance**: "
    "point at one and see."
):
    from playground.normalization import batch_size, before_after, cube, folding, placement, train_vs_eval

PARTS = {
    "The cube": cube.section,
    "Before and after": before_after.section,
    "Where to put it": placement.section,
    "Train and eval": train_vs_eval.section,
    "Batch size": batch_size.section,
    "Folding": folding.section,
}


for tab, section in zip(st.tabs(list(PARTS), key="part", bind=controls.LINK), PARTS.values(), strict=True):
    if tab.open:
        with tab:
            section()
