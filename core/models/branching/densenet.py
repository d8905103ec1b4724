"""DenseNet: Huang et al. 2017, "Densely Connected Convolutional Networks", arXiv:1608.06993."""

from torch import nn

from core.layers.blocks import Parallel

GROWTH = 32
DEPTHS = {121: (6, 12, 24, 16)}


def densenet(layers: int = 121, classes: int = 1000) -> nn.Sequential:
    """Blocks in which each layer reads all before it, halvings between. (B, 3, 224, 224) -> (B, classes)."""
    channels = 2 * GROWTH
    stem = [
        nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
    blocks: list[nn.Module] = []
    for stage, depth in enumerate(DEPTHS[layers]):
        if stage > 0:
            blocks.append(transition(channels))
            channels //= 2
        for _ in range(depth):
            blocks.append(dense_layer(channels))
            channels += GROWTH
    head = [nn.BatchNorm2d(channels), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*stem, *blocks, *head, nn.Linear(channels, classes))


def dense_layer(channels: int) -> Parallel:
    """Adds 32 new maps to those it was given. (B, channels, H, W) -> (B, channels + 32, H, W)."""
    new = nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, 4 * GROWTH, 1, bias=False),
        nn.BatchNorm2d(4 * GROWTH),
        nn.ReLU(inplace=True),
        nn.Conv2d(4 * GROWTH, GROWTH, 3, padding=1, bias=False),
    )
    return Parallel(nn.Identity(), new)


def transition(channels: int) -> nn.Sequential:
    """Halves channels and sides. (B, channels, H, W) -> (B, channels/2, H/2, W/2)."""
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels // 2, 1, bias=False),
        nn.AvgPool2d(2),
    )
