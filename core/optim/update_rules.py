r"""Update rules line by line, as PyTorch computes them and as papers or textbooks write them.

In a line `<name>` is a value: the same line is the formula, the calculation and, with numbers put in, what the page
shows. Values are theta (the weights), g (their gradient), v, m, G (the optimizer's state), t (the number of the step,
from 1). Tests hold the lines against torch.optim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = Mapping[str, Any]
_VALUE = re.compile("<([a-z_A-Z0-9]+)>")

SYMBOLS = {
    "theta": r"\theta", "lr": r"\eta", "momentum": r"\mu", "alpha": r"\alpha", "beta1": r"\beta_1",
    "beta2": r"\beta_2", "weight_decay": r"\lambda", "eps": r"\varepsilon", "m_hat": r"\hat{m}", "v_hat": r"\hat{v}",
    "ahead": r"\tilde{\theta}",
}  # fmt: skip
MEANINGS = {
    "theta": "weights", "g": "gradient", "lr": "learning rate", "momentum": "momentum",
    "alpha": "decay rate of the squared gradients", "beta1": "decay rate of the gradients",
    "beta2": "decay rate of the squared gradients", "weight_decay": "weight decay",
    "eps": "a small number against division by 0", "t": "number of the step",
}  # fmt: skip


@dataclass(frozen=True)
class Assignment:
    """`target` becomes `value(values)`; `latex` is the right side, with `<name>` for a value.

    One `when` a knob is given is skipped where that knob is 0. The gradient at another point has `at` instead.
    `meaning` says what the target is, where the optimizer introduces it.
    """

    target: str
    latex: str
    value: Callable[[Values], Any]
    when: str = ""
    at: str = ""  # the target is the gradient at the value of this name
    meaning: str = ""

    @property
    def formula(self) -> str:
        """The line as LaTeX, with symbols for names."""
        return rf"{symbol(self.target)} \leftarrow {self.with_values(symbol)}"

    @property
    def is_recursive(self) -> bool:
        """Whether the target is made from what it was before: then it is part of the state, or the weights."""
        return self.target in _VALUE.findall(self.latex)

    def with_values(self, written: Callable[[str], str]) -> str:
        """The right side with every `<name>` put in by `written`."""
        return _VALUE.sub(lambda match: written(match[1]), self.latex)


def symbol(name: str) -> str:
    """A value's name as LaTeX."""
    return SYMBOLS.get(name, name)


def legend(lines: Sequence[Assignment]) -> str:
    r"""What the symbols of some lines stand for, in the order in which they appear.

    >>> legend([GRADIENT_STEP])
    '$\\theta$ = weights, $\\eta$ = learning rate, $g$ = gradient'
    """
    introduced = {line.target: line.meaning for line in lines if line.meaning}
    names = dict.fromkeys(name for line in lines for name in (line.target, *_VALUE.findall(line.latex)))
    meanings = MEANINGS | introduced
    return ", ".join(f"${symbol(name)}$ = {meanings[name]}" for name in names if name in meanings)


WEIGHT_DECAY = Assignment(
    "g", r"<g> + <weight_decay> \cdot <theta>", lambda s: s["g"] + s["weight_decay"] * s["theta"], "weight_decay"
)
GRADIENT_STEP = Assignment("theta", r"<theta> - <lr> \cdot <g>", lambda s: s["theta"] - s["lr"] * s["g"])
VELOCITY = Assignment("v", r"<momentum> \cdot <v> + <g>", lambda s: s["momentum"] * s["v"] + s["g"], meaning="velocity")
VELOCITY_STEP = Assignment("theta", r"<theta> - <lr> \cdot <v>", lambda s: s["theta"] - s["lr"] * s["v"])
NESTEROV_STEP = Assignment(
    "theta",
    r"<theta> - <lr> \cdot (<g> + <momentum> \cdot <v>)",
    lambda s: s["theta"] - s["lr"] * (s["g"] + s["momentum"] * s["v"]),
)
TEXTBOOK_VELOCITY = Assignment(
    "v",
    r"<momentum> \cdot <v> - <lr> \cdot <g>",
    lambda s: s["momentum"] * s["v"] - s["lr"] * s["g"],
    meaning="velocity",
)
TEXTBOOK_VELOCITY_STEP = Assignment("theta", r"<theta> + <v>", lambda s: s["theta"] + s["v"])
LOOK_AHEAD = (
    Assignment(
        "ahead",
        r"<theta> + <momentum> \cdot <v>",
        lambda s: s["theta"] + s["momentum"] * s["v"],
        meaning="weights one momentum step ahead",
    ),
    Assignment("g", r"\nabla f(<ahead>)", lambda s: s["g"], at="ahead"),
    Assignment(
        "g",
        r"<g> + <weight_decay> \cdot <ahead>",
        lambda s: s["g"] + s["weight_decay"] * s["ahead"],
        "weight_decay",
    ),
)
SUM_OF_SQUARES = Assignment("G", r"<G> + <g>^2", lambda s: s["G"] + s["g"] ** 2, meaning="sum of squared gradients")
MEAN_OF_SQUARES = Assignment(
    "v",
    r"<alpha> \cdot <v> + (1 - <alpha>) \cdot <g>^2",
    lambda s: s["alpha"] * s["v"] + (1 - s["alpha"]) * s["g"] ** 2,
    meaning="moving average of squared gradients",
)


def scaled_step(name: str) -> Assignment:
    """A step divided by the root of `name`, epsilon beside the root as in PyTorch."""
    return Assignment(
        "theta",
        rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}>}} + <eps>}}",
        lambda s: s["theta"] - s["lr"] * s["g"] / (np.sqrt(s[name]) + s["eps"]),
    )


def textbook_scaled_step(name: str) -> Assignment:
    """The same with epsilon under the root, as many texts have it."""
    return Assignment(
        "theta",
        rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}> + <eps>}}}}",
        lambda s: s["theta"] - s["lr"] * s["g"] / np.sqrt(s[name] + s["eps"]),
    )


MOMENTS = (
    Assignment(
        "m",
        r"<beta1> \cdot <m> + (1 - <beta1>) \cdot <g>",
        lambda s: s["beta1"] * s["m"] + (1 - s["beta1"]) * s["g"],
        meaning="moving average of gradients",
    ),
    Assignment(
        "v",
        r"<beta2> \cdot <v> + (1 - <beta2>) \cdot <g>^2",
        lambda s: s["beta2"] * s["v"] + (1 - s["beta2"]) * s["g"] ** 2,
        meaning="moving average of squared gradients",
    ),
)
BIAS_CORRECTION = (
    Assignment(
        "m_hat",
        r"\frac{<m>}{1 - <beta1>^{<t>}}",
        lambda s: s["m"] / (1 - s["beta1"] ** s["t"]),
        meaning="$m$ corrected for its start at 0",
    ),
    Assignment(
        "v_hat",
        r"\frac{<v>}{1 - <beta2>^{<t>}}",
        lambda s: s["v"] / (1 - s["beta2"] ** s["t"]),
        meaning="$v$ corrected for its start at 0",
    ),
)
ADAM_STEP = Assignment(
    "theta",
    r"<theta> - <lr> \cdot \frac{<m_hat>}{\sqrt{<v_hat>} + <eps>}",
    lambda s: s["theta"] - s["lr"] * s["m_hat"] / (np.sqrt(s["v_hat"]) + s["eps"]),
)
PAPER_ADAM_STEP = Assignment(
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
DECOUPLED_DECAY = Assignment(
    "theta",
    r"<theta> - <lr> \cdot <weight_decay> \cdot <theta>",
    lambda s: s["theta"] - s["lr"] * s["weight_decay"] * s["theta"],
    "weight_decay",
)
PAPER_ADAMW_STEP = Assignment(
    "theta",
    r"<theta> - <lr> \left(\frac{<m_hat>}{\sqrt{<v_hat>} + <eps>} + <weight_decay> \cdot <theta>\right)",
    lambda s: s["theta"] - s["lr"] * (s["m_hat"] / (np.sqrt(s["v_hat"]) + s["eps"]) + s["weight_decay"] * s["theta"]),
)
