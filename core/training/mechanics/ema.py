"""The exponential moving average of the weights, and the weights of the best epoch so far."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


class ModelEma:
    r"""The exponential moving average of a network's weights, and of the running statistics of its norms.

    $$\bar w \leftarrow d\,\bar w + (1 - d)\,w, \qquad d = \min\left(d_{max}, \frac{1 + t}{10 + t}\right)$$

    The small `d` of the first steps lets the random initial weights be forgotten soon. Counters are copied as they are.
    Source: Polyak & Juditsky 1992; the rising decay as in TensorFlow's `ExponentialMovingAverage`.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.model = copy.deepcopy(model).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Update the average after a step."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        now = model.state_dict()
        averages = self.model.state_dict()
        floats = [name for name, average in averages.items() if average.is_floating_point()]
        torch._foreach_lerp_([averages[name] for name in floats], [now[name] for name in floats], 1 - decay)
        for name in averages.keys() - set(floats):
            averages[name].copy_(now[name])

    def state_dict(self) -> dict[str, Any]:
        return {"updates": self.updates, "model": self.model.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.updates = state["updates"]
        self.model.load_state_dict(state["model"])


@dataclass
class BestWeights:
    """Epoch (from 1), validation loss and weights of the lowest validation loss; epoch 0 is none yet."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] | None = None

    def update(self, epoch: int, loss: float, model: nn.Module) -> None:
        """Keep the weights if they are the best."""
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            self.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def is_patience_over(self, epoch: int, patience: int) -> bool:
        """Whether `patience` epochs went by without a better one; never if that is 0."""
        return bool(patience) and epoch - self.epoch >= patience and self.epoch > 0
