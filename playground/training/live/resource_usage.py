"""How the machine does: learning rate, speed and memory over the run, and on what it is computed."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.charts import run_metrics
from playground.training.memory import predicted_bytes

POINTS = 240


def show(view: RunView) -> None:
    """Three small curves."""
    kept = view.usage[:: max(1, -(-len(view.usage) // POINTS))]
    at, steps = [vital.step for vital in kept], view.began.steps
    drawn = {
        "Learning rate": run_metrics.learning_rates(view.steps, steps),
        "Pictures a second": run_metrics.speeds(at, [vital.images_per_second for vital in kept], steps),
        "Memory": run_metrics.memory(at, [vital.peak_bytes for vital in kept], steps, predicted_bytes(view)),
    }
    for place, (title, chart) in zip(st.columns(3, gap="medium"), drawn.items(), strict=True):
        place.vega_lite_chart(chart.data, chart.spec, key=f"machine-{title}", alt=f"{title} over the steps of the run")
    where = f"Computed on {view.began.device}" + (f" by worker {view.worker}" if view.worker else "")
    st.caption(" · ".join([where, *getattr(view.began, "setting", ())]))
