"""The arguments of recurrent layers, whose own signatures do not name them."""

from __future__ import annotations

from typing import Any


def recurrent(
    input_size: Any,
    hidden_size: Any,
    num_layers: Any = 1,
    bias: Any = True,
    batch_first: Any = False,
    dropout: Any = 0.0,
    bidirectional: Any = False,
    proj_size: Any = 0,
) -> None:
    """The arguments of LSTM and GRU."""


def plain_recurrent(
    input_size: Any,
    hidden_size: Any,
    num_layers: Any = 1,
    nonlinearity: Any = "tanh",
    bias: Any = True,
    batch_first: Any = False,
    dropout: Any = 0.0,
    bidirectional: Any = False,
) -> None:
    """The arguments of RNN."""
