"""A batch normalization in evaluation is one multiplication and one addition a channel: the convolution can do both."""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.lessons.normalization.effects import network as nets
from core.profiler import Profile, profile


def factor(norm: nn.BatchNorm2d) -> Tensor:
    r"""By what each output channel of the convolution before is multiplied, (C,).

    $$a_c = \frac{\gamma_c}{\sqrt{\hat\sigma^2_c + \epsilon}}$$
    """
    return norm.weight / torch.sqrt(norm.running_var + norm.eps)


@torch.no_grad()
def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    r"""One convolution that gives what `norm` in evaluation gives behind `conv`.

    $$w'_c = a_c\, w_c, \qquad b'_c = a_c\,(b_c - \hat\mu_c) + \beta_c$$

    The two stay as they are. Source: Jacob et al. 2018, arXiv:1712.05877, section 3.2.
    Raises: PlaygroundError if `norm` keeps no running averages, or does not fit.
    """
    if norm.running_mean is None or norm.num_features != conv.out_channels:
        raise PlaygroundError(
            f"{norm} cannot be merged into {conv}: it needs running averages (track_running_stats=True), one for each "
            f"of the {conv.out_channels} output channels."
        )
    merged = copy.deepcopy(conv)
    bias = torch.zeros_like(norm.running_mean) if conv.bias is None else conv.bias
    merged.weight = nn.Parameter(conv.weight * factor(norm)[:, None, None, None])
    merged.bias = nn.Parameter(factor(norm) * (bias - norm.running_mean) + norm.bias)
    return merged


def folded(network: nn.Sequential) -> nn.Sequential:
    """A copy in evaluation mode, every batch normalization merged into the convolution right before it.

    Raises: PlaygroundError where something else than a convolution comes right before, or it is not of a batch.
    """
    return nn.Sequential(
        *(_folded_block(part) if isinstance(part, nn.Sequential) else copy.deepcopy(part) for part in network)
    ).eval()


def _folded_block(block: nn.Sequential) -> nn.Sequential:
    found: OrderedDict[str, nn.Module] = OrderedDict()
    before = ""
    for name, part in block.named_children():
        if name != "norm":
            found[name] = copy.deepcopy(part)
        elif before == "conv" and isinstance(part, nn.BatchNorm2d):
            found["conv"] = fold(found["conv"], part)
        else:
            raise PlaygroundError(_refusal(part, before))
        before = name
    return nn.Sequential(found)


def _refusal(norm: nn.Module, before: str) -> str:
    if not isinstance(norm, nn.BatchNorm2d):
        return (
            f"{type(norm).__name__} takes its statistics from the picture itself, in evaluation too: no fixed weight "
            "can stand for it. Choose batch normalization."
        )
    where = {"activation": "an activation stands", "pool": "a pooling stands", "": "nothing stands"}[before]
    return (
        f"This batch normalization cannot be merged into a convolution before it: {where} between the two or in its "
        "place. Choose an order in which the normalization follows the convolution."
    )


@dataclass(frozen=True)
class Cost:
    """What a network in evaluation costs for one picture, by the calculator's profiler.

    calls: layers that run; params; macs, which leave normalization out; cells: values that a normalization multiplies
    and adds to; output_bytes: of all layers' outputs; peak_bytes: the most held at once.
    """

    calls: int
    params: int
    macs: int
    cells: int
    output_bytes: int
    peak_bytes: int


def cost(network: nn.Module) -> Cost:
    """Profile the network in evaluation mode; its own mode is left as it was."""
    was = network.training
    found: Profile = profile(network.eval(), (1, nets.SIDE, nets.SIDE))
    network.train(was)
    cells = sum(_cells(row.output_shape) for row in found.rows if row.kind == "BatchNorm2d")
    return Cost(
        sum(row.called for row in found.rows),
        found.total_params,
        found.total_macs,
        cells,
        found.output_bytes,
        found.inference_peak_bytes,
    )


def _cells(shape: tuple[int, ...]) -> int:
    return torch.Size(shape).numel()


@dataclass(frozen=True)
class Comparison:
    """Answers (logits) of both networks to the held-out digits: the largest difference, how large the answers are,
    how many digits both name alike, and of how many."""

    difference: float
    largest: float
    alike: int
    of: int


@torch.no_grad()
def compare(network: nn.Sequential, dtype: torch.dtype) -> Comparison:
    """The network and its folded copy, both in evaluation mode and, from the folding on, in this precision."""
    x = nets.split()["held out"][0].to(dtype)
    plain = copy.deepcopy(network).to(dtype).eval()
    one, two = plain(x), folded(plain)(x)
    alike = (one.argmax(1) == two.argmax(1)).sum().item()
    return Comparison((one - two).abs().max().item(), one.abs().max().item(), int(alike), len(x))
