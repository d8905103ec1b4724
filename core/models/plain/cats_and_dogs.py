"""The small network of the cats-and-dogs lesson."""

from itertools import pairwise

from torch import nn

WIDTHS = (3, 16, 32, 64, 128)


def cats_and_dogs(classes: int = 1, inplace: bool = False) -> nn.Sequential:
    """Four 3x3 convolutions, pools between them, a global average. (B, 3, H, W) -> (B, classes), any H and W from 8.

    With one class the output is the probability of a dog, after a sigmoid; with more, logits. ReLUs that work in place
    save memory.
    """
    layers: list[nn.Module] = []
    for before, after in pairwise(WIDTHS):
        if layers:
            layers.append(nn.MaxPool2d(2))
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], classes)]
    return nn.Sequential(*layers, *([nn.Sigmoid()] if classes == 1 else []))
