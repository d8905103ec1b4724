"""The test set: images that training never used and that nobody has seen until somebody opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.jobs.job_spec import Source
from core.jobs.run_state import RunView
from core.percent import percent
from core.training.results import TEST, Prediction, parts_of, wilson_interval
from playground import units
from playground.components.heatmap_overlay import overlay
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import text
from playground.training.evaluation.run_artifacts import RunArtifacts, evaluate, evaluation_file
from playground.training.evaluation.tabs import predictions

SHOWN = 12


def show(run: RunArtifacts) -> None:
    """The button, and then the result with its confidence interval."""
    count = len(parts_of(run.trained.config, run.data)[TEST])
    if not count:
        st.info("This run has no test set: set “Test split” under “Seeds and splits” before you start a run.")
        return
    opened = _opened(run)
    if evaluation_file(run.checkpoint, TEST) not in opened:
        st.markdown(
            f"**{units.counted(count, 'image')}** were set aside at the start. Neither the weights nor any of your "
            "choices depend on them. Open the test set once, when you have decided which run is your best."
        )
        if opened:
            _warn(len(opened))
    predicted = evaluate(run, TEST, "Open the test set")
    if predicted is None:
        return
    correct = sum(one.is_correct for one in predicted)
    low, high = wilson_interval(correct, len(predicted))
    test, val = st.columns(2)
    plain: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
    test.metric("Test accuracy", percent(_accuracy(predicted)), f"{correct:,} of {len(predicted):,}", **plain)
    val.metric("Validation accuracy", percent(_accuracy(run.predictions)), f"{len(run.predictions):,} images", **plain)
    st.markdown(
        f"With {units.counted(len(predicted), 'image')} the true accuracy lies between **{percent(low)}** and "
        f"**{percent(high)}** (95 % confidence, Wilson interval). "
        f"{text.bias_of_validation(run.view.config, run.view.done.reason)}"
    )
    _warn(len(_opened(run)))
    wrong = [one for one in predicted if not one.is_correct][:SHOWN]
    if wrong:
        overlay([predictions.mapped_image(run, one) for one in wrong], key="after-test", side=120)


def _warn(count: int) -> None:
    times = "once" if count == 1 else f"{count} times"
    st.caption(
        f":material/visibility: You have opened this test set {times}. Each further run that you choose by it turns it "
        "into a second validation set, whose accuracy is too high; for an unbiased one, use another split seed."
    )


def _opened(run: RunArtifacts) -> list[Path]:
    """The test predictions of this visitor's runs that have the same test set."""
    jobs, this = job_manager(), owner()
    runs = [view for view in jobs.runs(this) if _split_key(view) == _split_key(run.view)]
    checkpoints = [jobs.checkpoint(this, view.run_id) for view in runs]
    files = [evaluation_file(checkpoint, TEST) for checkpoint in checkpoints if checkpoint is not None]
    return [file for file in files if file.exists()]


def _split_key(view: RunView) -> tuple[Source, int, float, float]:
    return view.source, view.config.split_seed, view.config.val_share, view.config.test_share


def _accuracy(predicted: tuple[Prediction, ...]) -> float:
    return sum(one.is_correct for one in predicted) / max(1, len(predicted))
