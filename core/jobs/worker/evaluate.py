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
    from core.training import label_errors, load_trained, results

    if Path(path).exists():
        return
    trained, data = load_trained(Path(checkpoint)), open_decoded(Path(decoded))
    parts = results.parts_of(trained.config, data)
    if part != results.LABEL_CHECK:
        index = parts[part]
    else:
        index = torch.cat((parts[results.TRAINING], parts[results.VALIDATION]))
        if label_errors.is_frozen(trained):
            x_NF = label_errors.frozen_features(trained, data.images, index)
            labels, groups = data.labels[index], data.groups[index]
            probabilities = label_errors.cross_validated_probabilities(x_NF, labels, groups, len(data.classes))
            results.save_predictions(Path(path), index, probabilities, label_errors.outlier_scores(x_NF))
            return
    results.save_predictions(Path(path), index, results.predict_probabilities(trained, data.images, index))
