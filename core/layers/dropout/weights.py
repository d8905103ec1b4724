"""Dropout of connections: the weights of a layer are dropped, not its values."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from core.layers.dropout.base import RandomMask, check_probability


class DropConnect(RandomMask, nn.Module):
    r"""A layer whose weights and biases are each dropped with probability p, and divided by 1 - p where kept.

    $$y = \frac{(M \odot W)\,x + m \odot b}{1 - p}, \qquad M_{ij}, m_i \sim \text{Bernoulli}(1 - p)$$

    Same input and output as `layer`; the expectation of y is the layer's own output, which is y in
    evaluation. `per_example`, as in the paper, draws a mask for each image of the batch and costs as many times the
    memory of the weights; otherwise the batch shares one. The paper samples in evaluation, from a normal distribution
    with the moments of `preactivation_moments`.
    Raises: PlaygroundError unless 0 <= p < 1.
    Source: Wan et al. 2013, Regularization of Neural Networks using DropConnect.
    """

    def __init__(
        self, layer: nn.Module, p: float = 0.5, per_example: bool = False, generator: torch.Generator | None = None
    ):
        super().__init__()
        self.layer, self.p, self.per_example, self.generator = layer, check_probability(p), per_example, generator

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return self.layer(x)
        if self.per_example:
            return vmap(self._forward_one)(x, self.masked_parameters((len(x),)))
        return functional_call(self.layer, self.masked_parameters(), (x,))

    def masked_parameters(self, examples: tuple[int, ...] = ()) -> dict[str, Tensor]:
        """The layer's parameters, masked and scaled, with a leading axis for the examples if given."""
        return {
            name: value * self.sample_mask((*examples, *value.shape), value).div_(self.keep)
            for name, value in self.layer.named_parameters()
        }

    def _forward_one(self, x: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        """One example through weights of its own."""
        return functional_call(self.layer, parameters, (x[None],))[0]

    def extra_repr(self) -> str:
        return f"p={self.p}, per_example={self.per_example}"


@torch.no_grad()
def preactivation_moments(dropped: DropConnect, x: Tensor) -> tuple[Tensor, Tensor]:
    r"""Mean and variance, over all masks, of the output of a linear layer or a convolution in training.

    $$\operatorname{E} y = W x + b, \qquad
    \operatorname{Var} y = \frac{p}{1 - p}\,\big((W \odot W)(x \odot x) + b \odot b\big)$$

    Shapes: both as the layer's output.
    Source: Wan et al. 2013, section 3.2, with the scaling moved from evaluation to training.
    """
    squares = {name: value**2 for name, value in dropped.layer.named_parameters()}
    return dropped.layer(x), dropped.p / dropped.keep * functional_call(dropped.layer, squares, (x**2,))
