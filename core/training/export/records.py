"""A run as files that other programs read."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from typing import Any

import torch

from core.training.checkpoints import TrainedModel, plain_weights
from core.training.events import Done, Epoch, TrainingStep

COLUMNS = ("step", "epoch", "learning_rate", "train_loss", "train_accuracy", "val_loss", "val_accuracy")


def curves_csv(steps: Sequence[TrainingStep], epochs: Sequence[Epoch]) -> str:
    """One row a step, with the validation figures where an epoch ends. Losses in nats, accuracies as shares.

    Numbers are written with all their digits: reading them back gives the very same floats.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    ends = {epoch.step: (epoch.val_loss, epoch.val_accuracy) for epoch in epochs}
    for step in steps:
        figures = (step.step, step.epoch, step.learning_rate, step.loss, step.accuracy)
        validation = map(repr, ends[step.step]) if step.step in ends else ("", "")
        table.writerow([*map(repr, figures), *validation])
    return file.getvalue()


def configuration_json(trained: TrainedModel, pictures: dict[str, Any], done: Done | None) -> str:
    """Everything that the run depended on, and its result. `images` says where they came from."""
    about = {
        "config": dataclasses.asdict(trained.config),
        "pictures": {**pictures, "side": trained.size, "classes": list(trained.classes)},
        "normalization": {"mean": list(trained.normalize.mean), "std": list(trained.normalize.std), "of": "0..255"},
        "result": dataclasses.asdict(done) if done else None,
        "torch": torch.__version__,
    }
    return json.dumps(about, indent=2, ensure_ascii=False)


def weights_bytes(trained: TrainedModel) -> bytes:
    """The network's state dict as a safetensors file, with what a prediction needs beside it in the metadata."""
    from safetensors.torch import save

    about = {
        "network": trained.config.network,
        "config": json.dumps(dataclasses.asdict(trained.config)),
        "step": str(trained.step),
        "classes": json.dumps(trained.classes, ensure_ascii=False),
        "side": str(trained.size),
        "mean": json.dumps(trained.normalize.mean),
        "std": json.dumps(trained.normalize.std),
    }
    return save(plain_weights(trained.model), metadata=about)
