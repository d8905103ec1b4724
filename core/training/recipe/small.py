"""Our own networks: small enough to be trained while one watches."""

from __future__ import annotations

from torch import Tensor, nn

from core.training.recipe.style import Style

STAGES = 4


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, as in ResNet. (B, C, H, W) -> (B, D, H / stride, W / stride).

    Source: He et al. 2016, arXiv:1512.03385, figure 2.
    """

    def __init__(self, channels: int, out_channels: int, stride: int = 1, style: Style | None = None) -> None:
        super().__init__()
        style = style or Style()
        branch = nn.Sequential(
            *convolved(channels, out_channels, 3, stride, style),
            style.dropped(style.activated(), "signal"),
            *convolved(out_channels, out_channels, 3, 1, style),
        )
        self.main = style.dropped(branch, "branch")
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != out_channels:
            self.shortcut = nn.Sequential(*convolved(channels, out_channels, 1, stride, style, drops=False))
        self.active = style.activated()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return self.active(self.main(x) + self.shortcut(x))


def convolved(
    channels: int, out_channels: int, kernel: int, stride: int, style: Style, drops: bool = True
) -> list[nn.Module]:
    """A convolution that keeps the size at stride 1, and its norm; the norm's shift does the work of a bias."""
    norm = style.normalized(out_channels)
    convolution = nn.Conv2d(channels, out_channels, kernel, stride, padding=kernel // 2, bias=not norm)
    return [style.dropped(convolution, "weights") if drops else convolution, *norm]


def small_residual(classes: int, style: Style | None = None) -> nn.Module:
    """A 5x5 stem that halves the picture, then four residual stages, each but the first halving it again."""
    style = style or Style()
    widths = [style.width * 2**stage for stage in range(STAGES)]
    blocks: list[nn.Module] = []
    before = style.width
    for stage, width in enumerate(widths):
        for place in range(style.depth):
            blocks.append(Residual(before, width, 2 if stage and not place else 1, style))
            before = width
    stem = [*convolved(3, style.width, 5, 2, style, drops=False), style.activated()]
    return style.begin(
        nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], classes))
    )


def cats_and_dogs(classes: int, style: Style | None = None) -> nn.Module:
    """Four 3x3 convolutions with pooling between, then the mean of each map and one linear layer. It has no style."""
    layers: list[nn.Module] = []
    for channels, out_channels in ((3, 16), (16, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(channels, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if out_channels < 128 else []
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))
