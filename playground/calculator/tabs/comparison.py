"""Two networks side by side: totals, stages by the size of the feature map, and the layers that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.errors import PlaygroundError
from core.model_spec import ModelSpec, Shape, read_shape, require_image, write_shape
from core.models import MODELS
from core.parsing.clean import MAX_CHARACTERS
from core.profiler import Profile, Row
from core.profiler.comparison import Change, Pair, changes, stages, totals
from core.profiler.row_builder import is_torchs
from core.profiler.size_text import shape_text
from playground import controls, lesson, units
from playground.calculator import inputs, results
from playground.calculator.links import OWN
from playground.calculator.results import Analysis, Request
from playground.escaping import literal

NET, TEXT, INPUT = "ca_net2", "ca_text2", "ca_in2"
FIRST = "ResNet-34"
HEIGHT = 240  # of the text, in pixels
Rows = tuple[Row, ...]
MARKS = {"alike": "=", "changed": "≠", "only first": "−", "only second": "+"}


class Names(NamedTuple):
    """What the two networks are called."""

    first: str
    second: str


@lesson.fragment
def show(analysis: Analysis) -> None:
    """The second network and its input, and what tells the two apart, in the setting of the first."""
    name, where = st.columns((2, 1))
    with name:
        chosen = controls.pick("Compare with", (OWN, inputs.WORKED, *inputs.TITLES), NET, FIRST)
    spec = _spec(chosen)
    if analysis.profile is None:
        st.info("A network that fails at a layer has no totals to compare: fix it first.")
        return
    with lesson.friendly():
        with where:
            shape = _input_shape(spec, analysis)
        second = _second(analysis, spec, shape)
        if second.profile is None:
            raise PlaygroundError(f"The second network fails at a layer: {second.message}")
        names = _names(_title(analysis), _title(second))
        st.markdown(_headline(analysis.profile, second.profile, names))
        if analysis.input_shape != second.input_shape:
            first_input, second_input = shape_text(analysis.input_shape), shape_text(second.input_shape)
            st.caption(f"Their inputs differ: {first_input} and {second_input}.")
        _figures([_line(pair.name, pair) for pair in totals(analysis.profile, second.profile)], names, "Totals")
        _stages(analysis.rows, second.rows, names)
        _layers(analysis.rows, second.rows, names)


def _names(first: str, second: str) -> Names:
    """Two names that can be told apart.

    >>> _names("Net", "Net").second, _names("Net", "ResNet-34").second
    ('Net (second)', 'ResNet-34')
    """
    return Names(first, f"{second} (second)" if first == second else second)


def _title(analysis: Analysis) -> str:
    """What a network is called in headings."""
    spec, module = analysis.spec, analysis.model.module
    if spec.preset:
        return MODELS[spec.preset].title
    if spec.text == inputs.WORKED_TEXT:
        return inputs.WORKED
    return OWN if is_torchs(module) else type(module).__name__


def _spec(name: str) -> ModelSpec:
    if name == inputs.WORKED:
        return ModelSpec(text=inputs.WORKED_TEXT)
    if name != OWN:
        return ModelSpec(preset=inputs.TITLES[name])
    linked = st.query_params.get(TEXT)
    if linked is not None and TEXT not in st.session_state:
        st.session_state[TEXT] = linked[:MAX_CHARACTERS]
    text = st.text_area(
        "Second network (PyTorch, Keras or Paddle code)",
        value=inputs.EXAMPLE,
        height=HEIGHT,
        key=TEXT,
        on_change=_keep_in_link,
        max_chars=MAX_CHARACTERS,
        help="Your code is parsed, never executed.",
    )
    return ModelSpec(text=text or " ")


def _keep_in_link() -> None:
    inputs.keep_in_link(TEXT, st.session_state[TEXT] or "")


def _input_shape(spec: ModelSpec, analysis: Analysis) -> Shape:
    """The input of the second network: as typed, or that of the first one if it takes that, or else its own."""
    model = results.loadable(spec)
    same = model is not None and results.accepts(model, analysis.input_shape)
    default = analysis.input_shape if same else inputs.default_input(spec)
    help = "Empty: the same as the first network's, or the usual one where it does not take that."
    common = {"placeholder": write_shape(default), "help": help, "bind": controls.LINK}
    typed = st.text_input("Its input (C × H × W)", key=INPUT, **common)
    return read_shape(typed) if typed else default


def _second(analysis: Analysis, spec: ModelSpec, shape: tuple[int, ...]) -> Analysis:
    """The second network in the setting of the first, less what names parts of the first."""
    spec = inputs.with_shape(spec, shape)
    require_image(results.load(spec).module, shape)
    setting = replace(analysis.setting, checkpointed=(), frozen=())
    return results.analyze(Request(spec, shape, setting, analysis.device))


def _headline(first: Profile, second: Profile, names: Names) -> str:
    """The three figures that decide, in a sentence."""
    shown = {"Parameters": "parameters", "MACs per image": "MACs", "Peak training memory (B)": "peak training memory"}
    parts = [f"**{_times(pair)} {shown[pair.name]}**" for pair in totals(first, second) if pair.name in shown]
    return f"{literal(names.second)} has {parts[0]}, {parts[1]} and {parts[2]} of {literal(names.first)}."


def _times(pair: Pair) -> str:
    return f"{pair.second:,} against 0" if pair.ratio is None else f"{units.significant(pair.ratio, 3)} × the"


def _stages(first: Rows, second: Rows, names: Names) -> None:
    st.markdown("## By size of the feature map")
    figures = {"MACs per image": "macs", "Parameters": "params", "Saved activations (B)": "saved_bytes"}
    figures |= {"Outputs (B)": "output_bytes"}
    shown = controls.pick("Figure", tuple(figures), "ca_stage", room=90)
    _figures([_line(stage.size, getattr(stage, figures[shown])) for stage in stages(first, second)], names, shown)


def _line(name: str, pair: Pair) -> dict[str, object]:
    return {"": name, "first": pair.first, "second": pair.second, "Difference": pair.difference, "Ratio": pair.ratio}


def _figures(lines: list[dict[str, object]], names: Names, what: str) -> None:
    """A table of one figure, or several, of both networks."""
    heads = {"first": names.first, "second": names.second, "Difference": "Difference"}
    columns = {key: st.column_config.NumberColumn(head, format="localized") for key, head in heads.items()}
    columns |= {"Ratio": st.column_config.NumberColumn(format="%.3g")}
    alt = f"{what} of {names.first} and {names.second}, their difference and ratio."
    st.dataframe(pd.DataFrame(lines), hide_index=True, column_config=columns, placeholder="–", alt=alt)


def _layers(first: Rows, second: Rows, names: Names) -> None:
    st.markdown("## Layers that differ")
    steps = changes(first, second)
    if all(step.kind == "alike" for step in steps):
        st.success("All layers are alike.")
        return
    heads = {"": st.column_config.Column(width="small")}
    heads |= {key: st.column_config.Column(name, width="medium") for key, name in names._asdict().items()}
    lines = [line for step in steps for line in _change(step, first, second)]
    alt = "Layers that are alike, that differ, or that only one network has."
    st.dataframe(pd.DataFrame(lines), hide_index=True, column_config=heads, alt=alt)
    only = f"− only in {literal(names.first)}, + only in {literal(names.second)}"
    st.caption(f"= alike, ≠ other settings or shapes, {only}.")


def _change(step: Change, first: Rows, second: Rows) -> list[dict[str, str]]:
    """One line for a run of layers that are alike, else one for each layer."""
    sides = ((first, step.first), (second, step.second))
    if step.kind == "alike":
        ends = (dict.fromkeys((rows[at[0]].label, rows[at[-1]].label)) for rows, at in sides)
        return [_cells("alike", *map(" … ".join, ends), units.counted(step.count, "layer"))]
    if step.kind == "changed":
        names = (f"{rows[at[0]].label} {rows[at[0]].kind}" for rows, at in sides)
        return [_cells("changed", *names, ", ".join(step.differences))]
    lines = []
    for place, (rows, indices) in enumerate(sides):
        for index in indices:
            row = rows[index]
            what = f"{shape_text(row.output_shape[1:])}, {row.params:,} parameters"
            names = (f"{row.label} {row.kind}", "")
            lines.append(_cells(step.kind, *(names if place == 0 else names[::-1]), what))
    return lines


def _cells(kind: str, first: str, second: str, what: str) -> dict[str, str]:
    return {"": MARKS[kind], "first": first, "second": second, "What": what}
