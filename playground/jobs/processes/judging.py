"""In the worker, on request: what a trained network takes a part of its data set for."""

from __future__ import annotations

from pathlib import Path


def judge(checkpoint: str, pictures: str, part: str, path: str) -> None:
    """Judge the `part` ("training", "test") of the decoded `pictures` and keep the result at `path`, once."""
    from core.training import load_trained
    from core.training.results import judged, parts_of, save_judgement
    from playground.jobs.store import open_pictures

    if Path(path).exists():
        return
    trained, data = load_trained(Path(checkpoint)), open_pictures(Path(pictures))
    index = parts_of(trained.config, data)[part]
    save_judgement(Path(path), index, judged(trained, data.images, index))
