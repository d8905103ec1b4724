"""The layers that a translation from Paddle comes to."""

from __future__ import annotations

from torch import nn

from core.parsing.dialects.paddle.other_layers import OTHER
from core.parsing.dialects.paddle.transformers import PaddleDecoderLayer, PaddleEncoderLayer
from core.parsing.dialects.paddle.transposed_windows import CUT
from core.parsing.dialects.paddle.windows import WINDOWS
from core.parsing.dialects.pytorch.layers import LAYERS, constructed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.plan import LayerCall

OURS: dict[str, type[nn.Module]] = {
    **WINDOWS,
    **CUT,
    **OTHER,
    **{one.__name__: one for one in (PaddleEncoderLayer, PaddleDecoderLayer)},
}
PARTS = 14  # of one layer of a transformer, at most


def built(call: BuiltinCall, one: LayerCall) -> nn.Module:
    """A layer of PyTorch, or one of ours, which no line of PyTorch makes."""
    if one.kind not in OURS:
        return call.call(LAYERS[one.kind], *one.args, **one.kwargs)
    module = constructed(call, OURS[one.kind], one.args, dict(one.kwargs), PARTS if one.kind.endswith("Layer") else 1)
    call.evaluator.calls.pop(module, None)
    return module
