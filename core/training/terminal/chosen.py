"""What the options of a command line come to: the images, their size, and the config of the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets import REMOTE, LayoutChoice, Understanding
from core.datasets.dataset import check_size
from core.datasets.reading.corrected import understood_as_corrected
from core.errors import DataError
from core.training.checkpoints import read_checkpoint
from core.training.recipe.config import TrainConfig
from core.training.recipe.presets import RECIPES
from core.training.recipe.recommendation import DEFAULT_SIZE, Recommendation, recommend


@dataclass(frozen=True)
class ChosenRun:
    """A config for images of `size`; what was `understood` of a source with files, and what was `recommended`."""

    config: TrainConfig
    size: int
    understanding: Understanding | None = None
    recommended: Recommendation | None = None

    def as_json(self) -> dict[str, Any]:
        """What was chosen, and why, as one JSON object has it."""
        return {
            "size": self.size,
            "network": self.config.network,
            "recommended_recipe": RECIPES[self.recommended.recipe].key if self.recommended else None,
            "understood": self.understanding.as_json() if self.understanding else None,
        }


def choose(
    source: str,
    layout: LayoutChoice,
    limit: int | None,
    recipe: str | None,
    size: int | None,
    changes: Mapping[str, Any],
    checkpoint: Path | None = None,
) -> ChosenRun:
    """The run for these options; None for what was not given.

    Own images get the recipe that is recommended for their number, unless a recipe, a network or a size was given or
    the checkpoint is one of the default recipe.
    Raises: DataError if the source is none, PlaygroundError if the config cannot be used.
    """
    size_or_default = DEFAULT_SIZE if size is None else size
    check_size(size_or_default)
    understanding = _understanding(source, layout)
    recommended = None
    if recipe is None and size is None and "network" not in changes and understanding and source not in REMOTE:
        images = sum(understanding.class_counts.values())
        recommended = recommend(min(images, limit or images), len(understanding.class_counts))
        if checkpoint and checkpoint.exists() and _is_of_default(checkpoint):
            recommended = None
    base = RECIPES.of_key(recipe).config() if recipe else TrainConfig()
    if recommended:
        base, size_or_default = RECIPES[recommended.recipe].config(), recommended.size
    return ChosenRun(dataclasses.replace(base, **changes), size_or_default, understanding, recommended)


def _understanding(source: str, layout: LayoutChoice) -> Understanding | None:
    """None for a built-in dataset, which has no files."""
    understanding = understood_as_corrected(source, layout)
    if understanding and understanding.refusal:
        raise DataError(understanding.refusal)
    return understanding


def _is_of_default(checkpoint: Path) -> bool:
    """Whether a checkpoint has the default network and size, as all had before recipes were recommended."""
    about = read_checkpoint(checkpoint)["about"]
    return (about["config"]["network"], about["size"]) == (TrainConfig().network, DEFAULT_SIZE)
