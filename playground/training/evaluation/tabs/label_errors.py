"""Labels that the network believes least. Among them are wrong ones, drawings, logos, and plainly hard pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from core.training import metrics
from core.training.label_errors import FOLDS, is_frozen
from core.training.results import DOUBTED, TRAINING, VALIDATION, Prediction, suspicious, unlike_others
from playground import controls, units
from playground.components.heatmap_overlay import Laid, overlay
from playground.training.evaluation import on_demand
from playground.training.evaluation.run_artifacts import Left
from playground.training.pictures import shown

SHOWN, LISTED = 24, 200


def show(left: Left) -> None:
    """The most suspicious of the validation pictures; of all that the run has used when asked for."""
    judged = on_demand.judge(
        left, DOUBTED, "Check the training images too", "One pass over the dataset, without training."
    )
    found = judged or left.found
    part_of = {one.index: VALIDATION for one in left.found}
    doubted = ORDERS[_order(found)](found, LISTED)
    if not doubted:
        st.info("The network agrees with every label.")
        return
    st.markdown(f"The most suspicious labels of {len(found):,} images. {_why(left, bool(judged))}")
    overlay([_laid(left, one, part_of) for one in doubted[:SHOWN]], key="after-suspects", side=132)
    with st.expander(f"All {len(doubted)} with their files", icon=":material/list:"):
        table = suspects(left, doubted, part_of)
        st.dataframe(table, hide_index=True, column_config={"Loss": st.column_config.NumberColumn(format="%.3f")})
        st.download_button(
            "Download as CSV", table.to_csv(index=False), "suspicious-labels.csv", "text/csv", on_click="ignore"
        )


LOSS, UNLIKE = "Loss", "Outlier score"
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
    "Loss: the network is confident of another label. Outlier score: even the eighth most similar image is far away, "
    "as for logos and banners among pets, whatever their label."
)


def _why(left: Left, is_judged: bool) -> str:
    """How they were judged."""
    if not is_judged:
        return "These are validation images: the network has not been trained on them. Check these labels."
    if is_frozen(left.trained):
        return (
            f"Each was classified by a last layer that had not been trained on it ({FOLDS}-fold cross-validation on "
            "the features of the frozen network). Check these labels."
        )
    return (
        "Check these labels. A wrong label of a training image is found less easily than one of a validation image, "
        "since the network was trained with it."
    )


def _laid(left: Left, one: Prediction, part_of: dict[int, str]) -> Laid:
    data, part = left.data, part_of.get(one.index, TRAINING)
    title = (
        f"label {data.classes[one.label]}, predicted {data.classes[one.taken_for]} {units.percent(one.probability)} · "
        f"{data.paths[one.index]} ({part})"
    )
    return Laid(shown(data, one.index), title)


def suspects(left: Left, doubted: tuple[Prediction, ...], part_of: dict[int, str]) -> pd.DataFrame:
    """One row per image: file, label, prediction, probabilities, loss, and its part of the split."""
    data = left.data
    rows = [
        {
            "File": data.paths[one.index],
            "Label": data.classes[one.label],
            "Prediction": data.classes[one.taken_for],
            "Probability": one.probability,
            "Probability of the label": one.true_probability,
            "Loss": metrics.cross_entropy(one.true_probability) if one.true_probability > 0 else one.loss,
            "Part": part_of.get(one.index, TRAINING),
        }
        for one in doubted
    ]
    return pd.DataFrame(rows)
