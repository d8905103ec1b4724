"""Two pictures mixed into one, and the shares of their labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from core.augmentation import Augment, Augmentations, Batch
from core.knobs import knob
from core.lessons.augmentation import sample_images
from core.lessons.augmentation.sample_images import Subject
from core.lessons.augmentation.samples import as_pixels
from core.lessons.augmentation.visibility import Draws

COUNT = 6
PAIRS = {
    "cat and dog": (sample_images.sketch, 4, 7),
    "chelsea and flower": (sample_images.photograph, "chelsea", "flower"),
    "b and x": (sample_images.letter, "b", "x"),
}
KINDS = {"MixUp": "mixup", "CutMix": "cutmix"}


@dataclass(frozen=True)
class Mixing:
    """How two pictures are mixed."""

    kind: str = knob("MixUp", choices=tuple(KINDS))
    alpha: float = knob(0.6, 0.1, 2.0, step=0.1, label="Alpha", help="Below 1 most draws are nearly one of the two.")
    pair: str = knob("cat and dog", choices=tuple(PAIRS), label="Pictures")
    seed: int = knob(0, 0, 999, label="Seed")

    @property
    def recipe(self) -> Augmentations:
        return Augmentations(**{KINDS[self.kind]: self.alpha})


@dataclass(frozen=True, eq=False)
class Mixed:
    """`pictures` uint8 (6, S, S, 3), and the shares of the two `labels` in each, `targets` (6, 2); `side` is S."""

    pictures: np.ndarray
    targets: torch.Tensor
    draw: dict[str, torch.Tensor]
    labels: tuple[str, str]
    side: int

    def cut(self, place: int) -> tuple[int, int]:
        """Height and width of the box of one of them, in pixels."""
        box = {key: int(self.draw[key][place]) for key in ("top", "bottom", "left", "right")}
        return box["bottom"] - box["top"], box["right"] - box["left"]


def pair_of(mixing: Mixing) -> tuple[Subject, Subject]:
    """The two pictures."""
    build, first, second = PAIRS[mixing.pair]
    return build(first), build(second)


def mix(mixing: Mixing) -> Mixed:
    """Six draws: a batch holds the first picture six times, then the second, so that each meets the other."""
    first, second = pair_of(mixing)
    images, labels = torch.cat((first.image, second.image)), torch.arange(2)
    index = labels.repeat_interleave(COUNT)
    augment = Augment(mixing.recipe, 2)
    pictures, targets = augment(images, index, labels, mixing.seed, 0)
    draws: Draws = augment.draws(Batch(2 * COUNT, *images.shape[1:]), mixing.seed, 0)
    (drawn,) = draws.values()
    return Mixed(as_pixels(pictures[:COUNT]), targets[:COUNT], drawn, (first.label, second.label), images.shape[-1])


def density(share: float, alpha: float) -> float:
    r"""Density of Beta(alpha, alpha) at a share strictly between 0 and 1.

    $$\frac{\Gamma(2\alpha)}{\Gamma(\alpha)^2} \, \lambda^{\alpha - 1} (1 - \lambda)^{\alpha - 1}$$

    Source: Zhang et al. 2017, arXiv:1710.09412, for its use.

    >>> density(0.3, 1.0), round(density(0.5, 2.0), 6)
    (1.0, 1.5)
    """
    return math.gamma(2 * alpha) / math.gamma(alpha) ** 2 * (share * (1 - share)) ** (alpha - 1)


def lines(mixing: Mixing) -> str:
    """The first of the six in PyTorch; leaves `x` (1, 3, S, S) in 0..1 and `target` (1, 2)."""
    found, (first, second) = mix(mixing), pair_of(mixing)
    share = f"{float(found.draw['share'][0]):.7g}"
    body = [f"x = {share} * first + (1 - {share}) * second", f"target = torch.tensor([[{share}, 1 - {share}]])"]
    if mixing.kind == "CutMix":
        top, bottom, left, right = (int(found.draw[key][0]) for key in ("top", "bottom", "left", "right"))
        box, (height, width) = f"{top}:{bottom}, {left}:{right}", found.cut(0)
        body = [
            "x = first.clone()",
            f"x[..., {box}] = second[..., {box}]",
            f"share = 1 - {height} * {width} / {found.side**2}",
            "target = torch.tensor([[share, 1 - share]])",
        ]
    parts = [*_read(first, "first"), *_read(second, "second")]
    imports = sorted({line for line in parts if line.startswith("from ")})
    made = [line for line in parts if line not in imports]
    head = ["import numpy as np", "import torch", "", *imports, ""]
    return "\n".join([*head, *made, *body, "", "# loss = F.cross_entropy(model(x), target)"])


def _read(subject: Subject, name: str) -> list[str]:
    return [*subject.code.splitlines(), f"{name} = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255"]
