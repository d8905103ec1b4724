"""What a trained network looks at. A new way of explaining is one entry in `METHODS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from core.explain.effective_receptive_field import EffectiveField, effective_field
from core.explain.heads import Head, pooled_head
from core.explain.hooks import convolutions
from core.explain.maps import cam, feature_maps, grad_cam
from core.explain.pointing_game import Pointing, enlarged, inside, pointing

__all__ = [
    "METHODS",
    "EffectiveField",
    "Head",
    "Method",
    "Pointing",
    "cam",
    "convolutions",
    "effective_field",
    "enlarged",
    "feature_maps",
    "grad_cam",
    "inside",
    "pointing",
    "pooled_head",
]


@dataclass(frozen=True)
class Method:
    """A way of finding where an answer comes from.

    `explain(model, layer, x_BCHW, class_B)` gives a signed map (B, h, w); one that `takes_layer` looks at that
    convolution, the others leave the argument alone. `function` has the formula in its docstring.
    """

    explain: Callable[[nn.Module, str, Tensor, Tensor], Tensor]
    function: Callable[..., Tensor]
    takes_layer: bool
    blurb: str
    paper: str


METHODS: dict[str, Method] = {
    "CAM": Method(
        lambda model, layer, x, kinds: cam(model, x, kinds),
        cam,
        takes_layer=False,
        blurb="The weights of the last layer, laid back over the maps whose means they weigh.",
        paper="Zhou et al. 2016, arXiv:1512.04150",
    ),
    "Grad-CAM": Method(
        grad_cam,
        grad_cam,
        takes_layer=True,
        blurb="The maps of any convolution, weighed by how much they move the answer.",
        paper="Selvaraju et al. 2017, arXiv:1610.02391",
    ),
}
