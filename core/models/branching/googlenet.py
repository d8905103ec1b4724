"""GoogLeNet: Szegedy et al. 2015, "Going Deeper with Convolutions", arXiv:1409.4842.

As torchvision has it: batch norm after each convolution, no auxiliary classifiers, and 3x3 where the paper has 5x5 (the
original training code did so too). With 5x5 and biases in place of batch norm there would be 6,998,552 parameters.
"""

from torch import nn

from core.layers.blocks import Parallel

# widths of the four branches: 1x1; 1x1 then 3x3; 1x1 then the second 3x3; pool then 1x1
STAGES = (
    ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
    (
        (192, (96, 208), (16, 48), 64),
        (160, (112, 224), (24, 64), 64),
        (128, (128, 256), (24, 64), 64),
        (112, (144, 288), (32, 64), 64),
        (256, (160, 320), (32, 128), 128),
    ),
    ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
)


def googlenet(classes: int = 1000) -> nn.Sequential:
    """Nine inception blocks between pools. (B, 3, 224, 224) -> (B, classes)."""
    stem = [
        *_convolution(3, 64, 7, stride=2),  # (B, 64, 112, 112)
        nn.MaxPool2d(3, stride=2, ceil_mode=True),
        *_convolution(64, 64, 1),
        *_convolution(64, 192, 3),  # (B, 192, 56, 56)
        nn.MaxPool2d(3, stride=2, ceil_mode=True),
    ]
    blocks: list[nn.Module] = []
    before = 192
    for stage, pool in zip(STAGES, (3, 2, None), strict=True):
        for widths in stage:
            blocks.append(inception(before, *widths))
            before = widths[0] + widths[1][1] + widths[2][1] + widths[3]
        if pool:
            blocks.append(nn.MaxPool2d(pool, stride=2, ceil_mode=True))
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(before, classes)]
    return nn.Sequential(*stem, *blocks, *head)


def inception(before: int, one: int, three: tuple[int, int], second: tuple[int, int], pooled: int) -> Parallel:
    """Four ways of looking at the same maps, side by side. (B, before, H, W) -> (B, sum of the widths, H, W)."""
    return Parallel(
        nn.Sequential(*_convolution(before, one, 1)),
        nn.Sequential(*_convolution(before, three[0], 1), *_convolution(*three, 3)),
        nn.Sequential(*_convolution(before, second[0], 1), *_convolution(*second, 3)),
        nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True), *_convolution(before, pooled, 1)),
    )


def _convolution(before: int, after: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(after, eps=1e-3), nn.ReLU(inplace=True)]
