"""Explanations by the gradient of a logit with respect to the pixels.

Shapes: B images, C channels, H x W pixels. A map (B, H, W) is the sum over the channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from core.errors import PlaygroundError
from core.explain.hooks import evaluating

PIXELS_AT_ONCE = 1 << 17  # of all images of a batch: 32 images of 64 x 64 pixels
STEPS, SAMPLES, NOISE = 32, 32, 0.15
# what a ReLU is called, as a module, a function and a method; a ReLU6 is a hardtanh
RELUS: frozenset[Callable[..., Any]] = frozenset(
    {F.relu, F.relu6, F.hardtanh, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_}
)


def images_at_once(x_BCHW: Tensor) -> int:
    """How many images of this size go through the network in one batch.

    >>> images_at_once(torch.empty(1, 3, 64, 64)), images_at_once(torch.empty(1, 3, 512, 512))
    (32, 1)
    """
    return max(1, PIXELS_AT_ONCE // (x_BCHW.shape[-2] * x_BCHW.shape[-1]))


def input_gradient(model: nn.Module, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    """Gradient of the logit of its class with respect to each image: (B, C, H, W)."""
    with evaluating(model), torch.enable_grad():
        return torch.cat([_gradient(model, *batch) for batch in _batches(x_BCHW, class_B)])


def integrated_gradients(model: nn.Module, x_BCHW: Tensor, class_B: Tensor, steps: int = STEPS) -> Tensor:
    r"""Integrated gradients: the image times its mean gradient on the way there from an image of zeros. -> (B, H, W).

    $$M_c(i, j) = \sum_k x_{kij} \cdot \frac{1}{n} \sum_{s=1}^{n}
    \frac{\partial y_c}{\partial x_{kij}}\!\left(\tfrac{s - 1/2}{n}\, x\right)$$

    The cells add up to how much higher the logit is than for the image of zeros, but for the error of `steps` = n
    points of the midpoint rule.
    Source: Sundararajan, Taly & Yan 2017, arXiv:1703.01365.
    """
    shares = (torch.arange(steps, dtype=x_BCHW.dtype) + 0.5) / steps
    return (x_BCHW * _mean_gradient(model, (x_BCHW * share for share in shares), class_B, steps)).sum(1)


def smooth_grad(
    model: nn.Module, x_BCHW: Tensor, class_B: Tensor, samples: int = SAMPLES, noise: float = NOISE, seed: int = 0
) -> Tensor:
    r"""SmoothGrad: the mean gradient of the image with noise added to it. -> (B, H, W).

    $$M_c(i, j) = \frac{1}{n} \sum_{s=1}^{n} \sum_k \frac{\partial y_c}{\partial x_{kij}}(x + \varepsilon_s), \quad
    \varepsilon_s \sim \mathcal{N}(0, \sigma^2)$$

    The standard deviation is `noise` times the range of the image's values; n = `samples`.
    Source: Smilkov et al. 2017, arXiv:1706.03825.
    """
    generator = torch.Generator().manual_seed(seed)
    deviation = noise * (x_BCHW.amax((1, 2, 3), keepdim=True) - x_BCHW.amin((1, 2, 3), keepdim=True))
    noisy = (x_BCHW + deviation * _normal(x_BCHW, generator) for _ in range(samples))
    return _mean_gradient(model, noisy, class_B, samples).sum(1)


def guided_backprop(model: nn.Module, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    r"""Guided backpropagation: a gradient that is passed back through a ReLU only where it is positive. -> (B, H, W).

    $$R_{\text{in}} = R_{\text{out}} \cdot [x > 0] \cdot [R_{\text{out}} > 0], \qquad M_c(i, j) = \sum_k R_{kij}$$

    Raises: PlaygroundError if the network has no ReLU.
    Source: Springenberg et al. 2014, arXiv:1412.6806.
    """
    with _GuidedReLUs() as guided:
        map_BHW = input_gradient(model, x_BCHW, class_B).sum(1)
    if not guided.count:
        raise PlaygroundError(
            "guided backpropagation changes the gradient at ReLUs, and this network has none: use SmoothGrad."
        )
    return map_BHW


class _GuidedReLUs(TorchFunctionMode):
    """Inside, the gradient that reaches the output of a ReLU loses its negative part. `count` of them there were."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if func in RELUS and output.requires_grad:
            self.count += 1
            output.register_hook(lambda gradient: gradient.clamp(min=0))
        return output


def _mean_gradient(model: nn.Module, points: Iterable[Tensor], class_B: Tensor, count: int) -> Tensor:
    """The mean of the gradients at `count` points, each (B, C, H, W); as many at once as a batch holds."""
    total = torch.zeros(())
    waiting: list[Tensor] = []
    for number, point_BCHW in enumerate(points, 1):
        waiting.append(point_BCHW)
        if number == count or sum(map(len, waiting)) >= images_at_once(point_BCHW):
            gradients = input_gradient(model, torch.cat(waiting), class_B.repeat(len(waiting)))
            total = total + gradients.view(len(waiting), *point_BCHW.shape).sum(0)
            waiting = []
    return total / count


def _batches(x_BCHW: Tensor, class_B: Tensor) -> Iterable[tuple[Tensor, Tensor]]:
    size = images_at_once(x_BCHW)
    return zip(x_BCHW.split(size), class_B.split(size), strict=True)


def _gradient(model: nn.Module, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    x = x_BCHW.detach().clone().requires_grad_()
    score = model(x * 1).gather(1, class_B[:, None]).sum()  # not `x` itself, which a first layer may change in place
    return torch.autograd.grad(score, x)[0]


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, dtype=like.dtype)
