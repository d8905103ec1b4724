"""The figures by which a run is judged, as formulas."""

from __future__ import annotations

import math
from decimal import Decimal


def cross_entropy(probability: float) -> float:
    r"""Loss of one image, from the `probability` (0 to 1] that the network gives to its true class.

    $$L = -\ln p_{\text{true}}$$

    Returns: nats; 0 when it was certain, ln K when it guesses among K classes. A batch's loss is the mean.
    Source: Bridle 1990; `torch.nn.functional.cross_entropy` computes it from the logits.

    >>> round(cross_entropy(0.5), 4)
    0.6931
    """
    return -math.log(probability)


def matching_digits(probability: float, decimals: int = 3) -> tuple[str, str]:
    """A probability and its loss as text, the first with so many digits that its loss, rounded, is the second.

    >>> matching_digits(0.70710678)
    ('0.707', '0.347')
    >>> matching_digits(0.60653)
    ('0.6065', '0.500')
    >>> matching_digits(0.00003796)
    ('0.00003796', '10.179')
    """
    loss = f"{cross_entropy(probability):.{decimals}f}"
    for digits in range(3, 18):
        text = format(Decimal(f"{probability:.{digits}g}"), "f")  # never 1e-05
        if f"{cross_entropy(float(text)):.{decimals}f}" == loss:
            break
    return text, loss
