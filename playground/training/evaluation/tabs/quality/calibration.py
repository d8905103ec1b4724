"""Whether the network's probabilities can be taken at their word, and the temperature that corrects them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.training.evaluation.calibration import (
    HIGHEST,
    LOWEST,
    ReliabilityBin,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_bins,
    scale_by_temperature,
)
from core.training.results import EvaluatedImages
from playground import controls, lesson, units
from playground.charts.reliability import reliability_diagram
from playground.plotly_chart import plotly_chart
from playground.training.evaluation.run_artifacts import RunArtifacts

VALIDATION, TEST = "Validation images", "Test images"


@dataclass(frozen=True)
class CalibrationResult:
    """Bins, expected calibration error and cross-entropy (nats) of some images at one temperature."""

    temperature: float
    bins: tuple[ReliabilityBin, ...]
    error: float
    loss: float


def calibration_of(images: EvaluatedImages, temperature: float = 1.0) -> CalibrationResult:
    """How well the probabilities of these images fit, divided by a temperature."""
    probabilities = scale_by_temperature(images.probabilities, temperature)
    bins, loss = reliability_bins(probabilities, images.labels), negative_log_likelihood(probabilities, images.labels)
    return CalibrationResult(temperature, bins, expected_calibration_error(bins), loss)


def show(run: RunArtifacts) -> None:
    """Two diagrams, as the network predicts and with the temperature that fits best, and their figures."""
    parts = {VALIDATION: run.validation} | ({TEST: run.test} if run.test is not None else {})
    part = controls.side_by_side("Images", parts, "ta-part") if len(parts) > 1 else VALIDATION
    images = parts.get(part, run.validation)
    temperature = fit_temperature(run.validation.probabilities, run.validation.labels)
    before, after = calibration_of(images), calibration_of(images, temperature)
    titles = ("As the network predicts", f"At temperature {temperature:.2f}")
    columns = zip(st.columns(2, gap="medium"), titles, (before, after), ("before", "after"), strict=True)
    for column, title, result, key in columns:
        with column:
            figures = f"ECE {100 * result.error:.1f} points, cross-entropy {result.loss:.3f}"
            st.markdown(f"**{title}**: {figures}")
            alt = f"Reliability diagram. {title}: {figures}"
            plotly_chart(reliability_diagram(result.bins), f"reliability-{key}", alt)
    st.markdown(f"{verdict(before.bins)} {about_temperature(temperature)}")
    st.caption(f"{units.counted(len(images.labels), 'image')}. {measured_on(part == TEST)}")
    lesson.latex(lesson.formula_of(expected_calibration_error))
    lesson.latex(lesson.formula_of(scale_by_temperature))
    lesson.legend(LEGEND)


LEGEND = (
    "$B_m$ = images of the $m$-th bin, acc and conf = their accuracy and mean confidence, $z_k$ = logit of class $k$, "
    "$T$ = temperature"
)


def verdict(bins: tuple[ReliabilityBin, ...]) -> str:
    """Whether the confidence is too high or too low on the whole."""
    images = max(1, sum(one.images for one in bins))
    gap = sum(one.images * (one.confidence - one.accuracy) for one in bins) / images
    text = f"{abs(100 * gap):.1f} points"
    if text == "0.0 points":
        return "On the whole, confidence and accuracy are equal."
    return f"On the whole, the confidence lies {text} {'above' if gap > 0 else 'below'} the accuracy."


def about_temperature(temperature: float) -> str:
    """What the fitted temperature does to the probabilities."""
    if temperature <= LOWEST * 1.001:
        return f"Every prediction gets better with a lower temperature, so that it ends at the lowest, {LOWEST:g}."
    if temperature >= HIGHEST * 0.999:
        return (
            f"The predictions get better the less they say, so that the temperature ends at the highest, {HIGHEST:g}."
        )
    if f"{temperature:.2f}" == "1.00":
        return "The temperature that fits best is 1: the probabilities stay as they are."
    change = "less confident" if temperature > 1 else "more confident"
    return f"A temperature of {temperature:.2f} makes every prediction {change}; the predicted classes stay."


def measured_on(is_test: bool) -> str:
    """For which images the temperature was fitted, and what that means for its error."""
    fitted = "The temperature is the one with the lowest cross-entropy on the validation images"
    if is_test:
        return f"{fitted}; these are others, so that its error here is unbiased."
    return f"{fitted}, the same ones as here: on other images its error is a little larger."
