"""Dropout of square blocks of a feature map: neighbours are dropped together, so they cannot stand in for each other.

Shape suffixes: B batch, C channels, H height, W width; O outputs of the layer that follows.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.layers.dropout.base import RandomMask, check_probability


def block_gamma(p: float, block_size: int, height: int, width: int) -> float:
    r"""Probability that a cell is the corner of a dropped block, so that about a share p of all cells is dropped.

    $$\gamma = \frac{p}{k^2} \cdot \frac{H\,W}{(H - k + 1)(W - k + 1)}$$

    Args: height and width in cells; a block larger than the map is cut to it. Blocks lie inside the map.
    Source: Ghiasi, Lin & Le 2018, arXiv:1810.12890, equation 1, where p is 1 - keep_prob.

    >>> block_gamma(0.1, 1, 8, 8)
    0.1
    """
    k = min(block_size, height, width)
    return p / k**2 * (height * width) / ((height - k + 1) * (width - k + 1))


def keep_probability(gamma: float, block_size: int, height: int, width: int) -> Tensor:
    r"""Probability of each cell to be kept: no block that covers it is dropped. (H, W) float64.

    $$P(m_{ij} = 1) = (1 - \gamma)^{n_{ij}}$$

    n is the number of blocks that cover the cell: k^2 in the centre, fewer near the border, which is kept more often.
    """
    k = min(block_size, height, width)
    rows, columns = (torch.arange(side) for side in (height, width))
    covering_rows = torch.minimum(rows, torch.tensor(height - k)) - (rows - k + 1).clamp_min(0) + 1
    covering_columns = torch.minimum(columns, torch.tensor(width - k)) - (columns - k + 1).clamp_min(0) + 1
    return (1 - gamma) ** (covering_rows[:, None] * covering_columns).double()


class DropBlock(RandomMask, nn.Module):
    r"""Sets blocks of k x k cells to 0, and divides the kept cells by the share that is kept.

    $$y = \frac{m\,x}{\overline{m}}, \qquad \gamma = \frac{p}{k^2} \cdot \frac{H\,W}{(H - k + 1)(W - k + 1)}$$

    Each of the (H - k + 1)(W - k + 1) positions of a block is dropped with probability gamma, in each channel
    independently or, with `per_channel=False`, in all channels of an image alike. The bar is the mean over the mask of
    the batch. Two things hold only approximately: blocks overlap, so somewhat less than p is dropped; and cells near
    the border lie in fewer blocks, so their expectation is above x and that of the centre below. The mean of the whole
    mask's factors is always 1.

    (B, C, H, W) in and out. In evaluation y is x. If no cell is kept, y is 0.
    Raises: PlaygroundError unless 0 <= p < 1 and block_size is at least 1.
    Source: Ghiasi, Lin & Le 2018, arXiv:1810.12890, algorithm 1.
    """

    def __init__(
        self, p: float = 0.1, block_size: int = 7, per_channel: bool = True, generator: torch.Generator | None = None
    ):
        super().__init__()
        if block_size < 1:
            raise PlaygroundError(f"A block of {block_size} cells drops nothing: choose a block_size of at least 1.")
        self.p, self.generator = check_probability(p), generator
        self.block_size, self.per_channel = block_size, per_channel

    def mask(self, x_BCHW: Tensor) -> Tensor:
        """1 where a cell is kept, else 0: (B, C, H, W), or (B, 1, H, W) where the channels share it."""
        batch, channels, height, width = x_BCHW.shape
        k = min(self.block_size, height, width)
        corners = (batch, channels if self.per_channel else 1, height - k + 1, width - k + 1)
        dropped_corners = self.sample_mask(corners, x_BCHW, block_gamma(self.p, k, height, width))
        return 1 - F.max_pool2d(F.pad(dropped_corners, (k - 1,) * 4), k, stride=1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x_BCHW
        mask = self.mask(x_BCHW)
        return x_BCHW * mask / kept_share(mask)

    def extra_repr(self) -> str:
        return f"p={self.p}, block_size={self.block_size}, per_channel={self.per_channel}"


class Disout(DropBlock):
    r"""Replaces blocks by noise, whose standard deviation is in proportion to that of the map.

    $$y = \frac{m\,x + (1 - m)\,\varepsilon}{\overline{m}}, \qquad
    \varepsilon = \alpha\,s_c\,\sigma(x)\,\nu, \quad \nu \sim \mathcal{N}(0, 1)$$

    Blocks are chosen as in `DropBlock`. s is 0.01; where the next layer's weight (O, C, kh, kw) is given as
    `following`, it is that weight's largest value over the outputs, with a random sign at each position of the kernel,
    averaged over the kernel: a sample of the bound on the next layer's Rademacher complexity. For a 1x1 kernel it is
    divided by 10.
    The noise is symmetric, so the expectation is that of `DropBlock`; no gradient flows through it.

    (B, C, H, W) in and out. In evaluation y is x.
    Raises: PlaygroundError unless 0 <= p < 1 and block_size is at least 1.
    Source: Tang et al. 2020, arXiv:2002.11022, in the form that its authors published as code.
    """

    def __init__(
        self,
        p: float = 0.1,
        block_size: int = 6,
        alpha: float = 1.0,
        per_channel: bool = True,
        following: Tensor | None = None,
        generator: torch.Generator | None = None,
    ):
        super().__init__(p, block_size, per_channel, generator)
        self.alpha = alpha
        self.following = () if following is None else (following,)  # a tuple, or it would be registered as a parameter

    def strength(self, x_BCHW: Tensor) -> Tensor | float:
        """The s of the formula: a number, or one per channel (1, C, 1, 1)."""
        if not self.following:
            return 0.01
        largest = self.following[0].detach().amax(0, keepdim=True).to(x_BCHW)  # (1, C, kh, kw)
        signs = 2 * self.sample_mask(largest.shape, largest, 0.5) - 1
        return (largest * signs).mean((2, 3), keepdim=True) * (0.1 if largest.shape[-1] == 1 else 1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x_BCHW
        mask = self.mask(x_BCHW)
        noise = self.alpha * self.strength(x_BCHW) * x_BCHW.detach().std() * self.sample_normal(x_BCHW)
        return (x_BCHW * mask + noise * (1 - mask)) / kept_share(mask)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, alpha={self.alpha}"


def kept_share(mask: Tensor) -> Tensor:
    """The share of ones; 1 where there are none, so that 0 divided by it stays 0."""
    share = mask.mean(dtype=torch.float32)  # the sum of many ones is not exact in 16 bits
    return torch.where(share > 0, share, torch.ones_like(share)).to(mask.dtype)
