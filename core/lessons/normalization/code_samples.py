"""The cube as code: the lines that compute the same, and the formula of one cell with its numbers."""

from __future__ import annotations

import math

import numpy as np

from core.images import SAMPLES
from core.images.center_crop import PHOTOGRAPHS, SQUARE_CODE
from core.layers import normalization
from core.lessons.code_block import definition, with_imports
from core.lessons.normalization.cube import (
    FROM_PHOTOGRAPHS,
    OWN,
    RANDOM,
    NormalizationCube,
    is_degenerate,
    parse_values,
    set_labels,
    values,
)

REFUSAL = "# PyTorch refuses this in training: a single value has no variance."


def lines(cube: NormalizationCube) -> str:
    """NumPy, then PyTorch: both compute what is on the screen, as `y` and `z`; printed: a cell, their difference."""
    numpy = "\n".join(_numpy_code(cube))
    first = 'print(f"y[0, 0, 0, 0] = {y[0, 0, 0, 0]:.4f}")'
    if is_degenerate(cube):
        return with_imports(
            [
                _tensor_code(cube),
                f"{numpy}\n{first}",
                REFUSAL,
            ]
        )
    own = definition(getattr(normalization, cube.entry.own)) if cube.entry.own else ""
    compared = f'{first}\nprint(f"largest difference of y and z: {{np.abs(y - z.numpy()).max():.1g}}")'
    return with_imports([own, _tensor_code(cube), numpy, "\n".join(_pytorch_code(cube)), compared])


def _pytorch_code(cube: NormalizationCube) -> list[str]:
    sides = {key: getattr(cube.size, key) for key in ("channels", "height", "width")}
    expression = cube.entry.code.format(**sides, eps=cube.affine.eps, **cube.knobs)
    script = [f"norm = {expression}.double()  # in training mode"]
    if cube.entry.affine and cube.affine.gamma != 1:
        script.append(f"nn.init.constant_(norm.weight, {cube.affine.gamma})")
    if cube.entry.affine == "both" and cube.affine.beta != 0:
        script.append(f"nn.init.constant_(norm.bias, {cube.affine.beta})")
    return [*script, "z = norm(torch.from_numpy(x)).detach()"]


def _tensor_code(cube: NormalizationCube) -> str:
    shape = cube.size.shape
    if cube.numbers == RANDOM:
        return f"x = np.random.default_rng({cube.seed}).normal(0, 10, {shape}).round(1)"
    if cube.numbers == FROM_PHOTOGRAPHS:
        return f"{SQUARE_CODE}\n\n\n{_photographs_code(*shape)}"
    if cube.numbers == OWN:
        numbers = ", ".join(f"{value:g}" for value in parse_values(cube.own, shape).ravel())
        return f"x = np.array([{numbers}], dtype=float).reshape{shape}"
    return f"x = np.arange({np.prod(shape)}.0).reshape{shape}  # (N, C, H, W)"


def _photographs_code(batch: int, channels: int, height: int, width: int) -> str:
    """The lines of `photographs`."""
    count = len(PHOTOGRAPHS)
    pictures = ", ".join(SAMPLES[name].code for name in list(PHOTOGRAPHS)[:batch])
    body = [f"crops = [square(picture, 64) for picture in ({pictures},)]"]
    if batch > count:
        body.append(f"crops += [crop[16:48, 16:48] for crop in crops[:{batch - count}]]")
    return "\n".join(
        [
            *body,
            f"small = [Image.fromarray(crop).resize(({width}, {height}), Image.Resampling.BOX) for crop in crops]",
            f"x = np.stack(small).transpose(0, 3, 1, 2)[:, :{channels}].astype(float)  # 0..255, (N, C, H, W)",
        ]
    )


def _numpy_code(cube: NormalizationCube) -> list[str]:
    """One block of lines per set of statistics, then weight and bias."""
    entry, eps = cube.entry, cube.affine.eps
    names = [f"normalized_{axes}" for axes in entry.shares] if len(entry.shares) > 1 else ["y"]
    script = [
        line for axes, name in zip(entry.shares, names, strict=True) for line in _normalize_code(cube, axes, name, eps)
    ]
    if len(names) > 1:
        script.append(f"y = {cube.rho} * {names[0]} + (1 - {cube.rho}) * {names[1]}")
    if entry.affine:
        beta = f" + {cube.affine.beta}" if entry.affine == "both" else ""
        script.append(f"y = y * {cube.affine.gamma}{beta}")
    return script


def _normalize_code(cube: NormalizationCube, axes: str, name: str, eps: float) -> list[str]:
    """The lines that normalize over some axes; groups become an axis of their own in between."""
    n, c, h, w = cube.size.shape
    grouped = "G" in axes
    source, order = ("g", "NGCHW") if grouped else ("x", "NCHW")
    axis = tuple(order.index(letter) for letter in (axes.replace("G", "C") if grouped else axes))
    head = [f"g = x.reshape({n}, {cube.groups}, {c // cube.groups}, {h}, {w})"] if grouped else []
    tail = [f"{name} = {name}.reshape(x.shape)"] if grouped else []
    if not cube.entry.centred:
        return [f"mean_square = (x**2).mean({axis}, keepdims=True)", f"{name} = x / np.sqrt(mean_square + {eps})"]
    return [
        *head,
        f"mean = {source}.mean({axis}, keepdims=True)",
        f"variance = {source}.var({axis}, keepdims=True)",
        f"{name} = ({source} - mean) / np.sqrt(variance + {eps})",
        *tail,
    ]


def first_cell(cube: NormalizationCube) -> str:
    r"""The arithmetic of cell (0, 0, 0, 0) in LaTeX, with as many decimals (six at least) as give the printed result.

    >>> first_cell(NormalizationCube())
    '\\frac{0 - 7.5}{\\sqrt{37.25 + 0.00001}} \\cdot 1 + 0 \\approx -1.2288'
    """
    _, exact = _first_cell(cube, EXACT)
    every = (_first_cell(cube, decimals) for decimals in range(6, EXACT + 1))
    text = next(text for text, value in every if abs(value - exact) < 1e-5)
    return rf"{text} \approx {round(exact, 4) + 0.0:.4f}"


EXACT = 14  # decimals that lose nothing


def _first_cell(cube: NormalizationCube, decimals: int) -> tuple[str, float]:
    """The arithmetic with means and variances rounded, and what it gives."""
    x, entry, affine = values(cube), cube.entry, cube.affine
    first, terms, blended = x[0, 0, 0, 0], [], 0.0
    for label, weight in zip(set_labels(cube.name, cube.size.shape, cube.groups), cube.blend, strict=True):
        shared = x[label == label[0, 0, 0, 0]]
        mean = shared.mean() if entry.centred else 0.0
        variance = round(np.mean((shared - mean) ** 2), decimals)
        mean = round(mean, decimals)
        numerator = f"{_plain(first)} - {_bracketed(mean, decimals)}" if entry.centred else _plain(first)
        term = rf"\frac{{{numerator}}}{{\sqrt{{{_plain(variance, decimals)} + {_plain(affine.eps)}}}}}"
        terms.append(term if len(entry.shares) == 1 else rf"{weight:g} \cdot {term}")
        blended += weight * (first - mean) / math.sqrt(variance + affine.eps)
    text = terms[0] if len(terms) == 1 else rf"\left({' + '.join(terms)}\right)"
    if entry.affine:
        text += rf" \cdot {_bracketed(affine.gamma)}"
        blended *= affine.gamma
    if entry.affine == "both":
        text += f" + {_bracketed(affine.beta)}"
        blended += affine.beta
    return text, float(blended)


def _plain(value: float, decimals: int = 6) -> str:
    """At most so many decimals, no trailing zeros, no negative zero."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _bracketed(value: float, decimals: int = 6) -> str:
    text = _plain(value, decimals)
    return f"({text})" if text.startswith("-") else text
