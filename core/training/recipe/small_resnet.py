"""Our own networks, small enough to be trained in a few minutes on a CPU."""

from __future__ import annotations

from torch import Tensor, nn

from core.training.recipe.architecture_options import ArchitectureOptions


class SmallResNetBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, as in ResNet. (B, C, H, W) -> (B, D, H / stride, W / stride).

    Source: He et al. 2016, arXiv:1512.03385, figure 2.
    """

    def __init__(
        self, channels: int, out_channels: int, stride: int = 1, options: ArchitectureOptions | None = None
    ) -> None:
        super().__init__()
        options = options or ArchitectureOptions()
        branch = nn.Sequential(
            *conv_and_norm(channels, out_channels, 3, stride, options),
            options.add_dropout(options.activation_layer(), "signal"),
            *conv_and_norm(out_channels, out_channels, 3, 1, options),
        )
        self.main = options.add_dropout(branch, "branch")
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != out_channels:
            self.shortcut = nn.Sequential(*conv_and_norm(channels, out_channels, 1, stride, options, may_drop=False))
        self.active = options.activation_layer()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return self.active(self.main(x) + self.shortcut(x))


def conv_and_norm(
    channels: int, out_channels: int, kernel: int, stride: int, options: ArchitectureOptions, may_drop: bool = True
) -> list[nn.Module]:
    """A convolution that keeps the size at stride 1, and its normalization, whose shift replaces the bias."""
    norm = options.norm_layers(out_channels)
    convolution = nn.Conv2d(channels, out_channels, kernel, stride, padding=kernel // 2, bias=not norm)
    return [options.add_dropout(convolution, "weights") if may_drop else convolution, *norm]


def small_resnet(classes: int, options: ArchitectureOptions | None = None) -> nn.Module:
    """A 5x5 stem that halves the image, then four residual stages, each but the first halving it again."""
    options = options or ArchitectureOptions()
    stem = [*conv_and_norm(3, options.width, 5, 2, options, may_drop=False), options.activation_layer()]
    return _staged(stem, options.width, 4, classes, options)


def wide_resnet(classes: int, options: ArchitectureOptions | None = None) -> nn.Module:
    """The stem is thin and followed by a pool, so that three wide stages work on a sixteenth of the cells.

    For the same time as `small_resnet` of 24 channels it has 64: matrix units like wide layers on small maps.
    """
    options = options or ArchitectureOptions()
    thin = max(options.width // 2, 8)
    stem = [*conv_and_norm(3, thin, 5, 2, options, may_drop=False), options.activation_layer(), nn.MaxPool2d(2)]
    return _staged(stem, thin, 3, classes, options)


def _staged(stem: list[nn.Module], before: int, stages: int, classes: int, options: ArchitectureOptions) -> nn.Module:
    """Stages of residual blocks, each twice as wide as the last and half its size, and the mean of each last map."""
    blocks: list[nn.Module] = []
    for stage in range(stages):
        width = options.width * 2**stage
        for number in range(options.depth):
            blocks.append(SmallResNetBlock(before, width, 2 if stage and not number else 1, options))
            before = width
    return options.initialized(
        nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))
    )
