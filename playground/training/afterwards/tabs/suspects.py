"""Labels that the network believes least. Among them are wrong ones, drawings, logos, and plainly hard pictures."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.training import measures
from core.training.results import TRAINING, VALIDATION, Prediction, suspicious
from playground.components.overlay import Laid, overlay
from playground.training.afterwards import asked
from playground.training.afterwards.left import Left
from playground.training.pictures import shown

SHOWN, LISTED = 24, 200


def show(left: Left) -> None:
    """The most suspicious of all pictures that the run has used; the training ones when asked for."""
    training = asked.judge(
        left, TRAINING, "Judge the training pictures as well", "Once through the set, without learning anything."
    )
    found = [(one, VALIDATION) for one in left.found] + [(one, TRAINING) for one in training or ()]
    part_of = {one.index: part for one, part in found}
    doubted = suspicious((one for one, _ in found), LISTED)
    if not doubted:
        st.info("It agrees with every label.")
        return
    st.markdown(
        f"Of {len(found):,} pictures these have the largest loss: the network is sure that they are something else. "
        "Look whether it is right. A training picture is doubted less easily, since it was learnt with its label."
    )
    overlay([_laid(left, one, part_of[one.index]) for one in doubted[:SHOWN]], key="after-suspects", side=132)
    with st.expander(f"All {len(doubted)} with their files", icon=":material/list:"):
        table = suspects(left, doubted, part_of)
        st.dataframe(table, hide_index=True, column_config={"loss": st.column_config.NumberColumn(format="%.3f")})
        st.download_button("As CSV", table.to_csv(index=False), "suspicious-labels.csv", "text/csv", on_click="ignore")


def _laid(left: Left, one: Prediction, part: str) -> Laid:
    data = left.data
    title = (
        f"labelled {data.classes[one.label]}, looks like {data.classes[one.taken_for]} {one.probability:.1%} · "
        f"{data.paths[one.index]} ({part})"
    )
    return Laid(shown(data, one.index), title)


def suspects(left: Left, doubted: tuple[Prediction, ...], part_of: dict[int, str]) -> pd.DataFrame:
    """One row a picture: file, label, what it is taken for, probabilities, loss, and its part of the set."""
    data = left.data
    rows = [
        {
            "file": data.paths[one.index],
            "labelled": data.classes[one.label],
            "looks like": data.classes[one.taken_for],
            "probability": one.probability,
            "given to its label": one.true_probability,
            "loss": measures.cross_entropy(one.true_probability) if one.true_probability > 0 else one.loss,
            "part": part_of[one.index],
        }
        for one in doubted
    ]
    return pd.DataFrame(rows)
