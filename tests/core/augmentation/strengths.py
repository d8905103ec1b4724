"""Strengths to try augmentations at: those a test chose, and for every other entry one half-way to its far bound."""

from collections.abc import Mapping
from typing import Any

from core.augmentation import Augmentations
from core.knobs import Knob, knobs_of


def half_way(strength: Knob) -> Any:
    """Between off and the bound that is further from it; on, where there is nothing between.

    >>> half_way(Knob(0.0, 0.0, 1.0)), half_way(Knob(1.0, 0.25, 1.0)), half_way(Knob(False))
    (0.5, 0.625, True)
    """
    if strength.low is None or strength.high is None:
        return not strength.default
    far = max(strength.low, strength.high, key=lambda bound: abs(bound - strength.default))
    return (strength.default + far) / 2


def for_every_augmentation(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Those chosen, in their order, and one for each entry that is new."""
    knobs = knobs_of(Augmentations)
    assert list(chosen) == [name for name in knobs if name in chosen]
    return {name: chosen[name] if name in chosen else half_way(knob) for name, knob in knobs.items()}
