"""Trying a network on inputs without memory: what `forward` cannot be evaluated for is known before it is used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin

from core.errors import MissingShapeError, ParseError
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.exceptions import TextRefusesError
from core.parsing.evaluation.forward_inputs import needed_inputs
from core.parsing.evaluation.modules import EvaluatedModule, other_entries
from core.parsing.evaluation.values import Function
from core.parsing.inputs.other_axes import other_axes
from core.parsing.inputs.restored_values import as_before
from core.parsing.inputs.usual_inputs import candidate_inputs
from core.parsing.plan import LayerCall

Shape = tuple[int, ...]
BATCH = 2
MOST_TRIED = 6  # inputs, where the text names none


@contextlib.contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode for a while, without gradients; what `forward` keeps is as before afterwards."""
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad(), as_before(module):
            yield
    finally:
        module.train(was_training)


@dataclass(frozen=True)
class Tried:
    """An input without its batch that went through a network, and what it gave; () where none had to be tried."""

    shape: Shape = ()
    output: Any = None


def try_forward(module: nn.Module, shapes: Sequence[Shape]) -> Tried | None:
    """Evaluates `forward` on inputs that the text names, or else on likely ones, up to the first that fits.

    Returns: the one that went through.
    Raises: ParseError. An input that does not fit is no reason to refuse: another one may.
    """
    if not any(isinstance(part, EvaluatedModule) for part in module.modules()):
        return Tried()
    tried = [*shapes, *candidate_inputs(module)][:MOST_TRIED]
    tried += other_axes(module) if not shapes else []
    if isinstance(module, EvaluatedModule) and (entries := other_entries(module)):
        return _take_entry(module, entries, tried)
    refused: list[TextRefusesError] = []
    with evaluating(module):
        for shape in tried:
            try:
                return Tried(shape, module(torch.empty(BATCH, *shape, device="meta")))
            except TextRefusesError as error:
                refused.append(error)
            except ParseError:
                raise
            except MISFITS:
                continue
    if refused:
        raise refused[0]
    return None


def _take_entry(module: EvaluatedModule, entries: Sequence[str], shapes: Sequence[Shape]) -> Tried | None:
    """Runs the first method that some input goes through, for a class without `forward`; or none, if there is none."""
    with evaluating(module):
        for module.entry in entries:
            for shape in shapes:
                with contextlib.suppress(*MISFITS):
                    return Tried(shape, module(torch.empty(BATCH, *shape, device="meta")))
    module.entry = "forward"
    return None


def runs(module: nn.Module) -> bool:
    """Whether some likely input goes through."""
    return any(takes(module, shape) for shape in candidate_inputs(module)[:MOST_TRIED])


def takes(module: nn.Module, shape: Shape, batch: int = BATCH) -> bool:
    """Whether an input of a shape, batch not included, goes through a network."""
    device = next((parameter.device for parameter in module.parameters()), torch.device("meta"))
    with evaluating(module), contextlib.suppress(*MISFITS):
        module(torch.empty(batch, *shape, device=device))
        return True
    return False


def lazy_layers(module: nn.Module) -> list[nn.Module]:
    """Layers such as `nn.LazyConv2d` that have not met an input yet."""
    return [part for part in module.modules() if isinstance(part, LazyModuleMixin) and part.has_uninitialized_params()]


def settle_lazy(
    module: nn.Module, shapes: Iterable[Shape], device: torch.device, calls: dict[nn.Module, LayerCall]
) -> None:
    """Sends an input through a network so that its lazy layers take their sizes, and corrects how they are written.

    Raises: MissingShapeError where no input is known; ParseError where it does not fit.
    """
    waiting = lazy_layers(module)
    if waiting:
        line = calls[waiting[0]].line if waiting[0] in calls else 1
        kind = type(waiting[0]).__name__
        _send(module, next(iter(shapes), None), device, f"Line {line}: {kind} takes its size from the first input")
    for layer in module.modules():
        call = calls.get(layer)
        if call is not None and call.kind.startswith("Lazy") and not isinstance(layer, LazyModuleMixin):
            calls[layer] = _settled(layer, call)


def _send(module: nn.Module, shape: Shape | None, device: torch.device, sentence: str) -> None:
    if shape is None:
        raise MissingShapeError(f"{sentence}, which the code does not state: type the input shape beside the code.")
    try:
        with evaluating(module):
            _meet(module, torch.empty(BATCH, *shape, device=device))
    except ParseError:
        raise
    except MISFITS as error:
        reason = str(error).strip().split("\n")[0][:160]
        raise ParseError(f"{sentence}, and {'x'.join(map(str, shape))} does not go through: {reason}.") from None
    if lazy_layers(module):
        raise ParseError(f"{sentence}, and no run with one input uses it: write its size, or leave the layer out.")


def _meet(module: nn.Module, x_B: Tensor) -> None:
    """Runs a network on its first input; one without `forward` by each of its methods that the input goes through."""
    if not isinstance(module, EvaluatedModule):
        module(x_B)
        return
    others = other_entries(module)
    entries = [one for one in others if _takes_one(module, one)] if others else ["forward"]
    refused: list[Exception] = []
    for module.entry in entries:
        try:
            module(x_B)
        except MISFITS as error:
            refused.append(error)
    module.entry = "forward"
    if refused and len(refused) == len(entries):
        raise refused[0]


def _takes_one(module: EvaluatedModule, entry: str) -> bool:
    """Whether a method takes one input: of several, each might have another size."""
    method = module.definition.find(entry)
    return isinstance(method, Function) and len(needed_inputs(method)) == 1


def _settled(layer: nn.Module, call: LayerCall) -> LayerCall:
    """The same layer with the size that it has taken, which stands first in the call of the layer that it became."""
    names = ("in_channels", "in_features", "num_features")
    size = next(getattr(layer, name) for name in names if hasattr(layer, name))
    return LayerCall(call.kind.removeprefix("Lazy"), (size, *call.args), call.kwargs, call.line, call.names)
