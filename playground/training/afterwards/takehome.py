"""A run to take home: weights, curves, configuration, and a script that does it again."""

from __future__ import annotations

import streamlit as st

from core.training.export import configuration_json, curves_csv, weights_bytes
from playground import units
from playground.training.afterwards.left import Left


def show(left: Left) -> None:
    """A button a file; each is made when it is pressed."""
    view, trained = left.view, left.trained
    size = sum(value.numel() * value.element_size() for value in trained.model.state_dict().values())
    pictures = {"title": view.source.title, "name": view.source.name, "count": len(left.data)}
    with st.container(horizontal=True):
        _button("Weights", "weights.safetensors", lambda: weights_bytes(trained), "application/octet-stream", "memory")
        _button("Curves", "curves.csv", lambda: curves_csv(view.steps, view.epochs), "text/csv", "show_chart")
        _button(
            "Configuration",
            "run.json",
            lambda: configuration_json(trained, pictures, view.done),
            "application/json",
            "tune",
        )
    st.caption(
        f"Weights: {units.decimal(size)} as safetensors, with classes, picture side and normalization in the metadata. "
        f"Curves: {len(view.steps):,} steps, validation at each epoch's end."
    )


def _button(label: str, file: str, made, mime: str, icon: str) -> None:
    icon = f":material/{icon}:"
    st.download_button(label, made, file, mime, key=f"take-{file}", icon=icon, on_click="ignore")
