"""Networks small enough to be trained while one watches. Each takes any number of classes and any picture size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError, ShapeError

MOST_PARAMETERS = 50_000_000  # 200 MB of weights, and up to four times as much while training


@dataclass(frozen=True)
class Network:
    """How to build one that gives a logit a class, and what it is good for."""

    build: Callable[[int], nn.Module]  # classes -> module, (B, 3, H, W) -> (B, classes)
    blurb: str
    paper: str


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, as in ResNet. (B, C, H, W) -> (B, D, H / stride, W / stride).

    Source: He et al. 2016, arXiv:1512.03385, figure 2.
    """

    def __init__(self, channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, out_channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return torch.relu(self.main(x) + self.shortcut(x))


def small_residual(classes: int, width: int = 24) -> nn.Module:
    """A 5x5 stem that halves the picture, then four residual blocks, each but the first halving it again."""
    return nn.Sequential(
        nn.Conv2d(3, width, 5, stride=2, padding=2, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        Residual(width, width),
        Residual(width, 2 * width, stride=2),
        Residual(2 * width, 4 * width, stride=2),
        Residual(4 * width, 8 * width, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8 * width, classes),
    )


def cats_and_dogs(classes: int) -> nn.Module:
    """Four 3x3 convolutions with pooling between, then the mean of each map and one linear layer."""
    layers: list[nn.Module] = []
    for channels, out_channels in ((3, 16), (16, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(channels, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if out_channels < 128 else []
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))


NETWORKS: dict[str, Network] = {
    "Small residual": Network(small_residual, "Ours: learns fast on two processor cores.", "arXiv:1512.03385"),
    "Cats and dogs": Network(cats_and_dogs, "Four plain convolutions, as tutorials build it.", "Chollet 2016"),
}


def build_network(network: str, classes: int, size: int) -> nn.Module:
    """The network of that name, or the one that an `nn.Sequential` text describes, with one logit a class.

    It is tried on the meta device first, so that one that does not fit costs no memory. Args: `size` is the side of
    the pictures in cells.
    Raises: PlaygroundError if the name is unknown, the text is not understood, or it does not fit pictures or classes.
    """
    _check(_build(network, classes, "meta"), classes, size)
    return _build(network, classes, "cpu")


def count_parameters(network: str, classes: int, size: int) -> int:
    """Weights and biases of that network, without building it. Raises: as `build_network`."""
    model = _build(network, classes, "meta")
    _check(model, classes, size)
    return sum(p.numel() for p in model.parameters())


def _build(network: str, classes: int, device: str) -> nn.Module:
    if network in NETWORKS:
        with torch.device(device):
            return NETWORKS[network].build(classes)
    if "(" not in network:
        known = ", ".join(NETWORKS)
        raise PlaygroundError(f"no network is called {network!r}: use one of {known}, or nn.Sequential(...).")
    from core.parsing import parse_model

    return parse_model(network, device)


def _check(model: nn.Module, classes: int, size: int) -> None:
    parameters = sum(p.numel() for p in model.parameters())
    if parameters > MOST_PARAMETERS:
        raise PlaygroundError(
            f"the network has {parameters:,} parameters, and training here stops at {MOST_PARAMETERS:,}: "
            "make its widest layers narrower."
        )
    try:
        out_shape = tuple(model.eval()(torch.empty(2, 3, size, size, device="meta")).shape)
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(f"the network does not take 3x{size}x{size} pictures: {reason}") from error
    if out_shape != (2, classes):
        raise ShapeError(
            f"the network turns a 3x{size}x{size} picture into {'x'.join(map(str, out_shape[1:]))} numbers: "
            f"end it with a layer that gives {classes}, one a class."
        )
