"""Numbers that a text leaves open and that the typed input tells: its channels, its sides, its features.

`nn.Conv2d(in_channels, 8, 3)` beside a typed 1x28x28 has one channel, and not three as is usual.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.budget import MAX_TOTAL
from core.parsing.inputs.input_sizes import SIZE_OF
from core.parsing.inputs.trial import lazy_layers, takes
from core.parsing.inputs.typed_sizes import by_axes
from core.parsing.open_values.assumptions import IMAGE, SIDE, is_image_side, usual_value
from core.parsing.parsed import Parsed, ReadingOptions, Shape

MOST_TRIED = 6  # readings of the text
WORDS = 1000  # as many are assumed for a vocabulary
NOT_OF_INPUTS = re.compile(
    r"out|class|hidden|action|target|label|head|layer|depth|kernel|stride|batch|drop|vocab|token|word|num_embed|dict"
)
OF_INPUTS = re.compile(r"(^|_)(in|inp|inputs?|obs|observation|states?|feats?|features?|latent|z|nz|noise|code)(_|\d|$)")
OF_STEPS = re.compile(r"(^|_)(dim|d|model|embed(ding)?|emb|width)(_|$)")  # what each step of a sequence has
WIDTHS = ("channels", "filters", "num_filters", "n_filters", "dim", "d_model", "embed_dim", "units")  # of a block
MOST_WIDTHS = 2  # tried, each as long as a reading that fails
MISFIT = re.compile(r"broadcast|must match|do not match|cannot be added")
Read = Callable[[ReadingOptions], Parsed]


def with_typed_input(request: ReadingOptions, tree: ast.Module, read: Read) -> tuple[Parsed, ReadingOptions]:
    """What is read and its request, with other values for what is open where the typed input needs them."""
    typed = request.input_shape
    try:
        parsed = read(request)
    except ParseError as error:
        wide = _as_wide_as_typed(request, tree, read) if typed and MISFIT.search(str(error)) else None
        if wide is None:
            raise
        return wide
    if not typed or isinstance(typed[0], tuple) or not _open_numbers(parsed, request) or _fits(parsed, typed):
        return parsed, request
    affordable = MAX_TOTAL // max(parsed.steps, 1)
    if told := by_axes(parsed, request, read, affordable):
        return _with_note(*told, [name for name in told[1].values if name not in request.values])
    for values in list(_changes(_open_numbers(parsed, request), typed))[: min(affordable, MOST_TRIED)]:
        changed = replace(request, values={**request.values, **values})
        try:
            other = read(changed)
        except ParseError:
            continue
        if _fits(other, typed):
            return _with_note(other, changed, values)
    return parsed, request


def _as_wide_as_typed(request: ReadingOptions, tree: ast.Module, read: Read) -> tuple[Parsed, ReadingOptions] | None:
    """A block in the middle of a network that only fits an input of its own width, such as one with a sum around it."""
    typed = request.input_shape or ()
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg) and not isinstance(typed[0], tuple)}
    for name in [name for name in WIDTHS if name in arguments][:MOST_WIDTHS]:
        changed = replace(request, values={name: typed[0], **request.values})
        try:
            parsed = read(changed)
        except ParseError:
            continue
        if name in parsed.assumed and name not in parsed.stated:
            return _with_note(parsed, changed, [name])
    return None


def _with_note(parsed: Parsed, request: ReadingOptions, names: Iterable[str]) -> tuple[Parsed, ReadingOptions]:
    said = " and ".join(f"{name} is {request.values[name]}" for name in names)
    return replace(parsed, notes=(*parsed.notes, f"{said}, as the typed input needs it.")), request


def _fits(parsed: Parsed, typed: Shape) -> bool:
    try:
        return bool(lazy_layers(parsed.module)) or takes(parsed.module, typed)
    except ParseError:
        return False


def _open_numbers(parsed: Parsed, request: ReadingOptions) -> dict[str, int]:
    typed = request.input_shape or ()
    numbers = {name: value for name, value in parsed.assumed.items() if type(value) is int}
    return {
        name: value
        for name, value in numbers.items()
        if name not in request.values
        and name not in parsed.stated
        and not name.startswith(SIZE_OF)
        and _is_of_input(name, value, len(typed))
    }


def _is_of_input(name: str, value: int, axes: int) -> bool:
    """Whether a number is likely one of the input's sizes.

    >>> [_is_of_input(name, 64, 1) for name in ("input_dim", "inChannels", "context_size", "embed_dim", "vocab_size")]
    [True, True, True, False, False]
    """
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    if NOT_OF_INPUTS.search(word) or value >= WORDS:
        return False
    is_usual = usual_value(name) in (IMAGE[0], SIDE) or is_image_side(name)
    return is_usual or bool(OF_INPUTS.search(word)) or (axes > 1 and bool(OF_STEPS.search(word)))


def _changes(numbers: Mapping[str, int], typed: Shape) -> Iterator[dict[str, Any]]:
    """All that the words of the names tell at once, then one number after the other.

    >>> list(_changes({"in_channels": 3, "img_size": 32}, (1, 28, 28)))[0]
    {'in_channels': 1, 'img_size': 28}
    >>> list(_changes({"input_dim": 64}, (5, 7)))
    [{'input_dim': 7}, {'input_dim': 5}, {'input_dim': 35}]
    """
    told = {name: _size(name, typed) for name in numbers}
    seen = [{name: size for name, size in told.items() if size != numbers[name]}]
    sizes = dict.fromkeys((typed[0], typed[-1], math.prod(typed)))
    for name, value in numbers.items():
        order = dict.fromkeys((told[name], *sizes))
        seen += [{name: size} for size in order if size != value]
    yield from (dict(one) for one in dict.fromkeys(tuple(one.items()) for one in seen) if one)


def _size(name: str, typed: Shape) -> int:
    usual = usual_value(name)
    if usual == IMAGE[0] or (usual == SIDE and len(typed) == 2):  # channels, or steps
        return typed[0]
    return typed[-1] if is_image_side(name) or len(typed) < 3 else typed[0]
