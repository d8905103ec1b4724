"""The input of a network whose settings are its sides: `Net(num_electrodes=32, chunk_size=128)` takes 32x128.

Nothing says in which order, so those that are called like sides are tried in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function, Unknown
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.fitting_inputs import Trials
from core.parsing.inputs.usual_inputs import CONVOLUTIONS

Shape = tuple[int, ...]
MOST_SIDES = 5
LARGEST = 65_536
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SIDES = """
    chans chan channels channel electrodes samples sample times time chunk seq sequence length len steps points bands
    window grid height width size input in vars nodes joints frames history lookback lags enc features
"""
_OTHERS = """
    out output hidden kernel kern stride pool patch batch classes class embed emb embedding heads head layers filters
    filter mlp ff pred horizon dilation padding vocab model mid base reduction d dec ratio latent z
"""
OF_INPUT, OF_OTHERS = set(_SIDES.split()), set(_OTHERS.split())


def sized_by_settings(module: nn.Module) -> Shape | None:
    """An input, batch not included, whose sides are numbers that the network was made with, if one goes through."""
    sides = list(dict.fromkeys(_sides(module)))[:MOST_SIDES] if isinstance(module, EvaluatedModule) else []
    trials = Trials(module)
    try:
        return next((shape for shape in _orders(sides, first_layer(module)) if trials.said(shape) == ""), None)
    except ParseError:  # the budget
        return None


def _sides(module: EvaluatedModule) -> Iterator[Shape]:
    init = module.definition.find("__init__")
    settings: dict[str, Any] = {**(init.defaults if isinstance(init, Function) else {}), **module.made_with}
    settings |= {name: value for name, value in module.values.items() if name in settings}
    for name, setting in settings.items():
        value = module.evaluator.assumed.get(setting.name) if isinstance(setting, Unknown) else setting
        words = {word.lower() for word in WORDS.findall(name)}
        sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        are_sizes = len(sizes) < 3 and all(type(one) is int and 1 < one <= LARGEST for one in sizes)
        if sizes and are_sizes and words & OF_INPUT and not words & OF_OTHERS:
            yield sizes


def _orders(sides: list[Shape], first: Any) -> Iterator[Shape]:
    """Shapes of as many axes as the first layer takes, first those with its channels in front; then of fewer."""
    axes = next((n for kind, n in CONVOLUTIONS.items() if isinstance(first, kind)), 1)
    channels = getattr(first, "in_channels", None)
    whole = [*sides, *([(1,)] if channels == 1 else [])]
    orders = [sum(some, ()) for count in (3, 2) for some in permutations(whole, count)]
    fitting = [one for one in orders if len(one) == axes + 1]
    yield from sorted(fitting, key=lambda one: one[0] != channels)
    yield from (one for one in orders if len(one) == axes and 1 not in one)
