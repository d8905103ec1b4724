"""LeNet-5: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"."""

from torch import nn


def lenet5(classes: int = 10) -> nn.Sequential:
    """Two convolutions, each followed by averaging, then three dense layers. (B, 1, 32, 32) -> (B, classes) logits.

    As it is commonly built: every C3 kernel sees all six maps (the paper left out some to save time), plain averaging
    has no weights, and the last layer is linear where the paper measured distances.
    """
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),  # C1: (B, 6, 28, 28)
        nn.Tanh(),
        nn.AvgPool2d(2),  # S2
        nn.Conv2d(6, 16, 5),  # C3: (B, 16, 10, 10)
        nn.Tanh(),
        nn.AvgPool2d(2),  # S4
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),  # C5
        nn.Tanh(),
        nn.Linear(120, 84),  # F6
        nn.Tanh(),
        nn.Linear(84, classes),
    )
