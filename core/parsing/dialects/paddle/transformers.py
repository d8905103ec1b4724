"""The parts of Paddle's transformers: PyTorch's, with a dropout for each part and with masks as Paddle takes them.

Source: python/paddle/nn/layer/transformer.py, release 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.dialects.pytorch.layers import constructed, plain_argument
from core.parsing.evaluation.calls import BuiltinCall

MOST_LAYERS = 256
SETTINGS: dict[str, Any] = {  # of nn.Transformer, in its order
    "d_model": 512,
    "nhead": 8,
    "num_encoder_layers": 6,
    "num_decoder_layers": 6,
    "dim_feedforward": 2048,
    "dropout": 0.1,
    "activation": "relu",
    "attn_dropout": None,
    "act_dropout": None,
    "normalize_before": False,
}
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    name: getattr(F, name) for name in ("relu", "gelu", "silu", "elu", "leaky_relu", "mish", "relu6", "hardswish")
} | {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "swish": F.silu}


def spread_mask(mask: Tensor | None, heads: int, query: Tensor, key: Tensor) -> Tensor | None:
    """A mask of Paddle's as PyTorch's attention takes it: what is added to the weights of each head of each item.

    >>> item = torch.zeros(2, 5, 6)
    >>> spread_mask(torch.ones(2, 1, 1, 5) > 0, 3, item, item).shape
    torch.Size([6, 5, 5])
    """
    if mask is None:
        return None
    added = mask if mask.is_floating_point() else (mask.to(query.dtype) - 1) * 1e9
    batch, steps, others = query.shape[0], query.shape[1], key.shape[1]
    return added.expand(batch, heads, steps, others).reshape(batch * heads, steps, others)


class PaddleEncoderLayer(nn.TransformerEncoderLayer):
    """One layer of an encoder."""

    def __init__(
        self, width: int, heads: int, inner: int, dropout: float, activation: str, norm_first: bool,
        attn_dropout: Any, act_dropout: Any, bias: bool
    ):  # fmt: skip
        super().__init__(width, heads, inner, dropout, ACTIVATIONS[activation], 1e-5, True, norm_first, bias)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)  # with a bias in any case
        _set_dropouts((self.self_attn,), self.dropout, attn_dropout, act_dropout)

    def _get_name(self) -> str:
        return "TransformerEncoderLayer"

    def forward(  # type: ignore[override]
        self, src: Tensor, src_mask: Any = None, cache: Any = None, **ignored: Any
    ) -> Any:
        """The items of a sequence, and the cache if there is one."""
        mask = spread_mask(src_mask, self.self_attn.num_heads, src, src)
        if self.norm_first:
            x = src + self._sa_block(self.norm1(src), mask, None)
            x = x + self._ff_block(self.norm2(x))
        else:
            x = self.norm1(src + self._sa_block(src, mask, None))
            x = self.norm2(x + self._ff_block(x))
        return x if cache is None else (x, cache)


class PaddleDecoderLayer(nn.TransformerDecoderLayer):
    """One layer of a decoder."""

    def __init__(
        self, width: int, heads: int, inner: int, dropout: float, activation: str, norm_first: bool,
        attn_dropout: Any, act_dropout: Any, bias: bool
    ):  # fmt: skip
        super().__init__(width, heads, inner, dropout, ACTIVATIONS[activation], 1e-5, True, norm_first, bias)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))  # with a bias in any case
        _set_dropouts((self.self_attn, self.multihead_attn), self.dropout, attn_dropout, act_dropout)

    def _get_name(self) -> str:
        return "TransformerDecoderLayer"

    def forward(  # type: ignore[override]
        self, tgt: Tensor, memory: Tensor, tgt_mask: Any = None, memory_mask: Any = None, cache: Any = None, **_: Any
    ) -> Any:
        """The items of a sequence, and the cache if there is one."""
        heads = self.self_attn.num_heads
        mask, across = spread_mask(tgt_mask, heads, tgt, tgt), spread_mask(memory_mask, heads, tgt, memory)
        if self.norm_first:
            x = tgt + self._sa_block(self.norm1(tgt), mask, None)
            x = x + self._mha_block(self.norm2(x), memory, across, None)
            x = x + self._ff_block(self.norm3(x))
        else:
            x = self.norm1(tgt + self._sa_block(tgt, mask, None))
            x = self.norm2(x + self._mha_block(x, memory, across, None))
            x = self.norm3(x + self._ff_block(x))
        return x if cache is None else (x, cache)


class PaddleEncoder(nn.TransformerEncoder):
    """Copies of a layer in a row."""

    def __init__(self, layer: nn.Module, count: int, norm: nn.Module | None = None):
        super().__init__(layer, count, norm, enable_nested_tensor=False)  # type: ignore[arg-type]

    def _get_name(self) -> str:
        return "TransformerEncoder"

    def forward(  # type: ignore[override]
        self, src: Tensor, src_mask: Any = None, cache: Any = None, **ignored: Any
    ) -> Any:
        """The items after the last layer."""
        x = src
        for layer in self.layers:
            x = layer(x, src_mask=src_mask)
        x = x if self.norm is None else self.norm(x)
        return x if cache is None else (x, cache)


class PaddleDecoder(nn.TransformerDecoder):
    """Copies of a layer in a row."""

    def _get_name(self) -> str:
        return "TransformerDecoder"

    def forward(  # type: ignore[override]
        self, tgt: Tensor, memory: Tensor, tgt_mask: Any = None, memory_mask: Any = None, cache: Any = None, **_: Any
    ) -> Any:
        """The items after the last layer."""
        x = tgt
        for layer in self.layers:
            x = layer(x, memory, tgt_mask=tgt_mask, memory_mask=memory_mask)
        x = x if self.norm is None else self.norm(x)
        return x if cache is None else (x, cache)


class PaddleTransformer(nn.Transformer):
    """An encoder and a decoder."""

    def _get_name(self) -> str:
        return "Transformer"

    def forward(  # type: ignore[override]
        self, src: Tensor, tgt: Tensor, src_mask: Any = None, tgt_mask: Any = None, memory_mask: Any = None, **_: Any
    ) -> Any:
        """The items of the second sequence."""
        return self.decoder(tgt, self.encoder(src, src_mask), tgt_mask, memory_mask)


def _set_dropouts(attentions: Any, inner: nn.Dropout, attn_dropout: Any, act_dropout: Any) -> None:
    for attention in attentions:
        attention.dropout = attention.dropout if attn_dropout is None else attn_dropout
    inner.p = inner.p if act_dropout is None else act_dropout


def stack(cls: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """The builder of an encoder or a decoder."""

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        named = dict(zip(("layer", "num_layers", "norm"), args, strict=False))
        named |= {key.replace("encoder_", "").replace("decoder_", ""): value for key, value in kwargs.items()}
        layer, norm = named.get("layer"), named.get("norm")
        count = plain_argument(call, named.get("num_layers"), "num_layers")
        _check(call, count)
        if not isinstance(layer, nn.Module) or not isinstance(norm, nn.Module | None):
            raise call.fail("it takes a layer, how many of them, and a norm.")
        return constructed(call, cls, (layer, count, norm)[: 2 + (norm is not None)], {}, count * _size(layer))

    return build


def transformer(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
    """`nn.Transformer`, whose stacks end in a norm."""
    given = dict(zip(SETTINGS, args, strict=False)) | {k: v for k, v in kwargs.items() if k in SETTINGS}
    settings = (plain_argument(call, given.get(name, usual), name) for name, usual in SETTINGS.items())
    width, heads, first, second, *rest = settings
    parts = {}
    for kind, count in (("Encoder", first), ("Decoder", second)):
        part = kwargs.get(f"custom_{kind.lower()}")
        if part is None:
            _check(call, count)
            layer = call.call(_of_paddle(call, f"Transformer{kind}Layer"), width, heads, *rest)
            norm = call.call(_of_paddle(call, "LayerNorm"), width)
            part = call.call(_of_paddle(call, f"Transformer{kind}"), layer, count, norm)
        parts[f"custom_{kind.lower()}"] = part
    made = constructed(call, PaddleTransformer, (), {"d_model": width, "nhead": heads, "batch_first": True, **parts})
    call.evaluator.calls.pop(made, None)
    return made


def _of_paddle(call: BuiltinCall, kind: str) -> Any:
    return call.evaluator.roots["paddle"].members["nn"].members[kind]


def _check(call: BuiltinCall, count: Any) -> None:
    if type(count) is not int or not 0 < count <= MOST_LAYERS:
        raise call.fail(f"the number of layers must be an integer from 1 to {MOST_LAYERS}.")


def _size(layer: nn.Module) -> int:
    return sum(1 for _ in layer.modules())
