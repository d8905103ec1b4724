"""In the worker, on request: what a trained network predicts for the images without a class beside its dataset."""

from __future__ import annotations

from pathlib import Path


def predict_unlabelled(checkpoint: str, where: str, layout: str, path: str) -> None:
    """Predict every unlabelled image at `where`, read by the `LayoutChoice` that `layout` is, and keep that at `path`.

    The file is JSON: a list of objects with the fields of a `FilePrediction`.
    """
    import dataclasses
    import json

    from core.datasets import LayoutChoice, listing_of
    from core.datasets.cachedir import replacing
    from core.training import load_trained
    from core.training.unlabelled import predict_files

    if Path(path).exists():
        return
    trained = load_trained(Path(checkpoint))
    files = listing_of(where, LayoutChoice.parse(layout)).unlabelled
    predictions = predict_files(files, trained.classes, trained.size, trained.probabilities)
    with replacing(Path(path)) as file:
        file.write(json.dumps([dataclasses.asdict(one) for one in predictions]).encode())
