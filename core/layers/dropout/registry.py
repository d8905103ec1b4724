"""Every dropout in one dict: the page, the networks of the training page and the tests iterate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

from core.knobs import Knob, Layer
from core.layers.dropout.activations import AlphaDropout, Dropout, SpatialDropout, StochasticDepth
from core.layers.dropout.blocks import Disout, DropBlock
from core.layers.dropout.weights import DropConnect


@dataclass(frozen=True)
class DropoutKind(Layer):
    """One kind of dropout.

    `on` says what it works on: the `signal`, a residual `branch` (B, ...), or the `weights` of a layer; a signal of any
    shape, or `maps` (B, C, H, W) only. `build(**knobs, generator=None)` gives a module that keeps the shape; on
    weights it is `build(layer, **knobs, generator=None)`, and the module takes the layer's place.
    """

    build: Callable[..., nn.Module]
    formula: str  # LaTeX, of the output in training
    symbols: str  # the legend of the formula
    paper: str
    drops: str
    scales: str
    code: str  # the PyTorch expression, with {knob} placeholders
    on: Literal["signal", "branch", "weights"] = "signal"
    maps: bool = False
    knobs: Mapping[str, Knob] = field(default_factory=dict)


def _p(default: float) -> Knob:
    return Knob(default, 0.0, 0.9, step=0.01, label="Drop probability p")


_PER_CHANNEL = Knob(True, label="Per channel", help="Independent blocks in each channel; off: the same in all.")
_DIVIDED = "kept values are divided by 1 − p"
_MASK = "$x$ = input, $y$ = output, $p$ = drop probability, $m$ = mask (1: kept, 0: dropped)"

DROPOUTS: dict[str, DropoutKind] = {
    "Dropout": DropoutKind(
        Dropout,
        r"y = \frac{m\,x}{1 - p},\quad m \sim \text{Bernoulli}(1 - p)",
        _MASK,
        "Srivastava et al. 2014; Hinton et al. 2012, arXiv:1207.0580",
        drops="single values",
        scales=_DIVIDED,
        code="nn.Dropout(p={p})",
        knobs={"p": _p(0.5)},
    ),
    "SpatialDropout": DropoutKind(
        SpatialDropout,
        r"y_{bchw} = \frac{m_{bc}\,x_{bchw}}{1 - p},\quad m_{bc} \sim \text{Bernoulli}(1 - p)",
        f"{_MASK}, $b$ = image, $c$ = channel, $h, w$ = row and column",
        "Tompson et al. 2015, arXiv:1411.4280",
        drops="whole channels",
        scales=_DIVIDED,
        code="nn.Dropout2d(p={p})",
        maps=True,
        knobs={"p": _p(0.3)},
    ),
    "DropBlock": DropoutKind(
        DropBlock,
        r"y = \frac{m\,x}{\overline{m}},\quad \gamma = \frac{p}{k^2}\,\frac{HW}{(H - k + 1)(W - k + 1)}",
        f"{_MASK}, $\\overline{{m}}$ = mean of the mask, $\\gamma$ = probability of a block to start at a cell, "
        "$k$ = block size, $H, W$ = height and width of the map",
        "Ghiasi, Lin & Le 2018, arXiv:1810.12890",
        drops="square blocks of neighbouring values",
        scales="kept values are divided by the share that was actually kept",
        code="DropBlock(p={p}, block_size={block_size}, per_channel={per_channel})",
        maps=True,
        knobs={
            "p": _p(0.1),
            "block_size": Knob(7, 1, 9, label="Block size", help="Side of a dropped square, in cells."),
            "per_channel": _PER_CHANNEL,
        },
    ),
    "Disout": DropoutKind(
        Disout,
        r"y = \frac{m\,x + (1 - m)\,\varepsilon}{\overline{m}},\quad \varepsilon = \alpha\,s\,\sigma_x\,\nu,\ "
        r"\nu \sim \mathcal{N}(0, 1)",
        f"{_MASK}, $\\overline{{m}}$ = mean of the mask, $\\varepsilon$ = noise, $\\alpha$ = its strength, $s$ = 0.01, "
        "$\\sigma_x$ = std of the maps, $\\nu$ = standard normal number; $\\gamma$ = probability of a block to start "
        "at a cell, $k$ = block size, $H, W$ = height and width of the map",
        "Tang et al. 2020, arXiv:2002.11022",
        drops="nothing: square blocks of neighbouring values become noise",
        scales="all values are divided by the share that was left unchanged",
        code="Disout(p={p}, block_size={block_size}, alpha={alpha}, per_channel={per_channel})",
        maps=True,
        knobs={
            "p": _p(0.1),
            "block_size": Knob(6, 1, 9, label="Block size", help="Side of a distorted square, in cells."),
            "alpha": Knob(1.0, 0.0, 100.0, step=1.0, label="Alpha", help="Strength of the noise."),
            "per_channel": _PER_CHANNEL,
        },
    ),
    "DropConnect": DropoutKind(
        DropConnect,
        r"y = \frac{(M \odot W)\,x + m \odot b}{1 - p},\quad M_{ij} \sim \text{Bernoulli}(1 - p)",
        "$W, b$ = weights and bias, $M, m$ = their masks (1: kept, 0: dropped), $x$ = input, $y$ = output, "
        "$p$ = drop probability, $\\odot$ = elementwise product",
        "Wan et al. 2013",
        drops="single weights and biases",
        scales="kept weights are divided by 1 − p",
        code="DropConnect(layer, p={p}, per_example={per_example})",
        on="weights",
        knobs={
            "p": _p(0.5),
            "per_example": Knob(
                False, label="Per example", help="A mask of its own for each image of the batch, as in the paper."
            ),
        },
    ),
    "StochasticDepth": DropoutKind(
        StochasticDepth,
        r"y_b = \frac{m_b\,f(x)_b}{1 - p},\quad m_b \sim \text{Bernoulli}(1 - p)",
        "$f(x)$ = output of the branch, $y$ = what is added to $x$ instead, $b$ = image, $p$ = drop probability, "
        "$m_b$ = 1: kept, 0: dropped",
        "Huang et al. 2016, arXiv:1603.09382",
        drops="the whole branch of a residual block, for some images",
        scales="kept branches are divided by 1 − p",
        code="StochasticDepth(p={p})",
        on="branch",
        knobs={"p": _p(0.2)},
    ),
    "AlphaDropout": DropoutKind(
        AlphaDropout,
        r"y = a\,\big(m\,x + (1 - m)\,\alpha'\big) + b,\quad \alpha' \approx -1.7581",
        f"{_MASK}, $\\alpha'$ = limit of SELU, $a, b$ = scale and shift that restore mean 0 and variance 1",
        "Klambauer et al. 2017, arXiv:1706.02515",
        drops="single values, which are set to the limit of SELU",
        scales="all values are scaled by a and shifted by b, which restores mean 0 and variance 1",
        code="nn.AlphaDropout(p={p})",
        knobs={"p": _p(0.1)},
    ),
}


def with_dropout(layer: nn.Module, name: str, generator: torch.Generator | None = None, **knobs: Any) -> nn.Module:
    """A layer with a dropout: around its weights, or after it. `knobs` replaces the defaults of the kind.

    Shapes: as the layer's. For `StochasticDepth` the layer is a residual branch, and the addition is the caller's.

    >>> with_dropout(nn.Conv2d(3, 8, 3), "SpatialDropout", p=0.2)
    Sequential(
      (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
      (1): SpatialDropout(p=0.2, inplace=False)
    )
    """
    kind = DROPOUTS[name]
    settings = kind.defaults | knobs
    if kind.on == "weights":
        return kind.build(layer, **settings, generator=generator)
    return nn.Sequential(layer, kind.build(**settings, generator=generator))
