"""What PyTorch itself says of a network that is really run: parameters, operations, bytes kept, peak of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measured_memory import measure_events


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def operations(run: Callable[[], Any]) -> int:
    """Multiply-accumulates, twice."""
    with FlopCounterMode(display=False) as counted:
        run()
    return counted.get_total_flops()


def kept_bytes(model: nn.Module, *args: Any, **kwargs: Any) -> int:
    """Bytes of the storages that autograd keeps for backward; parameters left out."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, Any] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage  # a reference, so that no address comes twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = model(*args, **kwargs)
    sizes = {storage.data_ptr(): storage.nbytes() for storage in kept.values()}
    del output
    return sum(nbytes for place, nbytes in sizes.items() if place not in own)


def step_peak(
    model: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor], standing: Callable[[], list[Tensor]] = list
) -> int:
    """The most that lives at once in the second step of gradient descent; what `standing` gives is always there."""
    optimizer = torch.optim.SGD([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.01)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        output = model(x)
        loss(output).backward()
        optimizer.step()

    def there() -> list[Tensor]:
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        return [*model.parameters(), *model.buffers(), *gradients, x, *standing()]

    return measure_events(step, there).peak_bytes
