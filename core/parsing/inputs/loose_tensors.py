"""A tensor that a text makes beside its network and does not hand it: an example of the input, if it goes through."""

from __future__ import annotations

from torch import Tensor, nn

from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.inputs.trial import Shape, lazy_layers, takes

MOST_TRIED = 4


def loose_input(network: nn.Module, evaluator: Evaluator) -> Shape | None:
    """The shape of the first such tensor without its batch, which is said in a note."""
    tensors = {
        name: tuple(one.shape)
        for name, one in evaluator.globals.names.items()
        if isinstance(one, Tensor) and not isinstance(one, nn.Parameter) and one.dim() > 1
        if name not in evaluator.weights
    }
    if not isinstance(network, nn.Module) or lazy_layers(network):
        return None
    for name, (_, *sides) in list(tensors.items())[:MOST_TRIED]:
        if takes(network, tuple(sides)):
            evaluator.notes.append(f"The input is {'x'.join(map(str, sides))}: {name[:60]} has that size.")
            return tuple(sides)
    return None
