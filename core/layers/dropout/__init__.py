"""Dropout: random parts of a network are dropped during training, none in evaluation.

All scale what is kept during training ("inverted dropout"), so that evaluation is the plain network.
"""

from core.layers.dropout.activations import AlphaDropout, Dropout, SpatialDropout, StochasticDepth, alpha_affine
from core.layers.dropout.blocks import Disout, DropBlock, block_gamma, keep_probability
from core.layers.dropout.registry import DROPOUTS, DropoutKind, with_dropout
from core.layers.dropout.weights import DropConnect, preactivation_moments
