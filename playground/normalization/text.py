"""What the normalization lesson says about the numbers of the moment: each sentence a function of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.layers.activations import ACTIVATIONS
from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.normalization.effects import batch_size, before_after, placement, train_vs_eval
from core.lessons.normalization.effects import network as nets
from core.percent import percent
from playground.charts import normalization as charts
from playground.markup import table

COMMON = ("Batch", "Layer", "Instance", "Group")


def cube_verdict(state: lab.NormalizationCube) -> str:
    """What is special about the state of the cube."""
    broken = _broken(state)
    if broken:
        return broken
    if state.entry.on_weights:
        return "Here the tensor is a kernel: the weights of each output channel are normalized, not the signal."
    if len(state.entry.shares) > 1:
        return _blended(state)
    if state.name == "Batch" and state.size.batch == 1:
        return (
            "**A batch of one.** The statistics of the “batch” are those of a single image: batch normalization has "
            "become instance normalization, and the running averages for evaluation follow every image."
        )
    same = same_cells_as(state)
    if not same:
        number = "No other" if state.name in COMMON else "None"
        return f"{number} of the four common normalizations uses the same sets of cells here."
    but = "" if state.entry.centred else ", but it subtracts no mean"
    return f"**{state.name}** uses exactly the same sets of cells here as **{' and '.join(same)}**{but}."


def same_cells_as(state: lab.NormalizationCube) -> list[str]:
    """The common normalizations that share the same cells, whatever they compute of them."""
    shape, groups = state.size.shape, state.groups
    return [one for one in COMMON if one != state.name and lab.same_cells(state.name, one, shape, groups)]


def _broken(state: lab.NormalizationCube) -> str:
    """The sentence where sets consist of single cells, else empty."""
    single = [
        bool(label.max() + 1 == label.size) for label in lab.set_labels(state.name, state.size.shape, state.groups)
    ]
    if not any(single):
        return ""
    if not state.entry.centred:
        return (
            "**Here it breaks.** Every cell is a set of its own: the root of its mean square is its own size, so of "
            "every value only the sign is left."
        )
    if not all(single):
        return (
            "**Here it breaks.** In the instance part every cell is a set of its own: its mean is its value, its "
            "variance is 0, and the part is 0 whatever the input. PyTorch refuses to train on it."
        )
    output = "beta" if state.entry.affine == "both" else "0"
    refusal = "PyTorch refuses to train on it." if lab.is_degenerate(state) else "PyTorch computes it all the same."
    return (
        "**Here it breaks.** Every cell is a set of its own: its mean is its value, its variance is 0, and every "
        f"output is {output}, whatever the input. {refusal}"
    )


def _blended(state: lab.NormalizationCube) -> str:
    """Which statistics count in batch-instance normalization."""
    if state.size.batch == 1:
        return (
            "**A batch of one.** The statistics of the “batch” are those of a single image: both parts are instance "
            "normalization, whatever ρ is."
        )
    if state.rho in (0.0, 1.0):
        only = "Batch" if state.rho else "Instance"
        return f"With ρ = {state.rho:g} only one of the two sets counts: the outputs are those of **{only}**."
    return "Two sets of statistics count here: that of **Batch**, with the share ρ, and that of **Instance**."


def common(state: lab.NormalizationCube) -> str:
    """The four common normalizations on this tensor, as a table."""
    cells, rows = int(np.prod(state.size.shape)), []
    for name in COMMON:
        (labels,) = lab.set_labels(name, state.size.shape, state.groups)
        sets = int(labels.max()) + 1
        title = f"**{name}**" if name == state.name else name
        if name == "Group":
            title += f" (G\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{state.groups})"
        rows.append((title, NORMALIZATIONS[name].shares_with, f"{sets}", f"{cells // sets}", difference(state, name)))
    return table(("", "each cell shares with", "sets", "cells per set", "on these values"), rows, "-->>-")


def difference(state: lab.NormalizationCube, other: str) -> str:
    """How far the outputs of one of the common normalizations are from those on the screen."""
    if state.entry.on_weights:
        return "works on the signal, not on weights"
    if lab.is_degenerate(lab.replaced(state, other)):
        return "PyTorch refuses: one cell per set"
    if other == state.name:
        return "shown above"
    largest = lab.largest_difference(state, other)
    if largest is None:
        return f"{state.name} has no outputs to compare"
    return "the same outputs" if largest < 1e-9 else f"outputs differ by up to {largest:.4g}"


def flat_shares(activation: str, histograms: before_after.ChannelHistograms) -> str:
    """The share of the inputs of an activation where it passes no gradient, or hardly any, before and after."""
    flat, dead = (
        [float(share.mean()) for share in shares] for shares in (histograms.saturated_share, histograms.dead_share)
    )
    if not any(flat):
        return (
            f"No input to **{activation}** falls where its slope is below {SATURATION_SLOPE} in size, without "
            "normalization or with it: more than a twentieth of the gradient flows back everywhere."
        )
    before, after = (percent(share, 1) for share in flat)
    slope, gradient = f"is below {SATURATION_SLOPE} in size", "less than a twentieth of the gradient flows back there"
    if flat == dead:
        slope, gradient = "is exactly 0", "no gradient flows back there"
    elif not any(dead) and ACTIVATIONS[activation].saturates == "no":
        gradient += ", but some does: it does not saturate"
    return (
        f"Of the inputs to **{activation}**, **{before}** fall where its slope {slope} without normalization, and "
        f"**{after}** with it: {gradient}."
    )


def batch_error(result: batch_size.StatisticErrors, row: int, size: int) -> str:
    """The errors for this batch size, and how many independent cells an image counts for."""
    low, median, high = (percent(error, 1) for error in result.variance[row])
    return (
        f"In batches of **{size}** of {nets.VALIDATION_SIZE} digits the root mean square error of the mean is "
        f"**{result.mean_rmse[row]:.3f}** standard deviations ({batch_size.DRAWS} batches; theory: "
        f"{result.theory[row]:.3f}). The median error of the variance is {median}; it is above {high} in 1 of 20 "
        f"batches and below {low} in another 1 of 20. {effective_cells(result)}"
    )


def effective_cells(result: batch_size.StatisticErrors) -> str:
    """How many independent cells an image counts for."""
    cells, effective = round(1 / result.theory_independent[0] ** 2), float(1 / result.theory[0] ** 2)
    shown = f"{effective:.0f}" if effective >= 10 else f"{effective:.2g}"
    comparison = f"for the mean, an image of {cells} cells counts as **{shown}** independent cells."
    if float(shown) == cells:
        return f"For the mean, the {cells} cells of an image count like independent ones."
    if effective < cells:
        return f"The cells of one image are correlated: {comparison}"
    return f"In this channel the cells within one image compensate each other: {comparison}"


def batch_size_judgement(history: Sequence[tuple[batch_size.RunProgress | None, ...]]) -> str:
    """The change in accuracy of both from batches of 32 to batches of 2."""
    accuracy = {run: placement.last_accuracy(history, index) or 0.0 for index, run in enumerate(batch_size.RUNS)}
    change = {
        norm: accuracy[batch_size.BatchSizeRun(norm, 2)] - accuracy[batch_size.BatchSizeRun(norm, 32)]
        for norm in ("Batch", "Group")
    }
    changes = " and ".join(f"**{norm}** {points(share)} points" for norm, share in change.items())
    return (
        f"From batches of 32 to batches of 2 the validation accuracy changes: {changes}. Small batches mean 16 times "
        "as many steps of a sixteenth of the length for both; with batch normalization they also mean statistics of "
        "only two images."
    )


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(-0.012), points(0.0), points(-0.0001)
    ('−1.2', '±0.0', '±0.0')
    """
    text = f"{100 * share:+.1f}"
    return "±0.0" if float(text) == 0 else text.replace("-", "−")


def claim_judgement(names: Sequence[str], history: Sequence[tuple[placement.StepResult | None, ...]]) -> str:
    """The verdict on the claim: which activation gains more, and which network is best."""
    accuracy = [placement.last_accuracy(history, index) or 0.0 for index in range(4)]
    gains = {"Sigmoid": accuracy[1] - accuracy[0], "ReLU": accuracy[3] - accuracy[2]}
    best = [name for name, share in zip(names, accuracy, strict=True) if share > max(accuracy) - HALF_A_DIGIT]
    are = "are equally good, better than the other" if len(best) > 1 else "is best"
    changes = ", ".join(f"{name} {points(gain)} points" for name, gain in gains.items())
    verdict = f"{_gained_more(gains)} ({changes} of validation accuracy)"
    ranking = "all four are equally good" if len(best) == 4 else f"**{' and '.join(best)}** {are}"
    return (
        f"In this run {verdict}, and {ranking}. That is one seed, one depth and one learning rate; others may give "
        "another result."
    )


HALF_A_DIGIT = 0.5 / nets.VALIDATION_SIZE


def _gained_more(gains: Mapping[str, float]) -> str:
    more, less = sorted(gains, key=gains.__getitem__, reverse=True)
    if gains[more] - gains[less] < HALF_A_DIGIT:
        return "both change alike"
    if gains[more] > HALF_A_DIGIT:
        return f"**{more}** gains more from it"
    return f"**{less}** loses " + ("more by it" if gains[more] < -HALF_A_DIGIT else "by it")


def standings(names: Sequence[str], history: Sequence[tuple], *heads: str) -> str:
    """Loss and accuracy of each run so far, as a table with these heads."""
    accuracies = (placement.last_accuracy(history, index) for index in range(len(names)))
    rows = (
        (name, charts.recent(losses(history, index)), "" if share is None else percent(share, 1))
        for index, (name, share) in enumerate(zip(names, accuracies, strict=True))
    )
    return table(("", *heads), rows, "->>")


def losses(history: Sequence[tuple], index: int) -> list[float]:
    """The losses of one of several runs in lockstep, NaN where it has ended."""
    return [point[index].loss if point[index] else np.nan for point in history]


def initial_share(share: float, batches: int) -> str:
    """How much of a running average its initial value still is."""
    after = "Before any batch" if batches == 0 else "After 1 batch" if batches == 1 else f"After {batches} batches"
    if share == 0:
        return f"{after}, nothing of its initial value is left in the average."
    if share < 0.00005:
        return f"{after}, less than **{percent(0.0001, 2)}** of the average is still its initial value."
    return f"{after}, **{percent(share, 2)}** of the average is still its initial value."


def lag(behind: Sequence[float], checkpoints: Sequence[int]) -> str:
    """How far the accuracy in `eval()` is behind that in `train()` at most, at checkpoints after the first."""
    latest = int(np.argmax(behind))
    if behind[latest] <= 0:
        return "Now it is never below"
    return f"Now it is up to **{100 * behind[latest]:.1f}** below, after {checkpoints[latest]} batches"


def evaluated_digits() -> str:
    """Of how many digits the accuracies are: a batch that is not full is left out."""
    count = nets.VALIDATION_SIZE
    uneven = [size for size in train_vs_eval.SIZES if count % size]
    rest = "".join(
        f"; in batches of {size}: the first {count // size * size}, which fill all batches" for size in uneven
    )
    return f"Of the {count} validation digits{rest}."


def gradient_ratio(gradient: Sequence[float]) -> str:
    """How large the gradient of the first convolution is beside that of the last."""
    if gradient[-1] == 0:
        return "Now no gradient reaches the last one"
    return f"Now it is **{gradient[0] / gradient[-1]:.3g}** times as large"
