"""The network that somebody asks about: a preset's name or pasted text, and the input it is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from core.errors import PlaygroundError, ShapeError
from core.models import MODELS
from core.parsing import Parsed, parse
from core.profiler import profile
from core.profiler.fitting import Edit, edited

Shape = tuple[int, ...]
SIDES = (224, 32, 28, 64, 96, 128, 150, 160, 180, 200, 227, 256, 299, 300, 384, 512)  # tried in this order
LARGEST_SIDE = 65_536
LARGEST_INPUT = 2**32  # numbers in one picture; more is a slip of the keyboard
CONVOLUTIONS = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}
TRANSPOSED = {nn.ConvTranspose1d: 1, nn.ConvTranspose2d: 2, nn.ConvTranspose3d: 3}


@dataclass(frozen=True)
class Subject:
    """A preset, or text where `text` is not empty, and what was changed of it. Frozen: results are kept under it."""

    preset: str = ""
    text: str = ""
    edits: tuple[Edit, ...] = ()

    def parsed(self) -> Parsed:
        """The network on the meta device, with the PyTorch lines that give it; raises ParseError."""
        if self.text:
            return parse(self.text)
        architecture = MODELS[self.preset]
        return Parsed(architecture.on_meta(), "", "preset", architecture.input_shape)

    def build(self) -> nn.Module:
        """The network alone, on the meta device, changes made; raises ParseError."""
        module = self.parsed().module
        return edited(module, self.edits) if self.edits else module


def read_shape(text: str) -> Shape:
    """An input shape as people write it, without the batch.

    Raises: ShapeError for anything else.

    >>> read_shape("3x224x224"), read_shape("(1, 28, 28)"), read_shape("3 × 32"), read_shape("784")
    ((3, 224, 224), (1, 28, 28), (3, 32), (784,))
    """
    bare = text.strip().strip("()[] ")
    parts = [part for part in re.split(r"[\s,;x×*]+", bare.lower()) if part]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise ShapeError(f"{text[:40]!r} is no input shape: write channels x height x width, for example 3x224x224.")
    shape = tuple(int(part) for part in parts)
    if len(shape) > 4 or min(shape) < 1 or (max(shape) > LARGEST_SIDE and len(shape) > 1):
        raise ShapeError(
            f"{write_shape(shape)} is no input shape: one to four sides of 1 to {LARGEST_SIDE:,}, without the batch."
        )
    if math.prod(shape) > LARGEST_INPUT:
        raise ShapeError(
            f"{write_shape(shape)} has {math.prod(shape):,} numbers, more than {LARGEST_INPUT:,}: shrink it."
        )
    return shape


def write_shape(shape: Shape) -> str:
    """A shape as it stands in a link.

    >>> write_shape((3, 224, 224))
    '3x224x224'
    """
    return "x".join(map(str, shape))


def write_edits(edits: Sequence[Edit]) -> str:
    """Changes as they stand in a link; `read_edits` turns them back.

    >>> write_edits([Edit("features.0", "stride", (2, 2)), Edit("5", "drop")])
    'features.0:stride=2x2;5:drop'
    """
    return ";".join(f"{edit.path}:{edit.argument}" + _written(edit.value) for edit in edits)


def read_edits(text: str) -> tuple[Edit, ...]:
    """Changes out of a link; anything that is none is left out.

    >>> read_edits("features.0:stride=2x2;5:drop;0:weight=3;nonsense")
    (Edit(path='features.0', argument='stride', value=(2, 2)), Edit(path='5', argument='drop', value=None))
    """
    found = re.findall(r"(?:^|;)([\w.]*):(?:(drop)|(stride|in_features)=(\d{1,9}(?:x\d{1,9})*))(?=;|$)", text)
    return tuple(Edit(path, drop or name, _read(value)) for path, drop, name, value in found)


def _written(value: int | Shape | None) -> str:
    return "" if value is None else "=" + write_shape(value if isinstance(value, tuple) else (value,))


def _read(value: str) -> int | Shape | None:
    numbers = tuple(int(part) for part in value.split("x") if part)
    return numbers if len(numbers) > 1 else numbers[0] if numbers else None


def guess_input(parsed: Parsed) -> Shape:
    """The input that a network asks for: what its text says, or else the first common size that it accepts."""
    if parsed.input_shape:
        return parsed.input_shape
    candidates = _candidates(parsed.module)
    return next((shape for shape in candidates if _accepts(parsed.module, shape)), candidates[0])


def is_guess(parsed: Parsed, shape: Shape) -> bool:
    """Whether an input is only the first that was tried, none having fitted and the text saying none."""
    return not parsed.input_shape and shape == _candidates(parsed.module)[0] and not _accepts(parsed.module, shape)


def trainable_at(module: nn.Module, sides: Sequence[int]) -> tuple[int, int] | None:
    """The first side at which a network turns colour pictures into one number a class, and how many classes."""
    for side in sides:
        try:
            made = profile(module, (3, side, side)).rows[-1].output_shape
        except PlaygroundError:
            continue
        if len(made) == 2:
            return side, made[1]
    return None


def _candidates(module: nn.Module) -> list[Shape]:
    """Shapes worth trying, judged by the first layer that has weights."""
    first = next((layer for layer in module.modules() if layer._parameters and not layer._modules), None)
    if isinstance(first, nn.Linear):
        return [*_pictures_of(first.in_features), (first.in_features,)]
    axes = next((n for kinds in (CONVOLUTIONS, TRANSPOSED) for kind, n in kinds.items() if type(first) is kind), 2)
    channels = getattr(first, "in_channels", None) or getattr(first, "num_features", None) or 3
    if type(first) in TRANSPOSED:
        return [(channels, *(side,) * axes) for side in (1, 4, 7, 8)]
    if axes == 3:
        return [(channels, 16, side, side) for side in (112, 64, 32, 224)]
    sides = (28, 32, *SIDES) if channels == 1 else SIDES
    return [(channels, *(side,) * axes) for side in sides]


def _pictures_of(features: int) -> list[Shape]:
    """Square pictures, grey or colour, with so many numbers: what a Flatten in front of a Linear has eaten."""
    found = [(c, math.isqrt(features // c)) for c in (1, 3) if features % c == 0]
    return [(c, side, side) for c, side in found if c * side * side == features and side > 1]


def _accepts(module: nn.Module, shape: Shape) -> bool:
    try:
        profile(module, shape)
    except PlaygroundError:
        return False
    return True
