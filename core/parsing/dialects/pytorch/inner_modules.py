"""What is inside of `torch.nn.modules` and not among the names of `torch.nn`: bases of layers, numbers, copies.

`class MaskedConv(_ConvNd)` inherits from the first kind, `_pair(3)` is `(3, 3)`, `_get_clones(layer, 6)` copies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.parsing.dialects.pytorch.layers import leaf
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, FromPrelude, Namespace, Type

FILES = """
    activation adaptive batchnorm channelshuffle container conv distance dropout flatten fold instancenorm lazy linear
    loss module normalization padding pixelshuffle pooling rnn sparse transformer upsampling utils
"""


class AnyBatchNorm(nn.modules.batchnorm._BatchNorm):
    """The base of batch norms, for input of any number of axes: a class of the text checks them itself."""

    def _check_input_dim(self, input: Tensor) -> None:
        """Nothing: each class that inherits from it has its own rule."""


class AnyInstanceNorm(nn.modules.instancenorm._InstanceNorm):
    """The same for instance norms."""

    def _check_input_dim(self, input: Tensor) -> None:
        """Nothing."""

    def _get_no_batch_dim(self) -> int:
        return -1  # no number of axes stands for an input without a batch


_BASES: dict[str, tuple[type[nn.Module], ...]] = {
    "_ConvNd": (nn.modules.conv._ConvNd,),
    "_ConvTransposeNd": (nn.modules.conv._ConvTransposeNd,),
    "_BatchNorm": (AnyBatchNorm, nn.modules.batchnorm._BatchNorm),
    "_NormBase": (AnyBatchNorm, nn.modules.batchnorm._NormBase),
    "_InstanceNorm": (AnyInstanceNorm, nn.modules.instancenorm._InstanceNorm),
    "_DropoutNd": (nn.modules.dropout._DropoutNd,),
    "_MaxPoolNd": (nn.modules.pooling._MaxPoolNd,),
    "_AvgPoolNd": (nn.modules.pooling._AvgPoolNd,),
    "_AdaptiveAvgPoolNd": (nn.modules.pooling._AdaptiveAvgPoolNd,),
    "_AdaptiveMaxPoolNd": (nn.modules.pooling._AdaptiveMaxPoolNd,),
    "RNNBase": (nn.RNNBase,),
    "RNNCellBase": (nn.RNNCellBase,),
}
BASES = {name: Type(name, classes, leaf(name, classes[0])) for name, classes in _BASES.items()}


def repeated(name: str, count: int) -> Builtin:
    """`_pair` and its kind: a value so many times; what has several is a tuple of them."""

    def run(call: BuiltinCall, value: Any) -> Any:
        return tuple(value) if isinstance(value, (list, tuple, range)) else (value,) * count

    return Builtin(name, run, needs_call=True)


def _repeating(call: BuiltinCall, count: Any, name: Any = "parse") -> Builtin:
    count = call.evaluator.resolve(count, call.node)
    if type(count) is not int or not 0 < count <= 9:
        raise call.fail("it takes a small number.")
    return repeated("parse", count)


def _reversed_twice(call: BuiltinCall, values: Any, times: Any) -> tuple[Any, ...]:
    """`_reverse_repeat_tuple((1, 2), 2)` is `(2, 2, 1, 1)`, as `F.pad` takes it."""
    repeats = range(call.evaluator.resolve(times, call.node))
    return tuple(value for value in reversed(list(call.iterate(values))) for _ in call.iterate(repeats))


TUPLES = {
    **{name: repeated(name, n) for n, name in enumerate(("_single", "_pair", "_triple", "_quadruple"), start=1)},
    "_ntuple": Builtin("_ntuple", _repeating, needs_call=True),
    "_reverse_repeat_tuple": Builtin("_reverse_repeat_tuple", _reversed_twice, needs_call=True),
}

HELPERS = {name: FromPrelude(name) for name in ("_get_clones", "_get_activation_fn")}


def inner(nn_space: Namespace, sentence: Callable[[str], str]) -> Namespace:
    """`torch.nn.modules`, in each of whose files all of `torch.nn` and these are found."""
    space = Namespace("nn.modules", {**nn_space.members, **BASES, **TUPLES, **HELPERS}, sentence)
    space.members = {**space.members, **dict.fromkeys(FILES.split(), space)}
    return space
