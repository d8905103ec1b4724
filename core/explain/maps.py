"""The evidence for a class in an image: class-activation maps, and the feature maps of a layer.

Shapes: B images, C maps, h x w cells of a map, K classes. A map is signed: positive cells are evidence for the class.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.explain.heads import PooledHead, pooled_head
from core.explain.hooks import capturing


def cam(model: nn.Module, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    r"""Class-activation map: the last maps, each as much as its mean counts for the class. -> (B, h, w).

    $$M_c(i, j) = \sum_k w_{ck}\, A_k(i, j)$$

    Its mean over all cells plus the bias b_c is the logit of c, exactly.
    Args: `x_BCHW` as the network takes it; `class_B` int64, the class to explain for each image.
    Raises: PlaygroundError unless the network ends in a global average pool and a linear layer.
    Source: Zhou et al. 2016, arXiv:1512.04150.
    """
    head = pooled_head(model, x_BCHW)
    maps_BChw = feature_maps(model, head.features, x_BCHW)
    return torch.einsum("bk,bkhw->bhw", head.weight[class_B], maps_BChw)


def grad_cam(model: nn.Module, layer: str, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    r"""Grad-CAM: the maps of any layer, each as much as its cells move the logit of the class. -> (B, h, w).

    $$M_c(i, j) = \sum_k \alpha_{ck} A_k(i, j), \quad
    \alpha_{ck} = \frac{1}{hw} \sum_{i, j} \frac{\partial y_c}{\partial A_k(i, j)}$$

    The paper keeps only what is positive; here negative cells stay, as evidence against the class. Behind a global
    average pool it is the class-activation map divided by h w.
    Raises: PlaygroundError if there is no such layer.
    Source: Selvaraju et al. 2017, arXiv:1610.02391.
    """
    with capturing(model, layer) as outputs, torch.enable_grad():
        logits_BK = model(x_BCHW)
    maps_BChw = outputs[-1]  # of a layer that is used again and again, the last
    score = logits_BK.gather(1, class_B[:, None]).sum()  # images do not meet, so one sum serves all of them
    (gradient_BChw,) = torch.autograd.grad(score, maps_BChw)
    return (gradient_BChw.mean((2, 3), keepdim=True) * maps_BChw.detach()).sum(1)


@torch.no_grad()
def feature_maps(model: nn.Module, layer: str, x_BCHW: Tensor) -> Tensor:
    """The output of a layer for images: (B, C, h, w). Raises: PlaygroundError if there is no such layer."""
    with capturing(model, layer) as outputs:
        model(x_BCHW)
    return outputs[-1].detach()  # of a layer that is used again and again, the last: its head reads that


def terms(model: nn.Module, head: PooledHead, map_hw: Tensor, kind: int) -> tuple[float, float]:
    """Mean of a class-activation map and the bias of its class: they add up to the logit."""
    return float(map_hw.double().mean()), float(head.bias[kind])
