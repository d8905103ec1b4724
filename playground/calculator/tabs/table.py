"""The rows as a table to sort, to download, and as the classic summary."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.model_spec import write_shape
from playground import units
from playground.calculator.diagram import CONVENTION
from playground.calculator.results import Asked, Facts

COLUMNS = {
    "layer": "Layer",
    "kind": "Kind",
    "input": "Input",
    "output": "Output",
    "params": "Parameters",
    "macs": "MACs a picture",
    "output_bytes": "Output bytes",
    "saved_bytes": "Kept bytes",
}
NUMBERS = ("params", "macs", "output_bytes", "saved_bytes")


@st.fragment
def show(asked: Asked, found: Facts) -> None:
    """Rows, totals and three files."""
    frame = pd.DataFrame(records(found), columns=list(COLUMNS))
    heads = {key: st.column_config.Column(title, pinned=key == "layer") for key, title in COLUMNS.items()}
    heads |= {key: st.column_config.NumberColumn(COLUMNS[key], format="localized") for key in NUMBERS}
    st.dataframe(frame, hide_index=True, column_config=heads, alt="One row for each call of a layer, in order.")
    st.markdown(_totals(found))
    st.caption(CONVENTION)
    with st.container(horizontal=True):
        for name, make, mime in (
            ("CSV", as_csv, "text/csv"),
            ("Markdown", as_markdown, "text/markdown"),
            ("JSON", as_json, "application/json"),
        ):
            file = f"layers.{name.lower().replace('markdown', 'md')}"
            icon = ":material/download:"
            st.download_button(name, make(asked, found), file, mime, icon=icon, on_click="ignore", key=f"ca_dl_{name}")


def records(found: Facts) -> list[dict[str, str | int]]:
    """One flat record a row; shapes are those of one picture."""
    return [
        {
            "layer": row.name or "(the network)",
            "kind": row.kind,
            "input": write_shape(row.input_shape[1:]),
            "output": write_shape(row.output_shape[1:]),
            **{name: getattr(row, name) for name in NUMBERS},
        }
        for row in found.rows
    ]


def as_csv(asked: Asked, found: Facts) -> str:
    """Comma-separated, the totals last."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows([*records(found), {"layer": "total", **totals(found)}])
    return buffer.getvalue()


def as_markdown(asked: Asked, found: Facts) -> str:
    """A table for a README, the totals last."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|---|---|---|---|---:|---:|---:|---:|"]
    for record in [*records(found), {"layer": "**total**", "kind": "", "input": "", "output": "", **totals(found)}]:
        cells = [units.exact(cell) if isinstance(cell, int) else str(cell) for cell in record.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def as_json(asked: Asked, found: Facts) -> str:
    """Everything a row knows, with the input and the batch that the bytes are for."""
    whole = {
        "input": list(asked.input_shape),
        "batch_size": asked.setting.batch_size,
        "units": "bytes of the whole batch; MACs (multiply-adds, bias left out) of one picture",
        **{f"total_{name}": value for name, value in totals(found).items()},
        "layers": [asdict(row) for row in found.rows],
    }
    return json.dumps(whole, indent=1)


def totals(found: Facts) -> dict[str, int]:
    """Sums over the rows."""
    return {name: sum(getattr(row, name) for row in found.rows) for name in NUMBERS}


def _totals(found: Facts) -> str:
    sums = totals(found)
    return (
        f"**Total** — {units.exact(sums['params'])} parameters, "
        f"{units.exact(sums['macs'])} MACs a picture, outputs {units.both(sums['output_bytes'])}, "
        f"kept for backward {units.both(sums['saved_bytes'])}."
    )
