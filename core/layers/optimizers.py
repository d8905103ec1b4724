r"""Optimizers: how a step is made of gradients. One entry each; `build` gives the one of torch.optim.

Beside it stand its lines as PyTorch computes them and as its paper or the textbooks write them. In a line `<name>` is a
value: the same line is the formula, the calculation and, with numbers put in, what the page shows. Tests hold the
lines against torch.optim. Values are theta (the weights), g (their gradient), v, m, G (what is remembered), t (the
number of the step, from 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.knobs import Knob

Values = Mapping[str, Any]
_PLACE = re.compile("<([a-z_A-Z0-9]+)>")


@dataclass(frozen=True)
class Line:
    """One assignment: `target` becomes `value(values)`; `latex` is its right side with `<name>` places.

    A line `when` a knob is given is skipped where that knob is 0. The gradient at another place has `at` instead.
    """

    target: str
    latex: str
    value: Callable[[Values], Any]
    when: str = ""
    at: str = ""  # the target is the gradient at the value of this name


SYMBOLS = {
    "theta": r"\theta", "lr": r"\eta", "momentum": r"\mu", "alpha": r"\alpha", "beta1": r"\beta_1",
    "beta2": r"\beta_2", "weight_decay": r"\lambda", "eps": r"\varepsilon", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}",
    "ahead": r"\tilde{\theta}",
}  # fmt: skip


def places(latex: str, written: Callable[[str], str]) -> str:
    """A line's LaTeX with every `<name>` put in by `written`."""
    return _PLACE.sub(lambda found: written(found[1]), latex)


def symbols(line: Line) -> str:
    """The line as a formula."""
    left = SYMBOLS.get(line.target, line.target)
    return rf"{left} \leftarrow {places(line.latex, lambda name: SYMBOLS.get(name, name))}"


@dataclass(frozen=True)
class Optimizer:
    """One way to step: `build(params, lr, **knobs)` is torch.optim's; the lines are told above."""

    build: Callable[..., torch.optim.Optimizer]
    code: str  # the PyTorch call, with {lr} and {knob} places
    lines: tuple[Line, ...]
    textbook: tuple[Line, ...]
    difference: str
    paper: str
    good_rate: float  # for small networks: where to begin
    knobs: Mapping[str, Knob] = field(default_factory=dict)


DECAY = Line(
    "g", r"<g> + <weight_decay> \cdot <theta>", lambda s: s["g"] + s["weight_decay"] * s["theta"], "weight_decay"
)
STEP_G = Line("theta", r"<theta> - <lr> \cdot <g>", lambda s: s["theta"] - s["lr"] * s["g"])
STEP_V = Line("theta", r"<theta> - <lr> \cdot <v>", lambda s: s["theta"] - s["lr"] * s["v"])
HEAVY = Line("v", r"<momentum> \cdot <v> + <g>", lambda s: s["momentum"] * s["v"] + s["g"])
FALL = Line("v", r"<momentum> \cdot <v> - <lr> \cdot <g>", lambda s: s["momentum"] * s["v"] - s["lr"] * s["g"])
MOVE = Line("theta", r"<theta> + <v>", lambda s: s["theta"] + s["v"])
GATHER = Line("G", r"<G> + <g>^2", lambda s: s["G"] + s["g"] ** 2)
SQUARES = Line(
    "v",
    r"<alpha> \cdot <v> + (1 - <alpha>) \cdot <g>^2",
    lambda s: s["alpha"] * s["v"] + (1 - s["alpha"]) * s["g"] ** 2,
)


def _scaled(name: str) -> tuple[Line, Line]:
    """A step divided by the root of `name`: epsilon beside the root, and under it."""
    return (
        Line(
            "theta",
            rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}>}} + <eps>}}",
            lambda s: s["theta"] - s["lr"] * s["g"] / (np.sqrt(s[name]) + s["eps"]),
        ),
        Line(
            "theta",
            rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}> + <eps>}}}}",
            lambda s: s["theta"] - s["lr"] * s["g"] / np.sqrt(s[name] + s["eps"]),
        ),
    )


MOMENTS = (
    Line(
        "m", r"<beta1> \cdot <m> + (1 - <beta1>) \cdot <g>", lambda s: s["beta1"] * s["m"] + (1 - s["beta1"]) * s["g"]
    ),
    Line(
        "v",
        r"<beta2> \cdot <v> + (1 - <beta2>) \cdot <g>^2",
        lambda s: s["beta2"] * s["v"] + (1 - s["beta2"]) * s["g"] ** 2,
    ),
)
HATS = (
    Line("m_hat", r"\frac{<m>}{1 - <beta1>^{<t>}}", lambda s: s["m"] / (1 - s["beta1"] ** s["t"])),
    Line("v_hat", r"\frac{<v>}{1 - <beta2>^{<t>}}", lambda s: s["v"] / (1 - s["beta2"] ** s["t"])),
)
ADAM = Line(
    "theta",
    r"<theta> - <lr> \cdot \frac{<m_hat>}{\sqrt{<v_hat>} + <eps>}",
    lambda s: s["theta"] - s["lr"] * s["m_hat"] / (np.sqrt(s["v_hat"]) + s["eps"]),
)
ADAM_PAPER = Line(
    "theta",
    r"<theta> - <lr> \frac{\sqrt{1 - <beta2>^{<t>}}}{1 - <beta1>^{<t>}} \cdot \frac{<m>}{\sqrt{<v>} + <eps>}",
    lambda s: (
        s["theta"]
        - s["lr"]
        * np.sqrt(1 - s["beta2"] ** s["t"])
        / (1 - s["beta1"] ** s["t"])
        * s["m"]
        / (np.sqrt(s["v"]) + s["eps"])
    ),
)
SHRINK = Line(
    "theta",
    r"<theta> - <lr> \cdot <weight_decay> \cdot <theta>",
    lambda s: s["theta"] - s["lr"] * s["weight_decay"] * s["theta"],
    "weight_decay",
)
SHRINK_PAPER = Line(
    "theta",
    r"<theta> - <lr> \left(\frac{<m_hat>}{\sqrt{<v_hat>} + <eps>} + <weight_decay> \cdot <theta>\right)",
    lambda s: s["theta"] - s["lr"] * (s["m_hat"] / (np.sqrt(s["v_hat"]) + s["eps"]) + s["weight_decay"] * s["theta"]),
)

EPS = {"Adagrad": 1e-10, "RMSprop": 1e-8, "Adam": 1e-8, "AdamW": 1e-8}  # torch's own
_MOMENTUM = Knob(0.9, 0.0, 0.99, step=0.01, label="momentum", help="How much of the last step is kept: mu.")
_WEIGHT_DECAY = Knob(0.0, 0.0, 0.5, step=0.01, label="weight decay", help="Pulls every weight towards 0: lambda.")
_ALPHA = Knob(0.99, 0.5, 0.999, step=0.001, label="alpha of RMSprop", help="How long squared gradients are remembered.")
_BETAS = {
    "beta1": Knob(0.9, 0.0, 0.99, step=0.01, label="beta 1 of Adam", help="How long gradients are remembered."),
    "beta2": Knob(0.999, 0.5, 0.999, step=0.001, label="beta 2 of Adam", help="How long their squares are."),
}
_LOOK = (
    Line("ahead", r"<theta> + <momentum> \cdot <v>", lambda s: s["theta"] + s["momentum"] * s["v"]),
    Line("g", r"\nabla f(<ahead>)", lambda s: s["g"], at="ahead"),
    Line(
        "g",
        r"<g> + <weight_decay> \cdot <ahead>",
        lambda s: s["g"] + s["weight_decay"] * s["ahead"],
        "weight_decay",
    ),
)


def _sgd(params: Iterable[Tensor], lr: float, momentum: float = 0.0, weight_decay: float = 0.0, nesterov: bool = False):
    return torch.optim.SGD(
        params, lr, momentum, weight_decay=weight_decay, nesterov=nesterov and momentum > 0, foreach=False
    )


def _adam(kind: type, params: Iterable[Tensor], lr: float, beta1: float, beta2: float, weight_decay: float):
    return kind(params, lr, (beta1, beta2), weight_decay=weight_decay, foreach=False)


OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": Optimizer(
        lambda params, lr, weight_decay: _sgd(params, lr, 0.0, weight_decay),
        "torch.optim.SGD([theta], lr={lr}, weight_decay={weight_decay})",
        (DECAY, STEP_G),
        (DECAY, STEP_G),
        "The same line in both. S is for stochastic: g is the gradient on one batch, not on all data.",
        "Robbins & Monro 1951",
        0.1,
        {"weight_decay": _WEIGHT_DECAY},
    ),
    "Momentum": Optimizer(
        lambda params, lr, momentum, weight_decay: _sgd(params, lr, momentum, weight_decay),
        "torch.optim.SGD([theta], lr={lr}, momentum={momentum}, weight_decay={weight_decay})",
        (DECAY, HEAVY, STEP_V),
        (DECAY, FALL, MOVE),
        "The textbook puts the learning rate into v, PyTorch multiplies by it afterwards. The places are the same "
        "while the rate is. When it drops, PyTorch's next step shrinks at once; the textbook's v has to fade first.",
        "Polyak 1964; Sutskever et al. 2013",
        0.05,
        {"momentum": _MOMENTUM, "weight_decay": _WEIGHT_DECAY},
    ),
    "Nesterov": Optimizer(
        lambda params, lr, momentum, weight_decay: _sgd(params, lr, momentum, weight_decay, nesterov=True),
        "torch.optim.SGD([theta], lr={lr}, momentum={momentum}, weight_decay={weight_decay}, nesterov={momentum} > 0)",
        (
            DECAY,
            HEAVY,
            Line(
                "theta",
                r"<theta> - <lr> \cdot (<g> + <momentum> \cdot <v>)",
                lambda s: s["theta"] - s["lr"] * (s["g"] + s["momentum"] * s["v"]),
            ),
        ),
        (*_LOOK, FALL, MOVE),
        "The textbook takes the gradient ahead, where momentum is about to carry it. PyTorch keeps that place ahead as "
        "its weights: the textbook's place ahead in each step is where PyTorch's weights are.",
        "Nesterov 1983; Sutskever et al. 2013",
        0.05,
        {"momentum": _MOMENTUM, "weight_decay": _WEIGHT_DECAY},
    ),
    "Adagrad": Optimizer(
        lambda params, lr, weight_decay: torch.optim.Adagrad(params, lr, weight_decay=weight_decay, foreach=False),
        "torch.optim.Adagrad([theta], lr={lr}, weight_decay={weight_decay})",
        (DECAY, GATHER, _scaled("G")[0]),
        (DECAY, GATHER, _scaled("G")[1]),
        "Many texts put epsilon under the root, PyTorch beside it. It matters only where gradients are tiny.",
        "Duchi, Hazan & Singer 2011",
        0.05,
        {"weight_decay": _WEIGHT_DECAY},
    ),
    "RMSprop": Optimizer(
        lambda params, lr, alpha, weight_decay: torch.optim.RMSprop(
            params, lr, alpha, weight_decay=weight_decay, foreach=False
        ),
        "torch.optim.RMSprop([theta], lr={lr}, alpha={alpha}, weight_decay={weight_decay})",
        (DECAY, SQUARES, _scaled("v")[0]),
        (DECAY, SQUARES, _scaled("v")[1]),
        "Many texts put epsilon under the root, PyTorch beside it. Nothing corrects the start at v = 0, so first steps "
        "are long: with alpha = 0.99 the very first is ten times the learning rate.",
        "Tieleman & Hinton 2012, lecture 6e",
        0.005,
        {"alpha": _ALPHA, "weight_decay": _WEIGHT_DECAY},
    ),
    "Adam": Optimizer(
        lambda params, lr, beta1, beta2, weight_decay: _adam(torch.optim.Adam, params, lr, beta1, beta2, weight_decay),
        "torch.optim.Adam([theta], lr={lr}, betas=({beta1}, {beta2}), weight_decay={weight_decay})",
        (DECAY, *MOMENTS, *HATS, ADAM),
        (DECAY, *MOMENTS, ADAM_PAPER),
        "The paper's faster form puts both corrections into the rate. That also scales epsilon, and nothing else.",
        "Kingma & Ba 2014, arXiv:1412.6980",
        0.01,
        {**_BETAS, "weight_decay": _WEIGHT_DECAY},
    ),
    "AdamW": Optimizer(
        lambda params, lr, beta1, beta2, weight_decay: _adam(torch.optim.AdamW, params, lr, beta1, beta2, weight_decay),
        "torch.optim.AdamW([theta], lr={lr}, betas=({beta1}, {beta2}), weight_decay={weight_decay})",
        (SHRINK, *MOMENTS, *HATS, ADAM),
        (*MOMENTS, *HATS, SHRINK_PAPER),
        "PyTorch shrinks the weights first and then steps; the sum is the same. The paper's own lambda is not "
        "multiplied by the learning rate, PyTorch's is. Adam adds the decay to g, and the root divides it away again.",
        "Loshchilov & Hutter 2017, arXiv:1711.05101",
        0.01,
        {**_BETAS, "weight_decay": _WEIGHT_DECAY},
    ),
}  # fmt: skip


def defaults(name: str) -> dict[str, float]:
    """An entry's knobs at their defaults."""
    return {key: knob.default for key, knob in OPTIMIZERS[name].knobs.items()}


def build(
    name: str, params: Iterable[Tensor], lr: float, knobs: Mapping[str, float] | None = None
) -> torch.optim.Optimizer:
    """The torch.optim optimizer of that name; knobs that it does not have are left out, missing ones take defaults."""
    own = defaults(name)
    return OPTIMIZERS[name].build(params, lr, **(own | {key: v for key, v in (knobs or {}).items() if key in own}))
