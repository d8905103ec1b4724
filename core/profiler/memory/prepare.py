"""A network of fake tensors made ready for a setting: frozen parts, in-place layers, checkpointed blocks."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map
from torch.utils.checkpoint import checkpoint

from core.errors import PlaygroundError
from core.profiler.memory.cpu import recurrent
from core.profiler.row_builder import tensors_in
from core.profiler.setting import Setting, check_paths

# What autocast computes in fp32 on a GPU and not on a CPU, by the names that networks call it.
# Source: AT_FORALL_FP32 in PyTorch's ATen/autocast_mode.h.
_NAMES = (
    *("layer_norm", "rms_norm", "group_norm", "interpolate", "softplus", "softmax", "log_softmax", "normalize"),
    *("cosine_similarity", "exp", "expm1", "log", "log1p", "log2", "log10", "pow", "reciprocal", "rsqrt", "logsumexp"),
    *("cumsum", "cumprod", "prod", "acos", "asin", "cosh", "sinh", "tan"),
)
_IN_FP32 = {getattr(home, name) for home in (functional, torch, Tensor) for name in _NAMES if hasattr(home, name)} | {
    Tensor.__pow__
}


def prepare(model: nn.Module, setting: Setting, on_input: Callable[[Any], object]) -> None:
    """Changes `model` (our own copy of somebody's) as the setting says.

    `on_input` hears of the tensors that a checkpointed block keeps: those it is given.
    """
    check_paths(model, setting.frozen + tuple(stretch(path)[0] for path in setting.checkpointed))
    for path in setting.frozen:
        model.get_submodule(path).requires_grad_(False)
    if setting.inplace is not None:
        for module in model.modules():
            if isinstance(getattr(module, "inplace", None), bool):
                module.inplace = setting.inplace  # type: ignore[assignment]  # the stub knows tensors and modules alone
    run = functools.partial(_checkpointed, setting, on_input)
    for path in setting.checkpointed:
        name, first, last = stretch(path)
        block = model.get_submodule(name)
        if last is None:
            block.forward = functools.partial(run, block.forward)
        else:
            _fold(block, first, last, run)


class AsOnCuda(TorchFunctionMode):
    """Functions that a GPU does in another way, done in that way."""

    def __enter__(self) -> AsOnCuda:
        self._before = recurrent.on_gpu.set(True)
        return cast(AsOnCuda, super().__enter__())

    def __exit__(self, *exception: Any) -> None:
        recurrent.on_gpu.reset(self._before)
        super().__exit__(*exception)

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if func in _IN_FP32 and torch.is_autocast_enabled("cpu"):
            args, kwargs = tree_map(_in_fp32, (args, kwargs or {}))
        return (_dropout_on_cuda if func is functional.dropout else func)(*args, **(kwargs or {}))


def on_device(setting: Setting) -> contextlib.AbstractContextManager:
    """The mode in which functions run as on the device of the setting."""
    return AsOnCuda() if setting.device == "cuda" else contextlib.nullcontext()


def _in_fp32(value: Any) -> Any:
    is_half = isinstance(value, Tensor) and value.is_floating_point() and value.itemsize == 2
    return value.float() if is_half else value


def _dropout_on_cuda(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """F.dropout as a GPU does it: it keeps a mask of one byte a cell, where the CPU keeps a mask of floats."""
    if inplace or not training or not 0 < p < 1:
        return functional.dropout(input, p, training, inplace)
    return torch.native_dropout(input, p, True)[0]


def _fold(sequence: nn.Module, first: int, last: int, checkpointed: Callable[..., Any]) -> None:
    """Layers first..last-1 of a Sequential run as one checkpointed block; their names stay."""
    layers = list(sequence.children())[first:last]
    if not isinstance(sequence, nn.Sequential) or len(layers) < last - first or not layers:
        raise PlaygroundError(f"[{first}:{last}] is no stretch of a Sequential with {len(sequence._modules)} layers")
    calls = [layer.__call__ for layer in layers]

    def run_all(x: Any) -> Any:
        for call in calls:
            x = call(x)
        return x

    steps = sequence.__dict__.setdefault("_steps", {})
    steps[first] = (last, functools.partial(checkpointed, run_all))

    def forward(x: Any) -> Any:
        index, all_layers = 0, list(sequence.children())
        while index < len(all_layers):
            index, step = steps.get(index, (index + 1, all_layers[index]))
            x = step(x)
        return x

    sequence.forward = forward  # type: ignore[method-assign]


def stretch(path: str) -> tuple[str, int, int | None]:
    """The module a path means, and the stretch of it.

    >>> stretch("features[0:5]"), stretch("layer1.0")
    (('features', 0, 5), ('layer1.0', 0, None))
    """
    match = re.fullmatch(r"(.*)\[(\d+):(\d+)\]", path)
    return (match[1], int(match[2]), int(match[3])) if match else (path, 0, None)


def _checkpointed(
    setting: Setting, on_input: Callable[[Any], object], forward: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Runs `forward` now, keeping only what it is given, and once more in backward, where no mode of ours is active."""

    def contexts() -> tuple[Any, Any]:
        return contextlib.nullcontext(), on_device(setting)

    for tensor in tensors_in((args, kwargs)):
        on_input(tensor)
    return checkpoint(forward, *args, use_reentrant=False, preserve_rng_state=False, context_fn=contexts, **kwargs)
