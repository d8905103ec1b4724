"""The input that a text states for its network: a call of it, what summarizes it, or the data it loads."""

from __future__ import annotations

import ast
from typing import Any

from torch import nn

from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.inputs.commented_sizes import commented_input
from core.parsing.inputs.data_sizes import image_size
from core.parsing.inputs.documented_inputs import documented_input
from core.parsing.inputs.example_tensors import example_input
from core.parsing.inputs.input_functions import made_input
from core.parsing.inputs.loose_tensors import loose_input
from core.parsing.inputs.stated_steps import steps_input
from core.parsing.inputs.trial import lazy_layers, takes
from core.parsing.inputs.usual_inputs import candidate_inputs
from core.parsing.parsed import Shape


def stated_input(value: Any, evaluator: Evaluator, tree: ast.Module, text: str) -> Shape | None:
    """The input that the text names: in Keras's Input, in a call of the network, a summary, the data, comments."""
    if isinstance(value, KerasNetwork):
        return value.inputs[0].shape
    calls = [(network, shape[1:]) for network, shape in evaluator.seen_inputs if len(shape) > 1]
    for stated in (calls, evaluator.sizes):
        shapes = [shape for network, shape in stated if network is value]
        others = [shape for network, shape in stated if not shapes and _may_be(network, value)]
        shapes += [shape for shape in others if lazy_layers(value) or takes(value, shape)]
        if shapes:
            return shapes[-1]
    preset = evaluator.preset_inputs.get(id(value))
    return (
        _input_from_data(value, evaluator, tree)
        or (_input_of_preset(value, preset[1]) if preset else loose_input(value, evaluator))
        or made_input(value, evaluator)
        or _input_from_example(value, evaluator, tree, text)
        or _input_from_comments(value, evaluator, text)
        or (documented_input(value, text, evaluator.notes) if not lazy_layers(value) else None)
        or _row_of_call(value, evaluator)
        or steps_input(value, evaluator)
    )


def _row_of_call(network: nn.Module, evaluator: Evaluator) -> Shape | None:
    """The row of numbers that a text hands to a network without a batch, where that takes a batch of such rows."""
    rows = [shape for called, shape in evaluator.seen_inputs if called is network and len(shape) == 1]
    return rows[-1] if rows and not lazy_layers(network) and takes(network, rows[-1]) else None


def _input_of_preset(network: nn.Module, shape: Shape) -> Shape:
    """The input of a ready-made network, with other channels where the text puts a first layer of its own into it."""
    usual = candidate_inputs(network)[0]
    other = (usual[0], *shape[1:])
    is_other = len(usual) == len(shape) and other != shape and not takes(network, shape) and takes(network, other)
    return other if is_other else shape


def _input_from_data(network: nn.Module, evaluator: Evaluator, tree: ast.Module) -> Shape | None:
    """An image of the size that the text loads, if the network begins with a 2D convolution and takes it."""
    size = image_size(tree, lambda node: evaluator.evaluate(node, evaluator.globals))
    usual = candidate_inputs(network)[0]
    shape = (usual[0], size.height, size.width) if size is not None and len(usual) == 3 else None
    if size is None or shape is None or lazy_layers(network) or not takes(network, shape):
        return None
    written = "x".join(map(str, shape))
    evaluator.notes.append(f"The input is {written}: {size.name} in line {size.line} gives that size.")
    return shape


def _may_be(network: Any, chosen: Any) -> bool:
    """Whether what is said of a network goes for the chosen one: it is unknown which, one of its class, its begin."""
    definition = getattr(network, "definition", None)
    is_same_class = definition is not None and definition is getattr(chosen, "definition", None)
    is_first = isinstance(chosen, nn.Sequential) and len(chosen) > 0 and chosen[0] is network
    return not isinstance(network, nn.Module) or is_same_class or is_first


def _input_from_example(network: nn.Module, evaluator: Evaluator, tree: ast.Module, text: str) -> Shape | None:
    """The tensor that a docstring or comment makes, such as `>>> x = torch.randn(32, 1, 3000)`."""
    found = example_input(network, tree, text) if not lazy_layers(network) else None
    if found is None:
        return None
    shape, line = found
    evaluator.notes.append(f"The input is {'x'.join(map(str, shape))}: the example in line {line} has that size.")
    return shape


def _input_from_comments(network: nn.Module, evaluator: Evaluator, text: str) -> Shape | None:
    """The input with which the sizes in comments come out."""
    found = commented_input(network, text) if not lazy_layers(network) else None
    if found is None:
        return None
    shape, count = found
    evaluator.notes.append(
        f"The input is {'x'.join(map(str, shape))}: with it {count} of the sizes in comments come out."
    )
    return shape
