"""How far a change of one logit can take a loss: what may be asked of a person."""

from __future__ import annotations

import torch
from torch import Tensor

from core.lessons.inspect_network.softmax import smoothed_targets


def loss_range(
    logits_K: Tensor, label: int, temperature: float, smoothing: float, most: float, step: float
) -> tuple[float, float]:
    r"""The lowest and the highest loss after a change of one logit, whichever, by at most `most` in steps of `step`.

    The loss is convex in each logit; it is lowest where the probability is the target, and highest at an end.

    $$z_k = T\, \ln\left(\frac{y_k}{1 - y_k} \sum_{j \neq k} e^{z_j / T}\right)$$
    """
    scaled = logits_K.detach().double() / temperature
    targets = smoothed_targets(len(scaled), label, smoothing)
    others = scaled.expand(len(scaled), -1).clone().fill_diagonal_(-torch.inf).logsumexp(1)
    best = temperature * (torch.logit(targets) + others) - temperature * scaled
    steps = torch.stack([(best / step).floor(), (best / step).ceil()]).nan_to_num(nan=0.0) * step
    ends = torch.tensor([-most, most], dtype=torch.float64)[:, None].expand(2, len(scaled))
    changes = torch.cat([steps.clamp(-most, most), ends])  # (4, K)
    moved = scaled + changes / temperature
    losses = torch.logaddexp(moved, others) - (targets * scaled).sum() - targets * changes / temperature
    return float(losses.min()), float(losses.max())
