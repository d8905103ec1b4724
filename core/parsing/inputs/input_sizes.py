"""Inputs of several sizes, apart or as parts of one: each in a size that goes through, or in one that is typed for it.

The first input is what is typed or usual. For each other one a size is searched for with which `forward` comes further:
that of the layer at which it stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.budget import ExhaustedBudgetError
from core.parsing.evaluation.conditions import is_condition
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.forward_inputs import ADJACENCY, EDGES, needed_inputs, parts_read
from core.parsing.evaluation.hidden_state import has_state, takes_zeros
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.open_masks import is_open_mask
from core.parsing.evaluation.values import Function
from core.parsing.evaluation.worded_inputs import words_of_inputs
from core.parsing.inputs.fitting_inputs import TOO_FEW
from core.parsing.inputs.trial import BATCH, evaluating, lazy_layers
from core.parsing.inputs.usual_inputs import candidate_inputs

Shape = tuple[int, ...]
Input = tuple[Shape, torch.dtype]
MOST_RUNS = 90
MOST_FIRST = 3  # usual sizes of the first input
MOST_LAYERS = 4  # that the first input may go into
MOST_OPTIONS = 5  # sizes that go into the layer at which `forward` stops
MOST_INPUTS = 6
SIZE_OF = "size of "  # in the name of a value that may be typed
LARGEST_SIDE = 65_536
SOME_WIDTH = 8  # of a row of numbers that goes into no layer by itself


@dataclass(frozen=True)
class Attempt:
    """How far an input comes: how many layers it passes, at which one it stops, and why; "" where it goes through."""

    passed: int
    stopped_at: nn.Module | None
    said: str


def plain_inputs(module: nn.Module) -> list[str]:
    """Names of the inputs of `forward` that are neither a state nor a time, a class, a word or the edges of a graph."""
    method = module.definition.find(module.entry) if isinstance(module, EvaluatedModule) else None
    if not isinstance(method, Function):
        return []
    needed = needed_inputs(method)
    names = [name for name in needed if name == needed[0] or not has_state(module, name)]
    return [name for name in names if name == needed[0] or not _is_special(module, method, name, needed)]


def _is_special(module: nn.Module, method: Function, name: str, needed: list[str]) -> bool:
    is_graph = EDGES.fullmatch(name.lower()) or ADJACENCY.fullmatch(name.lower())
    return (
        bool(is_graph)
        or takes_zeros(module, name, needed)
        or is_condition(module, method, name, needed)
        or is_open_mask(module, method, name)
        or name in words_of_inputs(method.node)
    )


def tensor_inputs(module: EvaluatedModule) -> list[str]:
    """The same down to the parts of an input that is a dictionary, an object or several in a row."""
    method = module.definition.find(module.entry)
    return [part for name in plain_inputs(module) for part in parts_read(module, method, name).names or (name,)]


def known_sizes(module: nn.Module) -> dict[str, Input]:
    """Sizes without the batch, and types, of inputs and parts beside the first that have other ones."""
    return {**module.named_inputs, **module.part_sizes} if isinstance(module, EvaluatedModule) else {}


def give_sizes(module: EvaluatedModule, sizes: Mapping[str, Input]) -> None:
    """Has a network keep such sizes wherever it is called with one tensor."""
    inputs = plain_inputs(module)
    named = {name: one for name, one in sizes.items() if name in inputs}
    others = {name: one for name, one in module.named_inputs.items() if name not in inputs}
    module.__dict__["named_inputs"] = {**others, **named}
    module.__dict__["part_sizes"] = {name: one for name, one in sizes.items() if name not in inputs}


def give_typed_sizes(module: nn.Module, given: Mapping[str, Any]) -> None:
    """Has a network keep the sizes that are typed for its other inputs, under the names of `typed_names`."""
    names = tensor_inputs(module)[1:] if isinstance(module, EvaluatedModule) else []
    typed = {name: given[SIZE_OF + name] for name in names if SIZE_OF + name in given}
    sizes = {name: (size,) if type(size) is int else tuple(size) for name, size in typed.items()}
    for name, size in sizes.items():
        if not all(type(side) is int and 0 < side <= LARGEST_SIDE for side in size):
            raise ParseError(f"{SIZE_OF}{name} is {size}: write whole numbers from 1 to {LARGEST_SIDE:,}.")
    if sizes and isinstance(module, EvaluatedModule):
        kinds = known_sizes(module)
        new = {name: (size, kinds[name][1] if name in kinds else torch.float32) for name, size in sizes.items()}
        give_sizes(module, {name: one for name, one in kinds.items() if name in names} | new)


def typed_names(module: nn.Module) -> dict[str, Shape]:
    """The sizes that a network keeps, by what they are called where others may be typed."""
    names = tensor_inputs(module) if isinstance(module, EvaluatedModule) else []
    return {SIZE_OF + name: tuple(one[0]) for name, one in known_sizes(module).items() if name in names and one[0]}


def find_sizes(module: EvaluatedModule, firsts: Iterable[Shape]) -> Shape | None:
    """Gives the other inputs of a network their sizes, which it keeps; the first input that goes through with them.

    Args: `firsts` are sizes of the first input, the likeliest first.
    """
    names = tensor_inputs(module)
    if not 1 < len(names) <= MOST_INPUTS or lazy_layers(module):
        return None
    kept = {name: one for name, one in known_sizes(module).items() if name in names}
    search = _Search(module, names[1:], kept)
    try:
        for first in dict.fromkeys([*list(firsts)[:MOST_FIRST], *search.usual_inputs()]):
            if search.settle(first):
                return first
    except ParseError:  # the budget
        pass
    give_sizes(module, kept)
    return None


class _Search:
    """Runs a network with one choice of sizes after the other."""

    def __init__(self, module: EvaluatedModule, others: Sequence[str], known: dict[str, Input]):
        self.module, self.others, self.known, self.count = module, others, known, 0
        self.leaves = [one for one in module.modules() if one._parameters and one is not module]
        self.device = next((one.device for one in module.parameters()), torch.device("meta"))

    def usual_inputs(self) -> list[Shape]:
        """What the first layers take: the first input need not be the one that `forward` uses first."""
        return [candidate_inputs(layer)[0] for layer in self.leaves[:MOST_LAYERS]]

    def settle(self, first: Shape) -> bool:
        """Sizes for all inputs beside the first, one after the other; whether all of them go through then."""
        sizes: dict[str, Shape] = {}
        run = self.run(first, sizes)
        for _ in self.others:
            if run.said == "":
                break
            chosen = max(self._steps(first, sizes, run), key=lambda step: _worth(step[1]), default=None)
            if chosen is None or _worth(chosen[1]) <= _worth(run):
                break
            sizes, run = chosen
            sizes, run = self._fitted(first, sizes, run)
        self.give(sizes)
        return run.said == ""

    def give(self, sizes: dict[str, Shape]) -> None:
        """Has the network keep the sizes of its other inputs."""
        give_sizes(self.module, self.known | {name: (shape, torch.float32) for name, shape in sizes.items()})

    def _steps(self, first: Shape, sizes: dict[str, Shape], run: Attempt) -> Iterator[tuple[dict[str, Shape], Attempt]]:
        for name in self.others:
            for shape in _options(run.stopped_at, first) if name not in self.known | sizes else ():
                step = {**sizes, name: shape}
                yield step, self.run(first, step)

    def _fitted(self, first: Shape, sizes: dict[str, Shape], run: Attempt) -> tuple[dict[str, Shape], Attempt]:
        """A row of numbers that is put together with others has as many as the layer behind lacks."""
        match = TOO_FEW.search(run.said)
        name, shape = list(sizes.items())[-1]
        if match is None or len(shape) != 1 or shape[0] + int(match[3]) - int(match[2]) < 1:
            return sizes, run
        step = {**sizes, name: (shape[0] + int(match[3]) - int(match[2]),)}
        other = self.run(first, step)
        return (step, other) if _worth(other) > _worth(run) else (sizes, run)

    def run(self, first: Shape, sizes: dict[str, Shape]) -> Attempt:
        """Raises: ParseError after too many."""
        self.count += 1
        if self.count > MOST_RUNS:
            raise ParseError("no sizes were found that go through.")
        self.give(sizes)
        begun: list[nn.Module] = []
        ended: list[nn.Module] = []
        hooks = [one.register_forward_pre_hook(lambda layer, x: begun.append(layer)) for one in self.leaves]
        hooks += [one.register_forward_hook(lambda layer, x, y: ended.append(layer)) for one in self.leaves]
        try:
            return Attempt(*self._outcome(first, begun, ended))
        finally:
            for hook in hooks:
                hook.remove()

    def _outcome(self, first: Shape, begun: list[Any], ended: list[Any]) -> tuple[int, nn.Module | None, str]:
        try:
            with evaluating(self.module):
                self.module(torch.empty(BATCH, *first, device=self.device))
        except ExhaustedBudgetError:
            raise
        except MISFITS as error:
            stopped_at = begun[-1] if len(begun) > len(ended) else None
            return len(ended), stopped_at, str(error) or type(error).__name__
        return len(ended), None, ""


def _worth(run: Attempt) -> tuple[bool, int, bool]:
    """How far a run comes: through all, past so many layers, or at least into another one."""
    return run.said == "", run.passed, run.stopped_at is not None


def _options(layer: nn.Module | None, first: Shape) -> list[Shape]:
    """Sizes that may go into a layer: those that it usually takes, as large as the first input where it is an image."""
    if layer is None:
        return [(SOME_WIDTH,)]
    usual = candidate_inputs(layer)
    alike = [(one[0], *first[1:]) for one in usual[:1] if len(one) == len(first) > 1]
    rows = [one for one in usual if len(one) == 1]
    return list(dict.fromkeys([*alike, *rows[:1], *usual]))[:MOST_OPTIONS]
