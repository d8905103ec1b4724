"""Feature maps of a photograph in a trained network, before any dropout: one block of EfficientNet-Lite0.

Shape suffixes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from core.images.center_crop import PHOTOGRAPHS, square
from core.models.efficient.efficientnet_lite import Block
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0

BLOCK = 4  # the second one at 28 x 28: it has a skip connection
SHOWN = 6  # maps with the clearest structure
SIDE = 224


@dataclass(frozen=True)
class BlockActivations:
    """One photograph in the block. The tensors are shared: never change them in place.

    block_input: (1, 40, 28, 28); maps: SHOWN outputs of its first layer, after ReLU6, those that vary most smoothly
    (1, SHOWN, 28, 28); weight: the rows of its first convolution that compute them, (SHOWN, 40, 1, 1);
    branch: what the block adds to its input (1, 40, 28, 28).
    """

    block_input: Tensor
    maps: Tensor
    weight: Tensor
    branch: Tensor

    def layer(self) -> nn.Conv2d:
        """The convolution that computes the maps, as a layer of its own; it has no bias."""
        conv = nn.utils.skip_init(nn.Conv2d, self.weight.shape[1], len(self.weight), 1, bias=False)
        conv.weight.data.copy_(self.weight)
        return conv


@lru_cache(maxsize=1)
def _all_photographs() -> dict[str, BlockActivations]:
    """All photographs at once: the network is loaded, used and released."""
    network = pretrained_efficientnet_lite0()
    block: Block = network._blocks[BLOCK]  # type: ignore[assignment]
    colours = torch.stack([torch.tensor(square(name, SIDE, colour=True)).movedim(-1, 0) for name in PHOTOGRAPHS])
    with torch.no_grad():
        x_BCHW = network._relu(network._bn0(network._conv_stem(preprocess(255 * colours))))
        for before in network._blocks[:BLOCK]:
            x_BCHW = before(x_BCHW)
        maps = torch.relu(block._bn0(block._expand_conv(x_BCHW))).clamp_max(6)
        branch = block(x_BCHW) - x_BCHW
    return {name: _activations(x_BCHW[i], maps[i], branch[i], block) for i, name in enumerate(PHOTOGRAPHS)}


def _activations(input_CHW: Tensor, maps_CHW: Tensor, branch_CHW: Tensor, block: Block) -> BlockActivations:
    smoothest = _smoothness(maps_CHW).topk(SHOWN).indices
    weight = block._expand_conv.weight.detach()[smoothest].clone()
    return BlockActivations(
        input_CHW[None].clone(), maps_CHW[smoothest][None].clone(), weight, branch_CHW[None].clone()
    )


def _smoothness(maps_CHW: Tensor) -> Tensor:
    """The covariance of neighbouring cells without the border, (C,): large where a map shows shapes, not noise."""
    inner = maps_CHW[:, 2:-2, 2:-2]
    inner = inner - inner.mean((1, 2), keepdim=True)
    return (inner[:, 1:] * inner[:, :-1]).mean((1, 2)) + (inner[..., 1:] * inner[..., :-1]).mean((1, 2))


def activations(photograph: str) -> BlockActivations:
    """The block on one of `PHOTOGRAPHS`, cropped to the centre and resized to 224 x 224."""
    return _all_photographs()[photograph]


def feature_maps(photograph: str) -> Tensor:
    """The SHOWN clearest maps of a photograph, never negative: (1, SHOWN, 28, 28)."""
    return activations(photograph).maps


def standardized(photograph: str) -> Tensor:
    """The same maps, standardized jointly to mean 0 and variance 1, as between SELUs: for AlphaDropout."""
    maps = feature_maps(photograph)
    return (maps - maps.mean()) / maps.std(correction=0)


def block_input(photograph: str) -> Tensor:
    """The input of the block for a photograph: (1, 40, 28, 28)."""
    return activations(photograph).block_input


def first_layer(photograph: str) -> nn.Conv2d:
    """The 1x1 convolution from the block's input to the SHOWN maps, before normalization and ReLU6."""
    return activations(photograph).layer()


def branches() -> tuple[Tensor, Tensor]:
    """The block's input and its branch, the five photographs as a batch: (5, 40, 28, 28) each."""
    every = [activations(name) for name in PHOTOGRAPHS]
    return torch.cat([one.block_input for one in every]), torch.cat([one.branch for one in every])
