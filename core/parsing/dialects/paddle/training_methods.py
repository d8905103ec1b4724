"""Methods of Paddle's layers and of `paddle.Model` that train, save and print a network: they change nothing of it."""

from __future__ import annotations

from typing import Any

from torch import nn

from core.parsing.dialects.pytorch.summaries import note_size
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown

UNCHANGING = "prepare save load clear_gradients backward extra_repr set_state_dict set_dict load_dict"
GIVING_DATA = "fit evaluate predict train_batch eval_batch predict_batch"
CONVERTING = "astype float16 bfloat16"


def _nothing(call: BuiltinCall, layer: nn.Module, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _same(call: BuiltinCall, layer: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
    """A network with weights of another kind."""
    return layer


def _of_data(call: BuiltinCall, layer: nn.Module, *args: Any, **kwargs: Any) -> Unknown:
    return Unknown(f"what {call.name} returns depends on data", getattr(call.node, "lineno", 1), is_data=True)


def _summary(call: BuiltinCall, network: nn.Module, input_size: Any = None, *args: Any, **kwargs: Any) -> None:
    """`paddle.Model(network).summary((1, 3, 224, 224))`."""
    note_size(call, network, input_size, with_batch=True)


def _methods(run: Any, names: str) -> dict[str, Builtin]:
    return {name: Builtin(name, run, needs_call=True) for name in names.split()}


METHODS = {
    **_methods(_nothing, UNCHANGING),
    **_methods(_same, CONVERTING),
    **_methods(_of_data, GIVING_DATA),
    **_methods(_summary, "summary"),
}
