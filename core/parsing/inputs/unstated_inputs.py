"""The input of a network whose text states none: a usual one, or what is worked out, with a note on how."""

from __future__ import annotations

from torch import nn

from core.parsing.evaluation.forward_inputs import needed_inputs
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.batch_inputs import input_of_batch
from core.parsing.inputs.fitting_inputs import fitted_input, single_token
from core.parsing.inputs.input_sizes import find_sizes
from core.parsing.inputs.lazy_inputs import input_of_lazy
from core.parsing.inputs.several_inputs import Input, image_beside_rows, keep, named_widths, several_inputs, written
from core.parsing.inputs.sizes_of_settings import sized_by_settings
from core.parsing.inputs.trial import MOST_TRIED, Shape, Tried, lazy_layers, takes
from core.parsing.inputs.usual_inputs import WIDTH, candidate_inputs, numbers_of_text


def unstated_input(module: nn.Module, tried: Tried | None, notes: list[str]) -> Shape | None:
    """An input without its batch that is not simply the first of the usual ones; None where that one does.

    Args: `tried` is what `try_forward` found to go through.
    """
    several = named_widths(module) or image_beside_rows(module)
    if several is not None:
        return _of_several(module, *several, notes)
    if tried is not None and isinstance(module, EvaluatedModule):
        if tried.shape in candidate_inputs(module):
            return input_of_batch(module, tried, notes)
        notes.append(f"The text names no input: {_sizes(tried.shape)} goes through.")
        return tried.shape
    shape = fitted_input(module) or sized_by_settings(module)
    several = several_inputs(module) if shape is None else None
    if several is not None:
        return _of_several(module, *several, notes)
    shape = single_token(module) if shape is None and isinstance(module, EvaluatedModule) else shape
    if shape is not None:
        notes.append(f"The text names no input: {_sizes(shape)} goes through, which usual sizes do not.")
        return shape
    if not isinstance(module, EvaluatedModule):
        return None
    return find_sizes(module, candidate_inputs(module)) or _of_one_item(module, notes)


def _of_one_item(module: EvaluatedModule, notes: list[str]) -> Shape | None:
    """A usual input for a network that takes no batch of several, as where `forward` puts an axis in front itself."""
    usual = sorted(candidate_inputs(module)[:MOST_TRIED], key=len)  # a state, rather than the picture of one
    shape = next((one for one in (*_own_widths(module), *usual) if takes(module, one, batch=1)), None)
    if shape is not None:
        notes.append(f"The text names no input: {_sizes(shape)} goes through, one item at a time.")
    return shape


def _own_widths(module: EvaluatedModule) -> list[Shape]:
    """A row as wide as the network was told: its first layer may take more, as where a state is put beside it."""
    widths = [value for name, value in numbers_of_text(module).items() if WIDTH.fullmatch(name.lower())]
    return [(width,) for width in widths[:1]]


def lazy_input(module: nn.Module, notes: list[str]) -> Shape | None:
    """The input that its lazy layers are settled with, where it does not matter which; None where it does."""
    shape = input_of_lazy(module) if lazy_layers(module) else None
    if shape is not None:
        notes.append(f"The text names no input: {_sizes(shape)} is taken, and others give the layers the same sizes.")
    return shape


def _of_several(module: nn.Module, shape: Shape, named: dict[str, Input], notes: list[str]) -> Shape:
    keep(module, named)
    method = module.definition.find(module.entry) if isinstance(module, EvaluatedModule) else None
    first = needed_inputs(method)[0] if isinstance(method, Function) else "the input"
    notes.append(f"The text names no inputs: {written(first, shape, named)} are taken.")
    return shape


def _sizes(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "one number"
