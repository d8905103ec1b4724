"""The tab "Softmax and loss": from the last maps to the logits, from the logits to probabilities, loss and gradient."""

from __future__ import annotations

import streamlit as st

from core.lessons.inspect_network.softmax import smallest_halving_change
from core.lessons.inspect_network.subject import Subject
from playground import controls, lesson
from playground.inspect_network.softmax import code_samples, settings, text, views


def show(subject: Subject) -> None:
    """The whole tab; every part is drawn anew by its own controls alone."""
    if len(subject.classes) < 2:
        st.info("A softmax needs at least two classes; this network has one output.")
        return
    st.markdown(text.IDEA)
    _loss(subject)
    _stability(subject)
    _last_layer(subject)
    lesson.source(text.SOURCE)


@lesson.fragment
def _loss(subject: Subject) -> None:
    logits_K = views.logits_of(subject)
    beside, stage = lesson.play(ratio=(1, 3.4))
    with beside:
        state = settings.choose(subject, logits_K)
    with stage:
        views.loss(subject, logits_K, state)
    views.two_classes(subject, logits_K, state)
    lesson.code(code_samples.loss_program(logits_K, state), expanded=len(logits_K) <= code_samples.SHORT)
    own = views.breakdown(logits_K, settings.unchanged(state))
    goal = settings.goal(logits_K, state, own.loss)
    if goal is None:
        st.caption(text.NO_CHALLENGE)
        return
    needed = smallest_halving_change(float(own.probabilities[state.target]), state.settings.temperature)
    solved = goal.is_reached(state, views.breakdown(logits_K, state).loss)
    lesson.challenge(text.challenge(own, goal), solved, text.hint(own, goal, state.target, needed))


@lesson.fragment
def _stability(subject: Subject) -> None:
    logits_K = views.logits_of(subject)
    beside, stage = lesson.play(title="Why the maximum is subtracted")
    with beside:
        offset = controls.widget("offset", settings.OFFSET, "sm_offset")
    with stage:
        st.markdown(text.STABILITY)
        views.float32(subject, logits_K, offset)
    lesson.code(code_samples.stability_program(logits_K, offset), expanded=len(logits_K) <= code_samples.SHORT)


@lesson.fragment
def _last_layer(subject: Subject) -> None:
    beside, stage = lesson.play(title="Where a logit comes from")
    with lesson.friendly():
        layer = views.last_layer(subject)
        with beside:
            index = settings.choose_class(subject, layer.logits)
        with stage:
            views.logit_sum(layer, index)
