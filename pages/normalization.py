"""Normalization: which cells share a mean and a variance, and what that does to a network."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "All normalizations use the same formula. They differ only in **which cells share a mean and a variance**: point "
    "at a cell to see."
):
    from playground.normalization import batch_size, before_after, cube, folding, placement, train_vs_eval

PARTS = {
    "The cube": cube.section,
    "Before and after": before_after.section,
    "Order in a block": placement.section,
    "Train vs. eval": train_vs_eval.section,
    "Batch size": batch_size.section,
    "Folding into the convolution": folding.section,
}


for tab, section in zip(st.tabs(list(PARTS), key="part", bind=controls.LINK), PARTS.values(), strict=True):
    if tab.open:
        with tab:
            section()
