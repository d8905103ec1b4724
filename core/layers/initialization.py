"""Initialization: the weights before training. One entry each; the fan arithmetic; and LSUV, which looks at data.

A weight is (out, in) of a linear layer or (out, in, kh, kw) of a convolution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from core.knobs import HasKnobs, Knob

WeightLayer = nn.Linear | nn.modules.conv._ConvNd


def fans(weight: Tensor) -> tuple[int, int]:
    r"""How many inputs feed one output, and how many outputs one input feeds.

    $$\text{fan}_{in} = C_{in} \cdot k_h k_w, \qquad \text{fan}_{out} = C_{out} \cdot k_h k_w$$

    >>> fans(torch.empty(64, 32, 3, 3))
    (288, 576)
    """
    window = math.prod(weight.shape[2:])
    return weight.shape[1] * window, weight.shape[0] * window


@dataclass(frozen=True)
class Initialization(HasKnobs):
    """One way to initialize: `fill(weight, generator=..., **knobs)` sets a weight in place.

    `std(fan_in, fan_out, **knobs)` is the standard deviation that theory gives the weights, where it does. `symbols`
    says what the symbols of the formula stand for, apart from the fans; for "Orthogonal" and "Sparse" `fan_out` is the
    number of rows of the weight as a matrix. Where PyTorch has no line that does just this, `own` is our function,
    which blocks of code repeat.
    """

    fill: Callable[..., object]
    formula: str  # LaTeX
    paper: str
    code: str  # the line for `layer.weight` that draws from `generator`, with {knob} places
    suits: str  # the activation that it is made for
    std: Callable[..., float] | None = None
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()
    own: Callable[..., object] | None = None


def sparse_(weight: Tensor, sparsity: float, generator: torch.Generator) -> None:
    """As `nn.init.sparse_`, which draws its zeros from the generator that all visitors share, and wants a matrix."""
    matrix = weight.flatten(1)
    nn.init.normal_(matrix, generator=generator)
    order = torch.rand(matrix.shape, generator=generator).argsort(0)
    matrix[order < math.ceil(sparsity * len(matrix))] = 0


def _identity(weight: Tensor, generator: torch.Generator) -> None:
    if weight.ndim == 2:
        nn.init.eye_(weight)
    else:
        nn.init.dirac_(weight)


TRIES = 10


def lsuv(
    layers: Sequence[WeightLayer], forward: Callable[[], object], tolerance: float = 0.01, tries: int = TRIES
) -> None:
    """Orthogonal weights, then each layer in turn scaled until its outputs on real data have variance 1.

    Args: `layers` in order, already orthogonal; `forward()` runs the data through the network.
    Source: Mishkin & Matas 2015, arXiv:1511.06422.
    """
    for layer in layers:
        outputs: list[Tensor] = []
        hook = layer.register_forward_hook(lambda module, args, out, outputs=outputs: outputs.append(out.detach()))
        for _ in range(tries):
            outputs.clear()
            with torch.no_grad():
                forward()
                std = outputs[0].std()
                if std == 0 or abs(std.item() ** 2 - 1) < tolerance:
                    break
                layer.weight /= std
        hook.remove()


def one_by_one(
    layers: Sequence[WeightLayer], blocks: Sequence[Callable[[Tensor], Tensor]], x: Tensor
) -> Callable[[], None]:
    """A `forward` for `lsuv`, which settles one layer after the other: it runs only the block of the one at work.

    Block i holds layer i, and its output is the input of block i + 1. A layer is done when its weight has not changed
    since it ran, or when it has had all its tries.
    """
    index, runs, block_input = -1, TRIES, x
    last_weight = torch.empty(0)

    def forward() -> None:
        nonlocal index, runs, block_input, last_weight
        if index < 0 or runs == TRIES or torch.equal(last_weight, layers[index].weight):
            block_input = blocks[index](block_input) if index >= 0 else block_input
            index, runs = index + 1, 0
        last_weight, runs = layers[index].weight.clone(), runs + 1
        blocks[index](block_input)

    return forward


_NORMAL_SYMBOLS = ("$w$ = a weight", r"$\sigma$ = standard deviation")
_UNIFORM_SYMBOLS = ("$w$ = a weight", "$a$ = bound")
_STD = Knob(0.05, 0.001, 1.0, log=True, label="Standard deviation")
_BOUND = Knob(0.1, 0.001, 1.0, log=True, label="Bound")

INITIALIZATIONS: dict[str, Initialization] = {
    "Constant": Initialization(
        lambda weight, generator, value: nn.init.constant_(weight, value),
        r"w = c",
        "torch.nn.init.constant_",
        "nn.init.constant_(layer.weight, {value})",
        "no activation: all units stay equal",
        lambda fan_in, fan_out, value: 0.0,
        {"value": Knob(0.05, 0.0, 1.0, step=0.01, label="Value")},
        symbols=("$w$ = a weight", "$c$ = the value"),
    ),
    "Normal": Initialization(
        lambda weight, generator, std: nn.init.normal_(weight, std=std, generator=generator),
        r"w \sim \mathcal{N}(0, \sigma^2)",
        "torch.nn.init.normal_",
        "nn.init.normal_(layer.weight, std={std}, generator=generator)",
        "no activation in particular",
        lambda fan_in, fan_out, std: std,
        {"std": _STD},
        symbols=_NORMAL_SYMBOLS,
    ),
    "Uniform": Initialization(
        lambda weight, generator, bound: nn.init.uniform_(weight, -bound, bound, generator=generator),
        r"w \sim \mathcal{U}(-a, a), \quad \sigma = a / \sqrt{3}",
        "torch.nn.init.uniform_",
        "nn.init.uniform_(layer.weight, -{bound}, {bound}, generator=generator)",
        "no activation in particular",
        lambda fan_in, fan_out, bound: bound / math.sqrt(3),
        {"bound": _BOUND},
        symbols=(*_UNIFORM_SYMBOLS, r"$\sigma$ = standard deviation"),
    ),
    "Xavier normal": Initialization(
        nn.init.xavier_normal_,
        r"w \sim \mathcal{N}(0, \sigma^2), \quad \sigma = \sqrt{\frac{2}{\text{fan}_{in} + \text{fan}_{out}}}",
        "Glorot & Bengio 2010",
        "nn.init.xavier_normal_(layer.weight, generator=generator)",
        "Tanh",
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        symbols=_NORMAL_SYMBOLS,
    ),
    "Xavier uniform": Initialization(
        nn.init.xavier_uniform_,
        r"w \sim \mathcal{U}(-a, a), \quad a = \sqrt{\frac{6}{\text{fan}_{in} + \text{fan}_{out}}}",
        "Glorot & Bengio 2010",
        "nn.init.xavier_uniform_(layer.weight, generator=generator)",
        "Tanh",
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        symbols=_UNIFORM_SYMBOLS,
    ),
    "Kaiming normal": Initialization(
        partial(nn.init.kaiming_normal_, nonlinearity="relu"),
        r"w \sim \mathcal{N}(0, \sigma^2), \quad \sigma = \sqrt{\frac{2}{\text{fan}_{in}}}",
        "He et al. 2015, arXiv:1502.01852",
        'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)',
        "ReLU",
        lambda fan_in, fan_out: math.sqrt(2 / fan_in),
        symbols=_NORMAL_SYMBOLS,
    ),
    "Kaiming uniform": Initialization(
        partial(nn.init.kaiming_uniform_, nonlinearity="relu"),
        r"w \sim \mathcal{U}(-a, a), \quad a = \sqrt{\frac{6}{\text{fan}_{in}}}",
        "He et al. 2015, arXiv:1502.01852",
        'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)',
        "ReLU",
        lambda fan_in, fan_out: math.sqrt(2 / fan_in),
        symbols=_UNIFORM_SYMBOLS,
    ),
    "LeCun normal": Initialization(
        lambda weight, generator: nn.init.normal_(weight, std=fans(weight)[0] ** -0.5, generator=generator),
        r"w \sim \mathcal{N}(0, \sigma^2), \quad \sigma = \sqrt{\frac{1}{\text{fan}_{in}}}",
        "LeCun et al. 1998, Efficient BackProp; Klambauer et al. 2017",
        "nn.init.normal_(layer.weight, std=layer.weight[0].numel() ** -0.5, generator=generator)",
        "SELU",
        lambda fan_in, fan_out: math.sqrt(1 / fan_in),
        symbols=_NORMAL_SYMBOLS,
    ),
    "Orthogonal": Initialization(
        nn.init.orthogonal_,
        r"W W^\top = I \;\text{ or, where there are more rows than columns, }\; W^\top W = I",
        "Saxe, McClelland & Ganguli 2013, arXiv:1312.6120",
        "nn.init.orthogonal_(layer.weight, generator=generator)",
        "deep linear networks, Tanh",
        lambda fan_in, fan_out: 1 / math.sqrt(max(fan_in, fan_out)),
        symbols=("$W$ = the weight matrix", "$I$ = the identity matrix"),
    ),
    "Sparse": Initialization(
        sparse_,
        r"w = 0 \text{ for a share } s \text{ of each column}, \quad w \sim \mathcal{N}(0, 1) \text{ for the rest}",
        "Martens 2010",
        "sparse_(layer.weight, {sparsity}, generator)",
        "wide layers with few inputs per unit",
        lambda fan_in, rows, sparsity: math.sqrt(1 - math.ceil(sparsity * rows) / rows),
        {"sparsity": Knob(0.9, 0.1, 0.99, step=0.01, label="Sparsity")},
        symbols=("$w$ = a weight", "$s$ = sparsity"),
        own=sparse_,
    ),
    "Identity": Initialization(
        _identity,
        r"W x = x",
        "torch.nn.init.eye_, torch.nn.init.dirac_",
        "{identity}(layer.weight)",
        "residual and recurrent layers",
        symbols=("$W$ = the weights", "$x$ = the input"),
    ),
    "LSUV": Initialization(
        nn.init.orthogonal_,
        r"W \leftarrow W / \sqrt{\operatorname{Var}(W x)} \text{ on real data}",
        "Mishkin & Matas 2015, arXiv:1511.06422",
        "nn.init.orthogonal_(layer.weight, generator=generator)",
        "any activation",
        symbols=("$W$ = the weights of a layer, orthogonal at first", "$x$ = its input on real data"),
        own=lsuv,
    ),
}


def code_of(name: str, knobs: Mapping[str, object], is_conv: bool = False) -> str:
    """The line that fills `layer.weight` from `generator`; with convolutions it asks what the layer is where it must.

    >>> code_of("Normal", {"std": 0.1})
    'nn.init.normal_(layer.weight, std=0.1, generator=generator)'
    """
    entry = INITIALIZATIONS[name]
    identity = "(nn.init.dirac_ if layer.weight.ndim > 2 else nn.init.eye_)" if is_conv else "nn.init.eye_"
    return entry.code.format(**entry.defaults | {"identity": identity} | dict(knobs))


@torch.no_grad()
def initialize(
    layers: Sequence[WeightLayer],
    name: str,
    generator: torch.Generator,
    gain: float = 1.0,
    knobs: Mapping[str, object] | None = None,
    forward: Callable[[], object] | None = None,
) -> None:
    """Fill the weights of linear and convolutional layers, times `gain`; biases become 0.

    Args: `forward` runs real data through the network; LSUV needs it and multiplies by `gain` after it.
    """
    entry = INITIALIZATIONS[name]
    for layer in layers:
        entry.fill(layer.weight, generator=generator, **(entry.defaults | dict(knobs or {})))
        if layer.bias is not None:
            layer.bias.zero_()
    if name == "LSUV":
        if forward is None:
            raise ValueError("LSUV needs data: give initialize() a forward function.")
        lsuv(layers, forward)
    for layer in layers:
        layer.weight.mul_(gain)
