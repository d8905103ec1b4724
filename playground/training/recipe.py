"""How to train: a named recipe, each part of which can be changed."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core.knobs import knobs_of
from core.training import NETWORKS, RECIPES, TrainConfig, differences
from playground import controls

EXAMPLE = """nn.Sequential(
  nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(),
  nn.AdaptiveAvgPool2d(1), nn.Flatten(),
  nn.Linear(16, 2))"""
FIRST = ("epochs", "network", "optimizer", "learning_rate", "schedule", "batch_size")


def choose() -> TrainConfig:
    """The controls of the recipe, folded: its name is enough to begin."""
    name = controls.pick("Recipe", {name: name for name in RECIPES}, "tr")
    recipe = RECIPES[name]
    changed = st.container()
    with st.expander("Change the recipe", icon=":material/tune:"):
        config = _edit(recipe.config(), f"t{recipe.key}_")
    different = [f"{what.replace('_', ' ')} {now}" for what, (_, now) in differences(recipe.config(), config).items()]
    changed.caption(f"Changed: {', '.join(different)}" if different else recipe.why)
    return config


def _edit(base: TrainConfig, prefix: str) -> TrainConfig:
    """Widgets for every knob, with the recipe's values as they open; each recipe remembers its own."""
    knobs = knobs_of(TrainConfig)
    order = [*FIRST, *(name for name in knobs if name not in FIRST)]
    values = {}
    for name in order:
        knob = dataclasses.replace(knobs[name], default=getattr(base, name))
        values[name] = controls.widget(name, knob, f"{prefix}{name}")
    text = st.text_area(
        "Or a network of your own",
        placeholder=EXAMPLE,
        key=f"{prefix}own",
        bind="query-params",
        help="PyTorch text. It takes 3-channel pictures and ends with one number a class.",
    )
    return TrainConfig(**(values | ({"network": text.strip()} if text.strip() else {})))


def network_title(config: TrainConfig) -> str:
    """What to call the network of a config."""
    return config.network if config.network in NETWORKS else "your own network"
