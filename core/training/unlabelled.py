"""What a trained network predicts for images without a class, such as those of a folder test1, and that as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import torch
from torch import Tensor

from core import cpu_count
from core.datasets.dataset import Progress
from core.datasets.layout.listing import Candidate
from core.errors import PictureError
from core.images import read_picture, square_of

BATCH = 128  # images at once


@dataclass(frozen=True)
class FilePrediction:
    """The predicted class of a file and its probability; a file that cannot be read has neither, but an `error`."""

    path: str
    class_name: str = ""
    probability: float = 0.0
    error: str = ""


def predict_files(
    files: Sequence[Candidate],
    classes: Sequence[str],
    size: int,
    probabilities: Callable[[Tensor], Tensor],
    progress: Progress | None = None,
) -> tuple[FilePrediction, ...]:
    """One prediction per file, in their order; `progress(done, total)` may raise to cancel.

    Args: `probabilities` takes uint8 (B, 3, size, size) and gives float32 (B, K), one row per image.
    """
    predicted: list[FilePrediction] = []
    with ThreadPoolExecutor(max_workers=cpu_count.allowed(), thread_name_prefix="decode") as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            decoded = list(pool.map(lambda file: _decoded(file, size), batch))
            predicted += _predictions(batch, decoded, classes, probabilities)
            if progress:
                progress(len(predicted), len(files))
    return tuple(predicted)


def _decoded(file: Candidate, size: int) -> np.ndarray | str:
    """uint8 (size, size, 3), or why there is none."""
    try:
        return square_of(read_picture(file.read()), size)[0]
    except PictureError as error:
        return getattr(error, "reason", "not an image")


def _predictions(
    files: Sequence[Candidate],
    decoded: Sequence[np.ndarray | str],
    classes: Sequence[str],
    probabilities: Callable[[Tensor], Tensor],
) -> list[FilePrediction]:
    squares = [square for square in decoded if not isinstance(square, str)]
    rows: Iterator[tuple[float, int]] = iter(())
    if squares:
        images = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).contiguous()
        highest, labels = probabilities(images).max(1)
        rows = iter(zip(highest.tolist(), labels.tolist(), strict=True))
    predictions = []
    for file, square in zip(files, decoded, strict=True):
        if isinstance(square, str):
            predictions.append(FilePrediction(file.path, error=square))
        else:
            probability, label = next(rows)
            predictions.append(FilePrediction(file.path, classes[label], probability))
    return predictions


def submission_csv(predictions: Sequence[FilePrediction]) -> str:
    """The form of Kaggle's competitions, `id,label`: an id is a file's name without folder and suffix.

    If two files share it, the ids are whole paths. A file that cannot be read has an empty label.

    >>> submission_csv([FilePrediction("test1/1.jpg", "cat", 0.9), FilePrediction("test1/2.jpg", error="empty file")])
    'id,label\\n1,cat\\n2,\\n'
    """
    stems = [PurePosixPath(one.path).stem for one in predictions]
    are_distinct = len(set(stems)) == len(stems)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "label"))
    writer.writerows(
        (stem if are_distinct else one.path, one.class_name) for stem, one in zip(stems, predictions, strict=True)
    )
    return text.getvalue()
