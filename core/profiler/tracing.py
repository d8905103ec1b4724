"""Who is at work: each operation, storage and saved tensor is booked on the layer or function call it belongs to."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.profiler.attributes import attributes_of
from core.profiler.fake_tensor.tensor import NO_OWNER, FakeTensor, MemoryBlock
from core.profiler.row_builder import (
    ModuleFrame,
    RowBuilder,
    TracedModule,
    bytes_of,
    kind_of,
    shape_of,
    tensors_given,
    tensors_in,
)
from core.profiler.rows import Row, Shape

MODEL_INPUT = -1
HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")


class Tracer(TorchFunctionMode):
    """Books the forward pass of a network on fake tensors. Enter it, run the network, read `rows(batch_size)`.

    It listens by standing in for the `forward` of every module, which costs a tenth of what hooks cost.
    """

    def __init__(self, modules: list[tuple[str, nn.Module]], on_row: Callable[[RowBuilder], None]) -> None:
        super().__init__()
        self.on_row = on_row
        self.recording = True
        self.modules = modules  # with their names, the network first
        self.drafts: list[RowBuilder] = []
        self.frames: list[ModuleFrame] = []
        self.stopped: tuple[ModuleFrame, RowBuilder | None] | None = None  # where an error was raised
        self.open: RowBuilder | None = None
        self.inputs: dict[MemoryBlock, int] = {}
        self._saved_early = 0  # bytes kept before the first row: what a checkpointed network is given
        self.takes_batch_apart = False  # as if the batch were a list
        parameters: list[Any] = [p for _, module in modules for p in module._parameters.values() if p is not None]
        self._unpaid = {parameter.block: parameter.numel() for parameter in parameters}
        for block in self._unpaid:
            block.is_saved = True
        self._frozen = {parameter.block for parameter in parameters if not parameter.requires_grad}
        self._constants: dict[torch.UntypedStorage, RowBuilder] = {}
        self._undo: list[Callable[[], None]] = []
        self._stand_ins: list[tuple[dict[str, Any], Any]] = []  # what a module holds, and its own `forward` or None
        for name, module in modules:
            self._follow(name, module)

    def _follow(self, name: str, module: nn.Module) -> None:
        """Hears of every call of a module from now on; lists that TorchScript wraps cannot be called."""
        if not hasattr(module, "forward"):
            return
        own = module.__dict__
        if any(map(own.__getitem__, HOOKS)):  # what they do belongs to the module
            self._hook(TracedModule(name, module, module is self.modules[0][1]))
            return
        traced = TracedModule(name, module, module is self.modules[0][1])
        self._stand_ins.append((own, own.get("forward")))
        own["forward"] = functools.partial(self._call, traced)

    def _hook(self, traced: TracedModule) -> None:
        def before(module: nn.Module, args: tuple, kwargs: dict) -> None:
            if self.recording:
                self._enter(traced, tensors_given(args, kwargs))

        def after(module: nn.Module, args: tuple, output: Any) -> None:
            if self.recording:
                self._leave(output)

        first = traced.module.register_forward_pre_hook(before, with_kwargs=True, prepend=True)
        self._undo += [first.remove, traced.module.register_forward_hook(after).remove]

    def _call(self, traced: TracedModule, /, *args: Any, **kwargs: Any) -> Any:
        if not self.recording:
            return traced.forward(*args, **kwargs)
        draft = self._enter(traced, tensors_given(args, kwargs))
        try:
            if draft is not None and traced.is_single and torch._C._len_torch_function_stack() == 1:
                with torch._C.DisableTorchFunction():
                    output = traced.forward(*args, **kwargs)
            else:
                output = traced.forward(*args, **kwargs)
        except BaseException:
            self._stop(self.frames.pop(), draft)
            raise
        self._leave(output)
        return output

    def _stop(self, frame: ModuleFrame, draft: RowBuilder | None) -> None:
        """An error passes: the innermost call is where it was raised; the network may catch it and go on."""
        self.stopped = self.stopped or (frame, draft)
        if draft is not None:
            self._unpaid.update(draft.paid)
            self._saved_early += draft.saved_bytes  # its input is marked as kept, and is what the next call keeps
            self._forget(draft)

    def unhook(self) -> None:
        while self._undo:
            self._undo.pop()()
        while self._stand_ins:
            own, before = self._stand_ins.pop()
            if before is None:
                del own["forward"]
            else:
                own["forward"] = before

    def start(self, index: int, fake: FakeTensor) -> None:
        """A tensor that the network is given."""
        fake.block.owner = MODEL_INPUT
        self.inputs[fake.block] = index

    def _enter(self, traced: TracedModule, inputs: list[Tensor]) -> RowBuilder | None:
        """A module begins; returns its row where it is one."""
        shapes = (shape_of(inputs[0]),) if len(inputs) == 1 else tuple(map(shape_of, inputs))
        draft, module, self.stopped = None, traced.module, None
        if traced.is_layer and self.open is None:
            draft = self._begin(traced.name, traced.kind, inputs, shapes)
            self._announce(draft)
            draft.attributes = attributes_of(module)
            if self._unpaid:
                self._pay(draft, module.parameters() if module._modules else module._parameters.values())
        self.frames.append(ModuleFrame(traced.name, module, shapes, draft))
        return draft

    def _pay(self, draft: RowBuilder, tensors: Iterable[Tensor | None]) -> None:
        """Books parameters among `tensors` (or views of them) that no row has counted yet."""
        for tensor in tensors:
            count = self._unpaid.pop(tensor.block, 0) if isinstance(tensor, FakeTensor) else 0
            if count:
                draft.params += count
                block = tensor.block  # type: ignore[union-attr]  # only a fake tensor counts
                draft.paid += ((block, count),)
                if block in self._frozen:
                    draft.frozen_params += count

    def _leave(self, output: Any) -> None:
        frame = self.frames.pop()
        if frame.draft is not None:
            self._end(frame.draft, output)

    def _begin(
        self, name: str, kind: str, inputs: list[Tensor], shapes: tuple[Shape, ...], function: bool = False
    ) -> RowBuilder:
        owners = [tensor.block.owner for tensor in inputs if isinstance(tensor, FakeTensor)]
        sources = tuple(dict.fromkeys([owner for owner in owners if owner != NO_OWNER]))
        self.stopped = None
        draft = self.open = RowBuilder(len(self.drafts), name, kind, function, shapes, sources)
        draft.saved_bytes, self._saved_early = self._saved_early, 0
        self.drafts.append(draft)
        return draft

    def _announce(self, draft: RowBuilder) -> None:
        """Says once who is at work; a function only when it turns out to be more than a view."""
        draft.announced = True
        self.on_row(draft)

    def _end(self, draft: RowBuilder, output: Any) -> None:
        outputs = [output] if isinstance(output, Tensor) else list(tensors_in(output))
        draft.output_shape = shape_of(outputs[0]) if outputs else ()
        draft.output_bytes = sum([bytes_of(tensor) for tensor in outputs])
        for tensor in outputs:
            if isinstance(tensor, FakeTensor):
                tensor.block.owner = draft.index
        self.open = None

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if func in _FROM_NUMBERS:
            args = tuple(map(_as_numbers, args))
        if self.open is not None or not self.frames:
            return func(*args, **kwargs)
        frame = self.frames[-1]
        inputs = tensors_given(args, kwargs)
        if func is Tensor.unbind and not any(args[1:]) and getattr(args[0], "block", None) in self.inputs:
            self.takes_batch_apart = True
        draft = self._begin(frame.name, _name_of(func), inputs, tuple(map(shape_of, inputs)), function=True)
        try:
            output = func(*args, **kwargs)
        except BaseException:
            self._stop(frame, draft)
            raise
        if draft.allocations or draft.macs or draft.fixed_macs or draft.saved_bytes:
            self._pay(draft, inputs)
            self._end(draft, output)
        else:
            self._forget(draft)
        return output

    def _forget(self, draft: RowBuilder) -> None:
        """A view or a question about a shape is no row."""
        self.open = None
        self.drafts.pop()

    def on_op(self, macs: int, is_mutable: bool, is_fixed: bool = False) -> None:
        if self.open is not None:
            if is_fixed:
                self.open.fixed_macs += macs
            else:
                self.open.macs += macs
            if is_mutable:
                self._count_allocation(self.open)

    def on_block(self, block: MemoryBlock) -> None:
        if self.open is not None:
            self._count_allocation(self.open)

    def _count_allocation(self, draft: RowBuilder) -> None:
        draft.allocations += 1
        if not draft.announced:
            self._announce(draft)

    def on_save(self, block: MemoryBlock) -> None:
        """Autograd keeps a storage for backward: it counts once, and parameters do not count."""
        booked_on = self._booked_on()
        if booked_on is not None:
            block.is_saved = True  # a mark, not a reference: the ledger waits for the block to go
            booked_on.saved_bytes += block.nbytes
        elif self.recording:
            block.is_saved = True
            self._saved_early += block.nbytes

    def on_constant(self, tensor: Any) -> None:
        """The same of a tensor that is no fake tensor."""
        booked_on = self._booked_on()
        if booked_on is not None:
            parts = (tensor,) if tensor.layout is torch.strided else _parts_of(tensor)
            for part in parts:
                self._constants.setdefault(part.untyped_storage(), booked_on)

    def _booked_on(self) -> RowBuilder | None:
        if not self.recording:
            return None
        return self.open or (self.drafts[-1] if self.drafts else None)

    def rows(self, batch_size: int) -> tuple[Row, ...]:
        """The rows so far, in the order of the calls."""
        while self._constants:
            storage, draft = self._constants.popitem()
            draft.saved_bytes += storage.nbytes()
        return tuple(draft.row(batch_size) for draft in self.drafts if draft is not self.open)

    def uncalled(self) -> tuple[Row, ...]:
        """Modules with parameters that no row has counted."""
        rows: list[Row] = []
        for name, module in self.modules if self._unpaid else ():
            draft = RowBuilder(len(rows), name, kind_of(module), False, (), ())
            self._pay(draft, module._parameters.values())
            if draft.params:
                draft.attributes = attributes_of(module)
                rows.append(dataclasses.replace(draft.row(1), called=False))
        return tuple(rows)


def _parts_of(tensor: Tensor) -> tuple[Tensor, ...]:
    """What a sparse tensor is made of."""
    if tensor.layout is torch.sparse_coo:
        return tensor._indices(), tensor._values()
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return tensor.crow_indices(), tensor.col_indices(), tensor.values()
    return (tensor.ccol_indices(), tensor.row_indices(), tensor.values()) if tensor.layout in _BY_COLUMN else ()


_BY_COLUMN = (torch.sparse_csc, torch.sparse_bsc)


_FROM_NUMBERS = {torch.tensor, torch.as_tensor, torch.asarray}  # of lists, whose tensors they read


def _as_numbers(value: Any) -> Any:
    """Lists of tensors as lists of numbers. Raises: ValueRead where nobody knows these."""
    if isinstance(value, (list, tuple)):
        return [part.tolist() if isinstance(part, FakeTensor) else _as_numbers(part) for part in value]
    return value


def _name_of(func: Any) -> str:
    """relu for F.relu, add for the + of two tensors."""
    name = getattr(func, "__name__", str(func))
    return name.strip("_") if name.startswith("__") else name.rstrip("_")
