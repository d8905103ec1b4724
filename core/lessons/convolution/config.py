"""The state of the stepper: every setting with its bounds, the rules that tie them together, and its text in a link.

The browser follows the same bounds (it is given these knobs) and the same rules; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.errors import ShapeError
from core.knobs import Knob, knob, knobs_of
from core.lessons.convolution.patterns import KERNELS, PICTURES
from core.shapes import conv_output_size, conv_transpose_output_size, pool_output_size

MODES = ("conv", "transposed", "max", "average")
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
NEUTRAL: dict[str, Any] = {  # always legal; in the order in which settings are repaired
    **{"in_channels": 1, "out_channels": 1, "groups": 1},
    **{"kernel": (1, 1), "stride": (1, 1), "dilation": (1, 1)},
    **{"padding_mode": "zeros", "padding": (0, 0, 0, 0), "output_padding": (0, 0)},
}
LONGEST = 28  # the longest side of any grid on the screen: 16 cells and a padding of 6 on both sides
_EDITS = re.compile(r"(\d+(\.\d+){0,3}\.-?\d{1,4}(~\d+(\.\d+){0,3}\.-?\d{1,4})*)?")
_PICKED = re.compile(r"(\d+\.\d+\.\d+)?")


@dataclass(frozen=True)
class Stepper:
    """All settings. Pairs are (height, width); `padding` is (top, bottom, left, right).

    `mean` divides the kernel by its number of cells. `x`, `w` and `b` hold the cells changed by hand, in hundredths:
    `0.3.4.250` is 2.5 in channel 0, row 3, column 4; more follow after `~`. `picked` is the output cell (channel, row,
    column) that is differentiated; empty for the sum of all.
    """

    mode: str = knob("conv", choices=MODES)
    size: tuple[int, ...] = knob((9, 9), 1, 16)
    in_channels: int = knob(1, 1, 3)
    out_channels: int = knob(1, 1, 4)
    groups: int = knob(1, 1, 3)
    kernel: tuple[int, ...] = knob((3, 3), 1, 7)
    stride: tuple[int, ...] = knob((1, 1), 1, 7)
    padding: tuple[int, ...] = knob((0, 0, 0, 0), 0, 6)
    padding_mode: str = knob("zeros", choices=PADDING_MODES)
    dilation: tuple[int, ...] = knob((1, 1), 1, 4)
    output_padding: tuple[int, ...] = knob((0, 0), 0, 3)
    flip: bool = knob(False)
    bias: bool = knob(False)
    mean: bool = knob(False)
    picture: str = knob("letter X", choices=tuple(PICTURES))
    weights: str = knob("diagonal", choices=tuple(KERNELS))
    seed: int = knob(1, 0, 999)
    backward: bool = knob(False)
    x: str = ""
    w: str = ""
    b: str = ""
    picked: str = ""

    @property
    def is_pool(self) -> bool:
        return self.mode in ("max", "average")

    @property
    def effective(self) -> Stepper:
        """The same with every setting that this mode does not have at its neutral value."""
        if self.mode == "conv":
            return replace(self, output_padding=(0, 0))
        top, _, left, _ = self.padding
        symmetric = replace(self, padding=(top, top, left, left), padding_mode="zeros")
        if self.mode == "transposed":
            return symmetric
        return replace(
            symmetric,
            groups=1,
            out_channels=self.in_channels,
            output_padding=(0, 0),
            flip=False,
            bias=False,
            mean=False,
            dilation=self.dilation if self.mode == "max" else (1, 1),
        )

    def ends(self, axis: int) -> tuple[int, int]:
        """Padding before and after along the height (0) or the width (1)."""
        return self.padding[2 * axis], self.padding[2 * axis + 1]

    @property
    def output_size(self) -> tuple[int, int]:
        """Height and width of the output. Raises: ShapeError if this window does not fit."""
        return _output_side(self.effective, 0), _output_side(self.effective, 1)

    @property
    def picked_cell(self) -> tuple[int, int, int] | None:
        """The output cell that is differentiated, if it exists at this size."""
        if not self.picked:
            return None
        channel, row, column = map(int, self.picked.split("."))
        shape = (self.effective.out_channels, *self.output_size)
        inside = channel < shape[0] and row < shape[1] and column < shape[2]
        return (channel, row, column) if inside else None

    @property
    def params(self) -> dict[str, str]:
        """What a link has to say: the settings that differ from the defaults, as text."""
        return {f.name: _text(value) for f in fields(self) if (value := getattr(self, f.name)) != f.default}

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Stepper:
        """The state of a link; what cannot be read falls back to the default, what is illegal to the nearest legal."""
        known = knobs_of(cls)
        requested = {
            f.name: _parsed(f.name, str(params[f.name]), known.get(f.name)) for f in fields(cls) if f.name in params
        }
        return nearest_legal(cls(**{name: value for name, value in requested.items() if value is not None}))


def violation(config: Stepper) -> str | None:
    """The rule that this state breaks, in a sentence; None if it is legal."""
    state = config.effective
    if state.in_channels % state.groups or state.out_channels % state.groups:
        return f"groups={state.groups} must divide both {state.in_channels} and {state.out_channels} channels."
    for axis in (0, 1):
        if state.padding_mode == "reflect" and max(state.ends(axis)) >= state.size[axis]:
            return (
                f"reflect needs a padding below the input's {state.size[axis]} cells: it mirrors without the edge cell."
            )
        if state.padding_mode == "circular" and max(state.ends(axis)) > state.size[axis]:
            return f"circular padding can wrap at most the input's {state.size[axis]} cells."
        try:
            side = _output_side(state, axis)
        except ShapeError as error:
            return str(error)
        if side > LONGEST:
            return f"an output of {side} cells is more than the {LONGEST} that fit here: lower the stride or the input."
        if state.mode == "max" and not all(_real_cells(state, axis, index) for index in range(side)):
            return "a window of padding only has no maximum: lower padding or dilation."
    return None


def nearest_legal(requested: Stepper) -> Stepper:
    """The state itself if it is legal; else each setting in turn as near to the requested one as is legal."""
    if violation(requested) is None:
        return requested
    state = replace(requested, **NEUTRAL)
    for name in NEUTRAL:
        value = getattr(requested, name)
        for index in range(len(value) if isinstance(value, tuple) else 1):
            state = _nearest(state, name, index, value)
    return state


def write_counts(config: Stepper) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How often a transposed convolution writes to each output row and column; a cell's hits are their product."""
    state = config.effective
    return _write_counts(state, 0), _write_counts(state, 1)


def _write_counts(state: Stepper, axis: int) -> tuple[int, ...]:
    counts = [0] * _output_side(state, axis)
    for cell in range(state.size[axis]):
        for tap in range(state.kernel[axis]):
            position = cell * state.stride[axis] + tap * state.dilation[axis] - state.padding[2 * axis]
            if 0 <= position < len(counts):
                counts[position] += 1
    return tuple(counts)


def _output_side(state: Stepper, axis: int) -> int:
    size, kernel, stride, dilation = (getattr(state, n)[axis] for n in ("size", "kernel", "stride", "dilation"))
    if state.mode == "transposed":
        return conv_transpose_output_size(
            size, kernel, stride, state.ends(axis)[0], state.output_padding[axis], dilation
        )
    rule = conv_output_size if state.mode == "conv" else pool_output_size
    return rule(size, kernel, stride, state.ends(axis), dilation)


def _real_cells(state: Stepper, axis: int, index: int) -> int:
    """How many cells of the input, padding not counted, one window reads along an axis."""
    start = index * state.stride[axis] - state.padding[2 * axis]
    reads = (start + tap * state.dilation[axis] for tap in range(state.kernel[axis]))
    return sum(0 <= cell < state.size[axis] for cell in reads)


def _nearest(state: Stepper, name: str, index: int, target: Any) -> Stepper:
    """`state` with one number moved as near to its target as the rules allow."""
    limits = knobs_of(Stepper)[name]
    aim = target[index] if isinstance(target, tuple) else target
    options: Iterable[Any] = (aim, *limits.choices)
    if not limits.choices:
        low, high = _whole_bounds(limits)
        options = sorted(range(low, high + 1), key=lambda option: (abs(option - aim), option))
    candidates = (replace(state, **{name: _put(getattr(state, name), index, option)}) for option in options)
    return next((candidate for candidate in candidates if violation(candidate) is None), state)


def _whole_bounds(limits: Knob) -> tuple[int, int]:
    assert limits.low is not None
    assert limits.high is not None
    return int(limits.low), int(limits.high)


def _put(value: Any, index: int, number: Any) -> Any:
    return (*value[:index], number, *value[index + 1 :]) if isinstance(value, tuple) else number


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return str(value[0]) if len(set(value)) == 1 else "x".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _parsed(name: str, text: str, limits: Knob | None) -> Any:
    """A setting from its text; None if it says nothing we know."""
    if limits is None:
        return text if (_PICKED if name == "picked" else _EDITS).fullmatch(text) else None
    if limits.choices:
        return text if text in limits.choices else None
    if isinstance(limits.default, bool):
        return {"0": False, "1": True}.get(text)
    if not re.fullmatch(r"-?\d{1,6}(x-?\d{1,6})*", text):
        return None
    low, high = _whole_bounds(limits)
    numbers = tuple(min(max(int(part), low), high) for part in text.split("x"))
    if not isinstance(limits.default, tuple):
        return numbers[0] if len(numbers) == 1 else None
    numbers = numbers * len(limits.default) if len(numbers) == 1 else numbers
    return numbers if len(numbers) == len(limits.default) else None
