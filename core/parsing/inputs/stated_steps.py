"""How many steps a sequence has, where a text gives that a name: `seq_len = 50`, a table of 20 positions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torch import nn

from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.trial import Shape, lazy_layers, takes
from core.parsing.inputs.usual_inputs import numbers_of_text, reads_sequences

LENGTH = re.compile(
    r"(max_?)?(seq|sequence|sent|sentence|text|doc|input|in|src|source|context|history|window|word|pad)_?(len|length)"
    r"|(n|num)?_?time_?steps?|(n|num)_?steps|look_?back|(sliding_?)?window(_?size)?|(block|seq|sequence|context)_?size"
    r"|max_?len(gth)?",
    re.I,
)
POSITIONS = re.compile(r"(\w+_)?pos(ition(al|s)?)?(_?(emb|embed|embedding|embeddings|encoding|enc|table))?", re.I)
LONGEST = 2048
MOST_TRIED = 3


def steps_input(network: nn.Module, evaluator: Evaluator) -> Shape | None:
    """A sequence of so many steps as wide as the first layer takes them, batch not included; a note says why."""
    if not isinstance(network, EvaluatedModule) or lazy_layers(network) or not _takes_batch_first(network):
        return None
    width = _width(network)
    lengths = list(dict.fromkeys(_lengths(network, evaluator))) if width is not None else []
    for name, length in lengths[:MOST_TRIED]:
        shape = (length, *(width or ()))
        if takes(network, shape):
            evaluator.notes.append(f"The input is {'x'.join(map(str, shape))}: {name[:60]} says how many steps it has.")
            return shape
    return None


def _width(network: nn.Module) -> Shape | None:
    """The sizes of one step; () for tokens, None where the first layer takes no steps."""
    first = first_layer(network)
    if isinstance(first, nn.Embedding):
        return ()
    if isinstance(first, nn.RNNBase):
        return (first.input_size,)
    return (first.in_features,) if isinstance(first, nn.Linear) and reads_sequences(network) else None


def _takes_batch_first(network: nn.Module) -> bool:
    """Whether no layer takes the steps of a sequence before the batch."""
    kinds = (nn.RNNBase, nn.MultiheadAttention)
    return all(layer.batch_first for layer in network.modules() if isinstance(layer, kinds))


def _lengths(network: EvaluatedModule, evaluator: Evaluator) -> Iterator[tuple[str, int]]:
    """Such numbers with their names: of its positions, of what it was made with, of the text; upper limits last."""
    for name, table in network.named_parameters(recurse=False):
        if POSITIONS.fullmatch(name) and table.dim() in (2, 3) and (table.dim() == 2 or table.shape[0] == 1):
            yield name, table.shape[-2]
    texts = {name: value for name, value in evaluator.globals.names.items() if type(value) is int}
    numbers = [*numbers_of_text(network).items(), *texts.items()]
    named = [one for one in numbers if LENGTH.fullmatch(one[0]) and 1 < one[1] <= LONGEST]
    assumed = evaluator.assumed
    yield from sorted((one for one in named if one[0] not in assumed), key=lambda one: "max" in one[0].lower())
