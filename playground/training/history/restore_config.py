"""A run's settings back on the controls, so that one can be changed and the rest stays."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.jobs.job_spec import Source
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.training import NETWORKS, RECIPES, TrainConfig, differences
from playground.training.data import dataset_choice

SET_TO = "history set to"  # in the session's state: the run whose settings the controls have just taken


def restore(name: str, view: RunView) -> None:
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
    choose_dataset(view.source)
    st.session_state[SET_TO] = name


def nearest_recipe(config: TrainConfig) -> str:
    """The named recipe from which the fewest settings have to be changed.

    >>> all(nearest_recipe(recipe.config()) == name for name, recipe in RECIPES.items())
    True
    """
    return min(RECIPES, key=lambda name: len(differences(RECIPES[name].config(), config)))


def choose_dataset(source: Source) -> None:
    """The run's images; those of an upload that has been removed stay unchosen."""
    if source.is_named:
        dataset_choice.choose_next(source.name)
        return
    key = next((key for key, one in dataset_choice.own_datasets().items() if one == source), None)
    if key is not None:
        dataset_choice.choose_next(key)
    elif Path(source.path).exists():
        dataset_choice.add(source)
