"""Which recipe a set of pictures is best trained with at first, why, and what to expect of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.training.recipe.presets import RECIPES

FEW = 500  # images per class: with fewer, none of the recipes that start from scratch comes near the frozen features
DEFAULT_SIZE = 64  # pixels, for recipes that were made for no size


@dataclass(frozen=True)
class Recommendation:
    """A recipe by name, the image size in pixels that goes with it, and the reason in one sentence."""

    recipe: str
    size: int
    reason: str

    @property
    def line(self) -> str:
        """The same in one line, with the way back."""
        first = RECIPES[next(iter(RECIPES))].key
        return f"Recipe: {self.recipe}, {self.size}×{self.size} pixels. {self.reason} (--recipe {first}: from scratch.)"


def recommend(images: int, classes: int, is_built_in: bool = False) -> Recommendation:
    """The recipe to begin with, for a set of so many images in so many classes."""
    if is_built_in or images >= FEW * classes:
        name = next(iter(RECIPES))
        return Recommendation(name, RECIPES[name].size or DEFAULT_SIZE, "")
    name = RECIPES.name_of("probe")
    each = round(images / max(classes, 1))
    reason = (
        f"{each:,} images per class are few for a network that starts from scratch: one that was pre-trained on "
        "ImageNet brings its features along, and only a linear layer has to be trained."
    )
    return Recommendation(name, RECIPES[name].size or DEFAULT_SIZE, reason)
