"""The map of one method for one image, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.errors import PlaygroundError
from core.explain import METHODS, convolutions, last_maps
from core.lessons.inspect_network.subject import Subject


@dataclass(frozen=True, eq=False)
class Explanation:
    """A signed map (h, w), float32; where a method does not explain this network, None and the reason."""

    map: np.ndarray | None
    reason: str = ""

    @property
    def largest(self) -> tuple[float, int, int]:
        """The value farthest from zero, with its row and column. Only where there is a map."""
        assert self.map is not None
        row, column = np.unravel_index(np.abs(self.map).argmax(), self.map.shape)
        return float(self.map[row, column]), int(row), int(column)


def explain(subject: Subject, method: str, layer: str, label: int) -> Explanation:
    """One method of `METHODS` for the class `label`; `layer` matters only to a method that takes one."""
    try:
        map_Bhw = METHODS[method].explain(subject.model, layer, subject.x_BCHW, torch.tensor([label]))
    except PlaygroundError as error:
        return Explanation(None, str(error))
    return Explanation(map_Bhw[0].numpy().astype(np.float32))


def layers_of(subject: Subject) -> tuple[str, ...]:
    """The layers to explain by: the last feature maps first, then the convolutions from first to last."""
    last = last_maps(subject.model, subject.x_BCHW)
    return tuple(dict.fromkeys([*([last] if last else []), *convolutions(subject.model)]))


@torch.no_grad()
def probabilities_of(subject: Subject, x_BCHW: Tensor | None = None) -> np.ndarray:
    """The probability of each class, float64 (K,); of another input of this network if one is given."""
    logits_BK = subject.model(subject.x_BCHW if x_BCHW is None else x_BCHW)
    return logits_BK[0].double().softmax(0).numpy()
