"""A step that hardly shows and changes the prediction: every value moved by the sign of the loss's gradient."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.explain.hooks import evaluating
from core.explain.methods.gradients import images_at_once

SCANNED, HALVINGS = 200, 12


def gradient_sign(model: nn.Module, x_BCHW: Tensor, class_B: Tensor) -> Tensor:
    r"""The direction of the fast gradient sign method: -1, 0 or 1 for each value. -> (B, C, H, W).

    $$d = \operatorname{sign} \frac{\partial L}{\partial x}, \quad L = -\log \operatorname{softmax}(y(x))_c$$

    Computed from the margin between the logit of the class and all others, whose gradient has the same sign and does
    not vanish where the network is certain.
    Source: Goodfellow, Shlens & Szegedy 2014, arXiv:1412.6572.
    """
    x = x_BCHW.detach().clone().requires_grad_()
    with evaluating(model), torch.enable_grad():
        logits_BK = model(x * 1)
        own = torch.nn.functional.one_hot(class_B, logits_BK.shape[1]).bool()
        others = logits_BK.masked_fill(own, -torch.inf).logsumexp(1)
        (gradient,) = torch.autograd.grad((others - logits_BK[own]).sum(), x)
    return gradient.sign()


def perturbed(x_BCHW: Tensor, direction_BCHW: Tensor, strength: float) -> Tensor:
    """The image after a step of `strength` in that direction, in units of the network's input.

    It keeps to the range of the values of the image itself.
    """
    lowest, highest = x_BCHW.amin((1, 2, 3), keepdim=True), x_BCHW.amax((1, 2, 3), keepdim=True)
    return (x_BCHW + strength * direction_BCHW).clamp(lowest, highest)


@torch.no_grad()
def smallest_strength(
    model: nn.Module, x_1CHW: Tensor, direction_1CHW: Tensor, label: int, most: float
) -> float | None:
    """The smallest step in a direction after which the class is no longer the prediction; None if none up to `most` is.

    That step is looked for in 200 steps up to `most`, and between the last two by halving. 0 if it is not predicted
    at all.
    """
    with evaluating(model):
        grid = [most * number / SCANNED for number in range(SCANNED + 1)]
        first = _first_change(model, x_1CHW, direction_1CHW, label, grid)
        if not first:
            return None if first is None else 0.0
        low, high = grid[first - 1], grid[first]
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            held = _predictions(model, x_1CHW, direction_1CHW, [middle])[0] == label
            low, high = (middle, high) if held else (low, middle)
    return high


def _first_change(
    model: nn.Module, x_1CHW: Tensor, direction_1CHW: Tensor, label: int, grid: list[float]
) -> int | None:
    """The index of the first strength after which the class is not predicted."""
    size = images_at_once(x_1CHW)
    for start in range(0, len(grid), size):
        predicted = _predictions(model, x_1CHW, direction_1CHW, grid[start : start + size])
        changed = [number for number, one in enumerate(predicted, start) if one != label]
        if changed:
            return changed[0]
    return None


def _predictions(model: nn.Module, x_1CHW: Tensor, direction_1CHW: Tensor, strengths: list[float]) -> list[int]:
    x = torch.cat([perturbed(x_1CHW, direction_1CHW, strength) for strength in strengths])
    return model(x).argmax(1).tolist()
