"""Paddle's layers for sequences: recurrent ones, embeddings, attention, the parts of a transformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.parsing.dialects.paddle.transformers import ACTIVATIONS
from core.parsing.dialects.translation import part, switch, without, word
from core.parsing.plan import LayerCall

Parts = tuple[LayerCall, ...]
DIRECTIONS = ("forward", "bidirect", "bidirectional")


def embedding(num_embeddings: Any, embedding_dim: Any, padding_idx: Any = None, sparse: Any = False) -> Parts:
    """Embedding; whether its gradient is sparse changes nothing here."""
    settings = {} if padding_idx is None else {"padding_idx": padding_idx}
    return (part("Embedding", num_embeddings, embedding_dim, **settings),)


def recurrent(kind: str) -> Callable[..., Parts]:
    """LSTM, GRU and SimpleRNN, whose batch comes first unless `time_major` says otherwise."""

    def translate(
        input_size: Any,
        hidden_size: Any,
        num_layers: Any = 1,
        direction: Any = "forward",
        time_major: Any = False,
        dropout: Any = 0.0,
        activation: Any = "tanh",
        bias: Any = True,
        proj_size: Any = None,
    ) -> Parts:
        settings = {
            "bias": bias is not False,
            "batch_first": not switch(time_major, "time_major"),
            "dropout": dropout,
            "bidirectional": word(direction, "direction", DIRECTIONS) != "forward",
        }
        if kind == "RNN":
            settings["nonlinearity"] = word(activation, "activation", ("tanh", "relu"))
        settings |= {"proj_size": proj_size} if proj_size and kind == "LSTM" else {}
        chosen = without(settings, bias=True, batch_first=False, dropout=0.0, bidirectional=False, nonlinearity="tanh")
        more = () if num_layers == 1 else (num_layers,)
        return (part(kind, input_size, hidden_size, *more, **chosen),)

    return translate


def transformer_layer(kind: str) -> Callable[..., Parts]:
    """TransformerEncoderLayer and TransformerDecoderLayer, with a dropout for each part."""

    def translate(
        d_model: Any,
        nhead: Any,
        dim_feedforward: Any,
        dropout: Any = 0.1,
        activation: Any = "relu",
        attn_dropout: Any = None,
        act_dropout: Any = None,
        normalize_before: Any = False,
        weight: Any = True,
        bias: Any = True,
    ) -> Parts:
        settings = {
            "dropout": dropout,
            "activation": word(activation, "activation", tuple(ACTIVATIONS)),
            "norm_first": switch(normalize_before, "normalize_before"),
        }
        own = {"attn_dropout": attn_dropout, "act_dropout": act_dropout, "bias": bias is not False}
        return (part(kind, d_model, nhead, dim_feedforward, **settings, **own),)

    return translate


SEQUENCE: dict[str, Callable[..., Parts]] = {
    "Embedding": embedding,
    **{kind: recurrent(kind) for kind in ("LSTM", "GRU")},
    "SimpleRNN": recurrent("RNN"),
    **{f"Transformer{kind}Layer": transformer_layer(f"Paddle{kind}Layer") for kind in ("Encoder", "Decoder")},
}
