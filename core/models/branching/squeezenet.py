"""SqueezeNet: Iandola et al. 2016, "AlexNet-level accuracy with 50x fewer parameters", arXiv:1602.07360."""

from torch import nn

from core.layers.blocks import Parallel

# (squeeze, expand to each of 1x1 and 3x3); None is a pool
BLOCKS = {
    "1.0": ((16, 64), (16, 64), (32, 128), None, (32, 128), (48, 192), (48, 192), (64, 256), None, (64, 256)),
    "1.1": ((16, 64), (16, 64), None, (32, 128), (32, 128), None, (48, 192), (48, 192), (64, 256), (64, 256)),
}
STEMS = {"1.0": (96, 7), "1.1": (64, 3)}  # channels, kernel


def squeezenet(version: str, classes: int = 1000) -> nn.Sequential:
    """Fire blocks between pools, and a 1x1 convolution that decides. (B, 3, 224, 224) -> (B, classes)."""
    channels, kernel = STEMS[version]
    layers: list[nn.Module] = [nn.Conv2d(3, channels, kernel, stride=2), nn.ReLU(inplace=True), _pool()]
    for block in BLOCKS[version]:
        if block is None:
            layers.append(_pool())
        else:
            layers.append(fire(channels, *block))
            channels = 2 * block[1]
    head = [nn.Dropout(), nn.Conv2d(channels, classes, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, *head)


def fire(before: int, squeeze: int, expand: int) -> nn.Sequential:
    """Few channels between, so that the 3x3 kernels are thin. (B, before, H, W) -> (B, 2 expand, H, W)."""
    return nn.Sequential(
        nn.Conv2d(before, squeeze, 1),
        nn.ReLU(inplace=True),
        Parallel(
            nn.Sequential(nn.Conv2d(squeeze, expand, 1), nn.ReLU(inplace=True)),
            nn.Sequential(nn.Conv2d(squeeze, expand, 3, padding=1), nn.ReLU(inplace=True)),
        ),
    )


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)
