"""The input that a network needs where no usual one goes through, worked out from what PyTorch says of those tried.

A `Linear` behind convolutions takes so many values: the side of the image is searched for which gives them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.budget import ExhaustedBudgetError
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.modules import EvaluatedModule, other_entries
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.other_axes import turns_axes
from core.parsing.inputs.trial import BATCH, evaluating, runs
from core.parsing.inputs.usual_inputs import SIDES, candidate_inputs

Shape = tuple[int, ...]
MOST_TRIED = 48  # forward passes
MOST_LAYERS = 100  # of a Sequential, whose layers cost no steps
MAX_SIDE = 1024
ASPECTS = ((1, 1), (3, 4), (4, 3), (9, 16), (2, 3), (3, 2), (1, 2), (2, 1))  # height and width
USUAL = sorted({*SIDES, 84, 105, 240, 320, 480, 640}, key=lambda side: (side % 2, side))  # odd ones last
DEPTHS = (16, 8, 32, 24, 10)  # frames of a clip
MORE_AXES = re.compile(r"the tensor has (\d+) axes, not (\d+)|too many indices for|Dimension out of range|has no axis")
MOST_AXES = 4  # besides the batch
STEPS = 8  # along each axis that is put in front
TOO_FEW = re.compile(r"got \[(\d+), (\d+)\] X \[(\d+), \d+\]")
RESHAPED = re.compile(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)")
OTHER_WIDTH = re.compile(r"Expected (\d+), got (\d+)")  # of each step, as an LSTM says it
NO_SUCH_CHANNEL = re.compile(r"index (\d+) is out of bounds for dimension 1 with size (\d+)")


def fitted_input(module: nn.Module) -> Shape | None:
    """An input, batch not included, that goes through a network which takes none of the usual ones.

    A class without `forward` is run by the first of its other methods for which there is one.
    """
    if isinstance(module, EvaluatedModule):
        for entry in other_entries(module):
            module.entry = entry
            if (shape := _fitted(module)) is not None:
                return shape
        module.entry = "forward"
    return _fitted(module)


def single_token(module: nn.Module) -> Shape | None:
    """One token, in a row of its own or alone, where a network that looks tokens up takes no more of them."""
    if not isinstance(first_layer(module), (nn.Embedding, nn.EmbeddingBag)):
        return None
    trials = Trials(module)
    try:
        return next((shape for shape in ((1,), ()) if trials.said(shape) == ""), None)
    except ParseError:  # the budget
        return None


def _fitted(module: nn.Module) -> Shape | None:
    if not isinstance(module, EvaluatedModule) and (not _ends_in_linear(module) or runs(module)):
        return None
    trials = Trials(module)
    candidates = candidate_inputs(module)
    usual = [one for one in candidates if len(one) == 1][:1] + [one for one in candidates if len(one) > 1][:3]
    searches: list[Callable[[Trials, Shape], Iterator[Shape]]] = [
        _of_width,
        _of_length,
        _of_reshape,
        _of_axes,
        _of_channels,
        _of_steps,
        _of_sides,
        _of_last_channels,
    ]
    try:
        for search in searches:
            for shape in usual:
                found = next((one for one in search(trials, shape) if trials.said(one) == ""), None)
                if found is not None:
                    return found
    except ParseError:  # the budget, or something that cannot be evaluated
        return None
    return None


def _ends_in_linear(module: nn.Module) -> bool:
    """Whether layers in a row, not too many to be tried out, are convolutions at first and linear in the end."""
    layers = list(module.modules())
    kinds = [type(one) for one in layers if one._parameters]
    return len(layers) <= MOST_LAYERS and nn.Linear in kinds[1:] and kinds[0] in (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class Trials:
    """What a network says of inputs, each tried once."""

    def __init__(self, module: nn.Module):
        self.module, self.known = module, dict[Shape, str]()
        self.device = next((one.device for one in module.parameters()), torch.device("meta"))

    def said(self, shape: Shape) -> str:
        """Why an input does not go through, "" if it does. Raises: ParseError after too many."""
        if shape not in self.known:
            if len(self.known) >= MOST_TRIED:
                raise ParseError("no input was found that goes through.")
            self.known[shape] = self._try(shape)
        return self.known[shape]

    def _try(self, shape: Shape) -> str:
        try:
            with evaluating(self.module):
                self.module(torch.empty(BATCH, *shape, device=self.device))
            return ""
        except ExhaustedBudgetError:
            raise
        except ParseError as error:
            return str(error)
        except MISFITS as error:
            return str(error) or type(error).__name__

    def values(self, shape: Shape) -> tuple[int, int] | None:
        """How many values an input gives where it does not fit, and how many are needed there, if that is said."""
        said = self.said(shape)
        if match := TOO_FEW.search(said):
            rows, have, needed = map(int, match.groups())
            return (have, needed) if rows % BATCH == 0 and (rows == BATCH or len(shape) == MOST_AXES) else None
        if match := RESHAPED.search(said):
            sizes = [int(one) for one in match[1].split(",")]
            if len(sizes) == 2 and sizes[0] in (-1, BATCH):
                return int(match[2]) // BATCH, sizes[1]
        return None


def _of_width(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """`torch.cat([noise, self.emb(labels)], 1)`: as many values as are missing, or fewer by those that are too many."""
    counts = trials.values(shape) if len(shape) == 1 else None
    if counts is not None and shape[0] + counts[1] - counts[0] > 0:
        yield (shape[0] + counts[1] - counts[0],)


def _of_length(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """Tokens, as many as give a `Linear` behind them its values, or a recurrent layer its width."""
    is_row = isinstance(first_layer(trials.module), (nn.Embedding, nn.EmbeddingBag)) and len(shape) == 1
    if not is_row:
        return
    if trials.values(shape) is not None:
        yield from _searched(trials, lambda length: (length,))
    elif (match := OTHER_WIDTH.search(trials.said(shape))) and shape[0] * int(match[1]) % int(match[2]) == 0:
        yield (shape[0] * int(match[1]) // int(match[2]),)


def _of_reshape(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """`x.view(x.size(0), 3, 70, 320)`: the input may have that shape before it, too."""
    match = RESHAPED.search(trials.said(shape)) if len(shape) > 1 else None
    sizes = tuple(int(one) for one in match[1].split(",")) if match else ()
    if len(sizes) > 1 and sizes[0] in (-1, BATCH) and min(sizes[1:]) > 0:
        yield sizes[1:]
    elif sizes.count(BATCH) == 1 and min(sizes) > 0:  # `x.view(20, x.size(0), 300)`
        others = [one for one in sizes if one != BATCH]
        yield from ((math.prod(others),), tuple(others))


def _of_axes(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """`b, nodes, steps, features = x.shape`: as many axes in front as are missing; of a clip, its channels last."""
    count = len(shape)
    while len(shape) < MOST_AXES and MORE_AXES.search(trials.said(shape)):
        shape = (STEPS, *shape)
        yield shape
    if len(shape) == MOST_AXES == count + 1:
        yield from _searched(trials, lambda side: (STEPS, side, side, shape[1]))


def _of_channels(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """`x[:, 5]`: an input of as many channels as are picked one by one."""
    for _ in range(MOST_TRIED):
        match = NO_SUCH_CHANNEL.search(trials.said(shape))
        if match is None or len(shape) == 1 or int(match[2]) != shape[0]:
            break
        shape = (int(match[1]) + 1, *shape[1:])
        yield shape


def _of_steps(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """Sequences whose steps are as wide as a recurrent layer says, and as many as a `Linear` behind it takes."""
    if len(shape) != 2:
        return
    if (match := OTHER_WIDTH.search(trials.said(shape))) and int(match[2]) == shape[1]:
        shape = (shape[0], int(match[1]))
        yield shape
    have, needed = trials.values(shape) or (1, 0)
    if needed and shape[0] * needed % have == 0:
        yield (shape[0] * needed // have, shape[1])


def _of_sides(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """Sides that give a `Linear` as many values as it takes."""
    if len(shape) == 1 or trials.values(shape) is None:
        return
    channels, axes = shape[0], len(shape) - 1
    if axes == 3:
        patterns = [partial(_clip, channels, depth) for depth in DEPTHS]
    else:
        patterns = [partial(_scaled, channels, aspect) for aspect in (ASPECTS if axes == 2 else ((1,),))]
    for pattern in patterns:
        yield from _searched(trials, pattern)


def _of_last_channels(trials: Trials, shape: Shape) -> Iterator[Shape]:
    """`x.permute(0, 3, 1, 2)` and `x.unsqueeze(1)`: the sides of an image whose channels come last or are not there.

    Likewise of a sequence, as of Paddle's `data_format="NLC"`.
    """
    if len(shape) == 3 and turns_axes(trials.module):
        yield from _searched(trials, lambda side: (side, side, shape[0]))
    if len(shape) == 3 and shape[0] == 1:
        yield from _searched(trials, lambda side: (side, side))
    if len(shape) == 2 and isinstance(first_layer(trials.module), nn.Conv1d):
        yield from _searched(trials, lambda steps: (steps, shape[0]))


def _clip(channels: int, depth: int, side: int) -> Shape:
    return channels, depth, side, side


def _scaled(channels: int, aspect: tuple[int, ...], side: int) -> Shape:
    return channels, *(side * one // max(aspect) for one in aspect)


def _searched(trials: Trials, pattern: Callable[[int], Shape]) -> Iterator[Shape]:
    """The sides for which there are as many values as needed: the usual ones, the smallest, found by halving."""
    low, high = 1, MAX_SIDE
    while low < high:
        middle = (low + high) // 2
        fits = trials.said(pattern(middle)) == ""
        counts = None if fits else trials.values(pattern(middle))
        if not fits and counts is None and middle > MAX_SIDE // 4:  # no kernel is larger than such an image
            return
        if fits or (counts is not None and counts[0] >= counts[1]):
            high = middle
        else:
            low = middle + 1
    yield from (pattern(side) for side in USUAL if low <= side <= low + low // 4)
    yield pattern(low)
