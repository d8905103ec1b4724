"""Dropout of activations: single values, whole channels, whole branches, and the kind made for SELU.

Without a generator of their own these are PyTorch's modules; with one they draw the same masks from it.
Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.layers.dropout.base import RandomMask, check_probability

ALPHA = -1.7580993408473766  # limit of SELU at minus infinity: -1.0507 * 1.6733


class PyTorchsDropout(RandomMask, nn.Module):
    """One of PyTorch's modules, which is the next base; with a generator of its own the masks come from that.

    Raises: PlaygroundError unless 0 <= p < 1.
    """

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None):
        super().__init__(check_probability(p))
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        if self.generator is None or not self.training:
            return super().forward(x)
        return self.masked(x, self.mask(x))

    def masked(self, x: Tensor, mask: Tensor) -> Tensor:
        return x * mask.div_(self.keep)

    def mask(self, x: Tensor) -> Tensor:
        """1 where a value is kept, else 0; the shape of x."""
        return self.sample_mask(x.shape, x)


class Dropout(PyTorchsDropout, nn.Dropout):
    r"""Sets each value to 0 with probability p, and divides the kept ones by 1 - p.

    $$y = \frac{m\,x}{1 - p}, \qquad m \sim \text{Bernoulli}(1 - p)$$

    Any shape in, the same out; the expectation of y is x. In evaluation y is x.
    Source: Srivastava et al. 2014; Hinton et al. 2012, arXiv:1207.0580.
    """


class SpatialDropout(PyTorchsDropout, nn.Dropout2d):
    r"""Sets whole channels to 0 with probability p, since neighbours in a map are strongly correlated.

    $$y_{bchw} = \frac{m_{bc}\,x_{bchw}}{1 - p}, \qquad m_{bc} \sim \text{Bernoulli}(1 - p)$$

    (B, C, H, W) in and out; the expectation of y is x. In evaluation y is x. The same as `nn.Dropout2d`.
    Source: Tompson et al. 2015, arXiv:1411.4280.
    """

    def mask(self, x: Tensor) -> Tensor:
        """1 where a channel is kept, else 0: (B, C, 1, 1)."""
        return self.sample_mask((*x.shape[:2], 1, 1), x)


class StochasticDepth(RandomMask, nn.Module):
    r"""Drops a residual branch with probability p, independently for each image of the batch.

    $$y_b = \frac{m_b\,f(x)_b}{1 - p}, \qquad m_b \sim \text{Bernoulli}(1 - p), \qquad \text{block: } x + y$$

    Place it after the branch f, before the addition: (B, ...) in and out; the expectation of y is f(x). In evaluation y
    is f(x). The paper scales in evaluation instead, and lets p grow with depth.
    Raises: PlaygroundError unless 0 <= p < 1.
    Source: Huang et al. 2016, arXiv:1603.09382.
    """

    def __init__(self, p: float = 0.2, generator: torch.Generator | None = None):
        super().__init__()
        self.p, self.generator = check_probability(p), generator

    def forward(self, branch: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return branch
        return branch * self.mask(branch).div_(self.keep)

    def mask(self, branch: Tensor) -> Tensor:
        """1 where an image's branch is kept, else 0: (B, 1, ...)."""
        return self.sample_mask((len(branch), *(1 for _ in branch.shape[1:])), branch)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class AlphaDropout(PyTorchsDropout, nn.AlphaDropout):
    r"""Sets values not to 0 but to the limit of SELU, then scales and shifts all to restore mean 0 and variance 1.

    $$y = a\,\big(m\,x + (1 - m)\,\alpha'\big) + b, \qquad a = \frac{1}{\sqrt{q + \alpha'^2 q\,(1 - q)}}, \qquad
    b = -a\,(1 - q)\,\alpha'$$

    with q = 1 - p and alpha' = -1.7581. Any shape in, the same out. What is preserved are mean and variance of
    values whose mean is 0 and variance 1; a single value's expectation is a q x. In evaluation y is x.
    Source: Klambauer et al. 2017, arXiv:1706.02515.
    """

    def __init__(self, p: float = 0.1, generator: torch.Generator | None = None):
        super().__init__(p, generator)

    def masked(self, x: Tensor, mask: Tensor) -> Tensor:
        scale, shift = alpha_affine(self.p)
        offset = (mask - 1).mul_(-ALPHA * scale).add_(shift)  # in PyTorch's order, so that the last bits agree as well
        return x * mask.mul(scale) + offset


def alpha_affine(p: float) -> tuple[float, float]:
    """The a and b of `AlphaDropout`.

    >>> alpha_affine(0.0)
    (1.0, 0.0)
    """
    keep = 1 - p
    scale = (keep + ALPHA**2 * keep * p) ** -0.5
    return scale, -scale * p * ALPHA
