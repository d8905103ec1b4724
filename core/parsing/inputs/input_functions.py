"""A function of a text that makes an example of the input and that nothing in it calls, such as `get_inputs()`."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.forward_inputs import further_inputs
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.trial import Shape, lazy_layers, takes

MAKES_INPUT = re.compile(
    r"((get|make|create|generate|gen|build|prepare|sample|example|dummy|fake|random|rand|test|model)_?)+"
    r"(inputs?|batch|tensors?|data|images?)",
    re.I,
)
MOST_CALLED = 2


def made_input(network: nn.Module, evaluator: Evaluator) -> Shape | None:
    """The shape, without its batch, of what the first such function makes and the network takes; a note says so."""
    if not isinstance(network, EvaluatedModule) or lazy_layers(network):
        return None
    makers = [one for name, one in evaluator.globals.names.items() if _makes_input(name, one)]
    for maker in makers[:MOST_CALLED]:
        tensors = _made(maker, evaluator)
        if tensors and (shape := _taken(network, tensors)) is not None:
            written = "x".join(map(str, shape)) or "one number"
            evaluator.notes.append(f"The input is {written}: {maker.node.name}() makes one of that size.")
            return shape
    return None


def _makes_input(name: str, value: Any) -> bool:
    """Whether it may be called with nothing.

    >>> [bool(MAKES_INPUT.fullmatch(name)) for name in ("get_inputs", "GetInput", "make_dummy_batch", "input_size")]
    [True, True, True, False]
    """
    if not isinstance(value, Function) or not hasattr(value.node, "name") or not MAKES_INPUT.fullmatch(name):
        return False
    spec = value.node.args
    return all(one.arg in value.defaults for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs))


def _made(maker: Function, evaluator: Evaluator) -> list[Tensor]:
    """The tensors that it returns, () where it returns something else."""
    made: Any = None
    with contextlib.suppress(ParseError, *MISFITS):
        made = evaluator.call(maker, [], {})
    tensors = list(made) if isinstance(made, (list, tuple)) else [made]
    return tensors if all(isinstance(one, Tensor) and one.dim() for one in tensors) else []


def _taken(network: EvaluatedModule, tensors: list[Tensor]) -> Shape | None:
    """The shape of the first, if they go through together."""
    before, network.named_inputs = network.named_inputs, further_inputs(network, tensors, {})
    shape = tuple(tensors[0].shape[1:])
    if takes(network, shape):
        return shape
    network.named_inputs = before
    return None
