"""What the network of a run predicts: for images without a class, in a file, and for its validation images."""

from __future__ import annotations

from pathlib import Path

from core.datasets import ImageDataset, LayoutChoice, listing_of
from core.errors import PlaygroundError
from core.training.terminal.chosen import ChosenRun
from core.training.terminal.running import TerminalRun
from core.training.unlabelled import predict_files, submission_csv
from core.training.wrong_images import WrongImage, wrong_images


def check_output(output: Path, source: str, chosen: ChosenRun) -> None:
    """Raises: PlaygroundError before the first epoch if there will be nothing to predict, or nowhere to write it."""
    if chosen.understanding is None or not chosen.understanding.unlabelled:
        raise PlaygroundError(f"{source} has no images without a class: leave out --predict.")
    if not output.absolute().parent.is_dir() or output.is_dir():
        raise PlaygroundError(f"{output} cannot be written: name a file in a folder that exists.")


def write_predictions(run: TerminalRun, output: Path, source: str, layout: LayoutChoice) -> int:
    """Write the predictions for the images of a source that have no class. Returns how many.

    Raises: PlaygroundError if the file cannot be written.
    """
    files, trainer = listing_of(source, layout).unlabelled, run.trainer
    rows = predict_files(files, trainer.classes, trainer.size, lambda images: trainer.probabilities(images).cpu())
    try:
        output.write_text(submission_csv(rows), encoding="utf-8")
    except OSError as error:
        raise PlaygroundError(f"{output} cannot be written ({error.strerror}): name another file.") from error
    return len(files)


def wrong_validation_images(run: TerminalRun, data: ImageDataset) -> tuple[WrongImage, ...] | None:
    """Those that the network of a run predicts wrongly in the end; None if it did not come to its end."""
    if run.done is None or run.done.has_diverged:
        return None
    trainer = run.trainer
    paths = [data.paths[index] for index in trainer.val_index.tolist()]
    probabilities, predicted = trainer.val_predictions()
    return wrong_images(paths, data.labels[trainer.val_index].cpu(), predicted, probabilities, data.classes)
