"""In the worker, on request: what a trained network predicts for a part of its data set."""

from __future__ import annotations

from pathlib import Path


def evaluate(checkpoint: str, decoded: str, part: str, path: str) -> None:
    """Predict the `part` ("training", "test", "doubted") of the `decoded` images, and keep that at `path`, once.

    "doubted" are the images of training and validation. Where the run has trained only a last layer, each is predicted
    by one that has not learned from it.
    """
    import torch

    from core.jobs.storage.decoded_images import open_decoded
    from core.training import load_trained
    from core.training.label_errors import cross_validated_probabilities, frozen_features, is_frozen, outlier_scores
    from core.training.results import (
        LABEL_CHECK,
        TRAINING,
        VALIDATION,
        parts_of,
        predict_probabilities,
        save_predictions,
    )

    if Path(path).exists():
        return
    trained, data = load_trained(Path(checkpoint)), open_decoded(Path(decoded))
    parts = parts_of(trained.config, data)
    if part != LABEL_CHECK:
        index = parts[part]
    else:
        index = torch.cat((parts[TRAINING], parts[VALIDATION]))
        if is_frozen(trained):
            x_NF = frozen_features(trained, data.images, index)
            probabilities = cross_validated_probabilities(
                x_NF, data.labels[index], data.groups[index], len(data.classes)
            )
            save_predictions(Path(path), index, probabilities, outlier_scores(x_NF))
            return
    save_predictions(Path(path), index, predict_probabilities(trained, data.images, index))
