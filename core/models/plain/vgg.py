"""VGG: Simonyan & Zisserman 2015, "Very Deep Convolutional Networks", arXiv:1409.1556."""

from torch import nn

WIDTHS = (64, 128, 256, 512, 512)
DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(layers: int, batch_norm: bool = False, classes: int = 1000) -> nn.Sequential:
    """Stages of 3x3 convolutions, each ended by halving, then three dense layers. (B, 3, 224, 224) -> (B, classes).

    `layers` counts those with weights: 11, 13, 16 or 19. The dense end holds 124 of VGG-16's 138 million parameters.
    """
    features: list[nn.Module] = []
    before = 3
    for depth, width in zip(DEPTHS[layers], WIDTHS, strict=True):
        for _ in range(depth):
            features += _convolution(before, width, batch_norm)
            before = width
        features.append(nn.MaxPool2d(2))
    return nn.Sequential(*features, nn.AdaptiveAvgPool2d(7), nn.Flatten(), *_dense(512 * 7 * 7, classes))


def _convolution(before: int, after: int, batch_norm: bool) -> list[nn.Module]:
    norm = [nn.BatchNorm2d(after)] if batch_norm else []
    return [nn.Conv2d(before, after, 3, padding=1), *norm, nn.ReLU(inplace=True)]


def _dense(features: int, classes: int) -> list[nn.Module]:
    return [
        nn.Linear(features, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, classes),
    ]
