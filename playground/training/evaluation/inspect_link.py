"""From one image of a run to its way through the network, on the page that inspects it."""

from __future__ import annotations

from core.percent import percent
from core.training.results import Prediction
from playground.charts.training import CaptionedImage
from playground.identity import owner
from playground.inspect_network.link import link_to
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.pictures import shown


def address_of(run: RunArtifacts, index: int) -> str | None:
    """The link that opens an image there; None for somebody who only looks at the run, which only its owner opens."""
    return link_to(run.run_id, index) if run.owner == owner() else None


def prediction_card(run: RunArtifacts, one: Prediction) -> CaptionedImage:
    """An image with the probability of its predicted class, and the link."""
    names = run.data.classes
    title = f"{names[one.predicted]} {percent(one.probability)}"
    if not one.is_correct:
        title += f" (true: {names[one.label]})"
    return CaptionedImage(
        shown(run.data, one.index), title, one.probability, one.is_correct, address_of(run, one.index)
    )
