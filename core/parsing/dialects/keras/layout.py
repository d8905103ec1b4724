"""In which order a symbol's axes are kept, and which order each layer of Keras needs.

Keras's axes stay as they are whatever a layer takes for channels; only the order in which we keep them changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from core.parsing.dialects.keras.data_format import FIRST
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, applied

IN_ANY_ORDER = (
    "Activation", "ReLU", "LeakyReLU", "ELU", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "Flatten",
    "Identity", "ActivityRegularization", "Rescaling", "Masking",
)  # fmt: skip
NORMS = ("BatchNormalization", "SyncBatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization",
         "tfa.InstanceNormalization", "keras_contrib.InstanceNormalization")  # fmt: skip
SLIDING = ("Conv", "Pool", "UpSampling", "ZeroPadding", "Cropping", "SpatialDropout")  # kinds with a data_format


def with_channels(x: KerasTensor, is_first: bool) -> KerasTensor:
    """The same tensor, kept in Keras's own order if `is_first`, else with its last axis in front."""
    if isinstance(x, KerasWeight) or len(x.shape) < 2 or x.channels_first == is_first:
        return x
    turned = applied(torch.movedim, x, 1, -1) if is_first else applied(torch.movedim, x, -1, 1)
    turned.channels_first, turned.is_inner = is_first, True
    return turned


def alike(values: Sequence[KerasTensor]) -> list[KerasTensor]:
    """Symbols that are merged, in the order of the first one."""
    whole = [one for one in values if not isinstance(one, KerasWeight) and len(one.shape) > 1]
    return [with_channels(one, whole[0].channels_first) for one in values] if whole else list(values)


def laid_out(kind: str, data_format: Any, axis: Any, x: KerasTensor, first_by_default: bool) -> KerasTensor:
    """The input of a layer in the order that its translation is written for.

    Args: `data_format` and `axis` are what the text says, None if nothing.
    """
    if any(word in kind for word in SLIDING):
        return with_channels(x, first_by_default if data_format is None else data_format in FIRST)
    is_along_channels = axis in (1, -len(x.shape), [1], (1,))
    if kind in IN_ANY_ORDER or (kind in NORMS and is_along_channels):
        return x
    return with_channels(x, False)
