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
from core.lessons.augmentation import code_samples, sample_images
from core.lessons.augmentation.sample_images import SampleImage
from core.lessons.augmentation.samples import Draws, as_pixels
from core.lessons.code_block import with_imports

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
    """The first of the six in PyTorch; leaves `x` (1, 3, S, S) in 0..1 and `target` (1, 2), and prints the target."""
    mixed, (first, second) = mix(mixing), pair_of(mixing)
    share = f"{float(mixed.draw['share'][0]):.9g}"
    body = [f"share = {share}  # from Beta({mixing.alpha:g}, {mixing.alpha:g})"]
    body.append("x = share * first + (1 - share) * second")
    if mixing.kind == "CutMix":
        top, bottom, left, right = (int(mixed.draw[key][0]) for key in ("top", "bottom", "left", "right"))
        box, (height, width) = f"{top}:{bottom}, {left}:{right}", mixed.box(0)
        body = [
            "x = first.clone()",
            f"x[..., {box}] = second[..., {box}]",
            f"share = 1 - {height} * {width} / {mixed.side**2}",
        ]
    names = zip(("first", "second"), (first, second), strict=True)
    images = [f"{name} = {code_samples.TO_TENSOR.format(image=sample.named(f'{name}.png'))}" for name, sample in names]
    if first.is_file:
        images = [
            "# the two files that are offered beside this code",
            'first, second = (np.array(Image.open(file)) for file in ("first.png", "second.png"))',
            f"first, second = ({code_samples.TO_TENSOR.format(image='image')} for image in (first, second))",
        ]
    target = [
        "target = torch.tensor([[share, 1 - share]])  # loss = F.cross_entropy(model(x), target)",
        f'print(f"{{100 * share:.1f}} % {first.label}, {{100 - round(100 * share, 1):.1f}} % {second.label}")',
        code_samples.MEANS,
    ]
    return with_imports([first.definitions, "\n".join(images), "\n".join(body), "\n".join(target)])
