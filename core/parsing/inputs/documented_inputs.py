"""Inputs whose axes a text documents by names: `history: [B, L, input_dim]`, `# x: (batch, seq, 40)`.

An axis is a number, a number of the text by its name, the length of a sequence, or a side of an image. Nothing is taken
over that does not go through.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import torch

from core.parsing.evaluation.conditions import is_embedded
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.input_sizes import plain_inputs
from core.parsing.inputs.several_inputs import SIDES, Input, keep, written
from core.parsing.inputs.trial import Shape, takes
from core.parsing.inputs.usual_inputs import CONVOLUTIONS, STEPS, numbers_of_text

MOST_TEXT = 20_000  # letters of comments and docstrings
GROUP = re.compile(r"[\[(]([^\[\]()\n]{1,100})[\])]")
BATCH = re.compile(r"b|n|m|bs|bsz?|batch(_?size)?|n_?batch(es)?|(num_?)?samples|batch_?dim|-1|none", re.I)
LENGTH = re.compile(
    r"l|t|s|h|seq(uence)?(_?(len(gth)?|dim))?|len(gth)?|(src|tgt|trg|text|max|query|key)_?len(gth)?|time_?(steps)?|t(ime)?_?dim"
    r"|(num_?)?steps|window(_?size)?|horizon|tokens|words|lookback|n_?frames|frames",
    re.I,
)
HEIGHT, WIDTH = re.compile(r"h|height", re.I), re.compile(r"w|width", re.I)
CHANNELS = re.compile(r"c|ch|channels?|(c|ch|channels?)_?in|in_?(c|ch|channels?)", re.I)


def documented_input(module: object, text: str, notes: list[str]) -> Shape | None:
    """The first input, batch not included, as the text documents it; the others are kept by the network."""
    if not isinstance(module, EvaluatedModule):
        return None
    names = plain_inputs(module)
    said = _documentation(module, text)
    shapes = {name: _shape(module, said, name, len(names) == 1) for name in names}
    sizes = {name: shape for name, shape in shapes.items() if shape is not None}
    if not sizes or len(sizes) < len(names):
        return None
    others = {name: _typed(module, name, sizes[name]) for name in names[1:]}
    if not _goes_through(module, sizes[names[0]], others):
        return None
    notes.append(f"The text documents its input: {written(names[0], sizes[names[0]], others)}.")
    return sizes[names[0]]


def _documentation(module: EvaluatedModule, text: str) -> str:
    """Docstrings of the class and of its `forward`, and the comments in it."""
    method = module.definition.find(module.entry)
    if not isinstance(method, Function) or not isinstance(method.node, ast.FunctionDef):
        return ""
    first, last = method.node.lineno, method.node.end_lineno or method.node.lineno
    lines = text.split("\n")[first - 1 : last]
    comments = [line.partition("#")[2] for line in lines if "#" in line]
    return "\n".join([ast.get_docstring(method.node) or "", *comments])[:MOST_TEXT]


def _shape(module: EvaluatedModule, said: str, name: str, is_alone: bool) -> Shape | None:
    """The shape that is said of an input first, without the batch in front of it.

    None where it is an image `is_alone`, whose sides have no value: usual ones are tried then.
    """
    for axes in _axes_of(said, name):
        if not BATCH.fullmatch(axes[0]):
            return None
        is_image = any(map(HEIGHT.fullmatch, axes)) and any(map(WIDTH.fullmatch, axes))
        if is_image and is_alone:
            return None
        sides = [_side(module, axis, is_image) for axis in axes[1:]]
        return tuple(one for one in sides if one) if all(sides) else None
    return None


def _axes_of(said: str, name: str) -> Iterator[list[str]]:
    r"""The axes in brackets behind an input's name, in each line that says some.

    >>> list(_axes_of("x (Tensor): of shape (B, T, 40)\ny: none", "x"))
    [['B', 'T', '40']]
    """
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\b([^\n]*)", said):
        groups = (re.sub(r"\s", "", group[1]) for group in GROUP.finditer(match[1]))
        axes = (re.split(r"[,x×*]", group) for group in groups if "," in group or "×" in group)
        found = next(axes, None)
        if found is not None:
            yield [one for one in found if one]


def _side(module: EvaluatedModule, axis: str, is_image: bool) -> int | None:
    """How long an axis is, None where nothing tells."""
    if axis.isdigit():
        return int(axis)
    numbers = {name.lower().strip("_"): value for name, value in numbers_of_text(module).items()}
    word = axis.removeprefix("self.").lower().strip("_")
    known = next((numbers[one] for one in (word, f"{word}s", word.removesuffix("s")) if one in numbers), 0)
    if known > 0:
        return known
    if is_image:
        channels = getattr(first_layer(module), "in_channels", None)
        return (
            SIDES[0]
            if HEIGHT.fullmatch(axis) or WIDTH.fullmatch(axis)
            else channels
            if CHANNELS.fullmatch(axis)
            else None
        )
    return STEPS[0] if LENGTH.fullmatch(axis) and not isinstance(first_layer(module), tuple(CONVOLUTIONS)) else None


def _goes_through(module: EvaluatedModule, shape: Shape, others: dict[str, Input]) -> bool:
    """Whether inputs do, which the network keeps then."""
    before, was_root = module.named_inputs, module.is_root
    keep(module, others)
    try:
        module.is_root = True  # which gets all its inputs
        fits = takes(module, shape)
    finally:
        module.is_root = was_root
    if not fits:
        keep(module, dict(before))
    return fits


def _typed(module: EvaluatedModule, name: str, shape: Shape) -> Input:
    method = module.definition.find(module.entry)
    is_row = isinstance(method, Function) and is_embedded(module, method, name)
    return shape, torch.long if is_row else torch.float32
