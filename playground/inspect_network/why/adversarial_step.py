"""One step along the sign of the gradient: the image looks the same, and the prediction is another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.explain import gradient_sign
from core.knobs import Knob
from core.lessons.inspect_network import Subject
from core.lessons.inspect_network.why import (
    MOST,
    AdversarialStep,
    as_pixels,
    explain,
    gradient_step,
    probabilities_of,
    probability_along,
    stepped,
)
from core.percent import percent
from playground import controls, lesson, markup
from playground.charts.explain import probability_curve
from playground.charts.pictures import bound_of
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.inspect_network import subject_cache
from playground.inspect_network.why import text
from playground.inspect_network.why.settings import WhySettings

STEP = 0.1  # per cent
STRENGTH = Knob(1.0, 0.0, 10.0, step=STEP, label="Strength", help="Per cent of the range of the image's values.")
SIDE = 150
LIMIT = 2.0  # per cent, of the challenge
TASK = f"Find an image whose prediction changes at a strength of {LIMIT:g}\u00a0% or less, and set such a strength."
HINT = "The dashed line of the chart is where the prediction changes. It lies elsewhere for each image."


def show(subject: Subject, chosen: WhySettings) -> None:
    """The step away from the predicted class."""
    st.markdown(
        "Every value of the image is moved by the same small amount, up or down as the gradient of the loss says. "
        "A small step hardly shows."
    )
    _step(subject, chosen)
    lesson.latex(rf"x' = x + \varepsilon \, d, \qquad {lesson.formula_of(gradient_sign)}")
    lesson.legend(r"$x$ = image, $\varepsilon$ = strength, $L$ = loss of the predicted class $c$, $y$ = logits")
    lesson.source("Goodfellow, Shlens & Szegedy 2014, arXiv:1412.6572 (fast gradient sign method)")


@lesson.fragment
def _step(subject: Subject, chosen: WhySettings) -> None:
    share = controls.widget("strength", STRENGTH, "ws") / 100
    before = probabilities_of(subject)
    step = step_of(subject, int(before.argmax()))
    x_BCHW = stepped(subject, step, share)
    after = probabilities_of(subject, x_BCHW)
    st.markdown(f"{text.step(subject.classes, step, share, after)} {text.smallest(step, MOST)}")
    pixels = as_pixels(subject, x_BCHW)
    moved = replace(subject, x_BCHW=x_BCHW, pixels_HWC=pixels, key=(*subject.key, f"{step.label} {share:g}"))
    images = [
        *_pair(subject, chosen, before, "Before"),
        *_pair(moved, chosen, after, "After"),
    ]
    overlay(images, key="why-step", side=SIDE, columns=2)
    chart = probability_curve(*along(subject, step.label), share, step.smallest)
    alt = f"Probability of {subject.classes[step.label]} against the strength of the step, 0 to 10 per cent."
    st.vega_lite_chart(chart.data, chart.spec, key="why-along", alt=alt)
    lesson.challenge(TASK, is_solved(step, share, after), HINT)


def _pair(subject: Subject, chosen: WhySettings, probabilities: np.ndarray, when: str) -> list[MappedImage]:
    """The image with its prediction, and the same with the first chosen quick map of what it then predicts."""
    image, best = markup.data_uri(subject.pixels_HWC), int(probabilities.argmax())
    title = f"{when}: {subject.classes[best]} ({percent(float(probabilities[best]))})"
    method = shown_method(chosen)
    result = explain(subject, method, chosen.layer, best)
    if result.map is None:
        return [MappedImage(image, title)]
    return [
        MappedImage(image, title),
        MappedImage(
            image, f"{when}: {method} for {text.quoted(subject.classes[best])}", result.map, bound=bound_of(result.map)
        ),
    ]


def shown_method(chosen: WhySettings) -> str:
    """Grad-CAM; guided backpropagation where the network has no feature maps."""
    return "Grad-CAM" if chosen.layer else "Guided backprop"


@subject_cache.cached(64, show_spinner="Computing the gradient …")
def step_of(subject: Subject, label: int) -> AdversarialStep:
    return gradient_step(subject, label)


@subject_cache.cached(64)
def along(subject: Subject, label: int) -> tuple[np.ndarray, np.ndarray]:
    """The curve of the chart, over the whole slider."""
    return probability_along(subject, gradient_step(subject, label), float(STRENGTH.high or 0) / 100)


def is_solved(step: AdversarialStep, share: float, after: np.ndarray) -> bool:
    """Whether a step of at most the limit has changed the prediction; `after` are the probabilities after it."""
    return 100 * share <= LIMIT + 1e-9 and int(after.argmax()) != step.label
