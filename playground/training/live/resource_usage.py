"""Learning rate, speed and memory over the run, and the device that it is computed on."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.charts import run_metrics
from playground.escaping import literal
from playground.training.memory import predicted_bytes

POINTS = 240


def show(view: RunView) -> None:
    """Three small curves."""
    usage = view.usage[:: max(1, -(-len(view.usage) // POINTS))]
    at, steps = [one.step for one in usage], view.began.steps
    charts = {
        "Learning rate": run_metrics.learning_rates(view.steps, steps),
        "Images per second": run_metrics.speeds(at, [one.images_per_second for one in usage], steps),
        "Memory": run_metrics.memory(at, [one.peak_bytes for one in usage], steps, predicted_bytes(view)),
    }
    for column, (title, chart) in zip(st.columns(3, gap="medium"), charts.items(), strict=True):
        column.vega_lite_chart(chart.data, chart.spec, key=f"machine-{title}", alt=f"{title} over the steps of the run")
    where = f"Computed on {_shown(view.began.device)}" + (f" by worker {literal(view.worker)}" if view.worker else "")
    st.caption(" · ".join([where, *view.began.setting]))


def _shown(device: str) -> str:
    return device.upper() if device == "cpu" else device
