"""Normalizations: which cells of (B, C, H, W) share a mean and a variance. One entry each; cube, page, tests follow.

Each module here computes its statistics in one line and follows its paper; PyTorch's own are used where they
exist. Shape suffixes: B batch, C channels, H height, W width; O and I are a weight's outputs and inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.knobs import Knob, Layer


class ChannelLayerNorm(nn.Module):
    r"""LayerNorm over the channels of each position, as in ConvNeXt and transformers.

    $$y = \frac{x - \mu_{nhw}}{\sqrt{\sigma^2_{nhw} + \epsilon}}\,\gamma_c + \beta_c$$

    (B, C, H, W) in and out. Source: Ba et al. 2016, arXiv:1607.06450; Liu et al. 2022, arXiv:2201.03545.
    """

    def __init__(self, num_channels: int, eps: float = 1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_channels))
        self.bias = nn.Parameter(torch.zeros(num_channels))
        self.eps = eps

    def forward(self, x_BCHW: Tensor) -> Tensor:
        x_BHWC = x_BCHW.movedim(1, -1)
        return F.layer_norm(x_BHWC, self.weight.shape, self.weight, self.bias, self.eps).movedim(-1, 1)


class BatchInstanceNorm2d(nn.Module):
    r"""A learned mixture, channel by channel, of batch and instance normalization.

    $$y = \big(\rho_c\,\hat x^{\text{BN}} + (1 - \rho_c)\,\hat x^{\text{IN}}\big)\,\gamma_c + \beta_c$$

    (B, C, H, W) in and out. `rho` is learned and clamped to [0, 1]; it starts at `rho`, 1 in the paper. In evaluation
    the batch part uses its running averages, the instance part is as in training.
    Raises: ValueError, as PyTorch does, if a channel has a single value to normalize.
    Source: Nam & Kim 2018, arXiv:1805.07925.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, rho: float = 1.0):
        super().__init__()
        self.batch = nn.BatchNorm2d(num_features, eps=eps, affine=False)
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.rho = nn.Parameter(torch.full((num_features,), float(rho)))
        self.eps = eps

    def forward(self, x_BCHW: Tensor) -> Tensor:
        rho_C11 = self.rho.clamp(0, 1)[:, None, None]
        instance = F.instance_norm(x_BCHW, eps=self.eps)
        mixed = rho_C11 * self.batch(x_BCHW) + (1 - rho_C11) * instance
        return mixed * self.weight[:, None, None] + self.bias[:, None, None]


class WeightStandardization(nn.Module):
    r"""Normalizes the weight of a convolution instead of the signal, per output channel.

    $$\hat w = \frac{w - \mu_o}{\sqrt{\sigma^2_o + \epsilon}}$$

    (O, I, H, W) in and out; no parameters. Put it on a layer with
    `nn.utils.parametrize.register_parametrization(conv, "weight", WeightStandardization())`.
    Source: Qiao et al. 2019, arXiv:1903.10520.
    """

    def __init__(self, eps: float = 1e-5):
        super().__init__()
        self.eps = eps

    def forward(self, weight_OIHW: Tensor) -> Tensor:
        return F.layer_norm(weight_OIHW, weight_OIHW.shape[1:], eps=self.eps)


_STANDARD = r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta"
_SYMBOLS = (
    r"$x$ = input, $y$ = output, $\mu, \sigma^2$ = mean and variance of the cells that share statistics, "
    r"$\epsilon$ = a small constant, $\gamma, \beta$ = weight and bias of the channel, both learned"
)


@dataclass(frozen=True)
class NormalizationKind(Layer):
    """One way to normalize (B, C, H, W).

    `shares` names the axes along which cells share their statistics, of "NCHW"; "G" stands for the channels of one
    group. Two of them are two sets of statistics, blended by the knob `rho`. `affine` says which parameters follow:
    "both" gamma and beta, "scale" gamma only, "" none. `build(channels, height, width, eps, **knobs)` gives a module.
    """

    build: Callable[..., nn.Module]
    shares: tuple[str, ...]
    paper: str
    code: str  # the expression, with placeholders {channels}, {height}, {width}, {eps} and the knobs
    shares_with: str  # after "each cell shares with"
    formula: str = _STANDARD  # LaTeX, of one cell
    symbols: str = _SYMBOLS  # the legend of the formula
    centred: bool = True
    affine: str = "both"
    on_weights: bool = False
    knobs: Mapping[str, Knob] = field(default_factory=dict)

    @property
    def takes_any_size(self) -> bool:
        """Whether one module serves maps of any height and width."""
        return not self.on_weights and "{height}" not in self.code


_GROUPS = Knob(1, 1, 8, label="G: groups", help="The number of channels has to be divisible by it.")
_RHO = Knob(0.5, 0.0, 1.0, step=0.05, label="Rho ρ (share of batch statistics)")

NORMALIZATIONS: dict[str, NormalizationKind] = {
    "Batch": NormalizationKind(
        lambda c, h, w, eps: nn.BatchNorm2d(c, eps=eps),
        ("NHW",),
        "Ioffe & Szegedy 2015, arXiv:1502.03167",
        "nn.BatchNorm2d({channels}, eps={eps})",
        "its whole channel, in every image of the batch",
    ),
    "Layer": NormalizationKind(
        lambda c, h, w, eps: nn.LayerNorm((c, h, w), eps=eps),
        ("CHW",),
        "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
        "nn.LayerNorm(({channels}, {height}, {width}), eps={eps})",
        "everything in its own image",
    ),
    "Instance": NormalizationKind(
        lambda c, h, w, eps: nn.InstanceNorm2d(c, eps=eps, affine=True),
        ("HW",),
        "Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
        "nn.InstanceNorm2d({channels}, eps={eps}, affine=True)",
        "its own channel of its own image",
    ),
    "Group": NormalizationKind(
        lambda c, h, w, eps, groups: nn.GroupNorm(groups, c, eps=eps),
        ("GHW",),
        "Wu & He 2018, arXiv:1803.08494",
        "nn.GroupNorm({groups}, {channels}, eps={eps})",
        "the channels of its group, in its own image",
        knobs={"groups": _GROUPS},
    ),
    "RMS": NormalizationKind(
        lambda c, h, w, eps: nn.RMSNorm((c, h, w), eps=eps),
        ("CHW",),
        "Zhang & Sennrich 2019, arXiv:1910.07467",
        "nn.RMSNorm(({channels}, {height}, {width}), eps={eps})",
        "everything in its own image; no mean is subtracted",
        r"y = \frac{x}{\sqrt{\overline{x^2} + \epsilon}}\,\gamma",
        r"$x$ = input, $y$ = output, $\overline{x^2}$ = mean square of the image, $\epsilon$ = a small constant, "
        r"$\gamma$ = learned weight",
        centred=False,
        affine="scale",
    ),
    "Layer, channels only": NormalizationKind(
        lambda c, h, w, eps: ChannelLayerNorm(c, eps=eps),
        ("C",),
        "Ba et al. 2016, arXiv:1607.06450; in ConvNeXt: Liu et al. 2022, arXiv:2201.03545",
        "ChannelLayerNorm({channels}, eps={eps})",
        "the channels at its own position",
    ),
    "Batch-instance": NormalizationKind(
        lambda c, h, w, eps, rho: BatchInstanceNorm2d(c, eps=eps, rho=rho),
        ("NHW", "HW"),
        "Nam & Kim 2018, arXiv:1805.07925",
        "BatchInstanceNorm2d({channels}, eps={eps}, rho={rho})",
        "its channel in all images and, highlighted more strongly, in its own image",
        r"y = \left(\rho\,\frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}} + (1 - \rho)\,"
        r"\frac{x - \mu_I}{\sqrt{\sigma_I^2 + \epsilon}}\right)\gamma + \beta",
        r"$\mu_B, \sigma_B^2$ = mean and variance of the channel in the batch, $\mu_I, \sigma_I^2$ = in its image, "
        r"$\rho$ = learned share, $\epsilon$ = a small constant, $\gamma, \beta$ = learned weight and bias",
        knobs={"rho": _RHO},
    ),
    "Weight standardization": NormalizationKind(
        lambda c, h, w, eps: WeightStandardization(eps=eps),
        ("CHW",),
        "Qiao et al. 2019, arXiv:1903.10520",
        "WeightStandardization(eps={eps})",
        "all weights of its own output channel (here the axes are those of a kernel: O, I, H, W)",
        r"\hat w = \frac{w - \mu}{\sqrt{\sigma^2 + \epsilon}}",
        r"$w$ = weight, $\mu, \sigma^2$ = mean and variance of all weights of its output channel, "
        r"$\epsilon$ = a small constant",
        affine="",
        on_weights=True,
    ),
}
