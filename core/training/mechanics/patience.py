"""The best epoch so far, kept; and when to stop waiting for a better one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass
class Best:
    """Epoch (from 1), validation loss and weights of the lowest validation loss; epoch 0 is none yet."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] | None = None

    def see(self, epoch: int, loss: float, model: nn.Module) -> None:
        """Keep the weights if they are the best."""
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            self.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def is_long_ago(self, epoch: int, patience: int) -> bool:
        """Whether `patience` epochs went by without a better one; never if that is 0."""
        return bool(patience) and epoch - self.epoch >= patience and self.epoch > 0
