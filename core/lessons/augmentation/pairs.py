"""Two images mixed into one, and the shares of their labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.augmentation import Augment, Augmentations, BatchShape
from core.augmentation.kinds.mixing import Mixing
from core.knobs import knob, knobs_of
from core.lessons.augmentation import sample_images
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import Draws, as_pixels

COUNT = 6
PAIRS: dict[str, tuple[Callable[[Any], SampleImage], Any, Any]] = {
    "Cat and dog": (sample_images.sketch, 4, 7),
    "Chelsea and flower": (sample_images.photograph, "chelsea", "flower"),
    "b and x": (sample_images.letter, "b", "x"),
}
KINDS = {knob.label: name for name, knob in knobs_of(Mixing).items()}


@dataclass(frozen=True)
class MixSettings:
    """How two images are mixed."""

    kind: str = knob("MixUp", choices=tuple(KINDS), label="Method")
    alpha: float = knob(
        0.6, 0.1, 2.0, step=0.1, label="Alpha", help="Below 1 most mixtures are close to one of the two."
    )
    pair: str = knob("Cat and dog", choices=tuple(PAIRS), label="Images")
    seed: int = knob(0, 0, 999, label="Seed")

    @property
    def recipe(self) -> Augmentations:
        strength: dict[str, Any] = {KINDS[self.kind]: self.alpha}
        return Augmentations(**strength)


@dataclass(frozen=True, eq=False)
class MixedImages:
    """`images` uint8 (6, S, S, 3), and the shares of the two `labels` in each, `targets` (6, 2); `side` is S."""

    images: np.ndarray
    targets: torch.Tensor
    draw: dict[str, torch.Tensor]
    labels: tuple[str, str]
    side: int

    def box(self, index: int) -> tuple[int, int]:
        """Height and width of the box of one of them, in pixels."""
        box = {key: int(self.draw[key][index]) for key in ("top", "bottom", "left", "right")}
        return box["bottom"] - box["top"], box["right"] - box["left"]


def pair_of(mixing: MixSettings) -> tuple[SampleImage, SampleImage]:
    """The two images."""
    build, first, second = PAIRS[mixing.pair]
    return build(first), build(second)


def mix(mixing: MixSettings) -> MixedImages:
    """Six mixtures: a batch holds the first image six times, then the second, so that they are partners."""
    first, second = pair_of(mixing)
    images, labels = torch.cat((first.image, second.image)), torch.arange(2)
    index = labels.repeat_interleave(COUNT)
    augment = Augment(mixing.recipe, 2)
    mixed, targets = augment(images, index, labels, mixing.seed, 0)
    draws: Draws = augment.draws(BatchShape(2 * COUNT, *images.shape[1:]), mixing.seed, 0)
    (draw,) = draws.values()
    return MixedImages(as_pixels(mixed[:COUNT]), targets[:COUNT], draw, (first.label, second.label), images.shape[-1])


def density(share: float, alpha: float) -> float:
    r"""Density of Beta(alpha, alpha) at a share strictly between 0 and 1.

    $$f(\lambda) = \frac{\Gamma(2\alpha)}{\Gamma(\alpha)^2} \, \lambda^{\alpha - 1} (1 - \lambda)^{\alpha - 1}$$

    Source: Zhang et al. 2017, arXiv:1710.09412, for its use.

    >>> density(0.3, 1.0), round(density(0.5, 2.0), 6)
    (1.0, 1.5)
    """
    return math.gamma(2 * alpha) / math.gamma(alpha) ** 2 * (share * (1 - share)) ** (alpha - 1)


def lines(mixing: MixSettings) -> str:
    """The first of the six in PyTorch; leaves `x` (1, 3, S, S) in 0..1 and `target` (1, 2)."""
    mixed, (first, second) = mix(mixing), pair_of(mixing)
    share = f"{float(mixed.draw['share'][0]):.7g}"
    body = [f"x = {share} * first + (1 - {share}) * second", f"target = torch.tensor([[{share}, 1 - {share}]])"]
    if mixing.kind == "CutMix":
        top, bottom, left, right = (int(mixed.draw[key][0]) for key in ("top", "bottom", "left", "right"))
        box, (height, width) = f"{top}:{bottom}, {left}:{right}", mixed.box(0)
        body = [
            "x = first.clone()",
            f"x[..., {box}] = second[..., {box}]",
            f"share = 1 - {height} * {width} / {mixed.side**2}",
            "target = torch.tensor([[share, 1 - share]])",
        ]
    parts = [*_sample_code(first, "first"), *_sample_code(second, "second")]
    imports = sorted({line for line in parts if line.startswith("from ")})
    creation = [line for line in parts if line not in imports]
    head = ["import numpy as np", "import torch", "", *imports, ""]
    return "\n".join([*head, *creation, *body, "", "# loss = F.cross_entropy(model(x), target)"])


def _sample_code(sample: SampleImage, name: str) -> list[str]:
    return [*sample.code.splitlines(), f"{name} = torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 255"]
