"""A run's settings back on the controls, so that one thing can be changed and the rest stays."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.jobs.job_spec import Source
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.training import NETWORKS, RECIPES, TrainConfig, differences
from playground.training.data import dataset_choice

SET_TO = "history set to"  # in the session's state: the run whose settings the controls have just taken


def take_over(name: str, view: RunView) -> None:
    """Set the controls to a run's: for a button's callback, before the widgets are drawn again."""
    recipe = nearest_recipe(view.config)
    st.session_state["tr"] = recipe
    prefix = f"t{RECIPES[recipe].key}_"
    own = view.config.network if view.config.network not in NETWORKS else ""
    for knob in knobs_of(TrainConfig):
        st.session_state[f"{prefix}{knob}"] = getattr(view.config, knob)
    if own:
        st.session_state[f"{prefix}network"] = RECIPES[recipe].config().network
    st.session_state[f"{prefix}own"] = own
    st.session_state["tz"] = view.size
    choose_pictures(view.source)
    st.session_state[SET_TO] = name


def nearest_recipe(config: TrainConfig) -> str:
    """The named recipe from which the fewest settings have to be changed.

    >>> all(nearest_recipe(recipe.config()) == name for name, recipe in RECIPES.items())
    True
    """
    return min(RECIPES, key=lambda name: len(differences(RECIPES[name].config(), config)))


def choose_pictures(source: Source) -> None:
    """The run's pictures; those of an upload that has been removed stay unchosen."""
    if source.is_named:
        dataset_choice.take(source.name)
        return
    known = next((key for key, one in dataset_choice.brought().items() if one == source), None)
    if known is not None:
        dataset_choice.take(known)
    elif Path(source.path).exists():
        dataset_choice.bring(source)
