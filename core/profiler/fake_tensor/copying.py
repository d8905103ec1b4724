"""A copy of a network whose parameters and buffers are fake tensors. The network itself is not touched."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from core.errors import PlaygroundError
from core.profiler.fake_tensor.known_values import is_small
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.object_copy import PLAIN, Copier
from core.profiler.fake_tensor.tensor import span


def fake_copy(
    model: nn.Module, mode: FakeTensorMode, dtype: torch.dtype | None = None, channels_last: bool = False
) -> nn.Module:
    """`model` once more, on fake tensors: shared parameters stay shared, and no weight is allocated.

    `dtype` is what its floats become, as `model.to(dtype)` does; `channels_last` lays 4d weights out accordingly.
    """
    return copier_to_fake(mode, dtype, channels_last).network(model)


def copier_to_fake(mode: FakeTensorMode, dtype: torch.dtype | None, channels_last: bool) -> NetworkCopier:
    """What copies a network and what belongs to it (its loss, say), with fake tensors in place of real ones."""
    return NetworkCopier(lambda tensor: _fake_of(tensor, mode, dtype, channels_last))


def real_copy(model: nn.Module) -> nn.Module:
    """`model` once more, with tensors of its own; lazy parameters stay lazy."""
    return NetworkCopier(_real_of).network(model)


def has_lazy_layers(model: nn.Module) -> bool:
    """Whether sizes of its layers are known only when it has run."""
    return any(
        tensor is not None and is_lazy(tensor)
        for _, module in named_modules(model)
        for tensors in (module._parameters, module._buffers)
        for tensor in tensors.values()
    )


def named_modules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """`model.named_modules()` as a list, each module once under its first name: three times as fast.

    >>> [name for name, _ in named_modules(nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh()))]
    ['', '0', '0.0', '1']
    """
    named: list[tuple[str, nn.Module]] = []
    visited: set[nn.Module] = set()
    pending = [("", model)]
    while pending:
        path, module = pending.pop()
        if module not in visited:
            visited.add(module)
            named.append((path, module))
            if module._modules:
                below = f"{path}." if path else ""
                parts = [(below + name, part) for name, part in module._modules.items() if part is not None]
                pending += reversed(parts)
    return named


class NetworkCopier(Copier):
    """Copies networks: a module's numbers and empty containers at once, for asking about each takes the most time."""

    def network(self, model: nn.Module) -> nn.Module:
        """The copy of a network. Raises: PlaygroundError, which names the attribute that cannot be copied."""
        loose = []
        for name, module in named_modules(model):
            if id(module) not in self.memo and not _copies_itself(module):
                loose += [(name, *part) for part in self._shallow(module)]
        try:
            for path, own, name, value in loose:
                self.where = f"{path}.{name}" if path else name
                own[name] = self.copy(value)
            return self.copy(model)
        except (TypeError, RuntimeError, NotImplementedError, AttributeError) as error:
            whole = f"{type(model).__name__} cannot be copied for profiling"
            raise PlaygroundError(f"{whole}: {self.where} is the part that stops it ({error})") from error

    def _shallow(self, module: nn.Module) -> list[tuple[dict[str, Any], str, Any]]:
        """A module once more; returns what has still to be copied: the dict of its copy, name, value."""
        copied = self.remember(module, module.__class__.__new__(module.__class__))
        own, loose = copied.__dict__, []
        own.update(module.__dict__)
        for name, value in module.__dict__.items():
            kind = type(value)
            if name in _OWN and not value:  # the hooks that nobody has set
                own[name] = kind()
            elif name == "_compiled_call_impl":
                own[name] = None
            elif kind not in PLAIN and not (kind is tuple and PLAIN.issuperset(map(type, value))):
                loose.append((own, name, value))
        return loose


_OWN = {name for name, value in nn.Module().__dict__.items() if isinstance(value, (dict, set))}  # every module's own


def _copies_itself(module: nn.Module) -> bool:
    return hasattr(type(module), "__deepcopy__") or "_orig_mod" in module._modules


def _fake_of(tensor: Tensor, mode: FakeTensorMode, dtype: torch.dtype | None, channels_last: bool) -> Tensor:
    if tensor.layout is not torch.strided:
        return tensor
    if is_lazy(tensor):
        return mode.empty((0,), dtype=tensor.dtype)  # never called: not even a run has given it a size
    kind = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    stride = tensor.stride()
    if channels_last and tensor.dim() == 4:
        stride = torch.empty(tensor.shape, device="meta", memory_format=torch.channels_last).stride()
    size = tuple(tensor.shape)
    nbytes = tensor.numel() * kind.itemsize if tensor.is_contiguous() else span(size, stride) * kind.itemsize
    fake = mode.fake((size, stride, 0, kind), nbytes, tensor.requires_grad)
    fake.block.is_fixed = True
    if mode.is_real and tensor.device.type == "meta":
        fake.know(_small_random(size, stride, kind))
    elif mode.is_real or is_small(tensor):
        fake.origin, fake.is_known = tensor, tensor.device.type != "meta"
    if isinstance(tensor, nn.Parameter):
        fake._is_param = True  # what makes it an nn.Parameter, see torch.nn.parameter._ParameterMeta
    return fake


def _small_random(size: tuple[int, ...], stride: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Values for a tensor that has none."""
    values = torch.empty_strided(size, stride, dtype=dtype, device="cpu")
    return values.normal_(0, 0.02) if dtype.is_floating_point or dtype.is_complex else values.zero_()


def _real_of(tensor: Tensor) -> Tensor:
    if is_lazy(tensor):
        lazy: Any = type(tensor)
        return lazy(tensor.requires_grad, device="cpu", dtype=tensor.data.dtype)
    values = tensor.detach().to("cpu", copy=True) if tensor.device.type != "meta" else None
    if values is None:
        values = _small_random(tuple(tensor.shape), tensor.stride(), tensor.dtype)
    return nn.Parameter(values, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else values
