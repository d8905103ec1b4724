"""Trains the small networks that the page brings along: `python -m core.lessons.inspect_network.train` (a minute)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from core.lessons.inspect_network.networks import INCLUDED, WEIGHTS

STEPS, BATCH, RATE = 2_500, 64, 0.01
TURN, SHIFT, SCALE = 0.26, 0.14, 0.2  # radians, share of half a side, share: as people draw


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
    return (F.grid_sample(images_BCHW, grid, align_corners=False) * contrast).clamp(0, 1)


def train(name: str, steps: int = STEPS, seed: int = 0) -> nn.Sequential:
    """The network of that name, trained from its training images alone. The same seed gives the same weights."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    images, labels = INCLUDED[name].training_images()
    model = INCLUDED[name].build()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(steps):
        chosen = torch.randint(len(images), (BATCH,), generator=rng)
        loss = F.cross_entropy(model(moved(images[chosen] / 255, rng)), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def main() -> None:
    for name, network in INCLUDED.items():
        model = train(name)
        images, labels = network.test_images()
        with torch.no_grad():
            right = int((model(images / 255).argmax(1) == labels).sum())
        save_file(
            {key: value.contiguous() for key, value in model.state_dict().items()}, WEIGHTS / f"{name}.safetensors"
        )
        print(f"{name}: {right} of {len(labels)} test images")


if __name__ == "__main__":
    main()
