"""The layers that a translation from Paddle comes to."""

from __future__ import annotations

from torch import nn

from core.parsing.dialects.paddle.windows import WINDOWS
from core.parsing.dialects.pytorch.layers import LAYERS, constructed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.plan import LayerCall


def built(call: BuiltinCall, one: LayerCall) -> nn.Module:
    """A layer of PyTorch, or one of ours, which no line of PyTorch makes."""
    if one.kind not in WINDOWS:
        return call.call(LAYERS[one.kind], *one.args, **one.kwargs)
    module = constructed(call, WINDOWS[one.kind], one.args, dict(one.kwargs))
    call.evaluator.calls.pop(module, None)
    return module
