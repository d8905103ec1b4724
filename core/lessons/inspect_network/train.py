"""Trains the small networks that the page brings along: `python -m core.lessons.inspect_network.train`.

It takes one to two minutes for each of them, or for those that are named.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from core.lessons.inspect_network.networks import INCLUDED, correct, snapshots_file, weights_file, with_weights

SNAPSHOTS = (0, 20, 50, 100, 200, 500)  # steps before which the network is kept
BATCH, RATE = 64, 0.01
DRAWN, SEED_OF_DRAWN = 2_500, 0  # drawn digits to train with
SMOOTHING = 0.05  # keeps the scores small enough to be told apart
UNSMOOTHING = 0.7  # share of the steps after which it goes down
TURN, SHIFT, SCALE = 0.26, 0.16, 0.3  # radians, share of half a side, share: as people draw


def moved(images_BCHW: Tensor, rng: torch.Generator) -> Tensor:
    """Each image turned, scaled and shifted a little, and its contrast changed: as people draw and photograph."""
    count = len(images_BCHW)

    def uniform(bound: float) -> Tensor:
        return (torch.rand(count, generator=rng) * 2 - 1) * bound

    turn, scale = uniform(TURN), 1 + uniform(SCALE)
    rows = [
        torch.stack([turn.cos() * scale, -turn.sin() * scale, uniform(SHIFT)], 1),
        torch.stack([turn.sin() * scale, turn.cos() * scale, uniform(SHIFT)], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(images_BCHW.shape), align_corners=False)
    contrast = uniform(0.3).exp()[:, None, None, None]
    turned = F.grid_sample(images_BCHW, grid, align_corners=False)
    if images_BCHW.shape[1] > 1:
        return (turned * contrast).clamp(0, 1)
    sharp = 1 + 3 * torch.rand(count, 1, 1, 1, generator=rng)  # a pen's edges are sharper than those of enlarged pixels
    return ((turned * contrast - 0.5) * sharp + 0.5).clamp(0, 1)


def smoothing_at(name: str, progress: float) -> float:
    """The label smoothing of a network's training, `progress` from 0 to 1.

    >>> smoothing_at("sketches", 1.0), smoothing_at("digits", 0.7), smoothing_at("digits", 1.0)
    (0.05, 0.05, 0.0)
    """
    if not INCLUDED[name].ends_unsmoothed:
        return SMOOTHING
    return SMOOTHING * min(1.0, (1 - progress) / (1 - UNSMOOTHING))


def train(name: str, steps: int = 0, seed: int = 0) -> Iterator[tuple[int, nn.Sequential]]:
    """Trains the network of that name with its training images alone; gives it before each step and after the last.

    It is the same object each time, and in evaluation mode. The same seed gives the same weights. Without `steps` there
    are as many as its entry says.
    """
    steps = steps or INCLUDED[name].steps
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    images, labels = _images(name, steps)
    model = INCLUDED[name].build()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for step in range(steps):
        yield step, model.eval()
        chosen = torch.randint(len(images), (BATCH,), generator=rng)
        x_BCHW = moved(images[chosen] / 255, rng)
        smoothing = smoothing_at(name, step / steps)
        loss = F.cross_entropy(model.train()(x_BCHW), labels[chosen], label_smoothing=smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    yield steps, model.eval()


def _images(name: str, steps: int) -> tuple[Tensor, Tensor]:
    """The training images of a network; for one that people draw for, as many again that a pen has drawn."""
    network = INCLUDED[name]
    images, labels = network.training_images()
    if network.draws is None:
        return images, labels
    drawn, drawn_labels = network.draws(min(DRAWN, steps * BATCH), network.side, SEED_OF_DRAWN)
    return torch.cat([images, drawn]), torch.cat([labels, drawn_labels])


def weights_of(model: nn.Module, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """The numbers of a network as they are kept; counters stay whole numbers."""
    tensors = model.state_dict().items()
    return {name: (value.to(dtype) if value.is_floating_point() else value).clone() for name, value in tensors}


def main(names: Sequence[str]) -> None:
    for name in names or INCLUDED:
        kept: dict[str, Tensor] = {}
        right: dict[int, int] = {}
        for step, model in train(name):
            if step in SNAPSHOTS:
                rounded = weights_of(model, torch.float16)
                kept |= {f"{step}.{key}": value for key, value in rounded.items()}
                right[step] = correct(name, with_weights(name, rounded))
        right[step] = correct(name, model)
        save_file(weights_of(model), weights_file(name))
        save_file(kept, snapshots_file(name), {"right": json.dumps(right)})
        print(f"{name}: {right} of {INCLUDED[name].tests} test images are recognized after so many steps")


if __name__ == "__main__":
    main(sys.argv[1:])
