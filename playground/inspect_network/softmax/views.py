"""What the tab draws: the loss as a table and as formulas, softmax in float32, a sigmoid, a logit as a sum."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from core.lessons.inspect_network import logit, softmax
from core.lessons.inspect_network.logit import LastLayer
from core.lessons.inspect_network.loss_rows import LossRow, loss_rows
from core.lessons.inspect_network.softmax import LossBreakdown
from core.lessons.inspect_network.subject import Subject
from playground import lesson
from playground.charts import last_layer as layer_charts
from playground.charts import softmax as charts
from playground.components.formula import formula
from playground.components.inline_svg import inline_svg
from playground.inspect_network import subject_cache
from playground.inspect_network.softmax import text
from playground.inspect_network.softmax.settings import LossState

TERMS = 4  # of a sum that is written out


@subject_cache.cached(16)
def last_layer(subject: Subject) -> LastLayer:
    """How the subject's network makes its logits. Raises: PlaygroundError if they cannot be taken apart."""
    return logit.last_layer(subject.model, subject.x_BCHW)


@subject_cache.cached(16)
def logits_of(subject: Subject) -> Tensor:
    """The subject's own logits (K,)."""
    return logit.logits(subject.model, subject.x_BCHW)


def breakdown(logits_K: Tensor, state: LossState) -> LossBreakdown:
    """From the logits on the screen to the loss."""
    settings = state.settings
    return softmax.loss_breakdown(state.logits(logits_K), state.target, settings.temperature, settings.smoothing)


def loss(subject: Subject, logits_K: Tensor, state: LossState) -> None:
    """What the table says, the table, and its formulas with this moment's numbers."""
    now, temperature = breakdown(logits_K, state), state.settings.temperature
    listed = softmax.listed_classes(logits_K, (state.target, state.logit))
    rows, sums = loss_rows(now, listed, temperature)
    names = {k: subject.classes[k] for k in listed}
    st.markdown(f"{text.loss(now, state, subject.classes)} {text.temperature(temperature)}")
    inline_svg(charts.loss_table(rows, sums, names, state.target, state.changed), key="sm-loss")
    formulas(now, state, rows, sums)


def formulas(now: LossBreakdown, state: LossState, rows: tuple[LossRow, ...], sums: LossRow) -> None:
    """Softmax, cross-entropy, its gradient and the targets, each with the numbers of the table."""
    settings = state.settings
    row = next(row for row in rows if row.index == state.logit)
    target = next(row for row in rows if row.index == state.target)
    p, y = f"{row.probability:.4f}", f"{row.target:.4f}"
    terms = " + ".join(shortened([f"{one.term:.4f}" for one in rows]))
    summed = rf"-\ln\left({target.probability:.4f}\right)" if settings.smoothing == 0 else terms
    lines = (
        (softmax.softmax, rf"\frac{{e^{{{row.exponent:.2f}}}}}{{{sums.exp:.4f}}} = {p}"),
        (softmax.cross_entropy, f"{summed} = {sums.term:.4f}"),
        (softmax.loss_gradient, rf"\frac{{{p} - {y}}}{{{settings.temperature:g}}} = {row.gradient:.4f}"),
    )
    blocks = [f"{lesson.formula_of(function)} = {numbers}" for function, numbers in lines]
    if settings.smoothing:
        epsilon, classes = f"{settings.smoothing:g}", len(now.logits)
        numbers = rf"(1 - {epsilon}) \cdot 1 + \frac{{{epsilon}}}{{{classes}}} = {float(now.targets[state.target]):.4f}"
        blocks.append(f"{lesson.formula_of(softmax.smoothed_targets)} = {numbers}")
    formula(*blocks, key="sm-formulas")
    lesson.legend(text.SYMBOLS)


def shortened(terms: list[str]) -> list[str]:
    """All terms where there are few, else the first ones and the last.

    >>> shortened(["1", "2", "3", "4", "5"])
    ['1', '2', '\\\\cdots', '5']
    """
    return terms if len(terms) <= TERMS else [*terms[: TERMS - 2], r"\cdots", terms[-1]]


def two_classes(subject: Subject, logits_K: Tensor, state: LossState) -> None:
    """The target against the strongest other class, by the sigmoid."""
    lesson.subheader("Two classes: the softmax is a sigmoid")
    now, temperature = state.logits(logits_K), state.settings.temperature
    first, second = state.target, strongest_other(now, state.target)
    difference = float(now[first] - now[second]) / temperature
    probability = softmax.two_class_probability(float(now[first]), float(now[second]), temperature)
    st.markdown(text.TWO_CLASSES)
    names = subject.classes
    inline_svg(charts.sigmoid_curve(difference, names[first], names[second]), key="sm-sigmoid")
    st.markdown(text.two_classes(names[first], names[second], difference, probability, len(now) == 2))
    formula(lesson.formula_of(softmax.two_class_probability), key="sm-sigmoid-formula")


def strongest_other(logits_K: Tensor, target: int) -> int:
    """The class with the highest logit beside the target."""
    order = logits_K.argsort(descending=True, stable=True).tolist()
    return next(k for k in order if k != target)


def float32(subject: Subject, logits_K: Tensor, offset: int) -> None:
    """Both softmaxes in float32, with a number added to every logit."""
    one = softmax.float32_softmax(logits_K, offset)
    listed = softmax.listed_classes(logits_K, (), most=4)
    inline_svg(charts.float32_table(one, listed, {k: subject.classes[k] for k in listed}), key="sm-float32")
    st.markdown(text.float32(one, offset))


def logit_sum(layer: LastLayer, index: int) -> None:
    """One logit as a sum of products: as strips, as a table, and as a formula."""
    st.markdown(text.features(layer))
    inline_svg(layer_charts.strips(layer, index), key="sm-strips")
    inline_svg(layer_charts.products(layer, index, text.picture_heads(layer)), key="sm-products")
    numbers = layer_charts.printed_sum(layer, index)
    formula(f"{lesson.formula_of(logit.linear_logit)} = {numbers}", key="sm-linear")
    lesson.legend(text.LINEAR_SYMBOLS)
