"""The methods of explanation, one entry each: what is computed, how, at what cost, and by whom it was proposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.explain.maps import cam, grad_cam
from core.explain.methods.gradients import (
    SAMPLES,
    STEPS,
    guided_backprop,
    input_gradient,
    integrated_gradients,
    smooth_grad,
)
from core.explain.methods.occlusion import SQUARES, occlusion, square_side
from core.explain.methods.weighted_maps import MOST_MAPS, grad_cam_plus_plus, score_cam


@dataclass(frozen=True)
class ExplanationMethod:
    """A way of finding the evidence for a class in an image.

    `explain(model, layer, x_BCHW, class_B)` gives a signed map (B, h, w); one that `takes_layer` explains by that
    layer, the others ignore the argument. `function` has the formula in its docstring. A map of `is_sensitivity` says
    how much the logit changes with a pixel, so that what matters there is the size of a value, not its sign. `passes`
    is how many times an image goes through the network, about.
    """

    explain: Callable[[nn.Module, str, Tensor, Tensor], Tensor]
    function: Callable[..., Tensor]
    takes_layer: bool
    blurb: str
    paper: str
    is_sensitivity: bool = False
    passes: int = 1

    def importance(self, map_Bhw: Tensor) -> Tensor:
        """How much each cell matters for the class, never negative: the evidence for it, or the sensitivity."""
        return map_Bhw.abs() if self.is_sensitivity else map_Bhw.clamp(min=0)


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
    "Grad-CAM++": ExplanationMethod(
        grad_cam_plus_plus,
        grad_cam_plus_plus,
        takes_layer=True,
        blurb="The feature maps of any convolution, each weighted by a weighted sum of its positive gradients.",
        paper="Chattopadhay et al. 2018, arXiv:1710.11063",
    ),
    "Score-CAM": ExplanationMethod(
        score_cam,
        score_cam,
        takes_layer=True,
        blurb="The feature maps of any convolution, each weighted by the logit of the image seen through it.",
        paper="Wang et al. 2020, arXiv:1910.01279",
        passes=MOST_MAPS,
    ),
    "Occlusion": ExplanationMethod(
        lambda model, layer, x, labels: occlusion(model, x, labels),
        occlusion,
        takes_layer=False,
        blurb="What the logit loses when a square of the image is covered.",
        paper="Zeiler & Fergus 2014, arXiv:1311.2901",
        passes=(2 * SQUARES - 1) ** 2,
    ),
    "Integrated gradients": ExplanationMethod(
        lambda model, layer, x, labels: integrated_gradients(model, x, labels),
        integrated_gradients,
        takes_layer=False,
        blurb="Each pixel times its mean gradient on the way from an image of zeros.",
        paper="Sundararajan, Taly & Yan 2017, arXiv:1703.01365",
        passes=STEPS,
    ),
    "SmoothGrad": ExplanationMethod(
        lambda model, layer, x, labels: smooth_grad(model, x, labels),
        smooth_grad,
        takes_layer=False,
        blurb="The mean gradient of the logit over copies of the image with noise.",
        paper="Smilkov et al. 2017, arXiv:1706.03825",
        is_sensitivity=True,
        passes=SAMPLES,
    ),
    "Guided backprop": ExplanationMethod(
        lambda model, layer, x, labels: guided_backprop(model, x, labels),
        guided_backprop,
        takes_layer=False,
        blurb="The gradient of the logit, passed back through each ReLU only where it is positive.",
        paper="Springenberg et al. 2014, arXiv:1412.6806",
        is_sensitivity=True,
    ),
}
