"""What a real training step really allocates: the truth that the profiler is held against."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity
from torch.profiler import profile as torch_profiler

from core.optim import get_optimizer, get_precision
from core.profiler.setting import Setting, loss_of, target_of

CONVOLUTIONS = ("aten::cudnn_convolution", "aten::cudnn_convolution_transpose", "aten::convolution_backward")


@dataclass(frozen=True)
class Event:
    """One allocation (positive) or release (negative), and the innermost operations around it."""

    nbytes: int
    where: tuple[str, ...]
    until: int = 0  # when the innermost of them ends, in ns: tells two calls apart


@dataclass(frozen=True)
class Measured:
    """Peak bytes of the tensors in a steady iteration, and every event in it.

    On a GPU `allocated_bytes` is the most that PyTorch's allocator gave out: with the workspaces of cuBLAS, which stay,
    and of cuDNN, which `events` leave out.
    """

    peak_bytes: int
    base_bytes: int
    events: tuple[Event, ...]
    allocated_bytes: int = 0


def training_step(model: nn.Module, x: Tensor, setting: Setting) -> tuple[Callable[[], None], Tensor]:
    """A function that does one step as the profiler takes it to be done, and the target it uses."""
    kind, precision = get_optimizer(setting.optimizer), get_precision(setting.precision)
    optimizer = kind.build(model.parameters(), kind.good_rate)
    with torch.no_grad():
        output = model(x)
    loss = loss_of(setting, output)
    size, dtype = target_of(setting, output)
    target = torch.zeros(size, dtype=dtype, device=x.device)
    half = precision.autocast or torch.bfloat16

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        for _ in range(setting.accumulate):
            with torch.autocast(x.device.type, half, enabled=precision.autocast is not None):
                output = model(x)
                value = loss.function(output, target)
            value.backward()
        optimizer.step()

    step.optimizer = optimizer  # type: ignore[attr-defined]
    return step, target


def measure_events(
    step: Callable[[], None], standing: Callable[[], list[Tensor]], device: DeviceType = DeviceType.CPU
) -> Measured:
    """The peak of one step by the allocator's own events; `standing` lists the tensors that are there before it."""
    with torch_profiler(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        step()  # makes the optimizer's state; and every storage freed in the next step was seen when it was made
        base = sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in standing()}.values())
        with torch.profiler.record_function("measured"):
            step()
    events = tuple(_read(profiler.profiler.kineto_results.events(), device))
    if device != DeviceType.CPU:
        events = tuple(without_workspaces(events))
    live = peak = base
    for event in events:
        live += event.nbytes
        peak = max(peak, live)
    return Measured(peak, base, events)


def _read(kineto_events: list, device: DeviceType) -> Iterator[Event]:
    begin = next(event.start_ns() for event in kineto_events if event.name() == "measured")
    late = sorted((e for e in kineto_events if e.start_ns() >= begin), key=lambda event: event.start_ns())
    open_operations: list[tuple[int, str]] = []
    for event in late:
        now = event.start_ns()
        if event.name() != "[memory]":
            open_operations.append((now + event.duration_ns(), event.name()))
            continue
        open_operations = [entry for entry in open_operations if entry[0] >= now]
        if event.device_type() == device:
            until = open_operations[-1][0] if open_operations else 0
            yield Event(event.nbytes(), tuple(name for _, name in open_operations[-3:]), until)


def without_workspaces(events: Sequence[Event]) -> Iterator[Event]:
    """Leave out what cuDNN takes and gives back within one convolution: tensors are made by operations inside it."""
    left_out: set[int] = set()
    taken: dict[tuple[int, int], list[int]] = {}  # end of the convolution, bytes -> places in `events`
    for index, event in enumerate(events):
        if not event.where or event.where[-1] not in CONVOLUTIONS:
            continue
        pending = taken.setdefault((event.until, abs(event.nbytes)), [])
        if event.nbytes > 0:
            pending.append(index)
        elif pending:
            left_out |= {pending.pop(), index}
    return (event for index, event in enumerate(events) if index not in left_out)


def measure_training(model: nn.Module, x: Tensor, setting: Setting) -> Measured:
    """The peak of a steady training iteration on the device where `x` is."""
    step, target = training_step(model, x, setting)

    def standing() -> list[Tensor]:
        state = [value for entry in step.optimizer.state.values() for value in entry.values()]
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        loose = [value for module in model.modules() for value in vars(module).values()]
        tensors = [value for value in (*state, *loose) if isinstance(value, Tensor) and value.device == x.device]
        return [*model.parameters(), *model.buffers(), *gradients, *tensors, x, target]

    if x.device.type == "cpu":
        return measure_events(step, standing)
    measured = measure_events(step, standing, DeviceType.CUDA)
    torch.cuda.reset_peak_memory_stats()
    step()
    torch.cuda.synchronize()
    return dataclasses.replace(measured, allocated_bytes=torch.cuda.max_memory_allocated())
