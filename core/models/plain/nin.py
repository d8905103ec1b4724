"""Network in Network: Lin et al. 2014, arXiv:1312.4400, in its ImageNet form."""

from torch import nn


def nin(classes: int = 1000) -> nn.Sequential:
    """Convolutions followed by 1x1 ones, and no dense layer at all. (B, 3, 224, 224) -> (B, classes) logits."""
    return nn.Sequential(
        *_mlp_convolution(3, 96, 11, stride=4),  # (B, 96, 54, 54)
        nn.MaxPool2d(3, stride=2),
        *_mlp_convolution(96, 256, 5, padding=2),  # (B, 256, 26, 26)
        nn.MaxPool2d(3, stride=2),
        *_mlp_convolution(256, 384, 3, padding=1),  # (B, 384, 12, 12)
        nn.MaxPool2d(3, stride=2),
        nn.Dropout(),
        *_mlp_convolution(384, 1024, 3, padding=1, last=classes),  # one map a class
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def _mlp_convolution(
    before: int, width: int, kernel: int, stride: int = 1, padding: int = 0, last: int | None = None
) -> list[nn.Module]:
    """A convolution and two 1x1 ones: a small dense network that slides."""
    return [
        nn.Conv2d(before, width, kernel, stride, padding),
        nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(width, last or width, 1),
        nn.ReLU(inplace=True),
    ]
