"""One class against all others: ROC and precision-recall curve, and a threshold that moves the confusion matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.knobs import Knob
from core.percent import percent
from core.training.evaluation.thresholds import BinaryCounts, ThresholdCurve, counts_at, threshold_curve
from playground import controls, lesson
from playground.charts.threshold_curves import binary_matrix, precision_recall_curve, roc_curve
from playground.escaping import literal
from playground.training.evaluation.run_artifacts import RunArtifacts

if TYPE_CHECKING:
    from torch import Tensor

THRESHOLD = Knob(
    0.5, 0.0, 1.0, step=0.01, label="Threshold",
    help="An image is predicted as the positive class where its probability is at least this.",
)  # fmt: skip


def show(run: RunArtifacts) -> None:
    """The positive class; then what follows from its probabilities, for every threshold and for one."""
    names = run.trained.classes
    titles = {str(label): name for label, name in enumerate(names)}
    chosen = controls.pick("Positive class", titles, "ta-positive", help=HELP if len(names) > 2 else None)
    _at_threshold(run, int(chosen))
    lesson.latex(lesson.formula_of(ThresholdCurve.roc_auc.fget))
    lesson.latex(lesson.formula_of(ThresholdCurve.average_precision.fget))
    lesson.legend(LEGEND)


HELP = "All other classes together are the negative class (one against the rest)."
LEGEND = (
    "$s_+$, $s_-$ = probability of the positive class for a positive and for a negative image, "
    "$R_m$, $P_m$ = recall and precision at the $m$-th threshold, the highest first"
)


def scores_of(run: RunArtifacts, label: int) -> tuple[Tensor, Tensor]:
    """Probabilities (N,) of a class for the validation images, and which of them belong to it."""
    images = run.validation
    return images.probabilities[:, label], images.labels == label


@lesson.fragment
def _at_threshold(run: RunArtifacts, label: int) -> None:
    """What moves with the slider."""
    scores, is_positive = scores_of(run, label)
    name, rest = run.trained.classes[label], other(run.trained.classes, label)
    threshold = controls.widget("threshold", THRESHOLD, "ta-threshold")
    counts, curve = counts_at(scores, is_positive, threshold), threshold_curve(scores, is_positive)
    positives, count = int(is_positive.sum()), len(scores)
    if positives in (0, count):
        st.info(f"No curve: {positives:,} of {count:,} validation images are of the class “{literal(name)}”.")
        return
    left, right = st.columns(2, gap="medium")
    roc = roc_curve(curve, counts, threshold)
    area = f"area {curve.roc_auc:.3f}"
    left.markdown(f"**ROC curve**, {area}")
    left.vega_lite_chart(roc.data, roc.spec, key="ta-roc", alt=f"ROC curve of “{name}”, {area}")
    tradeoff = precision_recall_curve(curve, counts, threshold)
    average = f"average precision {curve.average_precision:.3f}"
    right.markdown(f"**Precision and recall**, {average}")
    alt = f"Precision over recall of “{name}”, {average}"
    right.vega_lite_chart(tradeoff.data, tradeoff.spec, key="ta-pr", alt=alt)
    st.html(binary_matrix(counts, name, rest))
    st.markdown(sentence(counts, name))


def other(names: tuple[str, ...], label: int) -> str:
    """What the negative class is called.

    >>> other(("cat", "dog"), 0), other(("cat", "dog", "owl"), 2)
    ('dog', 'not owl')
    """
    return names[1 - label] if len(names) == 2 else f"not {names[label]}"


def sentence(counts: BinaryCounts, name: str) -> str:
    """The rates of a threshold in words, each with the counts that it comes from."""
    tp, fn, fp, tn = counts.true_positives, counts.false_negatives, counts.false_positives, counts.true_negatives
    rates = (
        ("recall", counts.recall, tp, tp + fn),
        ("false positive rate", counts.false_positive_rate, fp, fp + tn),
        ("precision", counts.precision, tp, tp + fp),
        ("accuracy", counts.accuracy, tp + tn, tp + fn + fp + tn),
    )
    shown = [
        f"{title} **{percent(value)}** ({part:,} of {whole:,})" if value is not None else f"no {title} (0 of 0)"
        for title, value, part, whole in rates
    ]
    return f"At this threshold “{literal(name)}” has {', '.join(shown)}."
