"""The rows as a table to sort, to download, and as the classic summary."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.model_spec import write_shape
from playground import lesson, units
from playground.calculator.diagram import CONVENTION
from playground.calculator.results import Analysis

COLUMNS = {
    "layer": "Layer",
    "kind": "Type",
    "input": "Input",
    "output": "Output",
    "params": "Parameters",
    "macs": "MACs per image",
    "output_bytes": "Output (B)",
    "saved_bytes": "Saved activations (B)",
}
NUMBERS = ("params", "macs", "output_bytes", "saved_bytes")


@lesson.fragment
def show(analysis: Analysis) -> None:
    """Rows, totals and three files."""
    frame = pd.DataFrame(records(analysis), columns=list(COLUMNS))
    heads = {key: st.column_config.Column(title, pinned=key == "layer") for key, title in COLUMNS.items()}
    heads |= {key: st.column_config.NumberColumn(COLUMNS[key], format="localized") for key in NUMBERS}
    st.dataframe(frame, hide_index=True, column_config=heads, alt="One row for each call of a layer, in order.")
    st.markdown(_totals(analysis))
    st.caption(CONVENTION)
    with st.container(horizontal=True):
        options = {"icon": ":material/download:", "on_click": "ignore"}
        for name, end, make, mime in FILES:
            st.download_button(name, make(analysis), f"layers.{end}", mime, key=f"ca_dl_{name}", **options)


def records(analysis: Analysis) -> list[dict[str, str | int]]:
    """One flat record a row; shapes are those of one picture."""
    return [
        {
            "layer": row.name or "(network)",
            "kind": row.kind,
            "input": write_shape(row.input_shape[1:]),
            "output": write_shape(row.output_shape[1:]),
            **{name: getattr(row, name) for name in NUMBERS},
        }
        for row in analysis.rows
    ]


def as_csv(analysis: Analysis) -> str:
    """Comma-separated, the totals last."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows([*records(analysis), {"layer": "total", **totals(analysis)}])
    return buffer.getvalue()


def as_markdown(analysis: Analysis) -> str:
    """A table for a README, the totals last."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|---|---|---|---|---:|---:|---:|---:|"]
    total = {"layer": "**total**", "kind": "", "input": "", "output": "", **totals(analysis)}
    for record in [*records(analysis), total]:
        cells = [units.exact(cell) if isinstance(cell, int) else str(cell) for cell in record.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def as_json(analysis: Analysis) -> str:
    """Everything a row knows, with the input and the batch that the bytes are for."""
    whole = {
        "input": list(analysis.input_shape),
        "batch_size": analysis.setting.batch_size,
        "units": "bytes for the whole batch; MACs (multiply-adds, without bias) per image",
        **{f"total_{name}": value for name, value in totals(analysis).items()},
        "layers": [asdict(row) for row in analysis.rows],
    }
    return json.dumps(whole, indent=1)


def totals(analysis: Analysis) -> dict[str, int]:
    """Sums over the rows."""
    return {name: sum(getattr(row, name) for row in analysis.rows) for name in NUMBERS}


FILES = (
    ("CSV", "csv", as_csv, "text/csv"),
    ("Markdown", "md", as_markdown, "text/markdown"),
    ("JSON", "json", as_json, "application/json"),
)


def _totals(analysis: Analysis) -> str:
    sums = totals(analysis)
    return (
        f"**Total** — {units.exact(sums['params'])} parameters, "
        f"{units.exact(sums['macs'])} MACs per image, outputs {units.both(sums['output_bytes'])}, "
        f"saved activations {units.both(sums['saved_bytes'])}."
    )
