"""In the worker, on request: what a trained network takes a part of its data set for."""

from __future__ import annotations

from pathlib import Path


def judge(checkpoint: str, pictures: str, part: str, path: str) -> None:
    """Judge the `part` ("training", "test", "doubted") of the decoded `pictures`, and keep it at `path`, once.

    "doubted" are the pictures of training and validation. Where the run has trained only a last layer, each is judged
    by one that has not learnt from it.
    """
    import torch

    from core.training import load_trained
    from core.training.label_errors import features, held_out, is_frozen, unlikeness
    from core.training.results import DOUBTED, TRAINING, VALIDATION, judged, parts_of, save_judgement
    from playground.jobs.store import open_pictures

    if Path(path).exists():
        return
    trained, data = load_trained(Path(checkpoint)), open_pictures(Path(pictures))
    parts = parts_of(trained.config, data)
    if part != DOUBTED:
        index = parts[part]
    else:
        index = torch.cat((parts[TRAINING], parts[VALIDATION]))
        if is_frozen(trained):
            x_NF = features(trained, data.images, index)
            found = held_out(x_NF, data.labels[index], data.groups[index], len(data.classes))
            save_judgement(Path(path), index, found, unlikeness(x_NF))
            return
    save_judgement(Path(path), index, judged(trained, data.images, index))
