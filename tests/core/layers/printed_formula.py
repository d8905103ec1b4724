"""Computes what the LaTeX of an elementwise activation says."""

import itertools
import math
import re
from collections.abc import Mapping

FUNCTIONS = {
    "max": max,
    "min": min,
    "abs": abs,
    "ln": math.log,
    "exp": math.exp,
    "tanh": math.tanh,
    "sigma": lambda x: 1 / (1 + math.exp(-x)),
    "Phi": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
}
TOKEN = re.compile(r"\d+(?:\.\d+)?|[a-zA-Z]+|[-+*/(),]")
GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def value(latex: str, values: Mapping[str, float]) -> float:
    r"""What a formula gives where `values` says what its letters are.

    >>> value(r"x \\cdot \\frac{\\min(\\max(0, x + 3), 6)}{6}", {"x": 1.0})
    0.6666666666666666
    >>> value(r"\\tfrac{1}{\\beta} |x| + 2 e^{-\\beta x}", {"x": 0.0, "beta": 2.0})
    2.0
    """
    return eval(python(latex), {"__builtins__": {}}, FUNCTIONS | dict(values))


def python(latex: str) -> str:
    r"""The same as a Python expression, products written out.

    >>> python(r"1.5 (e^x - 1)")
    '1.5 * ( exp ( x ) - 1 )'
    """
    while (plain := _one_step(latex)) != latex:
        latex = plain
    tokens = TOKEN.findall(latex.replace(r"\cdot", "*").replace("\\", ""))
    written = tokens[:1]
    for before, token in itertools.pairwise(tokens):
        ends = before == ")" or (before[0].isalnum() and before not in FUNCTIONS)
        begins = token == "(" or token[0].isalnum()
        written += ["*", token] if ends and begins else [token]
    return " ".join(written)


def _one_step(latex: str) -> str:
    latex = re.sub(rf"\\t?frac{GROUP}{GROUP}", r"((\1)/(\2))", latex, count=1)
    latex = re.sub(rf"e\^{GROUP}", r"exp(\1)", latex, count=1)
    latex = re.sub(r"e\^(\w)", r"exp(\1)", latex, count=1)
    return re.sub(r"\|([^|]*)\|", r"abs(\1)", latex, count=1)
