"""Labels that the network believes least. Among them are wrong ones, drawings, logos, and plainly hard pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from core.training import metrics
from core.training.label_errors import FOLDS, is_frozen
from core.training.results import DOUBTED, TRAINING, VALIDATION, Prediction, suspicious, unlike_others
from playground import controls
from playground.components.heatmap_overlay import Laid, overlay
from playground.training.evaluation import on_demand
from playground.training.evaluation.run_artifacts import Left
from playground.training.pictures import shown

SHOWN, LISTED = 24, 200


def show(left: Left) -> None:
    """The most suspicious of the validation pictures; of all that the run has used when asked for."""
    judged = on_demand.judge(
        left, DOUBTED, "Judge the training pictures as well", "Once through the set, without learning anything."
    )
    found = judged or left.found
    part_of = {one.index: VALIDATION for one in left.found}
    doubted = ORDERS[_order(found)](found, LISTED)
    if not doubted:
        st.info("It agrees with every label.")
        return
    st.markdown(f"The most suspicious of {len(found):,} pictures. {_why(left, bool(judged))}")
    overlay([_laid(left, one, part_of) for one in doubted[:SHOWN]], key="after-suspects", side=132)
    with st.expander(f"All {len(doubted)} with their files", icon=":material/list:"):
        table = suspects(left, doubted, part_of)
        st.dataframe(table, hide_index=True, column_config={"loss": st.column_config.NumberColumn(format="%.3f")})
        st.download_button("As CSV", table.to_csv(index=False), "suspicious-labels.csv", "text/csv", on_click="ignore")


LOSS, UNLIKE = "Loss", "Unlike others"
ORDERS: dict[str, Callable[[Sequence[Prediction], int], tuple[Prediction, ...]]] = {
    LOSS: suspicious,
    UNLIKE: unlike_others,
}


def _order(found: Sequence[Prediction]) -> str:
    """By what they are sorted, where there is a choice."""
    if found[0].unlike is None:
        return LOSS
    return controls.pick("Sorted by", list(ORDERS), "ta_doubt", help=HELP)


HELP = (
    "Loss: it is sure of another label. Unlike others: even the eighth most similar picture is far away, "
    "as it is for logos and banners among pets, whatever they are labelled."
)


def _why(left: Left, is_judged: bool) -> str:
    """How they were judged."""
    if not is_judged:
        return "These are validation pictures: the network has not learnt from them. Look whether it is right."
    if is_frozen(left.trained):
        return (
            f"Each was judged by a last layer that had not learnt from it ({FOLDS}-fold cross-validation on the "
            "features of the frozen network). Look whether it is right."
        )
    return (
        "Look whether it is right. A training picture is doubted less easily than one of validation, since it was "
        "learnt with its label."
    )


def _laid(left: Left, one: Prediction, part_of: dict[int, str]) -> Laid:
    data, part = left.data, part_of.get(one.index, TRAINING)
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
            "loss": metrics.cross_entropy(one.true_probability) if one.true_probability > 0 else one.loss,
            "part": part_of.get(one.index, TRAINING),
        }
        for one in doubted
    ]
    return pd.DataFrame(rows)
