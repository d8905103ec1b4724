"""Functions of whole arrays in `tf`, `keras.ops` and the backend: norms, look-ups, attention, transforms, conditions.

Source: tf.nn, tf.image, keras.ops of Keras 3, keras.backend of Keras 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.keras.input_symbols import is_of_data, symbol
from core.parsing.dialects.keras.shaped_data import Numbers
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, as_table, in_keras_order
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

EPSILON, EPSILON_OF_KERAS = 1e-3, 1e-7
MOST_NUMBERS = 10_000


def _normalized(x: Tensor, mean: Any, variance: Any, shift: Any, scale: Any) -> Tensor:
    result = (x - mean) / (variance + EPSILON) ** 0.5
    result = result if scale is None else result * scale
    return result if shift is None else result + shift


def _batch_normalization(call: BuiltinCall, x: Any, mean: Any, variance: Any, offset: Any = None, scale: Any = None,
                         *args: Any, **kwargs: Any) -> Any:  # fmt: skip
    """`tf.nn.batch_normalization(x, mean, variance, offset, scale, epsilon)`, and the backend's."""
    if is_of_data(x):
        return x
    parts = [kwargs.get("beta", offset), kwargs.get("gamma", scale)]
    return in_keras_order(_normalized, symbol(call, x), mean, variance, *parts, name="batch_normalization")


def _over_last(kind: str) -> Callable[..., Any]:
    """`ops.layer_normalization(x, gamma, beta)`, which scales and shifts by weights of the text, if it has any."""

    def run(call: BuiltinCall, x: Any, scale: Any = None, shift: Any = None, **kwargs: Any) -> KerasTensor:
        given = kwargs.get("gamma", scale), kwargs.get("beta", shift)
        return in_keras_order(_LAST[kind], symbol(call, x), *given, name=f"{kind}_normalization")

    return run


def _layer_normalized(x: Tensor, scale: Any, shift: Any) -> Tensor:
    return _normalized(x, x.mean(-1, keepdim=True), x.var(-1, correction=0, keepdim=True), shift, scale)


def _rms_normalized(x: Tensor, scale: Any, shift: Any) -> Tensor:
    return _normalized(x, 0, x.square().mean(-1, keepdim=True), shift, scale)


_LAST: Mapping[str, Callable[..., Tensor]] = {"layer": _layer_normalized, "rms": _rms_normalized}


def _looked_up(ids: Tensor, table: Tensor) -> Tensor:
    return F.embedding(ids.long(), table)


def _embedding(call: BuiltinCall, params: Any, ids: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    """`tf.nn.embedding_lookup(params, ids)`: rows of a weight."""
    params = as_table(params)
    if not isinstance(params, KerasWeight) or len(params.shape) != 2:
        raise call.fail("it looks rows up in a weight of shape [words, features].")
    return in_keras_order(_looked_up, symbol(call, ids), params, name="embedding_lookup")


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """(B, T, heads, D) over (B, S, heads, D)."""
    weights = torch.einsum("bthd,bshd->bhts", query, key) / query.shape[-1] ** 0.5
    return torch.einsum("bhts,bshd->bthd", weights.softmax(-1), value)


def _attention(call: BuiltinCall, query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    """`ops.dot_product_attention(query, key, value)`."""
    given = [symbol(call, one) for one in (query, key, value)]
    return in_keras_order(_attended, *given, name="dot_product_attention")


def _transform(transform: Callable[..., Tensor], part: int) -> Callable[..., Tensor]:
    def run(real: Tensor, imaginary: Tensor) -> Tensor:
        result = transform(torch.complex(real, imaginary))
        return result.imag if part else result.real

    return run


def _fourier(name: str) -> Callable[..., Any]:
    """`ops.fft2((real, imaginary))`, which gives such a pair over the last axes."""
    parts = [_transform(getattr(torch.fft, name), part) for part in (0, 1)]

    def run(call: BuiltinCall, x: Any, **kwargs: Any) -> tuple[KerasTensor, ...]:
        pair = [symbol(call, one) for one in call.iterate(x)]
        if len(pair) != 2:
            raise call.fail("it takes a pair: the real and the imaginary part.")
        return tuple(in_keras_order(one, *pair, name=name) for one in parts)

    return run


def _spread(call: BuiltinCall, start: Any, stop: Any, num: Any = 50, *args: Any, **kwargs: Any) -> Numbers:
    """`tf.linspace(0.0, 0.1, depth)`: numbers at equal distances."""
    first, last, count = call.evaluator.resolve_all([start, stop, num], call.node)
    if type(count) is not int or not 1 <= count <= MOST_NUMBERS:
        raise call.fail("it takes two numbers, and how many lie between them.")
    return Numbers([float(n) for n in torch.linspace(float(first), float(last), count)], call.evaluator.run.device)


def _conditional(call: BuiltinCall, pred: Any, true_fn: Any = None, false_fn: Any = None, **kwargs: Any) -> Any:
    """`tf.cond(training, f, g)` where the condition is known; None is what `training` is outside of training."""
    holds = call.evaluator.resolve(pred, call.node)
    if isinstance(holds, KerasTensor):
        raise call.fail("its condition depends on the input, which only a run knows.")
    chosen = true_fn if holds else false_fn
    return chosen if isinstance(chosen, KerasTensor) else call.call(chosen)


def _outside_training(call: BuiltinCall, x: Any, alt: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`K.in_test_phase(x, alt)`."""
    return x if isinstance(x, KerasTensor) else call.call(x)


def _loss_of_labels(y_true: Tensor, y_pred: Tensor, input_length: Tensor, label_length: Tensor) -> Tensor:
    """The loss of each sequence; the last class is the blank.

    Shapes: (B, L), (B, T, K), (B, 1), (B, 1) in; (B, 1) out.
    """
    if y_pred.device.type == "meta":
        return y_pred.new_zeros(y_pred.shape[0], 1)
    log_probabilities = (y_pred + EPSILON_OF_KERAS).log().transpose(0, 1)
    steps, count = (one.flatten().long() for one in (input_length, label_length))
    blank = y_pred.shape[-1] - 1
    return F.ctc_loss(log_probabilities, y_true.long(), steps, count, blank, "none").unsqueeze(1)


def _ctc(call: BuiltinCall, y_true: Any, y_pred: Any, input_length: Any, label_length: Any, **kwargs: Any) -> Any:
    """`K.ctc_batch_cost(y_true, y_pred, input_length, label_length)`: the loss of each image, as a network's output."""
    given = (y_true, y_pred, input_length, label_length)
    data = next((one for one in given if is_of_data(one)), None)
    if data is not None:
        return data
    return in_keras_order(_loss_of_labels, *(symbol(call, one) for one in given), name="ctc")


def _unchanged(call: BuiltinCall, x: Any = None, *args: Any, **kwargs: Any) -> Any:
    """What gives back a value of the same shape, such as a picture in other colours."""
    return x


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """A setting, an update of averages: what changes no network."""


def _last_axis(size: int) -> Callable[..., Any]:
    def run(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> KerasTensor:
        return in_keras_order(_grey if size == 1 else _coloured, symbol(call, x), name=call.name)

    return run


def _grey(x: Tensor) -> Tensor:
    return (x * torch.tensor([0.2989, 0.587, 0.114], dtype=x.dtype, device=x.device)).sum(-1, keepdim=True)


def _coloured(x: Tensor) -> Tensor:
    return x.expand(*x.shape[:-1], 3)


def _named(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Builtin]:
    return {name: Builtin(name, run, needs_call=True) for name, run in functions.items()}


ARRAYS = _named(
    {
        "batch_normalization": _batch_normalization,
        "embedding_lookup": _embedding,
        "linspace": _spread,
        "cond": _conditional,
        "rank": lambda call, x: len(symbol(call, x).keras_shape()),
        **dict.fromkeys(("is_tensor", "is_keras_tensor"), lambda call, x: isinstance(x, KerasTensor)),
        **dict.fromkeys(("group", "no_op"), _nothing),
        **dict.fromkeys(("copy", "print_tensor", "cast_to_floatx", "recompute_grad", "no_gradient"), _unchanged),
    }
)
OPS_ARRAYS = _named(
    {
        **{f"{kind}_normalization": _over_last(kind) for kind in _LAST},
        "dot_product_attention": _attention,
        **{name: _fourier(name) for name in ("fft", "fft2", "ifft2")},
    }
)
_SETTINGS = (
    "set_epsilon set_floatx set_learning_phase set_value update update_add update_sub moving_average_update "
    "manual_variable_initialization reset_uids name_scope"
)
BACKEND_ARRAYS = _named(
    {
        "backend": lambda call: "tensorflow",
        "ctc_batch_cost": _ctc,
        "in_test_phase": _outside_training,
        "learning_phase": lambda call: 0,
        **dict.fromkeys(_SETTINGS.split(), _nothing),
    }
)
_SAME_PICTURE = (
    "adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation convert_image_dtype flip_left_right "
    "flip_up_down per_image_standardization random_brightness random_contrast random_flip_left_right "
    "random_flip_up_down random_hue random_saturation rgb_to_hsv hsv_to_rgb rgb_to_yuv yuv_to_rgb rgb_to_yiq yiq_to_rgb"
)
PICTURES = _named(
    {
        **dict.fromkeys(_SAME_PICTURE.split(), _unchanged),
        "rgb_to_grayscale": _last_axis(1),
        "grayscale_to_rgb": _last_axis(3),
    }
)
