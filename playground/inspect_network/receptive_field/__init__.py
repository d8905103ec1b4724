"""The tab "Receptive field": what each layer of the network sees of the image, in theory and by its gradients."""

from __future__ import annotations

import streamlit as st

from core.explain import effective_field
from core.lessons.inspect_network.receptive_field import StackSettings
from core.lessons.inspect_network.subject import Subject
from core.shapes import receptive_field
from playground import controls, lesson
from playground.components.formula import formula
from playground.inspect_network.receptive_field import code_samples, text, views


def show(subject: Subject) -> None:
    """The network's own fields on the image, then a stack to build."""
    st.markdown(text.IDEA)
    with lesson.friendly():
        _network(subject)
    _stack()
    lesson.source(text.SOURCE)


def _network(subject: Subject) -> None:
    steps = views.steps(subject)
    views.grow(subject, steps)
    st.markdown(text.EFFECTIVE)
    st.markdown(text.coverage(steps, views.sides(subject)))
    with st.expander("All layers in numbers", icon=":material/table:"):
        views.table(steps)
    lesson.latex(lesson.formula_of(effective_field))
    lesson.legend(text.EFFECTIVE_SYMBOLS)


@lesson.fragment
def _stack() -> None:
    beside, stage = lesson.play(title="Build one")
    with beside:
        settings = controls.edit(StackSettings, "rf_")
    with stage:
        st.markdown(text.STACK)
        views.stack(settings)
        st.markdown(text.stack(settings))
    lesson.latex(lesson.formula_of(receptive_field))
    formula(*views.stack_numbers(settings), key="rf-formula")
    lesson.legend(text.SYMBOLS)
    lesson.code(code_samples.stack_program(settings))
    lesson.challenge(text.TASK, solved=settings.layers == 4 and settings.size == 31, hint=text.HINT)
