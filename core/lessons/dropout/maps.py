"""What a trained network sees in a photograph, before any dropout: one block of EfficientNet-Lite0, opened.

Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from core.images.squares import PHOTOGRAPHS, square
from core.models.efficient.efficientnet_lite import Block
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0

BLOCK = 4  # the second one at 28 x 28: it has a way around
SHOWN = 6  # maps in which most is to be seen
SIDE = 224


@dataclass(frozen=True)
class Look:
    """One photograph in the block. Its tensors are shared, so they are never changed in place.

    given: what the block is given (1, 40, 28, 28); maps: SHOWN of its first layer, after ReLU6, those that vary most
    smoothly (1, SHOWN, 28, 28); weight: the rows of its first convolution that give them, (SHOWN, 40, 1, 1);
    branch: what it adds to what it is given (1, 40, 28, 28).
    """

    given: Tensor
    maps: Tensor
    weight: Tensor
    branch: Tensor

    def layer(self) -> nn.Conv2d:
        """The convolution behind the maps shown, as a layer of its own; it has no bias."""
        conv = nn.utils.skip_init(nn.Conv2d, self.weight.shape[1], len(self.weight), 1, bias=False)
        conv.weight.data.copy_(self.weight)
        return conv


@lru_cache(maxsize=1)
def _looks() -> dict[str, Look]:
    """All photographs at once: the network is loaded, used and let go."""
    network = pretrained_efficientnet_lite0()
    block: Block = network._blocks[BLOCK]  # type: ignore[assignment]
    colours = torch.stack([torch.tensor(square(name, SIDE, colour=True)).movedim(-1, 0) for name in PHOTOGRAPHS])
    with torch.no_grad():
        x_BCHW = network._relu(network._bn0(network._conv_stem(preprocess(255 * colours))))
        for before in network._blocks[:BLOCK]:
            x_BCHW = before(x_BCHW)
        maps = torch.relu(block._bn0(block._expand_conv(x_BCHW))).clamp_max(6)
        branch = block(x_BCHW) - x_BCHW
    return {name: _look(x_BCHW[i], maps[i], branch[i], block) for i, name in enumerate(PHOTOGRAPHS)}


def _look(given_CHW: Tensor, maps_CHW: Tensor, branch_CHW: Tensor, block: Block) -> Look:
    most = _smooth(maps_CHW).topk(SHOWN).indices
    weight = block._expand_conv.weight.detach()[most].clone()
    return Look(given_CHW[None].clone(), maps_CHW[most][None].clone(), weight, branch_CHW[None].clone())


def _smooth(maps_CHW: Tensor) -> Tensor:
    """The covariance of neighbouring cells, (C,): large where a map shows shapes and not dust. The rim is left out."""
    inner = maps_CHW[:, 2:-2, 2:-2]
    inner = inner - inner.mean((1, 2), keepdim=True)
    return (inner[:, 1:] * inner[:, :-1]).mean((1, 2)) + (inner[..., 1:] * inner[..., :-1]).mean((1, 2))


def look(picture: str) -> Look:
    """The block on one of `PHOTOGRAPHS`, 224 x 224 pixels of its middle."""
    return _looks()[picture]


def feature_maps(picture: str) -> Tensor:
    """The SHOWN maps of a photograph in which most is to be seen, never negative: (1, SHOWN, 28, 28)."""
    return look(picture).maps


def standardized(picture: str) -> Tensor:
    """The same maps, all together scaled to mean 0 and variance 1, as between SELUs: for AlphaDropout."""
    maps = feature_maps(picture)
    return (maps - maps.mean()) / maps.std(correction=0)


def block_input(picture: str) -> Tensor:
    """What the block is given of a photograph: (1, 40, 28, 28)."""
    return look(picture).given


def first_layer(picture: str) -> nn.Conv2d:
    """The 1x1 convolution from what the block is given to the SHOWN maps, before normalization and ReLU6."""
    return look(picture).layer()


def branches() -> tuple[Tensor, Tensor]:
    """The block's input and its branch, the five photographs as a batch: (5, 40, 28, 28) each."""
    looks = [look(name) for name in PHOTOGRAPHS]
    return torch.cat([one.given for one in looks]), torch.cat([one.branch for one in looks])
