"""What `forward` of a text keeps in its network, such as a count of calls: a trial leaves it as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from torch import nn

from core.parsing.evaluation.modules import EvaluatedModule

CONTAINERS = (list, dict, set)


@contextlib.contextmanager
def as_before(module: nn.Module) -> Iterator[None]:
    """A while after which attributes of networks of a text are what they were; layers that are made meanwhile stay."""
    parts = [part for part in module.modules() if isinstance(part, EvaluatedModule)]
    before = [(part, dict(part.values), _contents(part.values)) for part in parts]
    try:
        yield
    finally:
        for part, values, contents in before:
            part.values.clear()
            made = {*part._modules, *part._parameters, *part._buffers}
            part.values.update({name: value for name, value in values.items() if name not in made})
            for container, kept in contents:
                _refill(container, kept)


def _contents(values: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(one, one.copy()) for one in values.values() if type(one) in CONTAINERS]


def _refill(container: Any, kept: Any) -> None:
    """Puts back what a container held, unless layers stand in it, which the text may have added."""
    items = container.values() if isinstance(container, dict) else container
    if any(isinstance(one, nn.Module) for one in items):
        return
    container.clear()
    if isinstance(container, list):
        container.extend(kept)
    else:
        container.update(kept)
