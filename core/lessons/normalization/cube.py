"""The tensor of the normalization cube, and who shares statistics with whom in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from core.errors import ParseError
from core.images.squares import PHOTOGRAPHS, square
from core.knobs import knob
from core.layers.normalization import NORMALIZATIONS, Normalization

NUMBERS = ("0, 1, 2, 3, ...", "random", "photographs", "own values")
LARGEST = 9999
_SEPARATORS = re.compile(r"[\s,;\[\]()]+")
_NUMBER = re.compile(r"[+-]?(\d{1,4}(\.\d{0,2})?|\.\d{1,2})")


@dataclass(frozen=True)
class Size:
    """The sides of the tensor; `numbers` says what fills it."""

    batch: int = knob(2, 1, 8, label="N: pictures in the batch")
    channels: int = knob(3, 1, 8, label="C: channels")
    height: int = knob(2, 1, 8, label="H: height")
    width: int = knob(2, 1, 8, label="W: width")

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return (self.batch, self.channels, self.height, self.width)


@dataclass(frozen=True)
class Affine:
    """What follows the normalization, the same for every channel, and the small number that keeps the root alive."""

    gamma: float = knob(1.0, -3.0, 3.0, step=0.1, label="gamma (weight)")
    beta: float = knob(0.0, -5.0, 5.0, step=0.1, label="beta (bias)")
    eps: float = knob(1e-5, 1e-6, 1.0, log=True, label="eps")


@dataclass(frozen=True)
class Cube:
    """All that is on the screen: the tensor, which normalization, and its parameters."""

    name: str = "Batch"
    size: Size = Size()
    numbers: str = NUMBERS[0]
    seed: int = 0
    own: str = ""
    groups: int = 1
    rho: float = 0.5
    affine: Affine = Affine()

    @property
    def entry(self) -> Normalization:
        return NORMALIZATIONS[self.name]

    @property
    def knobs(self) -> dict[str, float]:
        """The settings that this normalization has of its own."""
        return {key: getattr(self, key) for key in self.entry.knobs}

    @property
    def blend(self) -> tuple[float, ...]:
        """How much of each set of statistics goes into a cell."""
        return (1.0,) if len(self.entry.shares) == 1 else (self.rho, 1 - self.rho)


def values(cube: Cube) -> np.ndarray:
    """The tensor (N, C, H, W) float64; every value has at most two decimals.

    Raises: ParseError if own values are no numbers, or not as many as the tensor has cells.
    """
    shape = cube.size.shape
    if cube.numbers == "random":
        return np.random.default_rng(cube.seed).normal(0, 10, shape).round(1) + 0.0  # no negative zero
    if cube.numbers == "photographs":
        return photographs(*shape)
    if cube.numbers == "own values":
        return own_values(cube.own, shape)
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


def photographs(batch: int, channels: int, height: int, width: int) -> np.ndarray:
    """Real pictures made small, 0..255: (N, C, H, W) float64, the first channels of red, green, blue.

    After the fifth photograph they come again as their own middle, twice as near.
    """
    names, found = list(PHOTOGRAPHS), []
    for place in range(batch):
        pixels = np.rint(square(names[place % len(names)], 64, colour=True) * 255).astype(np.uint8)
        near = pixels if place < len(names) else pixels[16:48, 16:48]
        found.append(np.asarray(Image.fromarray(near).resize((width, height), Image.Resampling.BOX)))
    return np.stack(found).transpose(0, 3, 1, 2)[:, :channels].astype(float)


def own_values(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers typed by hand, row after row, as a tensor of this shape.

    >>> own_values("1 2.5, -3 4", (1, 1, 2, 2)).tolist()
    [[[[1.0, 2.5], [-3.0, 4.0]]]]
    """
    words = [word for word in _SEPARATORS.split(text) if word]
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise ParseError(
                f"“{word[:20]}” is not a number this cube can hold: write numbers of at most two decimals between "
                f"-{LARGEST} and {LARGEST}, with spaces or commas between them."
            )
    sides, cells = " x ".join(map(str, shape)), int(np.prod(shape))
    if len(words) != cells:
        raise ParseError(
            f"{len(words)} values do not fill {sides} = {cells} cells: "
            + (f"add {cells - len(words)} more" if len(words) < cells else f"take {len(words) - cells} away")
            + ", or change N, C, H or W."
        )
    return np.array([float(word) + 0.0 for word in words]).reshape(shape)


def labels(name: str, shape: tuple[int, int, int, int], groups: int = 1) -> tuple[np.ndarray, ...]:
    """For each set of statistics: (N, C, H, W) int, the same number in two cells if and only if they share it."""
    place = np.indices(shape)
    found = []
    for axes in NORMALIZATIONS[name].shares:
        parts = [place["NCHW".index(axis)] for axis in "NHW" if axis not in axes]
        if "G" in axes:
            parts.append(place[1] // (shape[1] // groups))
        elif "C" not in axes:
            parts.append(place[1])
        keys = np.stack([np.zeros(shape, int), *parts]).reshape(len(parts) + 1, -1)
        found.append(np.unique(keys, axis=1, return_inverse=True)[1].reshape(shape))
    return tuple(found)


def result(cube: Cube) -> np.ndarray:
    """The normalized tensor, by PyTorch in training mode, in float64. Raises ValueError where PyTorch refuses."""
    _, channels, height, width = cube.size.shape
    module = cube.entry.build(channels, height, width, cube.affine.eps, **cube.knobs).double()
    if cube.entry.affine:
        torch.nn.init.constant_(module.weight, cube.affine.gamma)
    if cube.entry.affine == "both":
        torch.nn.init.constant_(module.bias, cube.affine.beta)
    return module(torch.from_numpy(values(cube))).detach().numpy()


def same_sets(name: str, other: str, shape: tuple[int, int, int, int], groups: int) -> bool:
    """Whether two normalizations take the same statistics of the same cells, whatever the values are."""
    one, two = NORMALIZATIONS[name], NORMALIZATIONS[other]
    mine, theirs = labels(name, shape, groups), labels(other, shape, groups)
    if one.centred != two.centred or one.on_weights != two.on_weights:
        return False
    return all(np.array_equal(a, b) for a in mine for b in theirs)


def refuses(cube: Cube) -> bool:
    """Whether PyTorch raises in training, because nobody shares: of the group norm only with a batch of one."""
    n, c, h, w = cube.size.shape
    cells = {"Batch": n * h * w, "Instance": h * w, "Batch-instance": h * w, "Group": n * (c // cube.groups) * h * w}
    return cells.get(cube.name) == 1


def largest_gap(cube: Cube, other: str) -> float | None:
    """How far another normalization's outputs lie from this one's at most; None where PyTorch refuses either."""
    beside = replace(cube, name=other)
    if refuses(cube) or refuses(beside):
        return None
    return float(np.abs(result(cube) - result(beside)).max())
