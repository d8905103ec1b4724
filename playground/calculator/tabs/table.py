"""The rows as a table to sort, folded to the depth of modules that is wanted, and as files to download."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.knobs import Knob
from core.profiler.results import Profile
from core.profiler.subtotals import FIGURES, Subtotal, kinds_of, levels, lines, subtotals
from core.profiler.table import COLUMNS, FORMATS, Table
from playground import controls, lesson, units
from playground.calculator.diagram import CONVENTION
from playground.calculator.results import Analysis

DEPTH, COLLAPSE = "ca_depth", "ca_fold"
EVERY_CALL = "Every layer"
DEEPEST = 3  # levels of modules that are offered
WIDE = 60  # letters of the names that may stand side by side
COLLAPSE_KNOB = Knob(
    True, label="Collapse repeated blocks", help="Blocks of one design in a row become one line with their sum."
)
FILES = {"CSV": ("csv", "text/csv"), "Markdown": ("md", "text/markdown"), "HTML": ("html", "text/html")}
FILES |= {"JSON": ("json", "application/json")}


@lesson.fragment
def show(analysis: Analysis) -> None:
    """Rows or modules, totals and the files."""
    deepest = levels(analysis.rows)
    depth = None
    collapse = True
    if deepest > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            depths = {EVERY_CALL: EVERY_CALL} | {str(n): str(n) for n in range(1, min(deepest, DEEPEST) + 1)}
            chosen = controls.pick("Depth of modules", depths, DEPTH, room=WIDE)
            depth = None if chosen == EVERY_CALL else int(chosen)
            collapse = controls.widget("", COLLAPSE_KNOB, COLLAPSE, disabled=depth is None)
    table = of(analysis, depth, collapse)
    _frame(table)
    st.markdown(_totals(table))
    if analysis.profile is not None:
        st.markdown(_computing(analysis.profile))
    st.caption(CONVENTION)
    with st.container(horizontal=True):
        options = {"icon": ":material/download:", "on_click": "ignore"}
        for name, (end, mime) in FILES.items():
            st.download_button(
                name, partial(FORMATS[name.lower()], table), f"layers.{end}", mime, key=f"ca_dl_{name}", **options
            )


def of(analysis: Analysis, depth: int | None = None, collapse: bool = True) -> Table:
    """Every row; with a depth, the modules down to it, with their sums."""
    if depth is None:
        return Table(analysis.rows, analysis.rows, analysis.input_shape, analysis.setting)
    tree = subtotals(analysis.rows, kinds_of(analysis.model.module), collapse)
    return Table(analysis.rows, tuple(lines(tree, depth)), analysis.input_shape, analysis.setting)


def _frame(table: Table) -> None:
    indents = ["\u2003" * (line.depth - 1) if isinstance(line, Subtotal) else "" for line in table.lines]
    records = [{**one, "layer": f"{indent}{one['layer']}"} for indent, one in zip(indents, table.records, strict=True)]
    heads = {key: st.column_config.Column(title) for key, title in COLUMNS.items()}
    heads["layer"] = st.column_config.Column(COLUMNS["layer"], pinned=True, width="medium")
    heads |= {key: st.column_config.NumberColumn(COLUMNS[key], format="localized") for key in FIGURES}
    alt = "One row for each call of a layer, or for each module with its sums, in order."
    st.dataframe(pd.DataFrame(records, columns=list(COLUMNS)), hide_index=True, column_config=heads, alt=alt)


def _computing(profile: Profile) -> str:
    """What one pass computes in training, and which parameters that trains."""
    images = units.counted(profile.setting.pass_size, "image")
    return (
        f"**Training on {images}** — forward {units.exact(profile.forward_flops)} FLOPs, backward "
        f"{units.exact(profile.backward_flops)} FLOPs; {units.exact(profile.trainable_params)} parameters are trained, "
        f"{units.exact(profile.frozen_params)} are frozen."
    )


def _totals(table: Table) -> str:
    sums = table.totals
    return (
        f"**Total** — {units.exact(sums['params'])} parameters, "
        f"{units.exact(sums['macs'])} MACs per image, outputs {units.both(sums['output_bytes'])}, "
        f"saved activations {units.both(sums['saved_bytes'])}."
    )
