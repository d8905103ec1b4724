"""The sentences of the tab "Why", each a function of the numbers that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from core.explain import METHODS, SanityCheck
from core.lessons.inspect_network.why import IN_RANDOM_ORDER, AdversarialStep, Explanation, MeasuredMethod
from core.percent import percent
from playground import units
from playground.escaping import literal

CLASS, MAP = "$y_c$ = logit of class $c$", "$M_c$ = its map"
WEIGHTED = f"{MAP}, $A_k$ = feature map $k$ of the layer"
PIXELS = f"{MAP}, {CLASS}, $x_{{kij}}$ = channel $k$ of pixel $(i, j)$"
SYMBOLS = {
    "CAM": f"{WEIGHTED}, $w_{{ck}}$ = weight of its mean in the last layer",
    "Grad-CAM": f"{WEIGHTED} with $h \\times w$ cells, {CLASS}",
    "Grad-CAM++": f"{WEIGHTED}, {CLASS}",
    "Score-CAM": f"{WEIGHTED}, {CLASS}, $U_k$ = $A_k$ enlarged to the image $x$, $\\odot$ = cell by cell",
    "Occlusion": f"{MAP}, {CLASS}, $W$ = a square of pixels of the image $x$",
    "Integrated gradients": f"{PIXELS}, $n$ = steps",
    "SmoothGrad": f"{PIXELS}, $n$ = samples, $\\sigma$ = 15 % of the range of $x$",
    "Guided backprop": f"{MAP}, $x$ = input of a ReLU, $R$ = what is passed back through it",
}
HARDLY = 0.5  # a rank correlation from which on two maps are called alike


def quoted(name: str) -> str:
    return f"“{name}”"


def prediction(classes: Sequence[str], probabilities: np.ndarray, label: int | None) -> str:
    """The predicted class and its probability, and the true class where it is known."""
    best = int(probabilities.argmax())
    words = f"Prediction: **{literal(classes[best])}** ({percent(float(probabilities[best]))})"
    if label is None:
        return f"{words}."
    if label == best:
        return f"{words}, which is correct."
    return f"{words}; the true class is **{literal(classes[label])}** ({percent(float(probabilities[label]))})."


def layers(names: Sequence[str]) -> dict[str, str]:
    """What is shown for each layer: the first is that of the last feature maps.

    >>> layers(("relu", "conv"))
    {'relu': 'relu (last feature maps)', 'conv': 'conv'}
    """
    return {name: f"{name} (last feature maps)" if name == names[0] else name for name in names}


def colours(name: str, methods: Iterable[str]) -> str:
    """What the colours of the maps of these methods mean."""
    sensitivity = [one for one in methods if METHODS[one].is_sensitivity]
    words = f"Orange: evidence for {literal(quoted(name))}; blue: against it; transparent: none."
    if sensitivity:
        words += (
            f" {' and '.join(sensitivity)}: orange where a brighter pixel raises the logit, blue where it lowers it."
        )
    return f"{words} Each map has a scale of its own: all but its strongest hundredth lies below full colour."


def sentence(reason: str) -> str:
    """The reason of an error as a sentence of its own.

    >>> sentence("this network has no Grad-CAM.")
    'This network has no Grad-CAM.'
    """
    return reason[:1].upper() + reason[1:]


def largest(result: Explanation) -> str:
    """The value farthest from zero and its place, as the program prints it."""
    assert result.map is not None
    value, row, column = result.largest
    return f"Largest value here: {value:+.4g} at row {row}, column {column} of {'×'.join(map(str, result.map.shape))}."


def correlation(value: float | None) -> str:
    r"""A rank correlation.

    >>> correlation(0.876), correlation(-0.001), correlation(None)
    ('ρ\xa0=\xa00.88', 'ρ\xa0=\xa00.00', 'an even map')
    """
    return "an even map" if value is None else f"ρ\u00a0=\u00a0{round(value, 2) + 0:.2f}"


def sanity(checks: Mapping[str, SanityCheck]) -> str:
    """Which methods hardly notice that the last layer is another one, and which do."""
    values = {name: one.last_layer for name, one in checks.items() if one.last_layer is not None}
    if not values:
        return "No method gives a map that could be compared."
    alike = [name for name, value in values.items() if value >= HARDLY]
    others = [name for name in values if name not in alike]
    if not alike:
        return f"All maps change when the last layer is shuffled: no correlation reaches {HARDLY:g}."
    verb = "changes" if len(alike) == 1 else "change"
    words = f"**{', '.join(alike)}** hardly {verb} when the last layer is shuffled (ρ of {HARDLY:g} or more)"
    if not others:
        return f"{words}: on this image they show more of the image than of what this network learned about the class."
    return f"{words}, although another class could now win; **{', '.join(others)}** depend on it."


def measures(results: Mapping[str, MeasuredMethod]) -> str:
    """The best method by each figure."""
    methods = {name: one for name, one in results.items() if name != IN_RANDOM_ORDER}
    if not methods:
        return "No method explains this network."
    chance = results[IN_RANDOM_ORDER]
    first = max(methods, key=lambda name: methods[name].insertion)
    last = min(methods, key=lambda name: methods[name].deletion)
    words = (
        f"Over {units.counted(chance.images, 'image')}: the best insertion is that of **{first}** "
        f"({methods[first].insertion:.3f}; pixels in random order: {chance.insertion:.3f}), the best deletion that of "
        f"**{last}** ({methods[last].deletion:.3f}; in random order: {chance.deletion:.3f})."
    )
    inside = {name: one.game.times_chance for name, one in methods.items() if one.game is not None}
    if not inside:
        return words
    best = max(inside, key=inside.__getitem__)
    return f"{words} **{best}** points best at the ears: {inside[best]:.2f} times as much as an even map."


def step(classes: Sequence[str], result: AdversarialStep, share: float, after: np.ndarray) -> str:
    """What a step of `share` does; `after` are the probabilities after it."""
    best, name = int(after.argmax()), literal(classes[result.label])
    size = f"A step of {percent(share, 2)} of the image's range"
    if share == 0:
        return f"Without a step the prediction is **{literal(classes[best])}** ({percent(float(after[best]))})."
    if best == result.label:
        return f"{size}: still **{name}** ({percent(float(after[best]))})."
    return f"{size} turns {quoted(name)} into **{literal(classes[best])}** ({percent(float(after[best]))})."


def smallest(result: AdversarialStep, most: float) -> str:
    """How far this direction must be followed."""
    if result.smallest is None:
        return f"No step of up to {percent(most, 0)} of the range in this direction changes the prediction."
    return (
        f"The smallest step that changes the prediction: **{percent(result.smallest, 2)}** of the range, "
        f"{result.in_grey_values:.1f} of 255 grey values, at every pixel."
    )
