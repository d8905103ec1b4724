"""Activation functions: the non-linearity between two linear layers. One entry each, the rest follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn

from core.knobs import Knob, Layer


class Swish(nn.Module):
    r"""SiLU with a learnable `beta`; at beta = 1 it is `nn.SiLU`.

    $$x \cdot \sigma(\beta x)$$

    Any shape in, same shape out; one parameter, `beta`.
    Source: Ramachandran, Zoph & Le 2017, arXiv:1710.05941.
    """

    def __init__(self, beta: float = 1.0):
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(float(beta)))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.beta * x)


class Maxout(nn.Module):
    r"""The largest of several learned lines, elementwise.

    $$\max_i \,(w_i x + b_i)$$

    Any shape in, same shape out; `pieces` slopes and offsets are learned. It starts convex, with two pieces as ReLU.
    Where lines tie, as at a kink, each gets an equal share of the gradient.
    Source: Goodfellow et al. 2013, arXiv:1302.4389 (there each line reads all channels).
    """

    def __init__(self, pieces: int = 2):
        super().__init__()
        slope = torch.linspace(0, 1, pieces)
        self.slope = nn.Parameter(slope)
        self.offset = nn.Parameter(slope * (1 - slope) / 2)

    def forward(self, x: Tensor) -> Tensor:
        axes = (-1, *[1] * x.dim())  # pieces first: whole maps are contiguous, which is fastest
        return (self.slope.view(axes) * x + self.offset.view(axes)).amax(0)


@dataclass(frozen=True)
class Activation(Layer):
    """One activation: elementwise, any shape in, same shape out.

    `saturates` says on which side its slope goes to 0.
    """

    build: Callable[..., nn.Module]
    formula: str  # LaTeX, y of x
    paper: str
    code: str  # the PyTorch expression, with {knob} places
    saturates: Literal["no", "left", "right", "both"] = "no"
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()  # what the letters of the formula stand for, beside x and y


ACTIVATIONS: dict[str, Activation] = {
    "Sigmoid": Activation(
        nn.Sigmoid, r"\frac{1}{1 + e^{-x}}", "Rumelhart, Hinton & Williams 1986", "nn.Sigmoid()", "both"
    ),
    "Tanh": Activation(
        nn.Tanh, r"\frac{e^x - e^{-x}}{e^x + e^{-x}}", "LeCun et al. 1998, Efficient BackProp", "nn.Tanh()", "both"
    ),
    "ReLU": Activation(nn.ReLU, r"\max(0, x)", "Nair & Hinton 2010", "nn.ReLU()", "left"),
    "ReLU6": Activation(
        nn.ReLU6, r"\min(\max(0, x), 6)", "Krizhevsky 2010, Convolutional Deep Belief Networks", "nn.ReLU6()", "both"
    ),
    "LeakyReLU": Activation(
        nn.LeakyReLU,
        r"\max(0, x) + \alpha \min(0, x)",
        "Maas, Hannun & Ng 2013",
        "nn.LeakyReLU({negative_slope})",
        knobs={"negative_slope": Knob(0.01, 0.0, 1.0, step=0.01)},
        symbols=(r"$\alpha$ = negative slope",),
    ),
    "PReLU": Activation(
        nn.PReLU,
        r"\max(0, x) + a \min(0, x)",
        "He et al. 2015, arXiv:1502.01852",
        "nn.PReLU(init={init})",
        knobs={"init": Knob(0.25, -0.5, 1.0, step=0.01, label="Initial slope", help="Training changes it from here.")},
        symbols=("$a$ = learned slope",),
    ),
    "ELU": Activation(
        nn.ELU,
        r"\max(0, x) + \min(0, \alpha (e^x - 1))",
        "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289",
        "nn.ELU({alpha})",
        "left",
        {"alpha": Knob(1.0, 0.1, 3.0, step=0.1)},
        (r"$\alpha$ = depth on the negative side",),
    ),
    "CELU": Activation(
        nn.CELU,
        r"\max(0, x) + \min(0, \alpha (e^{x / \alpha} - 1))",
        "Barron 2017, arXiv:1704.07483",
        "nn.CELU({alpha})",
        "left",
        {"alpha": Knob(1.0, 0.1, 3.0, step=0.1)},
        (r"$\alpha$ = depth on the negative side",),
    ),
    "SELU": Activation(
        nn.SELU,
        r"1.0507 \cdot (\max(0, x) + \min(0, 1.6733 (e^x - 1)))",
        "Klambauer et al. 2017, arXiv:1706.02515",
        "nn.SELU()",
        "left",
    ),
    "SiLU (Swish)": Activation(
        Swish,
        r"x \cdot \sigma(\beta x)",
        "Ramachandran, Zoph & Le 2017, arXiv:1710.05941; Elfwing et al. 2017",
        "Swish(beta={beta})",
        "left",
        {"beta": Knob(1.0, 0.1, 5.0, step=0.1, help="Towards 0 a line of slope 1/2, towards infinity ReLU.")},
        (r"$\sigma$ = sigmoid", r"$\beta$ = learnable slope"),
    ),
    "Hardswish": Activation(
        nn.Hardswish,
        r"x \cdot \frac{\min(\max(0, x + 3), 6)}{6}",
        "Howard et al. 2019, arXiv:1905.02244",
        "nn.Hardswish()",
        "left",
    ),
    "Hardsigmoid": Activation(
        nn.Hardsigmoid,
        r"\frac{\min(\max(0, x + 3), 6)}{6}",
        "Howard et al. 2019, arXiv:1905.02244",
        "nn.Hardsigmoid()",
        "both",
    ),
    "GELU": Activation(
        nn.GELU,
        r"x \cdot \Phi(x)",
        "Hendrycks & Gimpel 2016, arXiv:1606.08415",
        'nn.GELU(approximate="{approximate}")',
        "left",
        {"approximate": Knob("none", choices=("none", "tanh"))},
        (r"$\Phi$ = cumulative distribution function of the standard normal distribution",),
    ),
    "Mish": Activation(nn.Mish, r"x \cdot \tanh(\ln(1 + e^x))", "Misra 2019, arXiv:1908.08681", "nn.Mish()", "left"),
    "Softplus": Activation(
        nn.Softplus,
        r"\tfrac{1}{\beta} \ln(1 + e^{\beta x})",
        "Dugas et al. 2000",
        "nn.Softplus(beta={beta})",
        "left",
        {"beta": Knob(1.0, 0.5, 5.0, step=0.5)},
        (r"$\beta$ = sharpness of the bend",),
    ),
    "Softsign": Activation(nn.Softsign, r"\frac{x}{1 + |x|}", "Turian et al. 2009", "nn.Softsign()", "both"),
    "Maxout": Activation(
        Maxout,
        r"\max_i\,(w_i x + b_i)",
        "Goodfellow et al. 2013, arXiv:1302.4389",
        "Maxout(pieces={pieces})",
        "left",
        {"pieces": Knob(2, 2, 5, help="Number of lines; more of them fit any convex curve more closely.")},
        ("$w_i$, $b_i$ = learned slopes and offsets",),
    ),
}


def value_and_slope(activation: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """y and dy/dx of an elementwise module at each x (N,), the slope by autograd and not by a second formula."""
    x = x.detach().requires_grad_()
    y = activation(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach(), slope


def code_of(name: str, knobs: Mapping[str, object]) -> str:
    """The expression that builds an entry with these knobs.

    >>> code_of("ELU", {"alpha": 2.0})
    'nn.ELU(2.0)'
    """
    return ACTIVATIONS[name].code.format(**knobs)
