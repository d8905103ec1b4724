"""Images without a class that came with the dataset: what the network predicts for them, as a table and a file."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets import BUILT_IN
from core.errors import DataError
from core.jobs.job_spec import Source
from core.jobs.storage.run_folder import RunFolder
from core.training.unlabelled import FilePrediction, submission_csv
from playground import refusal, units
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.data.understanding import understanding_of
from playground.training.evaluation.run_artifacts import TASKS, RunArtifacts, wait_for

TITLE = "Images to predict"
PART = "unlabelled"


def count_of(source: Source) -> int:
    """How many images without a class came with a dataset; 0 as well if its files are gone."""
    if source.name in BUILT_IN:
        return 0
    try:
        return len(understanding_of(source).unlabelled)
    except DataError:
        return 0


def show(run: RunArtifacts) -> None:
    """The button, and then the predictions."""
    path = RunFolder(run.checkpoint.parent).unlabelled
    tasks = st.session_state.setdefault(TASKS, {})
    count = count_of(run.view.source)
    if path.exists():
        tasks.pop((run.run_id, PART), None)
        _predictions(path)
    elif (run.run_id, PART) in tasks:
        wait_for(path, tasks[run.run_id, PART])
    else:
        st.markdown(f"**{units.counted(count, 'image')}** without a class came with this dataset.")
        st.button(f"Predict {units.counted(count, 'image')}", on_click=_submit, args=(run,), type="primary")


@refusal.toasted()
def _submit(run: RunArtifacts) -> None:
    task = job_manager().predict_unlabelled(owner(), run.run_id)
    st.session_state.setdefault(TASKS, {})[run.run_id, PART] = task


def _predictions(path: Path) -> None:
    predictions = [FilePrediction(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    unread = sum(bool(one.error) for one in predictions)
    left_out = f"; {units.counted(unread, 'file')} could not be read" if unread else ""
    st.markdown(f"**{units.counted(len(predictions) - unread, 'image')}** predicted{left_out}.")
    options = {"icon": ":material/download:", "on_click": "ignore", "key": "take-unlabelled"}
    text = submission_csv(predictions)
    st.download_button("Predictions (id,label)", text, "predictions.csv", "text/csv", **options)
    columns = {"Probability": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
    alt = "The predicted class of each file."
    st.dataframe(table_of(predictions), hide_index=True, column_config=columns, height=420, alt=alt)


def table_of(predictions: list[FilePrediction]) -> pd.DataFrame:
    """A row per file; one that could not be read has the reason instead of a class."""
    rows = [
        (one.path, one.class_name or f"({one.error})", None if one.error else one.probability) for one in predictions
    ]
    return pd.DataFrame(rows, columns=["File", "Prediction", "Probability"])
