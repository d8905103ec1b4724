"""Inputs of a network that takes several which are not alike: a state and an action, an image and a row of numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from core.parsing.evaluation.budget import ExhaustedBudgetError
from core.parsing.evaluation.conditions import is_condition
from core.parsing.evaluation.forward_inputs import needed_inputs, parts_read
from core.parsing.evaluation.hidden_state import has_state, takes_zeros
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.open_masks import is_open_mask
from core.parsing.evaluation.values import Function
from core.parsing.evaluation.worded_inputs import words_of_inputs
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.trial import takes
from core.parsing.inputs.usual_inputs import STEPS, numbers_of_text

Shape = tuple[int, ...]
Input = tuple[Shape, torch.dtype]
MOST_TRIED = 40
SIDES = (64, 64)  # of an image
MOST_INPUTS = 4
MOST_OPTIONS = 6  # for each input
TOKENS = re.compile(r".*(caption|token|text|word|trg|tgt|src|target|ids|question|sentence|query|user|item|title).*")
PICTURE = re.compile(r".*(img|image|frame|pixel|photo|picture|vision|visual).*")
WIDTH = re.compile(r"dims?|size|features?|shape|len(gth)?|n|num|in|input|channels?|count|number")
SHORT = {
    "a": "action",
    "act": "action",
    "u": "action",
    "s": "state",
    "obs": "observation",
    "o": "observation",
    "z": "latent",
}


def several_inputs(module: nn.Module) -> tuple[Shape, dict[str, Input]] | None:
    """The first input, batch not included, and the others by name; None where none are found.

    What is found goes through, but a network may take others as well.
    """
    names = _unlike(module)
    if not 2 <= len(names) <= MOST_INPUTS or not isinstance(module, EvaluatedModule):
        return None
    options = [_options(module, name)[:MOST_OPTIONS] for name in names]
    before = module.named_inputs
    try:
        for first, *others in itertools.islice(itertools.product(*options), MOST_TRIED):
            module.named_inputs = dict(zip(names[1:], others, strict=True))
            if len({first, *others}) > 1 and takes(module, first[0]):
                return first[0], dict(module.named_inputs)
    except ExhaustedBudgetError:
        return None
    finally:
        module.named_inputs = before
    return None


def named_widths(module: nn.Module) -> tuple[Shape, dict[str, Input]] | None:
    """The same where each input has a number in the text of which its name tells: `state` has `state_dim` values.

    Where a convolution comes first, it is that of the channels of an image.
    """
    names = _unlike(module)
    if not 2 <= len(names) <= MOST_INPUTS or not isinstance(module, EvaluatedModule):
        return None
    widths = _with_the_rest(module, [_width(module, name) for name in names])
    if None in widths or len(set(widths)) == 1:
        return None
    sides = SIDES if isinstance(first_layer(module), nn.Conv2d) else ()
    return _if_taken(module, names, [(width, *sides) for width in widths if width])


def image_beside_rows(module: nn.Module) -> tuple[Shape, dict[str, Input]] | None:
    """The same where rows are spread over an image, with whose channels a convolution takes them: `c_dim` of `c`."""
    names, first = _unlike(module), first_layer(module)
    if not 2 <= len(names) <= MOST_INPUTS or not isinstance(module, EvaluatedModule) or type(first) is not nn.Conv2d:
        return None
    widths = [_width(module, name) for name in names]
    rest = first.in_channels - sum(one or 0 for one in widths)
    if widths.count(None) != 1 or rest < 1:
        return None
    return _if_taken(module, names, [(rest, *SIDES) if one is None else (one,) for one in widths])


def _if_taken(module: EvaluatedModule, names: list[str], shapes: list[Shape]) -> tuple[Shape, dict[str, Input]] | None:
    """The inputs, all of numbers, if they go through."""
    others = {name: (shape, torch.float32) for name, shape in zip(names[1:], shapes[1:], strict=True)}
    before, module.named_inputs = module.named_inputs, others
    try:
        return (shapes[0], others) if takes(module, shapes[0]) else None
    finally:
        module.named_inputs = before


def _with_the_rest(module: nn.Module, widths: list[int | None]) -> list[int | None]:
    """One width that no name tells is what the others leave of a layer which takes all inputs together."""
    first = first_layer(module)
    rest = first.in_features - sum(one or 0 for one in widths) if isinstance(first, nn.Linear) else 0
    return [rest if one is None else one for one in widths] if widths.count(None) == 1 and rest > 0 else widths


def _unlike(module: nn.Module) -> list[str]:
    """The inputs of `forward` that nothing else is known to stand for."""
    method = module.definition.find(module.entry) if isinstance(module, EvaluatedModule) else None
    if not isinstance(method, Function) or not isinstance(module, EvaluatedModule):
        return []
    needed = needed_inputs(method)
    return [
        name
        for name in needed
        if name == needed[0]
        or not (
            has_state(module, name)
            or takes_zeros(module, name, needed)
            or is_condition(module, method, name, needed)
            or is_open_mask(module, method, name)
            or name in words_of_inputs(method.node)
            or parts_read(module, method, name).names
        )
    ]


def _width(module: EvaluatedModule, name: str) -> int | None:
    """The number of the text whose name is that of an input and a word for a size."""
    words = _words(name)
    for key, value in numbers_of_text(module).items():
        if words and _words(key) == words and any(WIDTH.fullmatch(one) for one in key.lower().split("_")):
            return value
    return None


def _words(name: str) -> set[str]:
    """The words of a name besides those for a size, in their long form.

    >>> sorted(_words("obs_dim")), sorted(_words("n_actions"))
    (['observation'], ['action'])
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    words = [word.rstrip("s") if len(word) > 3 else word for word in re.split(r"[_\d]+", spaced)]
    return {SHORT.get(word, word) for word in words if word and not WIDTH.fullmatch(word)}


def _options(module: EvaluatedModule, name: str) -> list[Input]:
    """Shapes that an input may have, the likeliest for its name first."""
    width = _width(module, name)
    found = list(dict.fromkeys(_taken(module)))
    if TOKENS.fullmatch(name.lower()):
        found.sort(key=lambda one: one[1] is not torch.long)
    elif PICTURE.fullmatch(name.lower()):
        found.sort(key=lambda one: len(one[0]) < 3)
    return [*([((width,), torch.float32)] if width else []), *found]


def _taken(module: nn.Module) -> Iterator[Input]:
    """What the layers of a network take, each as if it met an input."""
    for layer in module.modules():
        if isinstance(layer, (nn.Embedding, nn.EmbeddingBag)):
            yield (STEPS[0],), torch.long
            yield (), torch.long
        elif isinstance(layer, nn.RNNBase):
            yield (STEPS[0], layer.input_size), torch.float32
        elif isinstance(layer, nn.Linear):
            yield (layer.in_features,), torch.float32
        elif isinstance(layer, nn.BatchNorm1d):
            yield (layer.num_features,), torch.float32
        elif isinstance(layer, nn.Conv2d):
            yield (layer.in_channels, *SIDES), torch.float32
        elif isinstance(layer, nn.Conv1d):
            yield (layer.in_channels, STEPS[0]), torch.float32


def keep(module: nn.Module, named: dict[str, Input]) -> None:
    """Has a network given those inputs besides the first wherever it is called with one."""
    module.__dict__["named_inputs"] = named


def written(first: str, shape: Shape, named: dict[str, Any]) -> str:
    """The inputs in words.

    >>> written("state", (4,), {"action": ((2,), torch.float32)})
    'state 4, action 2'
    """
    shapes = {first: shape, **{name: one for name, (one, _) in named.items()}}
    return ", ".join(f"{name} {'x'.join(map(str, one)) or 'a number'}" for name, one in shapes.items())
