"""Pooling: one value per window. Every common kind; modules of our own where torch has none.

Shape suffixes: B batch, C channels, H and W height and width, K regions, D clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ShapeError
from core.knobs import HasKnobs, Knob


class StochasticPool2d(nn.Module):
    r"""Picks one value of each window at random, with probability proportional to it; in `eval()`, their expectation.

    $$p_i = \frac{a_i}{\sum_j a_j} \qquad \text{train: } a_l,\ l \sim p \qquad \text{eval: } \sum_i p_i a_i$$

    Input (B, C, H, W), not negative (it follows a ReLU); output (B, C, H', W'), no padding. A window of zeros gives 0.
    Raises: ShapeError where a value is negative.
    Source: Zeiler & Fergus 2013, arXiv:1301.3557.
    """

    def __init__(self, kernel_size: int, stride: int | None = None, generator: torch.Generator | None = None):
        super().__init__()
        self.kernel_size, self.stride, self.generator = kernel_size, stride or kernel_size, generator

    def forward(self, x_BCHW: Tensor) -> Tensor:
        if x_BCHW.numel() and x_BCHW.min() < 0:
            raise ShapeError(
                f"stochastic pooling got {x_BCHW.min().item():.3g}, but its inputs serve as probabilities: "
                "put a ReLU before it."
            )
        windows = x_BCHW.unfold(2, self.kernel_size, self.stride).unfold(3, self.kernel_size, self.stride)
        flat = windows.flatten(-2)  # (B, C, H', W', k * k)
        total = flat.sum(-1, keepdim=True)
        probability = torch.where(total > 0, flat / total.clamp_min(torch.finfo(flat.dtype).tiny), 1 / flat.shape[-1])
        if not self.training:
            return (probability * flat).sum(-1)
        picked = torch.multinomial(probability.detach().flatten(0, -2), 1, generator=self.generator)
        return flat.gather(-1, picked.view(*flat.shape[:-1], 1)).squeeze(-1)


class SpatialPyramidPool2d(nn.Module):
    r"""Divides the map into 1x1, 2x2, 4x4, ... bins and max-pools each: one length, whatever the input size.

    $$\text{length} = C \cdot \sum_{l} l^2$$

    Input (B, C, H, W), any H and W; output (B, C * sum of squared levels), level by level.
    Source: He, Zhang, Ren & Sun 2014, arXiv:1406.4729.

    >>> SpatialPyramidPool2d((1, 2, 4))(torch.rand(2, 3, 13, 17)).shape
    torch.Size([2, 63])
    """

    def __init__(self, levels: tuple[int, ...] = (1, 2, 4)):
        super().__init__()
        self.levels = levels

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return torch.cat([F.adaptive_max_pool2d(x_BCHW, level).flatten(1) for level in self.levels], dim=1)


class RoIPool2d(nn.Module):
    r"""Cuts regions out of a map and max-pools each to the same size.

    A region's edges are rounded to cells (both ends inclusive) and its bins run from floor to ceil, so that they cover
    it without a gap and may overlap by a cell, as Fast R-CNN does it.

    Input (B, C, H, W) and regions (K, 5): image index, left, top, right, bottom in image pixels. Output
    (K, C, output_size, output_size). `spatial_scale` is map cells per image pixel. A bin outside the map gives 0.
    Raises: ShapeError where the regions are not (K, 5) or refer to an image that is not there.
    Source: Girshick 2015, arXiv:1504.08083.
    """

    def __init__(self, output_size: int, spatial_scale: float = 1.0):
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale

    def bins(self, region: Tensor, height: int, width: int) -> list[tuple[int, int, int, int]]:
        """Top, bottom, left, right (ends exclusive) of each bin of one region, row by row."""
        left, top, right, bottom = (int((v * self.spatial_scale + 0.5).floor()) for v in region[1:].double())
        rows = self._bounds(top, bottom, height)
        columns = self._bounds(left, right, width)
        return [(*row, *column) for row in rows for column in columns]

    def _bounds(self, first: int, last: int, limit: int) -> list[tuple[int, int]]:
        length, count = max(last - first + 1, 1), self.output_size
        starts = [first + i * length // count for i in range(count)]
        ends = [first - (-(i + 1) * length // count) for i in range(count)]
        return [(min(max(a, 0), limit), min(max(b, 0), limit)) for a, b in zip(starts, ends, strict=True)]

    def forward(self, x_BCHW: Tensor, regions_K5: Tensor) -> Tensor:
        if regions_K5.ndim != 2 or regions_K5.shape[1] != 5:
            raise ShapeError(
                f"regions have shape {tuple(regions_K5.shape)}, but each needs (image index, left, top, right, bottom)."
            )
        if len(regions_K5) and not 0 <= int(regions_K5[:, 0].min()) <= int(regions_K5[:, 0].max()) < len(x_BCHW):
            raise ShapeError(f"a region refers to an image that is not among the {len(x_BCHW)} of the batch.")
        pooled = [self._pool(x_BCHW, region) for region in regions_K5]
        size = self.output_size
        return torch.stack(pooled) if pooled else x_BCHW.new_zeros(0, x_BCHW.shape[1], size, size)

    def _pool(self, x_BCHW: Tensor, region: Tensor) -> Tensor:
        x_CHW = x_BCHW[int(region[0])]
        maxima = [
            x_CHW[:, top:bottom, left:right].amax((1, 2))
            if bottom > top and right > left
            else x_CHW.new_zeros(len(x_CHW))
            for top, bottom, left, right in self.bins(region, *x_CHW.shape[1:])
        ]
        return torch.stack(maxima, 1).unflatten(1, (self.output_size, self.output_size))  # (C, s, s)


class NetVLAD(nn.Module):
    r"""Sums, for each learned centre, the residuals of the features assigned to it: a descriptor of texture.

    $$V_{k} = \sum_i \frac{e^{w_k^\top x_i + b_k}}{\sum_{k'} e^{w_{k'}^\top x_i + b_{k'}}} \, (x_i - c_k)$$

    The feature of each position is first scaled to length 1; each row of V is scaled to length 1, then all of it.
    Input (B, C, H, W), any H and W; output (B, clusters * C).
    Source: Arandjelovic et al. 2016, arXiv:1511.07247.
    """

    def __init__(self, channels: int, clusters: int = 4):
        super().__init__()
        self.assign = nn.Conv2d(channels, clusters, 1)
        self.centres = nn.Parameter(torch.empty(clusters, channels))
        nn.init.normal_(self.centres, std=channels**-0.5)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BCHW = F.normalize(x_BCHW, dim=1)
        assignment_BDN = self.assign(x_BCHW).flatten(2).softmax(1)
        x_BCN = x_BCHW.flatten(2)
        sums_BDC = torch.einsum("bdn,bcn->bdc", assignment_BDN, x_BCN)
        residual_BDC = sums_BDC - assignment_BDN.sum(2, keepdim=True) * self.centres
        return F.normalize(F.normalize(residual_BDC, dim=2).flatten(1), dim=1)


@dataclass(frozen=True)
class Pooling(HasKnobs):
    """One kind of pooling.

    `build(channels, **knobs)` gives a module from (B, C, H, W) to a map (B, C, H', W') or to a vector (B, length);
    for `regions`, from a map and regions (K, 5) to (K, C, s, s).
    """

    build: Callable[..., nn.Module]
    formula: str  # LaTeX, of one output value
    symbols: tuple[str, ...]  # what the letters of the formula stand for, beside y
    paper: str
    gives: Literal["map", "vector", "regions"] = "map"
    code: str = ""  # the PyTorch expression, with {knob} places
    knobs: Mapping[str, Knob] = field(default_factory=dict)


_KERNEL = Knob(2, 2, 8, help="Side length of the window, in cells.")
_STRIDE = Knob(2, 1, 8, help="Step from one window to the next, in cells.")
_WINDOW = {"kernel_size": _KERNEL, "stride": _STRIDE}
_OUTPUT = {"output_size": Knob(4, 1, 16, help="Side length of the output, whatever the input size.")}

_VALUES = ("$x_i$ = values in the window",)
_BINS = ("$x$ = input row of length $n$", "$m$ = output size")
_WHOLE = ("$x_{cij}$ = values of channel $c$", "$H$, $W$ = height and width")

POOLINGS: dict[str, Pooling] = {
    "Max": Pooling(
        lambda channels, **window: nn.MaxPool2d(**window),
        r"y = \max_{i \in \text{window}} x_i",
        _VALUES,
        "Weng, Ahuja & Huang 1992; Scherer et al. 2010",
        code="nn.MaxPool2d(kernel_size={kernel_size}, stride={stride})",
        knobs=_WINDOW,
    ),
    "Average": Pooling(
        lambda channels, **window: nn.AvgPool2d(**window),
        r"y = \frac{1}{k^2} \sum_{i \in \text{window}} x_i",
        (*_VALUES, "$k$ = kernel size"),
        "LeCun et al. 1990",
        code="nn.AvgPool2d(kernel_size={kernel_size}, stride={stride})",
        knobs=_WINDOW,
    ),
    "Overlapping max": Pooling(
        lambda channels, **window: nn.MaxPool2d(**window),
        r"y = \max_{i \in \text{window}} x_i,\quad s < k",
        (*_VALUES, "$k$ = kernel size", "$s$ = stride"),
        "Krizhevsky et al. 2012",
        code="nn.MaxPool2d(kernel_size={kernel_size}, stride={stride})",
        knobs={"kernel_size": replace(_KERNEL, default=3), "stride": replace(_STRIDE, high=7)},
    ),
    "Lp": Pooling(
        lambda channels, norm_type, **window: nn.LPPool2d(float(norm_type), **window),
        r"y = \Big(\sum_{i \in \text{window}} x_i^p\Big)^{1/p}",
        (*_VALUES, "$p$ = exponent"),
        "Sermanet, Chintala & LeCun 2012, arXiv:1204.3968",
        code="nn.LPPool2d(norm_type={norm_type}, kernel_size={kernel_size}, stride={stride})",
        knobs={
            "norm_type": Knob(2, 1, 8, label="Exponent p", help="1 is the sum, a large p close to the maximum."),
            **_WINDOW,
        },
    ),
    "Stochastic": Pooling(
        lambda channels, **window: StochasticPool2d(**window),
        r"y = x_l,\quad P(l) = x_l \big/ \textstyle\sum_j x_j",
        (*_VALUES, "$P(l)$ = probability of picking value $l$"),
        "Zeiler & Fergus 2013, arXiv:1301.3557",
        code="StochasticPool2d(kernel_size={kernel_size}, stride={stride})",
        knobs=_WINDOW,
    ),
    "Adaptive average": Pooling(
        lambda channels, output_size: nn.AdaptiveAvgPool2d(output_size),
        r"y_i = \operatorname{mean}\big(x_{\lfloor i n / m \rfloor} \ldots x_{\lceil (i+1) n / m \rceil - 1}\big)",
        _BINS,
        "torch.nn.AdaptiveAvgPool2d",
        code="nn.AdaptiveAvgPool2d({output_size})",
        knobs=_OUTPUT,
    ),
    "Adaptive max": Pooling(
        lambda channels, output_size: nn.AdaptiveMaxPool2d(output_size),
        r"y_i = \max\big(x_{\lfloor i n / m \rfloor} \ldots x_{\lceil (i+1) n / m \rceil - 1}\big)",
        _BINS,
        "torch.nn.AdaptiveMaxPool2d",
        code="nn.AdaptiveMaxPool2d({output_size})",
        knobs=_OUTPUT,
    ),
    "Global average": Pooling(
        lambda channels: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        r"y_c = \frac{1}{HW} \sum_{i,j} x_{cij}",
        _WHOLE,
        "Lin, Chen & Yan 2013, arXiv:1312.4400",
        gives="vector",
        code="nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())",
    ),
    "Global max": Pooling(
        lambda channels: nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten()),
        r"y_c = \max_{i,j} x_{cij}",
        _WHOLE,
        "Oquab et al. 2015",
        gives="vector",
        code="nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())",
    ),
    "Spatial pyramid": Pooling(
        lambda channels, levels: SpatialPyramidPool2d(tuple(2**level for level in range(levels))),
        r"\text{length} = C \sum_{l \in \{1, 2, 4, \ldots\}} l^2",
        ("$C$ = channels", "$l$ = bins per side of a level"),
        "He et al. 2014, arXiv:1406.4729",
        gives="vector",
        code="SpatialPyramidPool2d(levels=tuple(2**level for level in range({levels})))",
        knobs={"levels": Knob(3, 1, 4, help="1×1, then 2×2, then 4×4, then 8×8 bins.")},
    ),
    "NetVLAD": Pooling(
        lambda channels, clusters: NetVLAD(channels, clusters),
        r"V_k = \sum_i \operatorname{softmax}_k(w_k^\top x_i + b_k)\,(x_i - c_k)",
        ("$V_k$ = row of cluster $k$", "$w_k$, $b_k$, $c_k$ = its learned weight, bias and centre"),
        "Arandjelovic et al. 2016, arXiv:1511.07247",
        gives="vector",
        code="NetVLAD(channels, clusters={clusters})",
        knobs={"clusters": Knob(4, 1, 16)},
    ),
    "RoI": Pooling(
        lambda channels, output_size: RoIPool2d(output_size),
        r"y_{ij} = \max_{(u, v) \in \text{bin } (i, j)} x_{uv}",
        ("$x_{uv}$ = values of the map", "bin $(i, j)$ = row $i$, column $j$ of the divided region"),
        "Girshick 2015, arXiv:1504.08083",
        gives="regions",
        code="RoIPool2d(output_size={output_size})",
        knobs={"output_size": Knob(3, 1, 8)},
    ),
}
