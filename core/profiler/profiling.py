"""`profile`: what a network costs, from a run on fake tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.profiler.fake_tensor.copying import named_modules
from core.profiler.inputs import Inputs, as_inputs
from core.profiler.memory.iteration import Iteration
from core.profiler.memory.lazy_usage import LazyUsage, uncollected
from core.profiler.real_run import Start, give_sizes, needs_real_run, started, started_for_real
from core.profiler.results import Profile
from core.profiler.setting import Setting


def profile(
    model: nn.Module,
    input_shape: Any = None,
    batch_size: int = 1,
    optimizer: str = "sgd",
    *,
    input_data: Any = None,
    dtype: Any = None,
    loss: str | Callable[..., Tensor] = "auto",
    target: Any = None,
    **settings: Any,
) -> Profile:
    """What `model` costs for `batch_size` inputs of `input_shape`, without allocating weights or activations.

    The network is profiled in the mode it is in (`model.train()` or `model.eval()`) and is not changed, but for lazy
    layers, which get their sizes as from a first batch. A network that reads values (boolean masks, `.item()`) is run
    on the processor instead, with fewer inputs where the batch would take more than 4 GiB; `notes` of the profile says
    so.

    Args:
        model: any `nn.Module`.
        input_shape: (C, H, W) or whatever the network takes, without the batch. Several tensors are a list of sizes,
            [(3, 224, 224), (10,)]; a list of tensors is a list in that list; keywords are a dict, {"ids": (128,)}.
        batch_size: pictures at a time.
        optimizer: a key of `OPTIMIZERS` or `PROFILED`, such as "sgd", "adam", "adafactor" or "adam8bit".
        input_data: in place of `input_shape` a batch of tensors, in the same forms; the batch size is theirs.
        dtype: type of the inputs, one for all or one for each. Left out, they are floats, or whole numbers where an
            embedding looks them up.
        loss: a key of `LOSSES`, or a function of the output, or of output and target, that gives one number.
        target: the target of the loss, a batch of it; left out, one of the size that the loss wants.
        settings: any other field of `Setting`, such as precision="bf16" or checkpointed=("layer1",).
    Returns:
        A `Profile`: a `Row` per layer call, peaks and a timeline; MACs are per picture, bytes are of the whole batch.
        The forward pass has run; backward, update and inference run when a peak or the timeline is first asked for.
    Raises:
        LayerShapeError: the network stops in the middle; `error.rows` holds the layers before, `error.failed` says why.
        LayerError: the same where not sizes are the fault, with the layer and what was raised in it.
        PlaygroundError: it cannot be profiled at all.

    >>> profile(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100)).total_macs
    225000000
    >>> profile(nn.Bilinear(4, 5, 2), [(4,), (5,)], 8).total_macs
    50
    """
    _check_is_module(model)
    inputs = as_inputs(input_shape, input_data, dtype, target)
    setting = Setting(batch_size, optimizer, loss=loss, **settings)
    return profile_in(model, inputs, _of_data(setting, inputs))


def _check_is_module(model: Any) -> None:
    if not isinstance(model, nn.Module):
        kind = f"the class {model.__name__}" if isinstance(model, type) else f"of type {type(model).__name__}"
        way = f": call it, {model.__name__}(...)" if isinstance(model, type) else ""
        raise PlaygroundError(f"the network is {kind}, but must be a torch.nn.Module{way}")


def _of_data(setting: Setting, inputs: Inputs) -> Setting:
    """The setting with the batch size of given tensors."""
    given = inputs.batch_size
    if given is None or given == setting.pass_size:
        return setting
    if setting.batch_size not in (1, given):
        raise PlaygroundError(f"batch_size is {setting.batch_size}, but the given tensors hold {given}: leave it out")
    return setting.but(batch_size=given * setting.accumulate * setting.replicas)


def profile_in(model: nn.Module, input_shape: Any, setting: Setting) -> Profile:
    """What `model` costs in a setting; see `profile`."""
    inputs = as_inputs(input_shape)
    with uncollected(), torch.inference_mode(False):
        give_sizes(model, inputs, setting)
        start = _start(model, inputs, setting)
        is_real = start.iteration.budget is not None

        def instead(stopped: PlaygroundError) -> tuple[Iteration, str]:
            if is_real or not needs_real_run(stopped):
                raise stopped
            real = started_for_real(model, inputs, setting, stopped)
            return real.iteration, real.note

        usages = LazyUsage(start.iteration, None if is_real else instead)
        notes = tuple(filter(None, (start.note, _apart(start.iteration), _compiled(model))))
        result = Profile(
            type(model).__name__, inputs.input_shape, start.iteration.setting, start.rows, usages, inputs.shapes, notes
        )
        if is_real:  # it holds the memory of a real run
            usages.settle()
    return result


def _start(model: nn.Module, inputs: Inputs, setting: Setting) -> Start:
    try:
        return started(model, inputs, setting)
    except PlaygroundError as error:
        if not needs_real_run(error):
            raise
        stopped = error
    return started_for_real(model, inputs, setting, stopped)


def _apart(iteration: Iteration) -> str:
    """A remark on networks that take a batch for a list of tensors."""
    if not iteration.tracer.takes_batch_apart:
        return ""
    return (
        "The network takes its input apart along the batch, as if it were a list of tensors. If it wants a list, give "
        "the sizes of its tensors in one: [[(6, 8, 8), (6, 4, 4)]]."
    )


def _compiled(model: nn.Module) -> str:
    """A remark on networks that are compiled, whole or in part."""
    modules = [module for _, module in named_modules(model)]
    if not any("_orig_mod" in module._modules or module.__dict__.get("_compiled_call_impl") for module in modules):
        return ""
    return (
        "The figures are those of the network as it is written. What torch.compile changes in them (which activations "
        "are kept, which are computed again, what is made in between) is not known."
    )
