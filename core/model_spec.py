"""A network by its name or its text, loaded once, and the input that it takes."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.errors import ShapeError
from core.models import MODELS
from core.parsing.inputs.usual_inputs import candidate_inputs
from core.parsing.partial import PartialParse, UnparsedLayer, parse_partial
from core.profiler.fitting import Edit, edited

Shape = tuple[int, ...]
NUMBER = "number"  # an input without axes, such as the index of a user
LARGEST_SIDE = 65_536
OpenValue = float | str | tuple[float, ...]  # for a name that a text leaves open
LARGEST_INPUT = 2**32  # values of one input; more is a slip of the keyboard


@dataclass(frozen=True)
class ModelSpec:
    """Which network: a preset, or text where `text` is not empty, and the changes made to it. A key for caches.

    For a text: `input_shape` as typed beside it, values for names that it leaves open, and which of its networks.
    """

    preset: str = ""
    text: str = ""
    edits: tuple[Edit, ...] = ()
    input_shape: Shape | None = None
    values: tuple[tuple[str, OpenValue], ...] = ()
    network: str = ""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """The network of a spec, on the meta device with its changes made, and what its text says.

    Attributes:
        module: shared by everybody who looks at it, so nobody may change it; `private_copy` gives one to change.
        text: the part of the pasted text that was parsed, "" for a preset.
        lines: PyTorch lines that give the same network without its changes, "" for a preset.
        dialect: "pytorch", "keras", "paddle" or "preset".
        input_shape: without the batch, where the text or the preset states it.
        notes: sentences on what was left out of the text.
        networks: names of all networks of the text; `network` is the name of this one.
        assumed: values taken for names that the text leaves open.
        unparsed: the layer before which the text was cut, if it was.
    """

    spec: ModelSpec
    module: nn.Module
    text: str = ""
    lines: str = ""
    dialect: str = "preset"
    input_shape: Shape | None = None
    notes: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    network: str = ""
    assumed: Mapping[str, Any] = field(default_factory=dict)
    unparsed: UnparsedLayer | None = None

    def private_copy(self) -> nn.Module:
        """The module once more, for those who hang hooks on it or switch its mode."""
        return copy.deepcopy(self.module)


def parse_spec(spec: ModelSpec) -> PartialParse:
    """The text of a spec, read with all that stands beside it. Raises: ParseError."""
    return parse_partial(spec.text, spec.input_shape, dict(spec.values), spec.network)


def load(spec: ModelSpec, parse: Callable[[ModelSpec], PartialParse] = parse_spec) -> LoadedModel:
    """The network of a spec; `parse` may remember what it has parsed.

    Raises: ParseError where there is nothing to parse in the text, PlaygroundError where a change has no layer.
    """
    if not spec.text:
        architecture = MODELS[spec.preset]
        return LoadedModel(spec, _changed(architecture.on_meta(), spec), input_shape=architecture.input_shape)
    partial = parse(spec)
    parsed = partial.parsed
    names = ("lines", "dialect", "input_shape", "notes", "networks", "network", "assumed")
    facts = {name: getattr(parsed, name) for name in names}
    return LoadedModel(spec, _changed(parsed.module, spec), partial.text, unparsed=partial.unparsed, **facts)


def _changed(module: nn.Module, spec: ModelSpec) -> nn.Module:
    return edited(module, spec.edits) if spec.edits else module


def read_shape(text: str) -> Shape:
    """An input shape as people write it, without the batch.

    Raises: ShapeError for anything else.

    >>> read_shape("3x224x224"), read_shape("(1, 28, 28)"), read_shape("3 × 32"), read_shape("784"), read_shape(NUMBER)
    ((3, 224, 224), (1, 28, 28), (3, 32), (784,), ())
    """
    if text.strip().lower() == NUMBER:
        return ()
    bare = text.strip().strip("()[] ")
    parts = [part for part in re.split(r"[\s,;x×*]+", bare.lower()) if part]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        example = "write channels x height x width, for example 3x224x224."
        raise ShapeError(f"{text[:40]!r} is not an input shape: {example}")
    shape = tuple(int(part) for part in parts)
    if len(shape) > 4 or min(shape) < 1 or (max(shape) > LARGEST_SIDE and len(shape) > 1):
        raise ShapeError(
            f"{write_shape(shape)} is not an input shape: write one to four sizes from 1 to {LARGEST_SIDE:,}, "
            "without the batch dimension."
        )
    if math.prod(shape) > LARGEST_INPUT:
        raise ShapeError(
            f"{write_shape(shape)} has {math.prod(shape):,} values, more than {LARGEST_INPUT:,}: make it smaller."
        )
    return shape


def require_image(module: nn.Module, shape: Shape) -> None:
    """Raises ShapeError where a network of 2-D convolutions is given fewer sizes than an image has.

    >>> require_image(nn.Conv2d(3, 8, 3), (224,))
    Traceback (most recent call last):
    core.errors.ShapeError: 224 is not an image: this network takes channels x height x width, such as 3x224x224
    """
    first = next((part for part in module.modules() if any(True for _ in part.parameters(recurse=False))), None)
    if not isinstance(first, nn.Conv2d) or len(shape) >= 3 or not shape:
        return
    sides = shape if len(shape) == 2 and shape[0] != first.in_channels else (shape[-1],) * 2
    wanted = write_shape((first.in_channels, *sides))
    raise ShapeError(
        f"{write_shape(shape)} is not an image: this network takes channels x height x width, such as {wanted}"
    )


def write_shape(shape: Shape) -> str:
    """A shape as it stands in a link.

    >>> write_shape((3, 224, 224)), write_shape(())
    ('3x224x224', 'number')
    """
    return "x".join(map(str, shape)) or NUMBER


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
    edits = re.findall(r"(?:^|;)([\w.]*):(?:(drop)|(stride|in_features)=(\d{1,9}(?:x\d{1,9})*))(?=;|$)", text)
    return tuple(Edit(path, drop or name, _read(value)) for path, drop, name, value in edits)


def _written(value: int | Shape | None) -> str:
    return "" if value is None else "=" + write_shape(value if isinstance(value, tuple) else (value,))


def _read(value: str) -> int | Shape | None:
    numbers = tuple(int(part) for part in value.split("x") if part)
    return numbers if len(numbers) > 1 else numbers[0] if numbers else None


def guess_input(model: LoadedModel, accepts: Callable[[Shape], bool]) -> Shape:
    """The input that a network takes: what its text says, or else the first common size that it accepts."""
    if model.input_shape is not None:
        return model.input_shape
    candidates = candidate_inputs(model.module)
    return next(filter(accepts, candidates), candidates[0])


def is_guess(model: LoadedModel, shape: Shape, accepts: Callable[[Shape], bool]) -> bool:
    """Whether an input is only the first that was tried, none having fitted and the text saying none."""
    return model.input_shape is None and shape == candidate_inputs(model.module)[0] and not accepts(shape)


def trainable_at(output_shape: Callable[[Shape], Shape], sides: Sequence[int]) -> tuple[int, int] | None:
    """The first side at which a network turns colour images into one number per class, and how many classes.

    `output_shape` gives the output, batch included, for an input, () for one that the network does not take.
    """
    for side in sides:
        output = output_shape((3, side, side))
        if len(output) == 2:
            return side, output[1]
    return None
