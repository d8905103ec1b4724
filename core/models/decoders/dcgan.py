"""DCGAN's generator: Radford et al. 2016, arXiv:1511.06434, in the sizes of PyTorch's tutorial."""

from itertools import pairwise

from torch import nn

WIDTHS = (512, 256, 128, 64)


def dcgan_generator(noise: int = 100, channels: int = 3) -> nn.Sequential:
    """Transposed convolutions from one point of noise to a picture. (B, noise, 1, 1) -> (B, channels, 64, 64)."""
    layers: list[nn.Module] = [nn.ConvTranspose2d(noise, WIDTHS[0], 4, bias=False), *_active(WIDTHS[0])]  # 4x4
    for before, after in pairwise(WIDTHS):  # 8x8, 16x16, 32x32
        layers += [_doubling(before, after), *_active(after)]
    return nn.Sequential(*layers, _doubling(WIDTHS[-1], channels), nn.Tanh())


def _doubling(before: int, after: int) -> nn.ConvTranspose2d:
    """The stride divides the kernel, so every output cell is hit equally often: no checkerboard by construction."""
    return nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False)


def _active(width: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
