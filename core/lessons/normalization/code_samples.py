"""The cube as code: the lines that compute the same, and the formula of one cell with its numbers."""

from __future__ import annotations

import numpy as np

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


def lines(cube: NormalizationCube) -> str:
    """NumPy, then PyTorch: both compute what is on the screen, as `y` and `z`."""
    script = ["import numpy as np", *_tensor_code(cube), "", *_numpy_code(cube), ""]
    if is_degenerate(cube):
        return "\n".join([*script, "# PyTorch refuses to train on this: a single value has no variance."])
    script += ["import torch", "from torch import nn"]
    script += [f"from core.layers.normalization import {cube.entry.own}"] if cube.entry.own else []
    sides = {key: getattr(cube.size, key) for key in ("channels", "height", "width")}
    expression = cube.entry.code.format(**sides, eps=cube.affine.eps, **cube.knobs)
    script += ["", f"norm = {expression}.double()  # in training mode"]
    if cube.entry.affine and cube.affine.gamma != 1:
        script.append(f"nn.init.constant_(norm.weight, {cube.affine.gamma})")
    if cube.entry.affine == "both" and cube.affine.beta != 0:
        script.append(f"nn.init.constant_(norm.bias, {cube.affine.beta})")
    return "\n".join([*script, "z = norm(torch.from_numpy(x)).detach()"])


def _tensor_code(cube: NormalizationCube) -> list[str]:
    shape = cube.size.shape
    if cube.numbers == RANDOM:
        return ["", f"x = np.random.default_rng({cube.seed}).normal(0, 10, {shape}).round(1)"]
    if cube.numbers == FROM_PHOTOGRAPHS:
        return ["from core.lessons.normalization import photographs", "", f"x = photographs{shape}  # 0..255"]
    if cube.numbers == OWN:
        numbers = ", ".join(f"{value:g}" for value in parse_values(cube.own, shape).ravel())
        return ["", f"x = np.array([{numbers}], dtype=float).reshape{shape}"]
    return ["", f"x = np.arange({np.prod(shape)}.0).reshape{shape}  # (N, C, H, W)"]


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
    r"""The arithmetic of cell (0, 0, 0, 0) in LaTeX, with means and variances rounded to six decimals.

    >>> first_cell(NormalizationCube())
    '\\frac{0 - 7.5}{\\sqrt{37.25 + 0.00001}} \\cdot 1 + 0 \\approx -1.2288'
    """
    x, entry, affine = values(cube), cube.entry, cube.affine
    terms, blended = [], 0.0
    for label, weight in zip(set_labels(cube.name, cube.size.shape, cube.groups), cube.blend, strict=True):
        shared = x[label == label[0, 0, 0, 0]]
        mean = shared.mean() if entry.centred else 0.0
        variance = np.mean((shared - mean) ** 2)
        numerator = f"{_plain(x[0, 0, 0, 0])} - {_bracketed(mean)}" if entry.centred else _plain(x[0, 0, 0, 0])
        term = rf"\frac{{{numerator}}}{{\sqrt{{{_plain(variance)} + {_plain(affine.eps)}}}}}"
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
