"""Which input cells each cell of a map reads, along one side: exact, through upsampling and parallel paths as well.

A `Reach` says it twice. Its pattern repeats: `period` cells further on, everything is read `shift` cells further on. A
plain convolution stack has period 1 and its shift is the jump; behind an upsampling by two, the period is two. The
pattern runs on into the padding, so that a field's size is the layer's own and does not depend on where the picture
ends. `cells` says what each cell of this very map reads of this very picture, padding left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Span = tuple[float, float]  # first and last input cell
Taps = Callable[[int], Sequence[int]]  # output cell -> the cells it reads of the map below, in order
NOTHING: Span = (math.inf, -math.inf)  # what a cell reads that no input reaches


@dataclass(frozen=True)
class Reach:
    """The field of each cell of one period, how far a period moves them, and the fields inside the picture."""

    shift: int
    fields: tuple[Span, ...]
    cells: tuple[Span, ...]

    @classmethod
    def of_input(cls, size: int) -> Reach:
        """Each cell of the picture sees itself."""
        return cls(1, ((0, 0),), tuple((cell, cell) for cell in range(size)))

    @property
    def period(self) -> int:
        """After how many cells the pattern repeats."""
        return len(self.fields)

    @property
    def size(self) -> int:
        """How many cells the largest field covers, padding included.

        >>> Reach(2, ((-1, 3),), ()).size
        5
        """
        return max((int(last - first) + 1 for first, last in self.fields if last >= first), default=0)

    @property
    def jump(self) -> Fraction:
        """How far apart the fields of neighbours lie; 0 where every cell sees the same."""
        return Fraction(self.shift, self.period)

    @property
    def start(self) -> int:
        """Where the field of the first cell that has one begins; negative in the padding."""
        return next((int(first) for first, last in self.fields if last >= first), 0)

    def seen_by(self, cell: int) -> Span:
        """First and last input cell in the field of `cell`, padding included; (inf, -inf) if it has none.

        >>> Reach(2, ((-1, 3),), ()).seen_by(3)
        (5, 9)
        """
        periods, phase = divmod(cell, self.period)
        first, last = self.fields[phase]
        return first + periods * self.shift, last + periods * self.shift

    def through(self, taps: Taps, period: int, shift: int, size: int) -> Reach:
        """The reach behind an operator that reads this map.

        Args: `taps` names the cells read by an output cell; `period` output cells further on it reads `shift` cells
        further on; `size` is the number of output cells, beyond which no pattern is looked for.
        """
        steps = period * (self.period // math.gcd(self.period, shift))
        moved = Fraction(steps * shift, period) * self.jump
        if steps > size or moved.denominator > 1:
            steps, moved = size, Fraction(round(size * Fraction(shift, period) * self.jump))
        holes = NOTHING in self.fields
        fields = tuple(self._read(taps(cell), holes) for cell in range(steps))
        return Reach(int(moved), fields, tuple(self._read_inside(taps(cell)) for cell in range(size)))

    def _read(self, taps: Sequence[int], holes: bool) -> Span:
        """What taps see together; fields move with their cell, so the outer two tell unless one may see nothing."""
        outer = taps if holes or len(taps) < 3 else (taps[0], taps[-1])
        return union([self.seen_by(tap) for tap in outer])

    def _read_inside(self, taps: Sequence[int]) -> Span:
        return union([self.cells[tap] for tap in taps if 0 <= tap < len(self.cells)])

    def joined(self, other: Reach) -> Reach:
        """The larger of two paths at each cell: where an addition or a concatenation meets."""
        size = len(self.cells)
        steps = math.lcm(self.period, other.period)
        if self.jump != other.jump or steps > size:
            if 0 in (self.jump, other.jump):
                return self.collapsed().merged(other.collapsed())
            steps = size
        fields = tuple(union([self.seen_by(cell), other.seen_by(cell)]) for cell in range(steps))
        cells = tuple(union(pair) for pair in zip(self.cells, other.cells, strict=True))
        return Reach(round(steps * self.jump), fields, cells)

    def collapsed(self) -> Reach:
        """What one value sees that reads all cells: a mean, or a flattened map behind a dense layer."""
        field = union([self.seen_by(cell) for cell in range(len(self.cells))])
        return Reach(0, (field,), (union(self.cells),))

    def merged(self, other: Reach) -> Reach:
        """Two values that see all of theirs, as one."""
        return Reach(0, (union([*self.fields, *other.fields]),), (union([*self.cells, *other.cells]),))


def union(spans: Sequence[Span]) -> Span:
    """The stretch from the first cell of any to the last cell of any.

    >>> union([(3, 5), (4, 9)])
    (3, 9)
    """
    return min((first for first, _ in spans), default=math.inf), max((last for _, last in spans), default=-math.inf)


def window(kernel: int, stride: int, padding: int, dilation: int) -> tuple[Taps, int, int]:
    """Convolution and pooling: taps, period and shift for `Reach.through`."""

    def taps(cell: int) -> Sequence[int]:
        first = cell * stride - padding
        return range(first, first + dilation * (kernel - 1) + 1, dilation)

    return taps, 1, stride


def transposed(kernel: int, stride: int, padding: int, dilation: int) -> tuple[Taps, int, int]:
    """Transposed convolution: an output cell gathers from every input whose kernel covers it."""

    def taps(cell: int) -> Sequence[int]:
        reads = [cell + padding - tap * dilation for tap in reversed(range(kernel))]
        return [read // stride for read in reads if read % stride == 0]

    return taps, stride, 1


def resized(size: int, output: int, nearest: bool, corners: bool = False) -> tuple[Taps, int, int]:
    """Upsampling (or shrinking) by interpolation: nearest reads one cell, linear the two around its place."""
    aligned = corners and output > 1
    scale = Fraction(size - 1, output - 1) if aligned else Fraction(size, output)
    offset = Fraction(0) if nearest or aligned else (scale - 1) / 2

    def taps(cell: int) -> Sequence[int]:
        position = scale * cell + offset
        below = math.floor(position)
        return (below,) if nearest or position == below else (below, below + 1)

    return taps, scale.denominator, scale.numerator


def shuffled(factor: int) -> tuple[Taps, int, int]:
    """Pixel shuffle: `factor` cells side by side come from one."""
    return lambda cell: (cell // factor,), factor, 1


def adaptive(size: int, output: int) -> tuple[Taps, int, int]:
    """Adaptive pooling: cell i reads from floor(i n / m) up to ceil((i + 1) n / m), which is left out."""
    step = Fraction(size, output)

    def taps(cell: int) -> Sequence[int]:
        return range(math.floor(cell * step), math.ceil((cell + 1) * step))

    return taps, step.denominator, step.numerator
