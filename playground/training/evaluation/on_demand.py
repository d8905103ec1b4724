"""Work that is done on request only, in the process that trains: this page stays quick and free of torch's load."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from distributed import Future

from core.errors import PlaygroundError
from core.training.results import Prediction
from playground.jobs.processes.asked import judging
from playground.jobs.visitor import office
from playground.training.evaluation.run_artifacts import Left, judgement

LOOK_AGAIN = 0.4  # seconds
ASKED = "after asked"  # in the session's state: the futures, by run and part


def kept_at(checkpoint: Path, part: str) -> Path:
    """Where the judgement of a part is kept, once somebody has asked for it."""
    return checkpoint.parent / f"judged-{part}.pt"


def judge(left: Left, part: str, button: str, help: str | None = None) -> tuple[Prediction, ...] | None:
    """The predictions for a part of the set; until somebody presses `button`, and while it is judged, None.

    Raises: PlaygroundError if the part could not be judged.
    """
    path, asked = kept_at(left.checkpoint, part), st.session_state.setdefault(ASKED, {})
    if path.exists():
        asked.pop((left.run_id, part), None)
        return judgement(path, left.step, left.pictures)
    if (left.run_id, part) not in asked:
        st.button(button, key=f"judge-{part}", on_click=_ask, args=(left, part), type="primary", help=help)
        return None
    _wait(path, asked[left.run_id, part])
    return None


def _ask(left: Left, part: str) -> None:
    """Send it to the worker; a second click finds the same task."""
    arguments = str(left.checkpoint), str(left.pictures), part, str(kept_at(left.checkpoint, part))
    key = f"judge-{left.run_id}-{part}"
    future = office().cluster().client.submit(judging.judge, *arguments, key=key, pure=False)
    st.session_state.setdefault(ASKED, {})[left.run_id, part] = future


@st.fragment(run_every=LOOK_AGAIN)
def _wait(path: Path, future: Future) -> None:
    if path.exists():
        st.rerun()
    if future.status in ("error", "cancelled", "lost"):
        raise PlaygroundError("The pictures could not be judged: the training process broke off. Start the run again.")
    st.progress(0.5, "The network looks at the pictures …")
