"""The tensor of the normalization cube, who shares statistics with whom in it, and the lines that compute the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from core.errors import ParseError
from core.knobs import knob
from core.labs.pictures import PHOTOGRAPHS, square
from core.layers.normalization import NORMALIZATIONS, Normalization

NUMBERS = ("0, 1, 2, 3, ...", "random", "photographs", "own values")
LARGEST = 9999
_SEPARATORS = re.compile(r"[\s,;\[\]()]+")
_NUMBER = re.compile(r"[+-]?(\d{1,4}(\.\d{0,2})?|\.\d{1,2})")
_OWN_MODULES = ("ChannelLayerNorm", "BatchInstanceNorm2d", "WeightStandardization")


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


def lines(cube: Cube) -> str:
    """NumPy, then PyTorch: both give what is on the screen, as `y` and `z`."""
    script = ["import numpy as np", *_filling(cube), "", *_numpy(cube), ""]
    if refuses(cube):
        return "\n".join([*script, "# PyTorch refuses to train on this: a set of one value has no variance."])
    own = next((module for module in _OWN_MODULES if cube.entry.code.startswith(module)), None)
    script += ["import torch", "from torch import nn"]
    script += [f"from core.layers.normalization import {own}"] if own else []
    sides = {key: getattr(cube.size, key) for key in ("channels", "height", "width")}
    expression = cube.entry.code.format(**sides, eps=cube.affine.eps, **cube.knobs)
    script += ["", f"norm = {expression}.double()  # in training mode"]
    if cube.entry.affine and cube.affine.gamma != 1:
        script.append(f"nn.init.constant_(norm.weight, {cube.affine.gamma})")
    if cube.entry.affine == "both" and cube.affine.beta != 0:
        script.append(f"nn.init.constant_(norm.bias, {cube.affine.beta})")
    return "\n".join([*script, "z = norm(torch.from_numpy(x)).detach()"])


def _filling(cube: Cube) -> list[str]:
    shape = cube.size.shape
    if cube.numbers == "random":
        return ["", f"x = np.random.default_rng({cube.seed}).normal(0, 10, {shape}).round(1)"]
    if cube.numbers == "photographs":
        return ["from core.labs.normalization import photographs", "", f"x = photographs{shape}  # 0..255"]
    if cube.numbers == "own values":
        written = ", ".join(f"{value:g}" for value in own_values(cube.own, shape).ravel())
        return ["", f"x = np.array([{written}], dtype=float).reshape{shape}"]
    return ["", f"x = np.arange({np.prod(shape)}.0).reshape{shape}  # (N, C, H, W)"]


def _numpy(cube: Cube) -> list[str]:
    """One block of lines a set of statistics, then what follows it."""
    entry, eps = cube.entry, cube.affine.eps
    names = [f"normalized_{axes}" for axes in entry.shares] if len(entry.shares) > 1 else ["y"]
    script = [line for axes, name in zip(entry.shares, names, strict=True) for line in _one(cube, axes, name, eps)]
    if len(names) > 1:
        script.append(f"y = {cube.rho} * {names[0]} + (1 - {cube.rho}) * {names[1]}")
    if entry.affine:
        beta = f" + {cube.affine.beta}" if entry.affine == "both" else ""
        script.append(f"y = y * {cube.affine.gamma}{beta}")
    return script


def _one(cube: Cube, axes: str, name: str, eps: float) -> list[str]:
    """The lines that normalize over some axes; a group's channels are an axis for as long as it takes."""
    n, c, h, w = cube.size.shape
    grouped = "G" in axes
    of, order = ("g", "NGCHW") if grouped else ("x", "NCHW")
    axis = tuple(order.index(letter) for letter in (axes.replace("G", "C") if grouped else axes))
    head = [f"g = x.reshape({n}, {cube.groups}, {c // cube.groups}, {h}, {w})"] if grouped else []
    tail = [f"{name} = {name}.reshape(x.shape)"] if grouped else []
    if not cube.entry.centred:
        return [f"mean_square = (x**2).mean({axis}, keepdims=True)", f"{name} = x / np.sqrt(mean_square + {eps})"]
    return [
        *head,
        f"mean = {of}.mean({axis}, keepdims=True)",
        f"variance = {of}.var({axis}, keepdims=True)",
        f"{name} = ({of} - mean) / np.sqrt(variance + {eps})",
        *tail,
    ]


def largest_gap(cube: Cube, other: str) -> float | None:
    """How far another normalization's outputs lie from this one's at most; None where PyTorch refuses either."""
    beside = replace(cube, name=other)
    if refuses(cube) or refuses(beside):
        return None
    return float(np.abs(result(cube) - result(beside)).max())


def first_cell(cube: Cube) -> str:
    r"""The arithmetic of cell (0, 0, 0, 0) in LaTeX, with means and variances rounded to six decimals.

    >>> first_cell(Cube())
    '\\frac{0 - 7.5}{\\sqrt{37.25 + 0.00001}} \\cdot 1 + 0 \\approx -1.2288'
    """
    x, entry, affine = values(cube), cube.entry, cube.affine
    terms, blended = [], 0.0
    for found, weight in zip(labels(cube.name, cube.size.shape, cube.groups), cube.blend, strict=True):
        shared = x[found == found[0, 0, 0, 0]]
        mean = shared.mean() if entry.centred else 0.0
        variance = np.mean((shared - mean) ** 2)
        above = f"{_plain(x[0, 0, 0, 0])} - {_bracketed(mean)}" if entry.centred else _plain(x[0, 0, 0, 0])
        term = rf"\frac{{{above}}}{{\sqrt{{{_plain(variance)} + {_plain(affine.eps)}}}}}"
        terms.append(term if len(entry.shares) == 1 else rf"{weight:g} \cdot {term}")
        blended += weight * (x[0, 0, 0, 0] - mean) / np.sqrt(variance + affine.eps)
    text = terms[0] if len(terms) == 1 else rf"\left({' + '.join(terms)}\right)"
    if entry.affine:
        text += rf" \cdot {_bracketed(affine.gamma)}"
        blended *= affine.gamma
    if entry.affine == "both":
        text += f" + {_bracketed(affine.beta)}"
        blended += affine.beta
    return rf"{text} \approx {blended + 0.0:.4f}"


def _plain(value: float) -> str:
    """At most six decimals, no trailing zeros, no negative zero."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _bracketed(value: float) -> str:
    text = _plain(value)
    return f"({text})" if text.startswith("-") else text
