"""Batch normalization in evaluation is one multiply-add a value, with two constants of its channel.

The convolution before it can do that as well.
"""

from __future__ import annotations

import copy
import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.lessons.normalization.effects import network as nets
from core.profiler import Profile, profile


def factor(norm: nn.BatchNorm2d) -> Tensor:
    r"""The factor of each output channel of the convolution before, (C,).

    $$a_c = \frac{\gamma_c}{\sqrt{\hat\sigma^2_c + \epsilon}}$$
    """
    if norm.running_var is None:
        raise PlaygroundError(f"{norm} cannot be folded: it needs running averages (track_running_stats=True).")
    return norm.weight / torch.sqrt(norm.running_var + norm.eps)


@torch.no_grad()
def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    r"""One convolution with the output of `conv` followed by `norm` in evaluation mode.

    $$w'_c = a_c\, w_c, \qquad b'_c = a_c\,(b_c - \hat\mu_c) + \beta_c$$

    Source: Jacob et al. 2018, arXiv:1712.05877, section 3.2.
    Raises: PlaygroundError if `norm` has no running averages or another number of channels.
    """
    if norm.running_mean is None or norm.num_features != conv.out_channels:
        raise PlaygroundError(
            f"{norm} cannot be merged into {conv}: it needs running averages (track_running_stats=True) for each of "
            f"the {conv.out_channels} output channels."
        )
    merged = copy.deepcopy(conv)
    bias = torch.zeros_like(norm.running_mean) if conv.bias is None else conv.bias
    merged.weight = nn.Parameter(conv.weight * factor(norm)[:, None, None, None])
    merged.bias = nn.Parameter(factor(norm) * (bias - norm.running_mean) + norm.bias)
    return merged


def folded(network: nn.Sequential) -> nn.Sequential:
    """A copy in evaluation mode, every batch normalization merged into the convolution right before it.

    Raises: PlaygroundError if a normalization is not batch normalization or does not directly follow a convolution.
    """
    return nn.Sequential(
        *(_folded_block(part) if isinstance(part, nn.Sequential) else copy.deepcopy(part) for part in network)
    ).eval()


def _folded_block(block: nn.Sequential) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    previous = ""
    for name, part in block.named_children():
        if name != "norm":
            layers[name] = copy.deepcopy(part)
        elif previous == "conv" and isinstance(part, nn.BatchNorm2d) and isinstance(layers["conv"], nn.Conv2d):
            layers["conv"] = fold(layers["conv"], part)
        else:
            raise PlaygroundError(_refusal(part, previous))
        previous = name
    return nn.Sequential(layers)


def _refusal(norm: nn.Module, previous: str) -> str:
    if not isinstance(norm, nn.BatchNorm2d):
        return (
            f"{type(norm).__name__} computes its statistics from each image, in evaluation too, so fixed weights "
            "cannot replace it. Choose batch normalization."
        )
    between = {"activation": "an activation", "pool": "a pooling layer"}.get(previous)
    where = f"{between}, not a convolution, comes directly before it" if between else "its block begins with it"
    return (
        f"This batch normalization cannot be folded: {where}. Choose an order in which the normalization follows the "
        "convolution."
    )


VIEWS = ("Flatten",)  # layers whose output is their input seen with another shape: nothing is written


@dataclass(frozen=True)
class InferenceCost:
    """The cost of a network in evaluation mode for one image, by the calculator's profiler.

    calls: layers that run; params; macs, without normalization; cells: values that are normalized; output_bytes:
    that all layers write, views such as that of `Flatten` left out; peak_bytes: the largest amount of memory in use.
    """

    calls: int
    params: int
    macs: int
    cells: int
    output_bytes: int
    peak_bytes: int


def cost(network: nn.Module) -> InferenceCost:
    """Profile the network in evaluation mode; its mode is restored."""
    mode = network.training
    result: Profile = profile(network.eval(), (1, nets.SIDE, nets.SIDE))
    network.train(mode)
    cells = sum(math.prod(row.output_shape) for row in result.rows if row.kind == "BatchNorm2d")
    return InferenceCost(
        sum(row.called for row in result.rows),
        result.total_params,
        result.total_macs,
        cells,
        sum(row.output_bytes for row in result.rows if row.kind not in VIEWS),
        result.inference_peak_bytes,
    )


@dataclass(frozen=True)
class OutputDifference:
    """Outputs (logits) of both networks for the validation digits: the largest difference, the largest output, the
    number of digits with the same prediction, and of all digits."""

    difference: float
    largest: float
    same_predictions: int
    images: int


@torch.no_grad()
def compare(network: nn.Sequential, dtype: torch.dtype) -> OutputDifference:
    """The network and its folded copy in evaluation mode, folded and run in this precision."""
    x = nets.split()["validation"][0].to(dtype)
    plain = copy.deepcopy(network).to(dtype).eval()
    one, two = plain(x), folded(plain)(x)
    same = (one.argmax(1) == two.argmax(1)).sum().item()
    return OutputDifference((one - two).abs().max().item(), one.abs().max().item(), int(same), len(x))
