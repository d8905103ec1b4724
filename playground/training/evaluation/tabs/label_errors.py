"""Labels with the highest loss: among them are wrong ones, drawings, logos, and hard images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from core.percent import percent
from core.training import metrics
from core.training.chance_level import beats_chance
from core.training.label_errors import FOLDS, is_frozen
from core.training.results import (
    LABEL_CHECK,
    TRAINING,
    VALIDATION,
    Prediction,
    confusion_matrix,
    likely_label_errors,
    outliers,
)
from playground import controls
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.training.evaluation.run_artifacts import RunArtifacts, evaluate
from playground.training.pictures import shown

SHOWN, LISTED = 24, 200


def show(run: RunArtifacts) -> None:
    """The most suspicious of the validation images, or of all that the run has used once these are checked."""
    evaluated = evaluate(
        run, LABEL_CHECK, "Check the training images too", "One pass over the dataset, without training."
    )
    predicted = evaluated or run.predictions
    not_trained_on = evaluated if evaluated and is_frozen(run.trained) else run.predictions
    if not has_learnt(not_trained_on, len(run.data.classes)):
        st.info(NOTHING_LEARNT, icon=":material/casino:")
        return
    part_of = {one.index: VALIDATION for one in run.predictions}
    suspects = ORDERS[_order(predicted)](predicted, LISTED)
    if not suspects:
        st.info("The network agrees with every label.")
        return
    st.markdown(f"The most suspicious labels of {len(predicted):,} images. {_explanation(run, bool(evaluated))}")
    overlay([_mapped_image(run, one, part_of) for one in suspects[:SHOWN]], key="after-suspects", side=132)
    with st.expander(f"All {len(suspects)} with their files", icon=":material/list:"):
        table = table_of(run, suspects, part_of)
        columns = {"Loss": st.column_config.NumberColumn(format="%.3f")}
        st.dataframe(
            table, hide_index=True, column_config=columns, alt="Suspicious labels and the files they belong to."
        )
        st.download_button(
            "Download as CSV", table.to_csv(index=False), "suspicious-labels.csv", "text/csv", on_click="ignore"
        )


NOTHING_LEARNT = (
    "This network does not classify images that it was not trained on better than guessing would, so which labels it "
    "disagrees with says nothing about them. Train one that learns more, such as by the recipe for transfer learning."
)


def has_learnt(predicted: Sequence[Prediction], classes: int) -> bool:
    """Whether images that were not trained on are classified better than by chance."""
    return bool(predicted) and beats_chance(confusion_matrix(predicted, classes))


LOSS, OUTLIERS = "Loss", "Outlier score"
ORDERS: dict[str, Callable[[Sequence[Prediction], int], tuple[Prediction, ...]]] = {
    LOSS: likely_label_errors,
    OUTLIERS: outliers,
}


def _order(predicted: Sequence[Prediction]) -> str:
    """What they are sorted by, where there is a choice."""
    if predicted[0].outlier_score is None:
        return LOSS
    return controls.pick("Sorted by", list(ORDERS), "ta_doubt", help=HELP)


HELP = (
    "Loss: the network is confident of another label. Outlier score: even the eighth most similar image is far away, "
    "as for logos and banners among pets, whatever their label."
)


def _explanation(run: RunArtifacts, is_evaluated: bool) -> str:
    if not is_evaluated:
        return "These are validation images: the network has not been trained on them. Check these labels."
    if is_frozen(run.trained):
        return (
            f"Each was classified by a last layer that had not been trained on it ({FOLDS}-fold cross-validation on "
            "the features of the frozen network). Check these labels."
        )
    return (
        "Check these labels. A wrong label of a training image is found less easily than one of a validation image, "
        "since the network was trained with it."
    )


def _mapped_image(run: RunArtifacts, one: Prediction, part_of: dict[int, str]) -> MappedImage:
    data, part = run.data, part_of.get(one.index, TRAINING)
    title = (
        f"label {data.classes[one.label]}, predicted {data.classes[one.predicted]} {percent(one.probability)} · "
        f"{data.paths[one.index]} ({part})"
    )
    return MappedImage(shown(data, one.index), title)


def table_of(run: RunArtifacts, suspects: tuple[Prediction, ...], part_of: dict[int, str]) -> pd.DataFrame:
    """One row per image: file, label, prediction, probabilities, loss, and its part of the split."""
    data = run.data
    rows = [
        {
            "File": data.paths[one.index],
            "Label": data.classes[one.label],
            "Prediction": data.classes[one.predicted],
            "Probability": one.probability,
            "Probability of the label": one.true_probability,
            "Loss": metrics.cross_entropy(one.true_probability) if one.true_probability > 0 else one.loss,
            "Part": part_of.get(one.index, TRAINING),
        }
        for one in suspects
    ]
    return pd.DataFrame(rows)
