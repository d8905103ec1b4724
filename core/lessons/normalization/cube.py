"""The tensor of the normalization cube, and which of its cells share statistics."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from core.errors import ParseError
from core.images.center_crop import PHOTOGRAPHS, square
from core.knobs import knob
from core.layers.normalization import NORMALIZATIONS, NormalizationKind

COUNTING, RANDOM, FROM_PHOTOGRAPHS, OWN = NUMBERS = ("0, 1, 2, 3, ...", "Random", "Photographs", "Own values")
LARGEST = 9999
_SEPARATORS = re.compile(r"[\s,;\[\]()]+")
_NUMBER = re.compile(r"[+-]?(\d{1,4}(\.\d{0,2})?|\.\d{1,2})")


@dataclass(frozen=True)
class TensorSize:
    """The shape of the tensor."""

    batch: int = knob(2, 1, 8, label="N: images in the batch")
    channels: int = knob(3, 1, 8, label="C: channels")
    height: int = knob(2, 1, 8, label="H: height")
    width: int = knob(2, 1, 8, label="W: width")

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return (self.batch, self.channels, self.height, self.width)


@dataclass(frozen=True)
class AffineParameters:
    """Weight and bias after the normalization, the same for all channels, and the constant under the root."""

    gamma: float = knob(1.0, -3.0, 3.0, step=0.1, label="Gamma γ (weight)")
    beta: float = knob(0.0, -5.0, 5.0, step=0.1, label="Beta β (bias)")
    eps: float = knob(1e-5, 1e-6, 1.0, log=True, label="Epsilon ε (eps)")


@dataclass(frozen=True)
class NormalizationCube:
    """The tensor, the normalization and its parameters."""

    name: str = "Batch"
    size: TensorSize = TensorSize()
    numbers: str = NUMBERS[0]
    seed: int = 0
    own: str = ""
    groups: int = 1
    rho: float = 0.5
    affine: AffineParameters = AffineParameters()

    @property
    def entry(self) -> NormalizationKind:
        return NORMALIZATIONS[self.name]

    @property
    def knobs(self) -> dict[str, float]:
        """The settings that only this normalization has."""
        return {key: getattr(self, key) for key in self.entry.knobs}

    @property
    def blend(self) -> tuple[float, ...]:
        """The weight of each set of statistics in a cell."""
        return (1.0,) if len(self.entry.shares) == 1 else (self.rho, 1 - self.rho)


def values(cube: NormalizationCube) -> np.ndarray:
    """The tensor (N, C, H, W) float64; every value has at most two decimals.

    Raises: ParseError if own values are not numbers, or not as many as the tensor has cells.
    """
    shape = cube.size.shape
    if cube.numbers == RANDOM:
        return np.random.default_rng(cube.seed).normal(0, 10, shape).round(1) + 0.0  # no negative zero
    if cube.numbers == FROM_PHOTOGRAPHS:
        return photographs(*shape)
    if cube.numbers == OWN:
        return parse_values(cube.own, shape)
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


def photographs(batch: int, channels: int, height: int, width: int) -> np.ndarray:
    """Photographs made small, 0..255: (N, C, H, W) float64, the first channels of red, green, blue.

    After the fifth photograph come their centres, enlarged twice.
    """
    names, images = list(PHOTOGRAPHS), []
    for index in range(batch):
        pixels = np.rint(square(names[index % len(names)], 64, colour=True) * 255).astype(np.uint8)
        crop = pixels if index < len(names) else pixels[16:48, 16:48]
        images.append(np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX)))
    return np.stack(images).transpose(0, 3, 1, 2)[:, :channels].astype(float)


def parse_values(text: str, shape: tuple[int, ...]) -> np.ndarray:
    """Typed numbers, row by row, as a tensor of this shape.

    >>> parse_values("1 2.5, -3 4", (1, 1, 2, 2)).tolist()
    [[[[1.0, 2.5], [-3.0, 4.0]]]]
    """
    words = [word for word in _SEPARATORS.split(text) if word]
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise ParseError(
                f"“{word[:20]}” is not a valid value: enter numbers with at most two decimals between -{LARGEST} and "
                f"{LARGEST}, separated by spaces or commas."
            )
    sides, cells = " × ".join(map(str, shape)), int(np.prod(shape))
    if len(words) != cells:
        raise ParseError(
            f"{len(words)} values for {sides} = {cells} cells: "
            + (f"add {cells - len(words)} more" if len(words) < cells else f"remove {len(words) - cells}")
            + ", or change N, C, H or W."
        )
    return np.array([float(word) + 0.0 for word in words]).reshape(shape)


def set_labels(name: str, shape: tuple[int, int, int, int], groups: int = 1) -> tuple[np.ndarray, ...]:
    """For each set of statistics: (N, C, H, W) int, equal in two cells if and only if they share statistics."""
    indices = np.indices(shape)
    every = []
    for axes in NORMALIZATIONS[name].shares:
        parts = [indices["NCHW".index(axis)] for axis in "NHW" if axis not in axes]
        if "G" in axes:
            parts.append(indices[1] // (shape[1] // groups))
        elif "C" not in axes:
            parts.append(indices[1])
        keys = np.stack([np.zeros(shape, int), *parts]).reshape(len(parts) + 1, -1)
        every.append(np.unique(keys, axis=1, return_inverse=True)[1].reshape(shape))
    return tuple(every)


def normalized(cube: NormalizationCube) -> np.ndarray:
    """The normalized tensor, by PyTorch in training mode, in float64. Raises ValueError where PyTorch refuses."""
    _, channels, height, width = cube.size.shape
    module = cube.entry.build(channels, height, width, cube.affine.eps, **cube.knobs).double()
    parameters = dict(module.named_parameters())
    if cube.entry.affine:
        torch.nn.init.constant_(parameters["weight"], cube.affine.gamma)
    if cube.entry.affine == "both":
        torch.nn.init.constant_(parameters["bias"], cube.affine.beta)
    return module(torch.from_numpy(values(cube))).detach().numpy()


def same_sets(name: str, other: str, shape: tuple[int, int, int, int], groups: int) -> bool:
    """Whether two normalizations use the same statistics of the same cells, whatever the values are."""
    one, two = NORMALIZATIONS[name], NORMALIZATIONS[other]
    alike = one.centred == two.centred and one.on_weights == two.on_weights
    return alike and same_cells(name, other, shape, groups)


def same_cells(name: str, other: str, shape: tuple[int, int, int, int], groups: int) -> bool:
    """Whether the same cells share statistics in two normalizations, whatever statistics those are."""
    first, second = set_labels(name, shape, groups), set_labels(other, shape, groups)
    return all(np.array_equal(a, b) for a in first for b in second)


def is_degenerate(cube: NormalizationCube) -> bool:
    """Whether each set is a single cell, which PyTorch refuses in training (group norm only with a batch of one)."""
    n, c, h, w = cube.size.shape
    cells = {"Batch": n * h * w, "Instance": h * w, "Batch-instance": h * w, "Group": n * (c // cube.groups) * h * w}
    return cells.get(cube.name) == 1


def replaced(cube: NormalizationCube, name: str) -> NormalizationCube:
    """Another normalization of the same tensor."""
    return replace(cube, name=name)


def largest_difference(cube: NormalizationCube, other: str) -> float | None:
    """The largest difference from the outputs of another normalization; None where PyTorch refuses either."""
    alternative = replaced(cube, other)
    if is_degenerate(cube) or is_degenerate(alternative):
        return None
    return float(np.abs(normalized(cube) - normalized(alternative)).max())
