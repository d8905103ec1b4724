"""U-Net: Ronneberger et al. 2015, arXiv:1505.04597, as drawn in the paper's figure 1."""

from torch import nn

from core.layers.blocks import Parallel

WIDTHS = (64, 128, 256, 512, 1024)
CROPS = (88, 40, 16, 4)  # cells that each side of the outer maps has too many, since no convolution is padded


def unet(classes: int = 2) -> nn.Sequential:
    """Down four times and up again, each level handed across. (B, 1, 572, 572) -> (B, classes, 388, 388) logits."""
    inner: nn.Module = _two_convolutions(512, 1024)  # (B, 1024, 28, 28)
    for level in (3, 2, 1, 0):
        inner = _level(level, inner)
    return nn.Sequential(inner, nn.Conv2d(64, classes, 1))


def _level(level: int, inner: nn.Module) -> nn.Sequential:
    """Two convolutions; then what they found, cropped, beside what the levels below made of it; then two more."""
    width = WIDTHS[level]
    across = nn.ZeroPad2d(-CROPS[level])  # negative padding crops
    below = nn.Sequential(nn.MaxPool2d(2), inner, nn.ConvTranspose2d(2 * width, width, 2, stride=2))
    return nn.Sequential(
        _two_convolutions(WIDTHS[level - 1] if level else 1, width),
        Parallel(across, below),
        _two_convolutions(2 * width, width),
    )


def _two_convolutions(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3), nn.ReLU(inplace=True), nn.Conv2d(after, after, 3), nn.ReLU(inplace=True)
    )
