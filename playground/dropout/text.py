"""Sentences, tables and formulas of the dropout lesson, each with this moment's numbers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.layers.dropout import DROPOUTS, alpha_affine, block_gamma, keep_probability
from core.lessons import dropout as lab
from core.lessons.dropout import DropoutSettings
from core.percent import percent, percent_apart
from playground import lesson, units
from playground.live_training import LiveRun
from playground.markup import table

SIDE = 28  # cells of a map
DROPPED_UNITS = {
    "SpatialDropout": "channels dropped",
    "Disout": "values replaced by noise",
    "DropConnect": "weights dropped",
    "StochasticDepth": "branches dropped",
}

_EXPECTATION_SYMBOLS = {
    "AlphaDropout": ", $q = 1 - p$, $a$ as above",
    "DropConnect": ", $w_i$ = weights, $x_i$ = inputs of the layer",
}


def dropped_unit(kind: str) -> str:
    """What is dropped, after a percentage."""
    return DROPPED_UNITS.get(kind, "values dropped")


def title(kind: str) -> str:
    """The maps that a dropout is shown on."""
    on = DROPOUTS[kind].on
    if on == "weights":
        return "Without dropout: six outputs of a 1×1 convolution"
    if on == "branch":
        return "Without dropout: output of a residual block"
    return "Without dropout: six feature maps" + (" (mean 0, variance 1)" if kind == "AlphaDropout" else "")


def effect(kind: str, settings: DropoutSettings) -> str:
    """What is dropped, what is scaled, and how both are drawn."""
    entry = DROPOUTS[kind]
    rule = f"**{kind}** drops {entry.drops}; {entry.scales}."
    if dict(settings)["p"] == 0:
        return f"{rule} With p = 0 nothing is dropped, and nothing is scaled."
    marks = {
        "weights": "Under each map: its 40 weights; dropped ones are empty.",
        "branch": "One map of each of five photographs. Purple: branch dropped, so the output is the block's input.",
    }
    cells = "Purple marks the distorted cells" if kind == "Disout" else "Purple marks the dropped cells"
    scaling = "." if kind == "AlphaDropout" else "; the remaining ones are scaled up and look brighter."
    return f"{rule} {marks.get(entry.on, cells + scaling)}"


def expected_share(settings: DropoutSettings) -> float:
    """The expected share of dropped cells of DropBlock, overlaps counted once."""
    p, block_size = (dict(settings)[name] for name in ("p", "block_size"))
    return 1 - keep_probability(block_gamma(p, block_size, SIDE, SIDE), block_size, SIDE, SIDE).mean().item()


def constants(kind: str, settings: DropoutSettings) -> None:
    """The constants of a dropout's formula with this moment's numbers."""
    values = dict(settings)
    p = values["p"]
    if "block_size" in values:
        k = values["block_size"]
        gamma, positions = block_gamma(p, k, SIDE, SIDE), SIDE - k + 1
        numbers = rf"\frac{{{p:g}}}{{{k}^2}} \cdot \frac{{{SIDE} \cdot {SIDE}}}{{{positions} \cdot {positions}}}"
        lesson.formula(block_gamma, rf"{numbers} \approx {gamma:.6f}")
        st.markdown(share_of_cells(kind, settings))
    elif kind == "AlphaDropout":
        scale, shift = alpha_affine(p)
        lesson.latex(
            rf"q = 1 - p = {1 - p:g}: \quad a = \left(q + \alpha'^2 q (1 - q)\right)^{{-1/2}} \approx {scale:.5f}, "
            rf"\quad b = -a (1 - q) \alpha' \approx {shift:.5f}"
        )
    else:
        lesson.latex(rf"\text{{scale}} = \frac{{1}}{{1 - p}} = \frac{{1}}{{1 - {p:g}}} {_equals(1 / (1 - p))}")


def share_of_cells(kind: str, settings: DropoutSettings) -> str:
    """How many cells are dropped on average, and whether that is p."""
    p, block_size = (dict(settings)[name] for name in ("p", "block_size"))
    affected = "distorted" if kind == "Disout" else "dropped"
    share = expected_share(settings)
    if p == 0:
        return f"With p = 0 no cell is {affected}."
    if block_size == 1:
        return f"Blocks of one cell do not overlap: on average **{percent(share, 2)}** of the cells are {affected}."
    return (
        f"Blocks overlap, so fewer than {percent(p, 0)} of the cells are {affected}: on average "
        f"**{percent_apart(share, p, 2)}**."
    )


def _equals(value: float) -> str:
    """A number to four decimals, with = where it is exact."""
    return f"= {value:g}" if abs(value - round(value, 4)) < 1e-9 else rf"\approx {value:.4f}"


def averages(kind: str, mean: lab.DropoutMean) -> str:
    """The running means as a table, and the standard error of the last."""
    columns = {"scaled": mean.draws, "not scaled": mean.unscaled}
    means = {name: lab.running_mean(values) for name, values in columns.items() if values is not None}
    counts = (1, 10, 100, lab.DRAWS)
    rows = {f"mean of {units.counted(n, 'draw')}": [values[n - 1] for values in means.values()] for n in counts}
    rows["**without dropout**"] = [mean.value] * len(means)
    cells = ((name, *(signed(value) for value in row)) for name, row in rows.items())
    return f"{table(('', *means), cells, '->>')}\n\n{_error(kind, mean)}"


def signed(value: float) -> str:
    """Four decimals, with a minus sign as it is typeset, and no negative zero.

    >>> signed(-0.25), signed(-0.00001)
    ('−0.2500', '0.0000')
    """
    return fixed(value).replace("-", "−")


def fixed(value: float, decimals: int = 4) -> str:
    """So many decimals, no negative zero."""
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"


def _error(kind: str, mean: lab.DropoutMean) -> str:
    if np.allclose(mean.draws, mean.value, rtol=1e-6, atol=1e-9):
        return "Nothing changes this value: every draw gives it as it is."
    if mean.keep_probability is not None:
        return _kept_share(kind, mean.keep_probability, mean.mean_keep_probability)
    standard_error = mean.std / lab.DRAWS**0.5
    sentence = (
        f"By the formula one draw has mean **{signed(mean.expected)}** and standard deviation {mean.std:.4f}, so the "
        f"mean of {lab.DRAWS} draws has a standard error of {standard_error:.4f}; here it is off by "
        f"{abs(mean.draws.mean() - mean.expected):.4f}."
    )
    if kind == "AlphaDropout":
        sentence += " Not the mean of this value is preserved, but mean 0 and variance 1 of all values together."
    return sentence


def _kept_share(kind: str, cell: float, average: float) -> str:
    """What blocks do to the mean of one cell, whose probability to be kept may not be the average one."""
    kept = "left unchanged" if kind == "Disout" else "kept"
    divided = "Values are" if kind == "Disout" else "Kept values are"
    rule = f"{divided} divided by the share of the whole map that is {kept}, so the factors of all cells have mean 1"
    if abs(cell - average) < 1e-9:
        return f"This cell is {kept} with probability **{cell:.4f}**, like every other. {rule}, and so has this one's."
    than, size, cells = ("more", "large", "fewer") if cell > average else ("less", "small", "more")
    return (
        f"This cell is {kept} with probability **{cell:.4f}**, {than} than the **{average:.4f}** of an average cell: "
        f"it lies in {cells} blocks. {rule}, but the mean of this one's is too {size}."
    )


def expectation(kind: str, settings: DropoutSettings, mean: lab.DropoutMean) -> None:
    """The expectation of one value, with its numbers."""
    p, x = dict(settings)["p"], mean.value
    if kind in ("DropBlock", "Disout"):
        return
    lesson.latex(expectation_formula(kind, p, x))
    lesson.legend(r"$\operatorname{E} y$ = mean of $y$ over all masks" + _EXPECTATION_SYMBOLS.get(kind, ""))


def expectation_formula(kind: str, p: float, x: float) -> str:
    """The mean of one value over all masks, with its numbers (LaTeX); the printed terms give the printed result."""
    keep = f"{1 - p:g}"
    if kind == "AlphaDropout":
        scale, _ = alpha_affine(p)
        numbers = rf"{scale:.7f} \cdot {keep} \cdot ({fixed(x, 7)}) \approx {fixed(scale * (1 - p) * x)}"
        return rf"\operatorname{{E}} y = a\,q\,x \approx {numbers}"
    if kind == "DropConnect":
        return (
            rf"\operatorname{{E}} y = \sum_i \Big((1 - p) \cdot \frac{{w_i x_i}}{{1 - p}} + p \cdot 0\Big) = "
            rf"\sum_i w_i x_i \approx {fixed(x)}"
        )
    return (
        rf"\operatorname{{E}} y = (1 - p) \cdot \frac{{x}}{{1 - p}} + p \cdot 0 = "
        rf"{keep} \cdot \frac{{{fixed(x)}}}{{{keep}}} + {p:g} \cdot 0 = {fixed(x)}"
    )


def digit(number: int, degrees: float) -> np.ndarray:
    """The image that the network classifies, (8, 8)."""
    return lab.rotated(lab.validation_digit(number)[0], degrees)[0, 0].numpy()


def predictions(kind: str, settings: DropoutSettings, mc: lab.StochasticPredictions) -> str:
    """The prediction in evaluation mode, and how those with dropout left on differ, where they do."""
    predicted, probability = int(mc.evaluation.argmax()), mc.evaluation.max()
    evaluation = (
        f"The true class is **{mc.label}**. In evaluation mode (orange) the network, trained with this dropout, "
        f"predicts **{predicted}** with {percent(probability, 1)}, every time."
    )
    return f"{evaluation} {_differences(dict(settings)['p'], predicted, mc)}"


def _differences(p: float, predicted: int, mc: lab.StochasticPredictions) -> str:
    """How the passes with dropout left on differ."""
    if p == 0:
        return f"With p = 0 nothing is dropped: all {lab.PASSES} passes with dropout left on give the same."
    if np.ptp(mc.passes, axis=0).max() == 0:
        return f"With dropout left on all {lab.PASSES} passes agree: nothing that counts was dropped in any of them."
    ranking = np.argsort(-mc.votes, kind="stable")[:3]
    first, *others = (digit for digit in ranking if mc.votes[digit])
    votes = f"{first} is predicted in {mc.votes[first]} of them"
    votes += "".join(f", {digit} in {mc.votes[digit]}" for digit in others)
    mean, std = mc.passes[:, predicted].mean(), mc.passes[:, predicted].std()
    return (
        f"With dropout left on, {lab.PASSES} passes (dots; purple: their mean) differ: {votes}; the probability of "
        f"{predicted} is {percent(mean, 1)} on average, with a standard deviation of {100 * std:.1f} percentage "
        "points. Forgetting `model.eval()` gives you one of these dots."
    )


def gaps(results: Mapping[str, Sequence[lab.EpochResult]]) -> str:
    """The last epoch of both networks as a table, one column each."""
    last = [epochs[-1] for epochs in results.values()]
    rows = {
        "training accuracy": [percent(epoch.accuracy, 1) for epoch in last],
        "validation accuracy": [percent(epoch.validation_accuracy, 1) for epoch in last],
        "**generalization gap**": [f"**{100 * gap(epoch):.1f}** points" for epoch in last],
        "training loss": [f"{epoch.loss:.3f}" for epoch in last],
        "validation loss": [f"{epoch.validation_loss:.3f}" for epoch in last],
    }
    return table(("", *results), ((name, *cells) for name, cells in rows.items()), "->>")


def gap(epoch: lab.EpochResult) -> float:
    """The generalization gap: training accuracy minus validation accuracy, both as they are printed."""
    training, validation = (float(f"{100 * share:.1f}") for share in (epoch.accuracy, epoch.validation_accuracy))
    return round(training - validation, 1) / 100


def halves_the_gap(run: LiveRun | None) -> bool:
    """Whether in a finished run with 20 % wrong labels B has half of A's gap or less, and is no worse in validation."""
    if run is None or not run.is_over or len(run.history) < run.settings[0].epochs or run.settings[0].label_noise < 0.2:
        return False
    a, b = run.history[-1]
    return gap(b) <= gap(a) / 2 and b.validation_accuracy >= a.validation_accuracy


def experiment(setup: lab.DropoutTraining, kind: str, settings: DropoutSettings) -> str:
    """In what the two networks differ, if in anything, and what they are trained on."""
    wrong = lab.wrong_labels(setup)
    labels = f"{wrong} of them have a wrong label" if wrong else "all of them with correct labels"
    nothing = "" if dict(settings)["p"] else ", which drops nothing at p = 0: both are the same network"
    return (
        f"**A** has no dropout, **B** has {kind} {lab.POSITIONS[lab.position_of(kind)]}{nothing}. Same initial "
        f"weights, same {setup.train_size} digits in the same order; {labels}. Validation: {lab.VALIDATION_SIZE} other "
        "digits with correct labels."
    )


def dashes(setup: lab.DropoutTraining) -> str:
    """Which curves are dashed."""
    wrong = ", wrong labels included" if lab.wrong_labels(setup) else ""
    return f"Dashed: training images{wrong}. Solid: validation images."


def all_kinds() -> str:
    """Every kind: what is dropped, what is scaled, its formula and its source."""
    rows = ((name, one.drops, one.scales, f"${one.formula}$", one.paper) for name, one in DROPOUTS.items())
    return table(("Dropout", "Drops", "Scaling", "Formula", "Source"), rows)
