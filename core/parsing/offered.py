"""A network that a text offers under a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.subclasses import instance_network
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Instance


@dataclass
class Network:
    """One network of a text, under the name that it has there: a module, or what a dialect makes one of."""

    name: str
    value: Any
    line: int
    build: Callable[[], Any] | None = None  # gives the value, where that is still to be made

    def module(self, evaluator: Evaluator) -> nn.Module:
        """The module of PyTorch. Raises: ParseError where it cannot be built."""
        value = instance_network(evaluator, self.value) if isinstance(self.value, Instance) else self.value
        return value.to_module(evaluator) if isinstance(value, KerasNetwork) else value
