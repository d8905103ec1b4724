"""ResNet: He et al. 2016, "Deep Residual Learning", arXiv:1512.03385; stride on the 3x3, as in torchvision's "v1.5"."""

from torch import nn

from core.layers.blocks import Residual

WIDTHS = (64, 128, 256, 512)
DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def resnet(layers: int, classes: int = 1000) -> nn.Sequential:
    """Residual blocks in four stages. (B, 3, 224, 224) -> (B, classes).

    `layers` counts those with weights, shortcuts left out: 18 and 34 of two 3x3 a block, 50 and 101 of bottlenecks.
    """
    block, expansion = (basic, 1) if layers < 50 else (bottleneck, 4)
    blocks: list[nn.Module] = []
    before = 64
    for stage, (depth, width) in enumerate(zip(DEPTHS[layers], WIDTHS, strict=True)):
        for index in range(depth):
            blocks.append(block(before, width, stride=2 if stage > 0 and index == 0 else 1))
            before = width * expansion
    stem = [*_convolution(3, 64, 7, stride=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def basic(before: int, width: int, stride: int) -> nn.Sequential:
    """Two 3x3 convolutions around which the input travels too. (B, before, H, W) -> (B, width, H/stride, W/stride)."""
    body = [*_convolution(before, width, 3, stride), nn.ReLU(inplace=True), *_convolution(width, width, 3)]
    return nn.Sequential(Residual(*body, shortcut=_shortcut(before, width, stride)), nn.ReLU(inplace=True))


def bottleneck(before: int, width: int, stride: int) -> nn.Sequential:
    """1x1 down to `width`, 3x3, 1x1 up to 4 width. (B, before, H, W) -> (B, 4 width, H/stride, W/stride)."""
    body = [
        *_convolution(before, width, 1),
        nn.ReLU(inplace=True),
        *_convolution(width, width, 3, stride),
        nn.ReLU(inplace=True),
        *_convolution(width, 4 * width, 1),
    ]
    return nn.Sequential(Residual(*body, shortcut=_shortcut(before, 4 * width, stride)), nn.ReLU(inplace=True))


def _shortcut(before: int, after: int, stride: int) -> nn.Module | None:
    if before == after and stride == 1:
        return None  # the input itself fits
    return nn.Sequential(*_convolution(before, after, 1, stride))


def _convolution(before: int, after: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(after)]  # the norm's shift does the work of a bias
