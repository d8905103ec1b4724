"""EfficientNet-Lite0: Tan & Le 2019, arXiv:1905.11946, without squeeze-excitation and with ReLU6 (Liu 2020).

Attributes bear the names of the published weights, so that their state dict loads as it is.
"""

from __future__ import annotations

from torch import Tensor, nn

# expansion, channels, blocks, stride of the first, kernel
STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


class EfficientNetLite0(nn.Module):
    """Sixteen inverted residual blocks. (B, 3, 224, 224), normalized as `preprocess` does -> (B, classes) logits."""

    def __init__(self, classes: int = 1000):
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
        self._bn0 = _norm(32)
        self._blocks = nn.ModuleList(_blocks())
        self._conv_head = nn.Conv2d(320, 1280, 1, bias=False)
        self._bn1 = _norm(1280)
        self._relu = nn.ReLU6(inplace=True)
        self._pool = nn.AdaptiveAvgPool2d(1)
        self._dropout = nn.Dropout(0.2)
        self._fc = nn.Linear(1280, classes)

    def features(self, x_BCHW: Tensor) -> Tensor:
        """The last maps before pooling: (B, 3, H, W) -> (B, 1280, H/32, W/32)."""
        x_BCHW = self._relu(self._bn0(self._conv_stem(x_BCHW)))
        for block in self._blocks:
            x_BCHW = block(x_BCHW)
        return self._relu(self._bn1(self._conv_head(x_BCHW)))

    def pooled(self, x_BCHW: Tensor) -> Tensor:
        """The mean of each of the last maps, which the last layer reads: (B, 3, H, W) -> (B, 1280)."""
        return self._pool(self.features(x_BCHW)).flatten(1)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self._fc(self._dropout(self.pooled(x_BCHW)))


class Block(nn.Module):
    """1x1 up, a depthwise kernel, 1x1 down; the input is added where it fits.

    Shapes: (B, before, H, W) -> (B, after, H/stride, W/stride).
    """

    def __init__(self, before: int, after: int, expansion: int, stride: int, kernel: int):
        super().__init__()
        wide = before * expansion
        if expansion > 1:
            self._expand_conv = nn.Conv2d(before, wide, 1, bias=False)
            self._bn0 = _norm(wide)
        self._depthwise_conv = nn.Conv2d(wide, wide, kernel, stride, padding=kernel // 2, groups=wide, bias=False)
        self._bn1 = _norm(wide)
        self._project_conv = nn.Conv2d(wide, after, 1, bias=False)
        self._bn2 = _norm(after)
        self._relu = nn.ReLU6(inplace=True)
        self.expands, self.adds = expansion > 1, stride == 1 and before == after

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self._relu(self._bn0(self._expand_conv(x_BCHW))) if self.expands else x_BCHW
        y_BCHW = self._relu(self._bn1(self._depthwise_conv(y_BCHW)))
        y_BCHW = self._bn2(self._project_conv(y_BCHW))
        return x_BCHW + y_BCHW if self.adds else y_BCHW


def _blocks() -> list[Block]:
    blocks: list[Block] = []
    before = 32
    for expansion, width, depth, stride, kernel in STAGES:
        for index in range(depth):
            blocks.append(Block(before, width, expansion, stride if index == 0 else 1, kernel))
            before = width
    return blocks


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
