"""Names that Keras gives layers and inputs for which a text has none: `dense`, `dense_1`, `input_layer`."""

from __future__ import annotations

import re
from typing import Any


def numbered(evaluator: Any, kind: str) -> str:
    """Keras's own name of the next layer of a kind in a text."""
    count = evaluator.layer_numbers.get(kind, 0)
    evaluator.layer_numbers[kind] = count + 1
    return f"{kind}_{count}" if count else kind


def in_keras_3(name: str) -> str:
    """Keras 3's name for what Keras 2 calls `input_1`; any other name as it is.

    >>> in_keras_3("input_1"), in_keras_3("input_3"), in_keras_3("dense_1")
    ('input_layer', 'input_layer_2', 'dense_1')
    """
    old = re.fullmatch(r"input_(\d+)", name)
    return name if old is None else f"input_layer_{int(old[1]) - 1}".removesuffix("_0")
