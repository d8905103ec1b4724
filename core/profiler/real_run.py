"""A profile of networks that sizes alone do not decide: their operations are computed, on the processor, in a budget.

The rows, the ledger and the peaks are found as they are without it; only sizes are those of the results.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from core.errors import PlaygroundError
from core.profiler.fake_tensor.argument_checks import FloatTokens
from core.profiler.fake_tensor.copying import has_lazy_layers, real_copy
from core.profiler.fake_tensor.shape_cache import NoRule
from core.profiler.fake_tensor.tensor import ValueRead
from core.profiler.formatting import readable
from core.profiler.inputs import Inputs, TensorInput
from core.profiler.memory.iteration import Iteration
from core.profiler.memory.op_cost import OverBudget, RunLimit
from core.profiler.rows import LayerError, LayerShapeError, Row
from core.profiler.setting import Setting

REAL_BYTES = 4 << 30  # that may live at once
REAL_MACS = 200_000_000_000  # of a forward pass; a ResNet-50 on 48 pictures
PROBE = 2  # pictures of the run that estimates what the whole batch would take

Unready = (ValueRead, NoRule, LayerError)


@dataclass(frozen=True)
class Start:
    """An iteration whose forward pass has run, and what has to be said of it."""

    iteration: Iteration
    rows: tuple[Row, ...]
    note: str = ""


def started(
    model: nn.Module,
    inputs: Inputs,
    setting: Setting,
    budget: RunLimit | None = None,
    tokens: Mapping[int, int] | None = None,
    kind: type[Iteration] = Iteration,
) -> Start:
    """The forward pass of a training, with whole numbers for inputs that an embedding looks up."""
    known = dict(tokens or {})
    iteration = kind(model, inputs, setting, known, budget)
    try:
        return Start(iteration, iteration.forward())
    except FloatTokens as error:
        stopped: PlaygroundError = error
        guesses = _tokens(iteration, error)
    except LayerError as error:
        untyped = {tensor.index: 2 for tensor in inputs.tensors if tensor.dtype is None}
        stopped, guesses = error, [untyped] if untyped and not known and _wants_whole_numbers(error) else []
    for more in guesses:
        try:
            return started(model, inputs, setting, budget, known | more, kind)
        except (FloatTokens, LayerError):
            continue
    raise stopped


def _tokens(iteration: Iteration, error: FloatTokens) -> list[dict[int, int]]:
    """The inputs that an embedding may look up, which nobody has said the type of, with the number of its entries.

    The one that it is given; where it is given something computed, each of them, and all of them.
    """
    untyped = [t.index for t in iteration.inputs.tensors if t.dtype is None and t.index not in iteration.tokens]
    index = iteration.tracer.inputs.get(error.block) if error.block is not None else None
    if index is not None:
        return [{index: error.entries}] if index in untyped else []
    each = [{index: error.entries} for index in untyped]
    return [*each, dict.fromkeys(untyped, error.entries)] if len(each) > 1 else each


def _wants_whole_numbers(error: LayerError) -> bool:
    text = str(error.__cause__)
    words = ("int64", "Long", "long", "integer", "index tensor", "used as indices", "bool")
    return any(word in text for word in words)


def needs_real_run(error: Exception) -> bool:
    """Whether a network that stopped may go on where its operations are computed."""
    return isinstance(error, Unready) and not isinstance(error, LayerShapeError)


def started_for_real(model: nn.Module, inputs: Inputs, setting: Setting, stopped: PlaygroundError) -> Start:
    """The forward pass of a real run, with the whole batch where the budget allows it, else with as much as it allows.

    Raises: `stopped`, the error of the run on sizes alone, where a real run stops as well.
    """
    batch = setting.pass_size
    try:
        start, size = _as_many_as_fit(model, inputs, setting, batch)
    except OverBudget as error:
        raise PlaygroundError(
            f"{stopped}. It can be run for real instead, but {error}, which is the limit for that"
        ) from error
    except PlaygroundError as error:
        raise (error if isinstance(stopped, (ValueRead, NoRule)) else stopped) from error
    return Start(start.iteration, start.rows, _note(stopped, batch, size))


def _as_many_as_fit(model: nn.Module, inputs: Inputs, setting: Setting, batch: int) -> tuple[Start, int]:
    """A real run, and of how many pictures; of all where a few do not run, for some networks fix their batch."""
    few = min(batch, PROBE)
    try:
        start = _with(model, inputs, setting, few)
    except LayerError:
        if few == batch:
            raise
        return _with(model, inputs, setting, batch), batch
    size = max(few, min(batch, _affordable(start.iteration, few)))
    if size > few:
        start.iteration.drop()
        start = _with(model, inputs, setting, size)
    return start, size


def _with(model: nn.Module, inputs: Inputs, setting: Setting, pictures: int) -> Start:
    """A real run of so many pictures."""
    if pictures < setting.pass_size:
        inputs = inputs.cut(setting.pass_size, pictures)
        setting = setting.but(batch_size=pictures, accumulate=1, replicas=1)
    return started(model, inputs, setting, RunLimit(REAL_BYTES, REAL_MACS))


def _affordable(probe: Iteration, pictures: int) -> int:
    """Pictures a pass within the budget, from a run of a few: each takes as many bytes and operations as the next."""
    standing = sum(tensor.block.nbytes for tensor in probe.parameters)
    per_picture = max(1, (probe.ledger.live - standing) * 2 // pictures)  # gradients take as much again
    by_bytes = (REAL_BYTES - 3 * standing) // per_picture
    by_macs = REAL_MACS * pictures // max(1, probe.flops["forward"] // 2)
    return max(1, min(by_bytes, by_macs))


def _note(stopped: PlaygroundError, batch: int, size: int) -> str:
    what = (
        "it reads values of tensors" if isinstance(stopped, ValueRead) else f"sizes alone do not decide it ({stopped})"
    )
    text = (
        f"The network was run on the processor, because {what}. Rows and bytes are those of this run, with random "
        "inputs where none were given; other values may lead elsewhere."
    )
    if size < batch:
        limit = f"{readable(REAL_BYTES)} and {REAL_MACS:,} MACs"
        text += f" It ran with {size} instead of {batch} inputs, to stay below {limit}: all figures are of {size}."
    return text


def give_sizes(model: nn.Module, inputs: Inputs, setting: Setting) -> None:
    """Runs a network with lazy layers once, as its first batch would, so that their sizes are known; no other changes.

    Raises: PlaygroundError where it does not run; its layers are lazy then as before.
    """
    if not has_lazy_layers(model):
        return
    few = inputs.cut(setting.pass_size, PROBE)
    for tokens in (False, True):
        with torch.random.fork_rng(devices=[]):
            args, kwargs = few.call(functools.partial(_example, tokens))
        try:
            _run_quietly(real_copy(model), args, kwargs)
        except Exception as error:  # whatever a stranger's network raises
            stopped = error
        else:
            _run_quietly(model, *_at_home(model, args, kwargs))
            return
    raise PlaygroundError(
        f"this network has lazy layers, and the run that would give them their sizes stops: {stopped}"
    ) from stopped


def _at_home(model: nn.Module, args: Any, kwargs: Any) -> Any:
    """Arguments on the device where the network lies, which may be that of mere shapes."""
    device = next(iter(model.parameters())).device
    return tree_map(lambda value: value.to(device) if isinstance(value, torch.Tensor) else value, (args, kwargs))


def _run_quietly(model: nn.Module, args: Any, kwargs: Any) -> None:
    """A run that leaves statistics, modes and random numbers as they are."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            model.eval()(*args, **kwargs)
    finally:
        for module, is_training in modes:
            module.training = is_training


def _example(tokens: bool, described: TensorInput) -> torch.Tensor:
    if described.values is not None:
        return described.values
    size = (PROBE, *described.shape)
    dtype = described.dtype or (torch.int64 if tokens else torch.float32)
    return torch.randn(size).to(dtype) if dtype.is_floating_point else torch.zeros(size, dtype=dtype)
