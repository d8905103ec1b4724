"""The image moved by the sign of the loss's gradient: how far it must go until the prediction is another one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.explain import gradient_sign, perturbed, smallest_strength
from core.lessons.inspect_network.subject import Subject

MOST = 0.3  # of the range of an image's values
CURVE = 60  # points
WHITE = 255


@dataclass(frozen=True, eq=False)
class AdversarialStep:
    """The step away from the class `label`; lengths are shares of the range of the image's values.

    `smallest` is the shortest step after which the class is not predicted any more, None if none up to `MOST` is.
    """

    direction_BCHW: Tensor
    span: float
    label: int
    smallest: float | None

    @property
    def in_grey_values(self) -> float | None:
        """The shortest step for an image that uses all of 0..255."""
        return None if self.smallest is None else self.smallest * WHITE


def gradient_step(subject: Subject, label: int) -> AdversarialStep:
    """The direction, and how far it must be followed."""
    x = subject.x_BCHW
    span = float(x.max() - x.min()) or 1.0
    direction = gradient_sign(subject.model, x, torch.tensor([label]))
    smallest = smallest_strength(subject.model, x, direction, label, MOST * span)
    return AdversarialStep(direction, span, label, None if smallest is None else smallest / span)


def stepped(subject: Subject, step: AdversarialStep, share: float) -> Tensor:
    """The image after a step of `share` of its range, as the network takes it."""
    return perturbed(subject.x_BCHW, step.direction_BCHW, share * step.span)


@torch.no_grad()
def probability_along(subject: Subject, step: AdversarialStep, most: float) -> tuple[np.ndarray, np.ndarray]:
    """Steps from 0 to `most`, and the probability of the class after each; both float64 (N,)."""
    shares = np.linspace(0, most, CURVE + 1)
    logits = torch.cat([subject.model(stepped(subject, step, float(share))) for share in shares])
    return shares, logits.double().softmax(1)[:, step.label].numpy()


def as_pixels(subject: Subject, x_BCHW: Tensor) -> np.ndarray:
    """An input of the network as an image, uint8 (H, W, 3).

    Each channel goes the way that takes the subject's own input to its pixels, found as the line through them.
    """
    shown = subject.pixels_HWC.astype(np.float64)
    if x_BCHW.shape[1] == 1:
        shown = shown.mean(2, keepdims=True)
    planes = []
    for channel, values in enumerate(x_BCHW[0].double().numpy()):
        own = subject.x_BCHW[0, channel].double().numpy()
        slope = _slope(own, shown[..., channel])
        planes.append(shown[..., channel].mean() + slope * (values - own.mean()))
    pixels = np.rint(np.stack(planes, 2)).clip(0, WHITE).astype(np.uint8)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _slope(own: np.ndarray, shown: np.ndarray) -> float:
    """Pixel values per unit of the input, by least squares; for an even channel as if its range were that of 0..1."""
    centred = own - own.mean()
    spread = float((centred**2).sum())
    return float((centred * (shown - shown.mean())).sum() / spread) if spread > 0 else float(WHITE)
