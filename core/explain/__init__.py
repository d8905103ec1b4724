"""The evidence for the predictions of a trained network. A new method is one entry in `METHODS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from core.explain.effective_receptive_field import EffectiveField, effective_field
from core.explain.heads import pooled_head
from core.explain.hooks import convolutions
from core.explain.maps import cam, feature_maps, grad_cam
from core.explain.pointing_game import PointingGame, enlarged, inside, pointing_game


@dataclass(frozen=True)
class ExplanationMethod:
    """A way of finding the evidence for a class in an image.

    `explain(model, layer, x_BCHW, class_B)` gives a signed map (B, h, w); one that `takes_layer` explains by that
    convolution, the others ignore the argument. `function` has the formula in its docstring.
    """

    explain: Callable[[nn.Module, str, Tensor, Tensor], Tensor]
    function: Callable[..., Tensor]
    takes_layer: bool
    blurb: str
    paper: str


METHODS: dict[str, ExplanationMethod] = {
    "CAM": ExplanationMethod(
        lambda model, layer, x, labels: cam(model, x, labels),
        cam,
        takes_layer=False,
        blurb="The last feature maps, each weighted by the last layer's weight of its mean.",
        paper="Zhou et al. 2016, arXiv:1512.04150",
    ),
    "Grad-CAM": ExplanationMethod(
        grad_cam,
        grad_cam,
        takes_layer=True,
        blurb="The feature maps of any convolution, each weighted by the mean gradient of the logit.",
        paper="Selvaraju et al. 2017, arXiv:1610.02391",
    ),
}
