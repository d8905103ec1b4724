"""What tests of texts compare: the parameters of the network that is read, and the shape of what it gives."""

from __future__ import annotations

from typing import Any

import torch

from core.parsing import parse


def read(text: str, dtype: torch.dtype | None = None, **more: Any) -> tuple[int, tuple[int, ...]]:
    """The number of parameters and the shape of the output, batch not included; `more` as `parse` takes it."""
    parsed = parse(text, **more)
    shape = parsed.input_shape or more["input_shape"]
    output = parsed.module.eval()(torch.zeros(2, *shape, device="meta", dtype=dtype))
    return sum(p.numel() for p in parsed.module.parameters()), tuple(output.shape[1:])
