"""The input that a text's comments tell: `# 3x96x96 -> 16x48x48`, taken where the sizes beside the layers come out.

A comment may be out of date or mean something else, so none is believed alone: of all likely inputs that one is taken
with which more of the sizes are those of the network's tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.evaluation.budget import ExhaustedBudgetError
from core.parsing.evaluation.core import MISFITS
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.trial import BATCH, Shape, evaluating
from core.parsing.inputs.usual_inputs import CONVOLUTIONS, TRANSPOSED, candidate_inputs

LONGEST = 200_000  # letters of a text
FEWEST = 2  # sizes that have to come out; one that is said to be the input's counts twice
MOST_TRIED = 6  # forward passes
MOST_SIZES = 60
MAX_SIDE = 2048
AXES: dict[type[nn.Module], int] = {**CONVOLUTIONS, **TRANSPOSED, nn.RNNBase: 1}  # besides the channels or steps
COMMENT = re.compile(r"#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''", re.S)
SAID = re.compile(r"\binputs?\b[^\n\d]{0,40}$", re.I)  # in front of such a size
SIZES = re.compile(r"(?<![\w.])\d{1,4}(?:\s*[x×*,]\s*\d{1,4}){1,4}(?![\w.])", re.I)
Sizes = list[tuple[int, ...]]


def commented_input(network: nn.Module, text: str) -> tuple[Shape, int] | None:
    """An input, batch not included, and how many sizes in comments come out with it; None where they tell none."""
    first = first_layer(network) if "#" in text or '"""' in text or "'''" in text else None
    axes = next((n for kind, n in AXES.items() if isinstance(first, kind)), 0)
    sizes = commented_sizes(text, axes) if axes else []
    said = commented_sizes(text, axes, True) if axes else []
    if len(sizes) + len(said) < FEWEST:
        return None
    best: tuple[Shape | None, int] = None, FEWEST - 1
    usual = [shape for shape in candidate_inputs(network) if len(shape) == axes + 1]
    try:
        for shape in list(dict.fromkeys([*usual[:1], *_inputs(sizes, first, axes), *usual]))[:MOST_TRIED]:
            tensors = _tensors_of(network, shape)
            count = len(_alike(sizes, tensors)) + (shape in said and bool(tensors))
            if count > best[1]:
                best = shape, count
            if 2 * count >= len(sizes):  # no other input will do better
                break
    except ExhaustedBudgetError:
        return None
    return (best[0], best[1]) if best[0] is not None else None


def commented_sizes(text: str, axes: int, is_input: bool = False) -> Sizes:
    """Sizes with so many axes besides the channels that stand in comments and docstrings, the batch left out.

    Args: `is_input` asks for those alone that are said to be the input's.

    >>> commented_sizes("nn.Conv2d(3, 8, 3)  # input: (N, 3, 32, 32) -> 8x30x30, kernel 3x3", 2)
    [(3, 32, 32), (8, 30, 30)]
    >>> commented_sizes("nn.Conv2d(3, 8, 3)  # input: (N, 3, 32, 32) -> 8x30x30, kernel 3x3", 2, True)
    [(3, 32, 32)]
    """
    comments = (match[0] for match in COMMENT.finditer(text)) if len(text) <= LONGEST else ()
    matches = [match for one in comments for match in SIZES.finditer(one)]
    matches = [one for one in matches if not is_input or SAID.search(one.string[: one.start()])]
    found = [tuple(map(int, re.findall(r"\d+", match[0]))) for match in matches]
    sizes = [one[-axes - 1 :] for one in found if len(one) in (axes + 1, axes + 2)]
    return list(dict.fromkeys(one for one in sizes if min(one) > 0 and max(one) <= MAX_SIDE))[:MOST_SIZES]


def _inputs(sizes: Sizes, first: Any, axes: int) -> Iterator[Shape]:
    """Sizes with as many channels as the first layer takes, then those of other tensors with its channels."""
    channels = getattr(first, "in_channels", None)
    if channels is None:  # steps first or last, as `forward` takes them
        yield from sizes
        return
    both = [order for one in sizes for order in (one, (one[-1], *one[:-1]))]
    yield from (one for one in both if one[0] == channels)
    yield from ((channels, *one[1:]) for one in sizes)


def _tensors_of(network: nn.Module, shape: Shape) -> set[Shape]:
    """Shapes of an input and of all that layers make of it, batches left out; none where it does not go through."""
    seen = {shape}

    def note(layer: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(output, Tensor) and output.dim():
            seen.add(tuple(output.shape[1:]))

    hooks = [part.register_forward_hook(note) for part in network.modules()]
    device = next((parameter.device for parameter in network.parameters()), torch.device("meta"))
    try:
        with evaluating(network):
            network(torch.empty(BATCH, *shape, device=device))
        return seen
    except ExhaustedBudgetError:
        raise
    except MISFITS:
        return set()
    finally:
        for hook in hooks:
            hook.remove()


def _alike(sizes: Sizes, tensors: set[Shape]) -> list[tuple[int, ...]]:
    """Those sizes that tensors have, channels first or last."""
    return [one for one in sizes if one in tensors or (one[-1], *one[:-1]) in tensors]
