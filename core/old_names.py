"""Names that settings of a run once had, so that what was stored, linked or typed before still means the same.

Runs on disk, checkpoints, links and command lines hold names of networks, optimizers, normalizations and so on. When
one is renamed, its old name goes into this table: it is read wherever a config is made, and never written again.
Nothing is imported here: the address bar is read before PyTorch is there.
"""

from __future__ import annotations

from collections.abc import Mapping

# setting of `core.training.TrainConfig` -> {the old name: the name of today}
OLD_NAMES: Mapping[str, Mapping[str, str]] = {
    "network": {"Small residual": "Small ResNet", "Wide residual": "Wide ResNet"},
    "optimizer": {},
    "schedule": {
        "constant": "Constant",
        "step": "Step",
        "exponential": "Exponential",
        "cosine": "Cosine",
        "one-cycle": "One-cycle",
    },
    "precision": {},
    "norm": {"none": "None"},
    "activation": {},
    "dropout": {"none": "None"},
    "initialization": {"PyTorch's own": "PyTorch default"},
}
OLD_RECIPES: Mapping[str, str] = {
    "As one would today": "From scratch (modern)",
    "As the tutorial did it": "From scratch (tutorial)",
    "As well as five minutes allow": "From scratch (wide ResNet)",
    "On what ImageNet taught": "Transfer learning (frozen)",
    "ImageNet, taught on": "Fine-tuning",
    "Modern baseline": "From scratch (modern)",
    "Classic tutorial": "From scratch (tutorial)",
    "Best in 5 minutes": "From scratch (wide ResNet)",
    "Transfer learning, frozen features": "Transfer learning (frozen)",
    "Transfer learning, fine-tuned": "Fine-tuning",
}


def current(setting: str, name: str) -> str:
    """The name that a setting's value has today.

    >>> current("network", "Small residual"), current("network", "Small ResNet")
    ('Small ResNet', 'Small ResNet')
    """
    return OLD_NAMES[setting].get(name, name)


def update(config: object) -> None:
    """Put today's names into a frozen config that was made with old ones; for its `__post_init__`."""
    for setting in OLD_NAMES:
        if hasattr(config, setting):
            object.__setattr__(config, setting, current(setting, getattr(config, setting)))
