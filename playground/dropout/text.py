"""Sentences, tables and formulas of the dropout lesson, each with this moment's numbers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.layers.dropout import DROPOUTS, alpha_affine, block_gamma, keep_probability
from core.lessons import dropout as lab
from core.lessons.dropout import DropoutSettings
from core.percent import percent
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


def effect(kind: str) -> str:
    """What is dropped, what is scaled, and how both are drawn."""
    entry = DROPOUTS[kind]
    marks = {
        "weights": "Under each map: its 40 weights; dropped ones are empty.",
        "branch": "One map of each of five photographs. Purple: branch dropped, so the output is the block's input.",
    }
    cells = "Purple marks the distorted cells" if kind == "Disout" else "Purple marks the dropped cells"
    scaling = "." if kind == "AlphaDropout" else "; the remaining ones are scaled up and look brighter."
    return f"**{kind}** drops {entry.drops}; {entry.scales}. {marks.get(entry.on, cells + scaling)}"


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
        affected = "distorted" if kind == "Disout" else "dropped"
        st.markdown(
            f"Blocks overlap, so fewer than {percent(p, 0)} of the cells are {affected}: on average "
            f"**{percent(expected_share(settings), 2)}**."
        )
    elif kind == "AlphaDropout":
        scale, shift = alpha_affine(p)
        st.latex(
            rf"q = 1 - p = {1 - p:g}: \quad a = \left(q + \alpha'^2 q (1 - q)\right)^{{-1/2}} \approx {scale:.5f}, "
            rf"\quad b = -a (1 - q) \alpha' \approx {shift:.5f}"
        )
    else:
        st.latex(rf"\text{{scale}} = \frac{{1}}{{1 - p}} = \frac{{1}}{{1 - {p:g}}} {_equals(1 / (1 - p))}")


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
    cells = ((name, *(f"{value:.4f}".replace("-", "−") for value in row)) for name, row in rows.items())
    return f"{table(('', *means), cells, '->>')}\n\n{_error(kind, mean)}"


def _error(kind: str, mean: lab.DropoutMean) -> str:
    if mean.keep_probability is not None:
        return (
            f"This cell is kept with probability **{mean.keep_probability:.4f}**. Kept values are divided by the share "
            "of the whole map that is kept, so the mean of the *map* is preserved, that of a single cell only "
            "approximately: cells near the border lie in fewer blocks and come out too large, central ones too small."
        )
    standard_error = mean.std / lab.DRAWS**0.5
    sentence = (
        f"By the formula one draw has mean **{mean.expected:.4f}** and standard deviation {mean.std:.4f}, so the mean "
        f"of {lab.DRAWS} draws has a standard error of {standard_error:.4f}; here it is off by "
        f"{abs(mean.draws.mean() - mean.expected):.4f}."
    )
    if kind == "AlphaDropout":
        sentence += " Not the mean of this value is preserved, but mean 0 and variance 1 of all values together."
    return sentence


def expectation(kind: str, settings: DropoutSettings, mean: lab.DropoutMean) -> None:
    """The expectation of one value, with its numbers."""
    p, x = dict(settings)["p"], round(mean.value, 4)
    if kind in ("DropBlock", "Disout"):
        return
    if kind == "AlphaDropout":
        scale, _ = alpha_affine(p)
        numbers = rf"{scale:.5f} \cdot {1 - p:g} \cdot ({x:.4f}) \approx {mean.expected:.4f}"
        st.latex(rf"\operatorname{{E}} y = a\,q\,x \approx {numbers}")
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
    lesson.legend(r"$\operatorname{E} y$ = mean of $y$ over all masks" + _EXPECTATION_SYMBOLS.get(kind, ""))


def digit(number: int, degrees: float) -> np.ndarray:
    """The image that the network classifies, (8, 8)."""
    return lab.rotated(lab.validation_digit(number)[0], degrees)[0, 0].numpy()


def predictions(kind: str, mc: lab.StochasticPredictions) -> str:
    """The prediction in evaluation mode, and how those with dropout left on differ."""
    predicted, probability = int(mc.evaluation.argmax()), mc.evaluation.max()
    ranking = np.argsort(-mc.votes, kind="stable")[:3]
    first, *others = (digit for digit in ranking if mc.votes[digit])
    votes = f"{first} is predicted in {mc.votes[first]} of them"
    votes += "".join(f", {digit} in {mc.votes[digit]}" for digit in others)
    mean, std = mc.passes[:, predicted].mean(), mc.passes[:, predicted].std()
    return (
        f"The true class is **{mc.label}**. In evaluation mode (orange) the network predicts **{predicted}** with "
        f"{percent(probability, 1)}, every time. With dropout left on, {lab.PASSES} passes (dots; purple: their mean) "
        f"differ: {votes}; the probability of {predicted} is {percent(mean, 1)} on average, with a standard deviation "
        f"of {100 * std:.1f} percentage points. Forgetting `model.eval()` gives you one of these dots."
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
    """The generalization gap: training accuracy minus validation accuracy."""
    return epoch.accuracy - epoch.validation_accuracy


def halves_the_gap(run: LiveRun | None) -> bool:
    """Whether in a finished run with 20 % wrong labels B has half of A's gap or less, and is no worse in validation."""
    if run is None or not run.is_over or len(run.history) < run.settings[0].epochs or run.settings[0].label_noise < 0.2:
        return False
    a, b = run.history[-1]
    return gap(b) <= gap(a) / 2 and b.validation_accuracy >= a.validation_accuracy


def experiment(setup: lab.DropoutTraining, kind: str) -> str:
    """In what the two networks differ, and what they are trained on."""
    return (
        f"**A** has no dropout, **B** has {kind} {lab.POSITIONS[lab.position_of(kind)]}. Same initial weights, same "
        f"{setup.train_size} digits in the same order; {round(setup.label_noise * setup.train_size)} of them have a "
        f"wrong label. Validation: {lab.VALIDATION_SIZE} other digits with correct labels."
    )


def all_kinds() -> str:
    """Every kind: what is dropped, what is scaled, its formula and its source."""
    rows = ((name, one.drops, one.scales, f"${one.formula}$", one.paper) for name, one in DROPOUTS.items())
    return table(("Dropout", "Drops", "Scaling", "Formula", "Source"), rows)
