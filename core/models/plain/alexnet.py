"""AlexNet on one device: Krizhevsky 2014, "One weird trick", arXiv:1404.5997, after Krizhevsky et al. 2012."""

from torch import nn


def alexnet(classes: int = 1000) -> nn.Sequential:
    """Five convolutions, overlapping max pools, three dense layers with dropout. (B, 3, 224, 224) -> (B, classes)."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2),  # (B, 64, 55, 55)
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(64, 192, 5, padding=2),  # (B, 192, 27, 27)
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(192, 384, 3, padding=1),  # (B, 384, 13, 13)
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.AdaptiveAvgPool2d(6),  # changes nothing at 224x224; lets other sizes in
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Linear(4096, classes),
    )
