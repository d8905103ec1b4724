r"""Update rules line by line, as PyTorch computes them and as papers or textbooks write them.

In a line `<name>` is a value: the same line is the formula, the calculation and, with numbers put in, what the page
shows. Values are theta (the weights), g (their gradient), v, m, G (the optimizer's state), t (the number of the step,
from 1). Tests hold the lines against torch.optim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

Values = Mapping[str, Any]
_VALUE = re.compile("<([a-z_A-Z0-9]+)>")
_PYTHON = [  # what the inside of each brace holds has been turned into Python before
    (_VALUE, r"\1"),
    (re.compile(r"\^\{(\w+)\}"), r"**\1"),
    (re.compile(r"\^"), "**"),
    (re.compile(r"\\sqrt\{([^{}]*)\}"), r"sqrt(\1)"),
    (re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}"), r"((\1) / (\2))"),
]

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
    """`target` becomes what `latex` says, with `<name>` for a value.

    One `when` a knob is given is skipped where that knob is 0. The gradient at another point has `at` instead.
    `meaning` says what the target is, where the optimizer introduces it.
    """

    target: str
    latex: str
    when: str = ""
    at: str = ""  # the target is the gradient at the value of this name
    meaning: str = ""

    @property
    def formula(self) -> str:
        """The line as LaTeX, with symbols for names."""
        return rf"{symbol(self.target)} \leftarrow {self.with_values(symbol)}"

    def value(self, values: Values) -> Any:
        """What the right side comes to."""
        return eval(_python(self.latex), {"sqrt": np.sqrt}, dict(values))

    @property
    def is_recursive(self) -> bool:
        """Whether the target is made from what it was before: then it is part of the state, or the weights."""
        return self.target in _VALUE.findall(self.latex)

    def with_values(self, written: Callable[[str], str]) -> str:
        """The right side with every `<name>` put in by `written`."""
        return _VALUE.sub(lambda match: written(match[1]), self.latex)


@cache
def _python(latex: str) -> CodeType:
    r"""The right side of one of our lines as Python: `\frac{<g>}{2}` is `((g) / (2))`."""
    text = latex.replace(r"\cdot", "*").replace(r"\left(", "(").replace(r"\right)", ")")
    text = re.sub(r"> (?=\\frac|\()", "> * ", text)  # two factors side by side
    for pattern, python in _PYTHON:
        while pattern.search(text):
            text = pattern.sub(python, text)
    return compile(text, latex, "eval")


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


WEIGHT_DECAY = Assignment("g", r"<g> + <weight_decay> \cdot <theta>", when="weight_decay")
GRADIENT_STEP = Assignment("theta", r"<theta> - <lr> \cdot <g>")
VELOCITY = Assignment("v", r"<momentum> \cdot <v> + <g>", meaning="velocity")
VELOCITY_STEP = Assignment("theta", r"<theta> - <lr> \cdot <v>")
NESTEROV_STEP = Assignment("theta", r"<theta> - <lr> \cdot (<g> + <momentum> \cdot <v>)")
TEXTBOOK_VELOCITY = Assignment("v", r"<momentum> \cdot <v> - <lr> \cdot <g>", meaning="velocity")
TEXTBOOK_VELOCITY_STEP = Assignment("theta", r"<theta> + <v>")
LOOK_AHEAD = (
    Assignment("ahead", r"<theta> + <momentum> \cdot <v>", meaning="weights one momentum step ahead"),
    Assignment("g", r"\nabla f(<ahead>)", at="ahead"),
    Assignment("g", r"<g> + <weight_decay> \cdot <ahead>", when="weight_decay"),
)
SUM_OF_SQUARES = Assignment("G", r"<G> + <g>^2", meaning="sum of squared gradients")
MEAN_OF_SQUARES = Assignment(
    "v", r"<alpha> \cdot <v> + (1 - <alpha>) \cdot <g>^2", meaning="moving average of squared gradients"
)


def scaled_step(name: str) -> Assignment:
    """A step divided by the root of `name`, epsilon beside the root as in PyTorch."""
    return Assignment("theta", rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}>}} + <eps>}}")


def textbook_scaled_step(name: str) -> Assignment:
    """The same with epsilon under the root, as many texts have it."""
    return Assignment("theta", rf"<theta> - <lr> \cdot \frac{{<g>}}{{\sqrt{{<{name}> + <eps>}}}}")


MOMENTS = (
    Assignment("m", r"<beta1> \cdot <m> + (1 - <beta1>) \cdot <g>", meaning="moving average of gradients"),
    Assignment("v", r"<beta2> \cdot <v> + (1 - <beta2>) \cdot <g>^2", meaning="moving average of squared gradients"),
)
BIAS_CORRECTION = (
    Assignment("m_hat", r"\frac{<m>}{1 - <beta1>^{<t>}}", meaning="$m$ corrected for its start at 0"),
    Assignment("v_hat", r"\frac{<v>}{1 - <beta2>^{<t>}}", meaning="$v$ corrected for its start at 0"),
)
ADAM_STEP = Assignment("theta", r"<theta> - <lr> \cdot \frac{<m_hat>}{\sqrt{<v_hat>} + <eps>}")
PAPER_ADAM_STEP = Assignment(
    "theta",
    r"<theta> - <lr> \frac{\sqrt{1 - <beta2>^{<t>}}}{1 - <beta1>^{<t>}} \cdot \frac{<m>}{\sqrt{<v>} + <eps>}",
)
DECOUPLED_DECAY = Assignment("theta", r"<theta> - <lr> \cdot <weight_decay> \cdot <theta>", when="weight_decay")
PAPER_ADAMW_STEP = Assignment(
    "theta", r"<theta> - <lr> \left(\frac{<m_hat>}{\sqrt{<v_hat>} + <eps>} + <weight_decay> \cdot <theta>\right)"
)
