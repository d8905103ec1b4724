"""The sections of the report: each is made from a run, and says what the page says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from markupsafe import Markup

from core.percent import percent
from core.training.evaluation.calibration import fit_temperature
from core.training.metrics import confusions
from core.training.results import Prediction, confusion_matrix, wilson_interval
from playground import units
from playground.charts.pictures import bound_of
from playground.charts.printed_curves import curves as drawn_curves
from playground.markup import data_uri, element, joined
from playground.training.class_tables import MANY, class_table
from playground.training.evaluation.attribution_controls import AttributionSettings, has_cam, maps_of_images
from playground.training.evaluation.report.heat_map import blended
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.evaluation.tabs.predictions import ORDERS
from playground.training.evaluation.tabs.quality.calibration import about_temperature, calibration_of, verdict
from playground.training.history.config_diff import settings

WRONG, RIGHT = 9, 3  # images shown of each kind
LISTED = 20  # confusions of many classes


def result(run: RunArtifacts) -> Markup:
    """Accuracy with its confidence interval, loss, and how long it took."""
    view, predicted = run.view, run.predictions
    correct = sum(one.is_correct for one in predicted)
    low, high = wilson_interval(correct, len(predicted))
    rows = [
        ("Validation accuracy", f"{percent(correct / len(predicted))} ({correct:,} of {len(predicted):,})"),
        ("95 % confidence interval (Wilson)", f"{percent(low)} to {percent(high)}"),
        ("Validation loss", f"{view.done.val_loss:.4f}"),
        ("Epochs", f"{view.done.epochs:,}"),
        ("Steps", f"{view.done.step:,}"),
        ("Training images", f"{view.began.train_images:,}"),
        ("Parameters", f"{view.began.parameters:,}"),
        ("Duration", f"{view.done.seconds:.1f} s"),
        ("Device", ", ".join((view.began.device, *view.began.setting))),
    ]
    return _table((), rows)


def curves(run: RunArtifacts) -> Markup | None:
    """Loss and accuracy after each epoch; nothing for a run that was stopped before its first epoch ended."""
    epochs = run.view.epochs
    if not epochs:
        return None
    x = [epoch.epoch for epoch in epochs]
    losses = {"training loss": [e.train_loss for e in epochs], "validation loss": [e.val_loss for e in epochs]}
    shares = {"training accuracy": [e.train_accuracy for e in epochs]}
    shares["validation accuracy"] = [e.val_accuracy for e in epochs]
    return element("div", drawn_curves("Loss", x, losses), drawn_curves("Accuracy", x, shares), class_="row")


def confusion(run: RunArtifacts) -> Markup:
    """The matrix of few classes, the most frequent confusions of many; then recall and precision of each class."""
    names = run.trained.classes
    counts = tuple(confusion_matrix(run.predictions, len(names)))
    if len(names) <= MANY:
        rows = [(f"true {name}", *row) for name, row in zip(names, counts, strict=True)]
        matrix = _table(("", *(f"predicted {name}" for name in names)), rows)
    else:
        worst = [(names[i], names[j], count) for i, j, count in confusions(counts)[:LISTED]]
        matrix = _table(("True class", "Predicted class", "Images"), worst)
    table = class_table(counts, names)
    shares = ("Recall", "Precision")
    for column in shares:
        table[column] = ["none" if value != value or value is None else percent(value) for value in table[column]]
    return matrix + element("p") + _table(tuple(table.columns), table.itertuples(index=False))


def calibrated(run: RunArtifacts) -> Markup:
    """Expected calibration error as the network predicts, and at the temperature that fits best."""
    images = run.validation
    temperature = fit_temperature(images.probabilities, images.labels)
    rows = []
    for title, each in (("As the network predicts", 1.0), (f"At temperature {temperature:.2f}", temperature)):
        calibration = calibration_of(images, each)
        rows.append((title, f"{100 * calibration.error:.1f} points", f"{calibration.loss:.3f}"))
    words = f"{verdict(calibration_of(images).bins)} {about_temperature(temperature)}"
    return _table(("", "Expected calibration error", "Cross-entropy"), rows) + element("p", words)


def samples(run: RunArtifacts) -> Markup | None:
    """The most confident errors and some correct predictions, each beside the evidence for its predicted class."""
    if not run.shows_images:
        return None
    wrong = ORDERS["Most confident errors"](run.predictions)[:WRONG]
    chosen = [*wrong, *ORDERS["Most confident correct"](run.predictions)[:RIGHT]]
    evidence = _evidence(run)
    figures = _figures(run, chosen, evidence)
    if evidence is None:
        return element("div", figures, class_="samples")
    where = f" at layer {evidence.layer}" if evidence.layer else ""
    words = f"{evidence.method}{where}. Orange: evidence for the predicted class; blue: against it."
    return element("p", words, class_="note") + element("div", figures, class_="samples")


def configuration(run: RunArtifacts) -> Markup:
    """Everything that the run depended on."""
    rows = [(name, str(value)) for name, value in settings(run.view).items()]
    versions = [("PyTorch", torch.__version__)]
    return _table(("Setting", "Value"), [*rows, *versions])


def _evidence(run: RunArtifacts) -> AttributionSettings | None:
    """CAM where the network has one, else Grad-CAM at its last convolution; None without any."""
    from core.explain import convolutions

    if has_cam(run.checkpoint, run.step):
        return AttributionSettings("CAM", "", None)
    layers = convolutions(run.trained.model)
    return AttributionSettings("Grad-CAM", layers[-1], None) if layers else None


def _figures(run: RunArtifacts, chosen: Sequence[Prediction], evidence: AttributionSettings | None) -> Iterable[Markup]:
    maps = None
    if evidence is not None and chosen:
        index, labels = tuple(one.index for one in chosen), tuple(one.predicted for one in chosen)
        maps = maps_of_images(run, evidence, index, labels)
    names, bound = run.data.classes, bound_of(maps) if maps is not None else 1.0
    for number, one in enumerate(chosen):
        pixels = run.data.images[one.index].permute(1, 2, 0).contiguous().numpy()
        said = f"predicted {names[one.predicted]} {percent(one.probability)}, true {names[one.label]}"
        pictures = [element("img", src=data_uri(pixels), alt=f"Image {one.index}: {said}")]
        if maps is not None:
            drawing = data_uri(blended(pixels, maps[number], bound))
            pictures.append(
                element("img", src=drawing, alt=f"Evidence for {names[one.predicted]} over image {one.index}")
            )
        mark = "✓ " if one.is_correct else "✗ "
        yield element("figure", joined(pictures), element("figcaption", f"{mark}image {one.index}: {said}"))


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """A table that scrolls sideways by itself; whole numbers stand at the right."""
    head = element("tr", (element("th", name, scope="col") for name in heads)) if heads else None
    body = [
        element("tr", element("th", str(first), scope="row"), (_cell(value) for value in rest)) for first, *rest in rows
    ]
    return element("div", element("table", head, body), class_="wide")


def _cell(value: object) -> Markup:
    if isinstance(value, int):
        return element("td", units.exact(value), class_="number")
    return element("td", str(value))
