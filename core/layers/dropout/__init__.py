"""Dropout: parts of a network are left out at random while it learns, and none when it is used.

All scale what stays while training ("inverted" dropout), so that evaluation is the plain network.
"""

from core.layers.dropout.blocks import Disout, DropBlock, block_gamma, stay_chance
from core.layers.dropout.registry import DROPOUTS, DropoutKind, defaults, with_dropout
from core.layers.dropout.signal import AlphaDropout, Dropout, SpatialDropout, StochasticDepth, alpha_affine
from core.layers.dropout.weights import DropConnect, preactivation_moments

__all__ = [
    "DROPOUTS",
    "AlphaDropout",
    "Disout",
    "DropBlock",
    "DropConnect",
    "Dropout",
    "DropoutKind",
    "SpatialDropout",
    "StochasticDepth",
    "alpha_affine",
    "block_gamma",
    "defaults",
    "preactivation_moments",
    "stay_chance",
    "with_dropout",
]
