"""Sentences, tables and formulas of the dropout lesson, each with this moment's numbers in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import streamlit as st

from core.layers.dropout import DROPOUTS, alpha_affine, block_gamma, stay_chance
from core.lessons import dropout as lab
from core.lessons.dropout.masks import Knobs
from playground import lesson
from playground.live_training import Race

SIDE = 28  # cells of a map
GONE = {
    "SpatialDropout": "the channels dropped",
    "Disout": "the values made noise",
    "DropConnect": "the weights dropped",
    "StochasticDepth": "the branches left out",
}


def what(kind: str) -> str:
    """What went."""
    return GONE.get(kind, "the values dropped")


def title(kind: str) -> str:
    """What the maps are that dropout is shown on."""
    on = DROPOUTS[kind].on
    if on == "weights":
        return "without dropout: six outputs of a 1x1 convolution"
    if on == "branch":
        return "without dropout: a residual block's output"
    return "without dropout: six maps" + (" of mean 0, variance 1" if kind == "AlphaDropout" else "")


def sentence(kind: str) -> str:
    """What is dropped and what is scaled."""
    entry = DROPOUTS[kind]
    said = f"**{kind}** leaves out {entry.drops}; {entry.scales}. "
    where = {
        "weights": "Under each map: its 40 weights, empty where they are left out.",
        "branch": "One map of five photographs. Purple: the block gave back what it was given, and nothing was added.",
    }
    struck = "Purple marks where it struck" + ("." if kind == "AlphaDropout" else "; what stays is brighter for it.")
    return said + where.get(entry.on, struck)


def expected_share(knobs: Knobs) -> float:
    """The share of cells that goes on average where blocks are dropped, overlaps counted once."""
    asked = dict(knobs)
    gamma = block_gamma(asked["p"], asked["block_size"], SIDE, SIDE)
    return 1 - stay_chance(gamma, asked["block_size"], SIDE, SIDE).mean().item()


def numbers(kind: str, knobs: Knobs) -> None:
    """The formula's constants at this moment."""
    asked = dict(knobs)
    p = asked["p"]
    if "block_size" in asked:
        k = asked["block_size"]
        gamma, fits = block_gamma(p, k, SIDE, SIDE), SIDE - k + 1
        lesson.formula(
            block_gamma,
            rf"\frac{{{p:g}}}{{{k}^2}} \cdot \frac{{{SIDE} \cdot {SIDE}}}{{{fits} \cdot {fits}}} \approx {gamma:.6f}",
        )
        st.markdown(
            f"Blocks overlap, so fewer cells than {p:.0%} are struck: on average **{expected_share(knobs):.2%}**."
        )
    elif kind == "AlphaDropout":
        scale, shift = alpha_affine(p)
        st.latex(
            rf"q = {1 - p:g}: \quad a = \left(q + \alpha'^2 q (1 - q)\right)^{{-1/2}} \approx {scale:.5f}, \quad "
            rf"b = -a (1 - q) \alpha' \approx {shift:.5f}"
        )
    else:
        st.latex(rf"\frac{{1}}{{1 - p}} = \frac{{1}}{{1 - {p:g}}} {_equals(1 / (1 - p))}")


def _equals(value: float) -> str:
    """A number at four decimals, and whether that is all of it."""
    return f"= {value:g}" if abs(value - round(value, 4)) < 1e-9 else rf"\approx {value:.4f}"


def averages(kind: str, found: lab.Means) -> str:
    """The running means as a table, and how far chance may carry the last."""
    columns = {"scaled": found.values, "not scaled": found.unscaled}
    means = {name: lab.running(values) for name, values in columns.items() if values is not None}
    rows = [f"| | {' | '.join(means)} |", "|---|" + "---:|" * len(means)]
    for draws in (1, 10, 100, lab.DRAWS):
        rows.append(
            f"| mean of {draws:,} draw{'s' * (draws > 1)} | {_cells(one[draws - 1] for one in means.values())} |"
        )
    rows.append(f"| **without dropout** | {_cells(found.value for _ in means)} |")
    return "\n".join(rows) + "\n\n" + _verdict(kind, found)


def _cells(values: Iterable[float]) -> str:
    return " | ".join(f"{value:.4f}".replace("-", "−") for value in values)


def _verdict(kind: str, found: lab.Means) -> str:
    if found.chance is not None:
        return (
            f"This cell stays with a chance of **{found.chance:.4f}**; what stays is divided by the share of the whole "
            "map that stayed, so the mean of the *map* is kept, and that of one cell only nearly: the rim lies in "
            "fewer blocks and comes out too large, the middle too small."
        )
    error = found.deviation / lab.DRAWS**0.5
    said = (
        f"By the formula one draw has mean **{found.expected:.4f}** and deviation {found.deviation:.4f}, so the mean "
        f"of {lab.DRAWS} draws is off by about {error:.4f}; here it is off by "
        f"{abs(found.values.mean() - found.expected):.4f}."
    )
    if kind == "AlphaDropout":
        said += " Not this value's mean is kept, but mean 0 and variance 1 of all values together."
    return said


def expectation(kind: str, knobs: Knobs, found: lab.Means) -> None:
    """The expectation of one value, written out."""
    p, x = dict(knobs)["p"], round(found.value, 4)
    if kind in ("DropBlock", "Disout"):
        return
    if kind == "AlphaDropout":
        scale, _ = alpha_affine(p)
        told = rf"a\,q\,x \approx {scale:.5f} \cdot {1 - p:g} \cdot ({x:.4f}) \approx {found.expected:.4f}"
        st.latex(rf"\operatorname{{E}} y = {told}")
    elif kind == "DropConnect":
        st.latex(
            rf"\operatorname{{E}} y = \sum_i \Big((1 - p) \cdot \frac{{w_i x_i}}{{1 - p}} + p \cdot 0\Big) = "
            rf"\sum_i w_i x_i \approx {x:.4f}"
        )
    else:
        st.latex(
            rf"\operatorname{{E}} y = (1 - p) \cdot \frac{{x}}{{1 - p}} + p \cdot 0 = "
            rf"{1 - p:g} \cdot \frac{{{x:.4f}}}{{{1 - p:g}}} + {p:g} \cdot 0 = {x:.4f}"
        )


def digit(number: int, degrees: float) -> np.ndarray:
    """The picture that the network is asked about, (8, 8)."""
    return lab.turned(lab.example(number)[0], degrees)[0, 0].numpy()


def answers(kind: str, found: lab.Passes) -> str:
    """What evaluation says, and how the passes differ."""
    said, sure = int(found.evaluation.argmax()), found.evaluation.max()
    won = np.argsort(-found.votes, kind="stable")[:3]
    first, *others = (digit for digit in won if found.votes[digit])
    votes = f"{first} comes first in {found.votes[first]} of them"
    votes += "".join(f", {digit} in {found.votes[digit]}" for digit in others)
    mean, spread = found.passes[:, said].mean(), found.passes[:, said].std()
    return (
        f"It is a **{found.label}**. In evaluation (orange) the network says **{said}** with {sure:.1%}, every time. "
        f"With its dropout left on, {lab.PASSES} passes (dots; purple their mean) differ: {votes}; "
        f"the chance of {said} is {mean:.1%} on average, with a deviation of {100 * spread:.1f} points. Forgetting "
        "`model.eval()` gives you one of those dots."
    )


def gaps(sides: Mapping[str, Sequence[lab.Round]]) -> str:
    """The last round of both as a table, a column each."""
    last = [rounds[-1] for rounds in sides.values()]
    rows = {
        "right, training": [f"{one.right:.1%}" for one in last],
        "right, validation": [f"{one.validation_right:.1%}" for one in last],
        "**gap**": [f"**{100 * gap(one):.1f}** points" for one in last],
        "loss, training": [f"{one.loss:.3f}" for one in last],
        "loss, validation": [f"{one.validation_loss:.3f}" for one in last],
    }
    head = f"| | {' | '.join(sides)} |\n|---|{'---:|' * len(last)}"
    return "\n".join([head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())])


def gap(one: lab.Round) -> float:
    """How much better it knows what it was trained on."""
    return one.right - one.validation_right


def halves_the_gap(run: Race | None) -> bool:
    """Whether a finished run with a fifth of false labels ended with B's gap at most half of A's, and B no worse."""
    if run is None or not run.over or len(run.moments) < run.asked[0].rounds or run.asked[0].wrong < 0.2:
        return False
    a, b = run.moments[-1]
    return gap(b) <= gap(a) / 2 and b.validation_right >= a.validation_right


def table() -> str:
    """Every kind: what goes, what is scaled, where it stands."""
    rows = ["| dropout | what goes | what is scaled | formula | source |", "|---" * 5 + "|"]
    for name, entry in DROPOUTS.items():
        rows.append(f"| {name} | {entry.drops} | {entry.scales} | ${entry.formula}$ | {entry.paper} |")
    return "\n".join(rows)
