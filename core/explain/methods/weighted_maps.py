"""Two later ways of weighting the feature maps of a layer: Grad-CAM++ and Score-CAM."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.explain.hooks import capturing, evaluating
from core.explain.maps import feature_maps
from core.explain.methods.gradients import images_at_once

MOST_MAPS = 64  # of a layer that Score-CAM tries


def grad_cam_plus_plus(model: nn.Module, layer: str, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    r"""Grad-CAM++: as Grad-CAM, but each map counts by a weighted sum of its positive gradients. -> (B, h, w).

    $$M_c(i, j) = \sum_k w_{ck} A_k(i, j), \quad w_{ck} = \sum_{i, j} \alpha_{ij} \max(g_{ij}, 0), \quad
    \alpha_{ij} = \frac{g_{ij}^2}{2 g_{ij}^2 + g_{ij}^3 \sum_{a, b} A_k(a, b)}, \quad
    g_{ij} = \frac{\partial y_c}{\partial A_k(i, j)}$$

    The paper explains exp(y_c), whose factor is the same for every cell and is left out; that its higher derivatives
    are powers of g holds where the network is piecewise linear. Where g or the denominator is 0, so is alpha.
    Raises: PlaygroundError if there is no such layer.
    Source: Chattopadhay et al. 2018, arXiv:1710.11063, equations 11 and 19.
    """
    with capturing(model, layer) as outputs, torch.enable_grad():
        logits_BK = model(x_BCHW)
    maps_BChw = outputs[-1]  # of a layer that is used again and again, the last
    (g,) = torch.autograd.grad(logits_BK.gather(1, class_B[:, None]).sum(), maps_BChw)
    maps_BChw = maps_BChw.detach()
    denominator = 2 * g**2 + g**3 * maps_BChw.sum((2, 3), keepdim=True)
    alpha = torch.where(denominator == 0, 0.0, g**2 / denominator.where(denominator != 0, torch.ones_like(g)))
    return ((alpha * g.clamp(min=0)).sum((2, 3), keepdim=True) * maps_BChw).sum(1)


@torch.no_grad()
def score_cam(model: nn.Module, layer: str, x_BCHW: Tensor, class_B: Tensor, most_maps: int = MOST_MAPS) -> Tensor:
    r"""Score-CAM: each map counts by the logit of the image that is seen through it; no gradient. -> (B, h, w).

    $$M_c(i, j) = \sum_k \alpha_{ck} A_k(i, j), \quad \alpha_{ck} = \operatorname{softmax}_k\; y_c(x \odot H_k), \quad
    H_k = \frac{U_k - \min U_k}{\max U_k - \min U_k}$$

    U_k is A_k enlarged to the size of the image. A layer with more than `most_maps` maps is explained by those whose
    values range most: each one costs a pass through the network.
    Raises: PlaygroundError if there is no such layer.
    Source: Wang et al. 2020, arXiv:1910.01279, algorithm 1.
    """
    maps_BChw = feature_maps(model, layer, x_BCHW)
    with evaluating(model):
        every = zip(x_BCHW, maps_BChw, class_B, strict=True)
        return torch.stack([_scored(model, x[None], maps, label, most_maps) for x, maps, label in every])


def _scored(model: nn.Module, x_1CHW: Tensor, maps_Chw: Tensor, label: Tensor, most_maps: int) -> Tensor:
    ranges = maps_Chw.amax((1, 2)) - maps_Chw.amin((1, 2))
    maps_Chw = maps_Chw[ranges.argsort(descending=True, stable=True)[:most_maps].sort().values]
    upsampled = F.interpolate(maps_Chw[:, None], x_1CHW.shape[-2:], mode="bilinear", align_corners=False)
    lowest, highest = upsampled.amin((2, 3), keepdim=True), upsampled.amax((2, 3), keepdim=True)
    masks = (upsampled - lowest) / (highest - lowest).clamp(min=torch.finfo(x_1CHW.dtype).tiny)
    scores = torch.cat([model(x_1CHW * part)[:, label] for part in masks.split(images_at_once(x_1CHW))])
    return (scores.softmax(0)[:, None, None] * maps_Chw).sum(0)
