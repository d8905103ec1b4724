"""The recipe and the image size that a dataset begins with. What a link or the visitor has chosen stays."""

from __future__ import annotations

import streamlit as st

from core.datasets import survey
from core.errors import DataError
from core.jobs.job_spec import Source
from core.training import RECIPES
from core.training.recipe.presets import Recipe
from core.training.recipe.recommendation import DEFAULT_SIZE, Recommendation, recommend

RECIPE, SIZE = "tr", "tz"  # keys of the widgets
CHOSEN = (
    "th"  # in the address bar: recipe and size of own images are the visitor's choice, even where they are defaults
)
# In the session's state: whether recipe and size were chosen by hand, and the dataset that they were last set for.
RECIPE_BY_HAND, SIZE_BY_HAND, SET_FOR = "recipe by hand", "size by hand", "recipe set for"


def apply(source: Source) -> None:
    """Set recipe and size for a dataset that was not chosen before; before their widgets are drawn."""
    if RECIPE_BY_HAND not in st.session_state:
        linked = set(st.query_params)
        edited = any(key.startswith(f"t{recipe.key}_") for recipe in RECIPES.values() for key in linked)
        st.session_state[RECIPE_BY_HAND] = edited or bool(linked & {RECIPE, SIZE, CHOSEN})
        st.session_state[SIZE_BY_HAND] = SIZE in linked or (edited or RECIPE in linked)
    is_new = st.session_state.get(SET_FOR) != source
    st.session_state[SET_FOR] = source
    if st.session_state[RECIPE_BY_HAND] or st.session_state[SIZE_BY_HAND]:
        _mark(source)
    elif is_new and (advice := recommendation(source)) is not None:
        st.session_state[RECIPE], st.session_state[SIZE] = advice.recipe, advice.size


def recommendation(source: Source) -> Recommendation | None:
    """The recipe to begin with; None for images that cannot be counted."""
    counts = {} if source.is_named else _counts(source)
    return None if counts is None else recommend(sum(counts.values()), len(counts), source.is_named)


@st.cache_data(max_entries=64, show_spinner=False)
def _counts(source: Source) -> dict[str, int] | None:
    """Files of each class; None for a source that is refused."""
    try:
        return survey(source.where, layout=source.choice)
    except DataError:
        return None


def recipe_chosen() -> None:
    """For the recipe's `on_change`: it is the visitor's now, and the size follows it unless that is theirs, too."""
    st.session_state[RECIPE_BY_HAND] = True
    if not st.session_state.get(SIZE_BY_HAND):
        st.session_state[SIZE] = size_of(RECIPES[st.session_state[RECIPE]])


def size_chosen() -> None:
    """For the size's `on_change`."""
    st.session_state[SIZE_BY_HAND] = True


def by_hand() -> None:
    """Recipe and size were set from a run of before."""
    st.session_state[RECIPE_BY_HAND] = st.session_state[SIZE_BY_HAND] = True


def size_of(recipe: Recipe) -> int:
    """The size that goes with a recipe.

    >>> size_of(RECIPES["From scratch (modern)"]), size_of(RECIPES["Transfer learning (frozen)"])
    (64, 192)
    """
    return recipe.size or DEFAULT_SIZE


def start_from_scratch() -> None:
    """For a button: the first recipe, at its own size."""
    st.session_state[RECIPE] = next(iter(RECIPES))
    recipe_chosen()


def _mark(source: Source) -> None:
    """Own images that are opened again with this address keep what was chosen, also where that is the default."""
    if source.is_named:
        st.query_params.pop(CHOSEN, None)
    elif st.query_params.get(CHOSEN) != "1":
        st.query_params[CHOSEN] = "1"
