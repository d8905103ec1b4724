"""The optimizer of an iteration, and what several devices divide among them: state, gradients, weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from core.optim.profiled import get_profiled
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock
from core.profiler.memory import categories as books
from core.profiler.memory.usage import Label, Ledger
from core.profiler.setting import Setting
from core.profiler.tracing import Tracer


class Update:
    """What stands for, and what is made for, updating parameters in a setting.

    With `sharding` (the stages of ZeRO) each of the `replicas` keeps a share: from stage 1 of the optimizer's state,
    from stage 2 of gradients, at stage 3 of weights; the weights of a layer are gathered while it runs.
    """

    def __init__(self, setting: Setting, ledger: Ledger, mode: FakeTensorMode) -> None:
        self.setting, self.ledger, self.mode = setting, ledger, mode
        self.optimizer = get_profiled(setting.optimizer)
        self.memory = self.optimizer.memory
        self.stage = setting.sharding if setting.replicas > 1 else 0  # one device has nothing to divide
        self.held: list[MemoryBlock] = []  # shares of weights and gradients
        self._gathered: tuple[str, MemoryBlock] | None = None
        self._graded: set[int] = set()

    def _share(self, nbytes: int, stage: int) -> int:
        return -(-nbytes // self.setting.replicas) if self.stage >= stage else nbytes

    def stand(self, block: MemoryBlock, is_parameter: bool) -> None:
        """Books a storage that the network holds."""
        if is_parameter and self.stage >= 3:
            block.on_free = None
            self.held.append(self.ledger.make(self._share(block.nbytes, 3)))
        else:
            self.ledger.born(block)

    def state(self, trained: Sequence[FakeTensor]) -> list[MemoryBlock]:
        """What is there all the time: state of the optimizer, gradients of passes before, buckets to exchange them."""
        make, memory, setting = self.ledger.make, self.memory, self.setting
        blocks = [
            make(self._share(nbytes, 1)) for tensor in trained for nbytes in memory.state_of(*_shape_and_size(tensor))
        ]
        if memory.constants or memory.once:
            blocks.append(make(memory.constants * len(trained) + memory.once))
        self.ledger.category = books.GRADIENTS
        if setting.replicas > 1 and self.stage < 2:
            blocks.append(make(sum(tensor.block.nbytes for tensor in trained)))
        if setting.accumulate > 1:
            for tensor in trained:
                if self.stage < 2:
                    tensor.grad = self.mode.empty(tensor.shape, tensor.stride(), tensor.dtype)
                else:
                    blocks.append(make(self._share(tensor.block.nbytes, 2)))
        return blocks

    def watch(self, trained: Sequence[FakeTensor]) -> list[Any]:
        """Where gradients are divided, each is reduced to its share as soon as it is whole."""
        if self.stage < 2:
            return []
        return [tensor.register_post_accumulate_grad_hook(self._reduce) for tensor in trained]

    def _reduce(self, tensor: Any) -> None:
        nbytes, tensor.grad = tensor.grad.block.nbytes, None
        self._graded.add(id(tensor))
        if self.setting.accumulate == 1:
            before, self.ledger.category = self.ledger.category, books.GRADIENTS
            self.held.append(self.ledger.make(self._share(nbytes, 2)))
            self.ledger.category = before

    def gather(self, name: str, tracer: Tracer) -> None:
        """The whole weights of a layer, from all devices, while it runs; those of the layer before go."""
        if self.stage < 3 or (self._gathered is not None and self._gathered[0] == name):
            return
        self._gathered = None
        weights = _weights(dict(tracer.modules)[name])
        before, self.ledger.category = self.ledger.category, books.WEIGHT_COPIES
        self._gathered = name, self.ledger.make(sum({weight.block: weight.block.nbytes for weight in weights}.values()))
        self.ledger.category = before

    def rest(self) -> None:
        """Nothing runs: nothing is gathered."""
        self._gathered = None

    def run(self, trained: Sequence[FakeTensor], owners: dict[int, str]) -> None:
        """What the optimizer makes for itself while it updates the parameters that have gradients."""
        memory, name = self.memory, self.optimizer.name
        updated = [tensor for tensor in trained if tensor.grad is not None or id(tensor) in self._graded]
        self.ledger.label = Label("optimizer", "", name)
        if self.setting.device == "cuda":
            nbytes = sum(self._share(tensor.block.nbytes, 1) for tensor in updated)
            self.ledger.workspace(memory.scratch_of_all * nbytes)
            return
        lingering: list[MemoryBlock] = []
        for tensor in updated:
            self.ledger.label = Label("optimizer", owners.get(id(tensor), ""), name)
            work = [self.ledger.make(self._share(n, 1)) for n in memory.work_of(*_shape_and_size(tensor))]
            lingering = work[-1:] if memory.lingers else []
            del work
        del lingering


def _shape_and_size(tensor: FakeTensor) -> tuple[tuple[int, ...], int]:
    return tuple(tensor.shape), tensor.itemsize


def _weights(module: nn.Module) -> list[Any]:
    """The parameters of a layer, those of its parametrizations among them."""
    parts = [module, *(part for name, part in module._modules.items() if name == "parametrizations" and part)]
    own = [p for part in parts for p in part.parameters(recurse=part is not module or not module._modules)]
    return [parameter for parameter in own if isinstance(parameter, FakeTensor)]
