"""What recipes reached in our own measurements, by the number of images that they were given.

`python -m benchmarks.first_run PICTURES.zip --table` prints these figures: accuracy on images that the run was not
given, of photographs of cats and dogs and of drawn ones (2 classes), and of handwritten digits (10 classes), at the
recipe's own size; the lowest and the highest of three draws each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.training.recipe.config import TrainConfig
from core.training.recipe.presets import RECIPES, differences
from core.training.recipe.recommendation import DEFAULT_SIZE


@dataclass(frozen=True)
class Expectation:
    """Accuracies from `low` to `high` that were measured with so many `images` of each of so many `classes`."""

    images: int
    classes: int
    low: float
    high: float

    @property
    def sentence(self) -> str:
        """The same in words."""
        what = "photographs and drawings of cats and dogs" if self.classes == 2 else "handwritten digits"
        return (
            f"In our measurements, {self.images:,} images of each of {self.classes} classes ({what}) gave an accuracy "
            f"of {100 * self.low:.0f} to {100 * self.high:.0f} % on new images; more classes, and classes that differ "
            "less, give less."
        )


MEASURED: dict[str, tuple[Expectation, ...]] = {  # by the recipe's key
    "now": (
        Expectation(5, 2, 0.44, 0.52),
        Expectation(10, 2, 0.49, 0.54),
        Expectation(20, 2, 0.47, 0.52),
        Expectation(40, 2, 0.48, 0.54),
        Expectation(100, 2, 0.48, 0.59),
        Expectation(10, 10, 0.10, 0.11),
        Expectation(40, 10, 0.74, 0.85),
    ),
    "probe": (
        Expectation(5, 2, 0.86, 0.97),
        Expectation(10, 2, 0.92, 0.98),
        Expectation(20, 2, 0.96, 0.99),
        Expectation(40, 2, 0.96, 0.99),
        Expectation(100, 2, 0.97, 0.99),
        Expectation(400, 2, 0.97, 0.99),
        Expectation(5, 10, 0.60, 0.68),
        Expectation(10, 10, 0.66, 0.68),
        Expectation(40, 10, 0.83, 0.87),
    ),
}
MANY = 5  # classes, from which on the measurements with 10 of them say more than those with 2
NONE = "No accuracy is named in advance"
FREE = {"seed", "split_seed", "precision", "channels_last", "compile"}  # of a recipe, without another accuracy
MOST = 20  # classes, beyond which neither says anything


def expected_accuracy(key: str, images: float, classes: int) -> Expectation | None:
    """What was measured for a recipe with at most so many images of each class; None if nothing was that is comparable.

    >>> expected_accuracy("probe", 45, 2).images, expected_accuracy("probe", 3, 2)
    (40, None)
    """
    if classes > MOST:
        return None
    measured_classes = 10 if classes >= MANY else 2
    rows = [row for row in MEASURED.get(key, ()) if row.classes == measured_classes and row.images <= images]
    return max(rows, key=lambda row: row.images, default=None)


def unknown_accuracy(key: str, images: float, classes: int) -> str:
    """Why a measured recipe has no accuracy to expect for so many images of each class; empty if it has one.

    >>> unknown_accuracy("probe", 30, 100)
    'No accuracy is named in advance: ours were measured with 2 and with 10 classes, and these are 100.'
    """
    if key not in MEASURED or expected_accuracy(key, images, classes) is not None:
        return ""
    if classes > MOST:
        return f"{NONE}: ours were measured with 2 and with 10 classes, and these are {classes:,}."
    least = min(row.images for row in MEASURED[key] if row.classes == (10 if classes >= MANY else 2))
    return f"{NONE}: ours were measured with {least} images of each class or more."


def accuracy_sentence(config: TrainConfig, size: int, counts: Mapping[str, int]) -> str:
    """The accuracy to expect of a recipe as it is, or why none can be named; empty for a changed one.

    Args: `size` of the images in pixels, and how many of them each class has.
    """
    known = expectation(config, size, counts)
    if known is None and (key := _recipe_key(config, size)):
        return unknown_accuracy(key, *_amounts(counts))
    return known.sentence if known else ""


def expectation(config: TrainConfig, size: int, counts: Mapping[str, int]) -> Expectation | None:
    """What was measured for a recipe as it is, at its own size, with as few images; None for a changed one."""
    key = _recipe_key(config, size)
    return expected_accuracy(key, *_amounts(counts)) if key else None


def _recipe_key(config: TrainConfig, size: int) -> str:
    """The key of the recipe that a config is, at its own size; empty for a changed one."""
    for recipe in RECIPES.values():
        if size == (recipe.size or DEFAULT_SIZE) and not differences(recipe.config(), config).keys() - FREE:
            return recipe.key
    return ""


def _amounts(counts: Mapping[str, int]) -> tuple[float, int]:
    """Images of each class on average, and classes."""
    return sum(counts.values()) / max(len(counts), 1), len(counts)
