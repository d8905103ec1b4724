"""The sentences of the tab, each a function of the numbers that it is about."""

from __future__ import annotations

import math

from core.lessons.inspect_network.logit import FLATTEN, HIDDEN, MAXIMUM, MEAN, LastLayer
from core.lessons.inspect_network.softmax import LARGEST_FLOAT32, Float32Softmax, LossBreakdown
from playground.charts.number_tables import fixed
from playground.charts.softmax import scientific
from playground.escaping import literal
from playground.inspect_network.softmax.settings import LossGoal, LossState

IDEA = (
    "A **softmax** turns the network's scores, the **logits**, into probabilities; the **cross-entropy** of the target "
    "class is the loss. Move one logit and watch every step."
)
SYMBOLS = (
    "$z_k$ = logit of class $k$, $p_k$ = its probability, $y_k$ = its target, $t$ = target class, $K$ = number of "
    r"classes, $T$ = temperature, $\varepsilon$ = label smoothing, $L$ = loss"
)
LINEAR_SYMBOLS = "$z_k$ = logit of class $k$, $w_{kf}$ = its weight of feature $f$, $x_f$ = that feature, $b_k$ = bias"
STABILITY = (
    "Adding one number to all logits changes no probability: it cancels in the fraction. So the maximum is subtracted "
    "first, and no exponential is larger than 1."
)
TWO_CLASSES = (
    "For two classes alone, only the **difference** of their logits matters, and the softmax is a **sigmoid**."
)


def loss(now: LossBreakdown, state: LossState, names: tuple[str, ...]) -> str:
    """What is predicted, what the loss is, and which way each logit would have to move."""
    target, changed = literal(names[state.target]), literal(names[state.logit])
    is_right = now.predicted == state.target
    verdict = "the target" if is_right else f"not the target, “{target}” (p = {fixed(_p(now, state.target))})"
    slope = float(now.gradient[state.logit])
    way = "less" if slope > 0 else "more"
    flat = f"{abs(slope):.4f}" == "0.0000"
    effect = "hardly changes the loss" if flat else f"by a little changes the loss by {fixed(slope)} per unit"
    advice = "" if flat else f": the loss falls with **{way}** of it"
    return (
        f"The highest probability, **{fixed(_p(now, now.predicted))}**, is that of “{literal(names[now.predicted])}”: "
        f"{verdict}. The loss is **{nats(now.loss)}** nats. Raising the logit of “{changed}” {effect}{advice}."
    )


def _p(now: LossBreakdown, index: int) -> float:
    return float(now.probabilities[index])


def temperature(value: float) -> str:
    """What the temperature does; empty at 1."""
    if value == 1:
        return ""
    effect = "flatter: closer to equal shares" if value > 1 else "sharper: closer to one class for all"
    return f"At a temperature of {value:g} the probabilities are {effect}; which class is first does not change."


def float32(one: Float32Softmax, offset: int) -> str:
    """What happens to the softmax that does not subtract the maximum."""
    largest = scientific(float(one.logits.max()))
    if one.overflows:
        return (
            f"With {offset:+d} added, the largest logit is {largest}, and its exponential, or the sum of all, is more "
            f"than the largest float32 ({LARGEST_FLOAT32:.3g}): **inf**, and inf / inf is **nan**. With the maximum "
            "subtracted nothing overflows."
        ).replace("-", "−")
    if one.underflows:
        return (
            f"With {offset:+d} added, even the largest logit, {largest}, has an exponential that float32 rounds to 0: "
            "0 / 0 is **nan**. With the maximum subtracted the largest exponential is 1."
        ).replace("-", "−")
    apart = float((one.naive_probabilities - one.probabilities).abs().max())
    return (
        f"With {offset:+d} added, both ways work: their probabilities differ by at most {apart:.1g}. Add more, or less."
    ).replace("-", "−")


def two_classes(first: str, second: str, difference: float, probability: float, is_all: bool) -> str:
    """The probability of a class against one other; it is the network's own where there are no more."""
    rest = (
        "These are all classes, so it is the probability above." if is_all else "The other classes are left out here."
    )
    return (
        f"“{literal(first)}” against “{literal(second)}”: the logits (over T) differ by **{fixed(difference, 3)}**, "
        f"and σ({fixed(difference, 3)}) = **{fixed(probability)}**. {rest}"
    )


def features(layer: LastLayer) -> str:
    """Where the numbers come from that the last layer reads."""
    count = len(layer.features)
    if layer.maps is None:
        return f"The last layer, `{layer.name}`, reads the **{count:,}** outputs of the hidden layer before it."
    channels, height, width = layer.maps.shape
    maps = f"the {channels:,} maps of `{layer.map_layer}`, {height}×{width} each"
    how = {
        MEAN: f"**Global average pooling** takes the mean of each of {maps}: {count:,} features.",
        MAXIMUM: f"**Global max pooling** takes the maximum of each of {maps}: {count:,} features.",
        FLATTEN: f"**Flatten** lays {maps}, one behind the other: {channels:,}·{height}·{width} = {count:,} features.",
    }[layer.source]
    if not layer.name:
        return f"{how} There is no linear layer behind it: each mean is the logit of one class."
    return f"{how} The linear layer `{layer.name}` weighs each of them, with a row of weights for each class."


def picture_heads(layer: LastLayer) -> tuple[str, ...]:
    """The columns of the table of products."""
    return {
        MEAN: ("Map", "image", "mean x", "weight w", "w · x"),
        MAXIMUM: ("Map", "image", "maximum x", "weight w", "w · x"),
        FLATTEN: ("Map", "image", "weights", "products", "sum of w · x"),
        HIDDEN: ("Feature", "x", "weight w", "w · x"),
    }[layer.source]


SOURCE = (
    "Softmax: Bridle 1990. Label smoothing: Szegedy et al. 2016, arXiv:1512.00567. Temperature: Hinton et al. 2015, "
    "arXiv:1503.02531. Global average pooling: Lin et al. 2014, arXiv:1312.4400."
)


def nats(value: float) -> str:
    """A loss with four decimals, or with two digits where these would be zeros.

    >>> nats(1.5), nats(7.26e-7), nats(0.0)
    ('1.5000', '7.3e−07', '0.0000')
    """
    return f"{value:.1e}".replace("-", "−") if 0 < value < 0.001 else fixed(value)


NO_CHALLENGE = "With these settings a change of one logit hardly changes the loss."


def challenge(own: LossBreakdown, goal: LossGoal) -> str:
    """The task with its number: half of the loss, one nat where there is hardly any, or what smoothed targets allow."""
    if goal.raises:
        return f"The loss is only {nats(own.loss)}. Raise it to at least **1** nat by changing one logit."
    way = f"from **{fixed(own.loss)}** to at most **{fixed(goal.loss)}** nats."
    if goal.lowest:
        return (
            f"Lower the loss by changing one logit: {way} None of them alone makes it less than {fixed(goal.lowest)}."
        )
    return f"Halve the loss by changing one logit: {way}"


def hint(own: LossBreakdown, goal: LossGoal, target: int, needed: float) -> str:
    """What half of a loss means, and how far the target's logit is from it without label smoothing."""
    probability = float(own.probabilities[target])
    if goal.lowest:
        return "The loss is lowest where a class's probability is its target: change the logit that is farthest off."
    if goal.raises:
        return f"The loss is −ln p: one nat where the target's probability is 1/e = {fixed(math.exp(-1))}, or less."
    return (
        f"The loss is −ln p, so half of it needs the square root of p: √{fixed(probability)} = "
        f"{fixed(probability**0.5)}. Without label smoothing the target's logit reaches it {needed:.2f} higher."
    )
