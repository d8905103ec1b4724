"""How far a change of one logit can take a loss: what may be asked of a person."""

from __future__ import annotations

import torch
from torch import Tensor

from core.lessons.inspect_network.softmax import smoothed_targets


def loss_range(
    logits_K: Tensor, label: int, temperature: float, smoothing: float, changes_S: Tensor
) -> tuple[float, float]:
    r"""The lowest and the highest loss, in nats, when one of these changes is made to one logit, whichever it is.

    $$L_{k, d} = \ln\left(e^{(z_k + d) / T} + \sum_{j \neq k} e^{z_j / T}\right)
    - \frac{1}{T} \left(y_k\, d + \sum_j y_j\, z_j\right)$$
    """
    scaled = logits_K.detach().double() / temperature
    targets = smoothed_targets(len(scaled), label, smoothing)
    others = scaled.expand(len(scaled), -1).clone().fill_diagonal_(-torch.inf).logsumexp(1)
    changes = changes_S.double()[:, None] / temperature  # (S, 1)
    losses = torch.logaddexp(scaled + changes, others) - (targets * scaled).sum() - targets * changes  # (S, K)
    return float(losses.min()), float(losses.max())
