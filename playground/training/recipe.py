"""How to train: a named recipe, each part of which can be changed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.augmentation.recipe import Augmentations
from core.jobs.job_spec import Source
from core.knobs import knobs_of
from core.training import NETWORKS, RECIPES, TrainConfig, differences
from core.training.recipe.architecture_options import ArchitectureOptions
from playground import controls
from playground.escaping import literal
from playground.training import preselection

EXAMPLE = """nn.Sequential(
  nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(),
  nn.AdaptiveAvgPool2d(1), nn.Flatten(),
  nn.Linear(16, 2))"""


OPTIMIZATION = ("epochs", "optimizer", "learning_rate", "schedule", "batch_size", "accumulate", "clip")
GROUPS = {  # title -> knobs that belong together
    ":material/hub: Network": ("network", *knobs_of(ArchitectureOptions)),
    ":material/trending_down: Optimization": OPTIMIZATION,
    ":material/auto_fix_high: Augmentation": (*knobs_of(Augmentations), "first_size"),
    ":material/balance: Regularization": ("weight_decay", "label_smoothing", "ema", "patience", "test_flip"),
    ":material/speed: Speed": ("precision", "channels_last", "compile"),
}
RATE = "learning_rate"
REST = ":material/casino: Seeds and splits"  # and whatever knob is in no group yet


@dataclass(frozen=True)
class ChosenRecipe:
    """What is chosen, the key of the widget that holds the learning rate, and the room under that widget."""

    config: TrainConfig
    rate_key: str
    beside_rate: DeltaGenerator


def choose(source: Source) -> ChosenRecipe:
    """The controls of the recipe, folded: its name is enough to begin."""
    names = {name: name for name in RECIPES}
    name = controls.pick("Recipe", names, preselection.RECIPE, on_change=preselection.recipe_chosen)
    _preselected(source, name)
    recipe = RECIPES[name]
    changed = st.container()
    chosen = _edit(recipe.config(), f"t{recipe.key}_")
    config = chosen.config
    different = [f"{label_of(what)} {now}" for what, (_, now) in differences(recipe.config(), config).items()]
    changed.caption(f"Changed: {literal(', '.join(different))}" if different else recipe.why)
    return chosen


def _preselected(source: Source, name: str) -> None:
    """Why the recommended recipe is recommended, and the way to another."""
    advice = preselection.recommendation(source)
    if advice is not None and advice.reason and advice.recipe == name:
        st.info(advice.reason, icon=":material/school:")
        back = {"key": "from-scratch", "on_click": preselection.start_from_scratch, "type": "tertiary"}
        st.button("Train from scratch instead", icon=":material/restart_alt:", **back)


def _edit(base: TrainConfig, prefix: str) -> ChosenRecipe:
    """Widgets for every knob, with the recipe's values as they open; each recipe remembers its own."""
    values: dict[str, Any] = {}
    for title, knobs in groups().items():
        with st.expander(title):
            for name in knobs:
                values[name] = _widget(name, base, prefix, values)
                if name == RATE:
                    beside_rate = st.container()
            if "network" in knobs:
                own = _own_network(prefix)
    return ChosenRecipe(TrainConfig(**(values | ({"network": own} if own else {}))), f"{prefix}{RATE}", beside_rate)


def rates() -> tuple[float, ...]:
    return knobs_of(TrainConfig)[RATE].choices


def groups() -> dict[str, tuple[str, ...]]:
    """Every knob of a run in just one group."""
    grouped = {name for knobs in GROUPS.values() for name in knobs}
    return GROUPS | {REST: tuple(name for name in knobs_of(TrainConfig) if name not in grouped)}


def _widget(name: str, base: TrainConfig, prefix: str, values: dict[str, Any]) -> Any:
    """One control; one that the chosen network does not have is disabled, and has no effect."""
    knob = dataclasses.replace(knobs_of(TrainConfig)[name], default=getattr(base, name))
    chosen = NETWORKS.get(values.get("network", ""))
    is_unused = name in knobs_of(ArchitectureOptions) and chosen is not None and name not in chosen.options
    value = controls.widget(name, knob, f"{prefix}{name}", disabled=is_unused)
    return getattr(base, name) if is_unused else value


def _own_network(prefix: str) -> str:
    help = "PyTorch text, `nn.Sequential(...)`. Input: images with 3 channels; output: one logit per class."
    common = {"placeholder": EXAMPLE, "bind": controls.LINK, "help": help}
    return st.text_area("Or your own network", key=f"{prefix}own", **common).strip()


def label_of(name: str) -> str:
    """What a setting is called on the screen.

    >>> label_of("clip"), label_of("batch_size")
    ('Gradient clipping (max norm)', 'Batch size')
    """
    return knobs_of(TrainConfig)[name].title(name)
