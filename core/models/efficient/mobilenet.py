"""MobileNetV2: Sandler et al. 2018, "Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381."""

from torch import nn

from core.layers.blocks import Residual

# expansion, channels, blocks, stride of the first
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v2(classes: int = 1000) -> nn.Sequential:
    """Seventeen inverted residual blocks. (B, 3, 224, 224) -> (B, classes)."""
    blocks: list[nn.Module] = []
    before = 32
    for expansion, width, depth, stride in STAGES:
        for index in range(depth):
            blocks.append(inverted_residual(before, width, expansion, stride if index == 0 else 1))
            before = width
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes)]
    return nn.Sequential(*_convolution(3, 32, 3, stride=2), *blocks, *_convolution(before, 1280, 1), *head)


def inverted_residual(before: int, after: int, expansion: int, stride: int) -> nn.Module:
    """1x1 up, one 3x3 kernel a channel, 1x1 down without activation. (B, before, H, W) -> (B, after, H/s, W/s).

    The input is added where it fits: thin ends and a wide middle, the other way round than in ResNet.
    """
    wide = before * expansion
    body = [
        *(_convolution(before, wide, 1) if expansion > 1 else []),
        *_convolution(wide, wide, 3, stride, groups=wide),
        nn.Conv2d(wide, after, 1, bias=False),
        nn.BatchNorm2d(after),
    ]
    return Residual(*body) if stride == 1 and before == after else nn.Sequential(*body)


def _convolution(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(after), nn.ReLU6(inplace=True)]
