"""One table a network: how well each method ranks the pixels, and whether it points at what tells the classes apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st
import torch

from core.errors import PlaygroundError
from core.explain import METHODS
from core.knobs import Knob
from core.lessons.inspect_network import Subject
from core.lessons.inspect_network.why import IN_RANDOM_ORDER, MeasuredMethod, measured_method
from playground import controls, lesson
from playground.inspect_network import subject_cache
from playground.inspect_network.why import text
from playground.inspect_network.why.settings import WhySettings, is_large, none_chosen

IMAGES = Knob(16, 4, 64, step=4, typed=True, label="Images", help="Of those that come with this network.")
FEW = Knob(2, 1, 4, typed=True, label="Images", help="Of those that come with this network.")
INSERTION, DELETION, TIMES = "Insertion ↑", "Deletion ↓", "Times chance"
INSIDE, PEAKS = "Evidence in the boxes", "Peak in a box"


def show(subject: Subject, chosen: WhySettings) -> None:
    """The images are those of the network, not the one above; each is explained for its own predicted class."""
    if none_chosen(chosen.methods):
        return
    knob, word = (FEW, "wnl") if is_large(subject) else (IMAGES, "wn")
    count = controls.widget("images", knob, word)
    results: dict[str, MeasuredMethod] = {}
    refused: dict[str, str] = {}
    for name in (*chosen.methods, IN_RANDOM_ORDER):
        result = measured(subject, name, chosen.layer, count)
        if isinstance(result, str):
            refused[name] = result
        else:
            results[name] = result
    st.markdown(WORDS + (EARS if any(one.game for one in results.values()) else ""))
    st.markdown(text.measures(results))
    st.dataframe(table(results), hide_index=True, height="auto", alt="Figures of each method.", column_config=COLUMNS)
    for name, reason in refused.items():
        st.caption(f"**{name}**: {reason}")
    lesson.source("Petsiuk, Das & Saenko 2018, arXiv:1806.07421; Zhang et al. 2016, arXiv:1608.00507")


WORDS = (
    "Does a map name the pixels that matter? **Insertion**: the pixels of a blurred image become sharp, those that the "
    "map ranks highest first; a good map lets the probability of the class rise early. **Deletion**: they become zero "
    "in the same order, and it falls early. The figures are the areas under these curves, from 0 to 1: of insertion "
    "(↑) the larger is the better one, of deletion (↓) the smaller."
)
EARS = (
    " Only the **ears** distinguish these faces, and their boxes are known: the table says how much of the positive "
    "map lies in them, and how often its peak does."
)
COLUMNS = {
    INSERTION: st.column_config.NumberColumn(format="%.3f"),
    DELETION: st.column_config.NumberColumn(format="%.3f"),
    TIMES: st.column_config.NumberColumn(format="%.2f"),
    INSIDE: st.column_config.NumberColumn(format="percent"),
    PEAKS: st.column_config.NumberColumn(format="percent"),
}


@subject_cache.cached_of_network(128, own=16, show_spinner="Measuring …")
def measured(subject: Subject, method: str, layer: str, count: int) -> MeasuredMethod | str:
    """One method on `count` images of a network, or the reason why there is none."""
    assert subject.others is not None
    x_BCHW, boxes_BK4 = subject.others(count)
    model = subject.model
    with torch.no_grad():
        class_B = model(x_BCHW).argmax(1)
    known = METHODS.get(method)
    try:
        layer = layer if known is None or known.takes_layer else ""
        return measured_method(model, layer, method, x_BCHW, class_B, boxes_BK4)
    except PlaygroundError as error:
        return str(error)


def table(results: Mapping[str, MeasuredMethod]) -> pd.DataFrame:
    """A row a method, the highest insertion first; the columns of the boxes only where these are known."""
    rows = [
        {
            "Method": name,
            INSERTION: round(one.insertion, 3),
            DELETION: round(one.deletion, 3),
            INSIDE: one.game and round(one.game.inside, 3),
            TIMES: one.game and round(one.game.times_chance, 2),
            PEAKS: one.game and round(one.game.peaks, 3),
        }
        for name, one in sorted(results.items(), key=lambda item: -item[1].insertion)
    ]
    whole = pd.DataFrame(rows)
    return whole if any(one.game for one in results.values()) else whole.drop(columns=[INSIDE, TIMES, PEAKS])
