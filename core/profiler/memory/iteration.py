"""One steady iteration of training, and one of inference, on fake tensors: who holds how many bytes, and when."""

from __future__ import annotations

import bisect
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from core.optim import get_optimizer, get_precision
from core.profiler.fake_tensor.copying import fake_copy, named_modules
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.shape_cache import OpRecipe
from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock
from core.profiler.macs import macs_of
from core.profiler.memory import categories as books
from core.profiler.memory.cpu.kernels import lasting, workspace
from core.profiler.memory.prepare import on_device, prepare
from core.profiler.memory.usage import Label, Ledger, Usage, read
from core.profiler.row_builder import RowBuilder, tensors_in
from core.profiler.rows import Row, Shape
from core.profiler.setting import Setting, loss_of, target_of
from core.profiler.shape_errors import explained
from core.profiler.tracing import Tracer

_ONE_AUTOCAST = threading.Lock()


@dataclass(slots=True)
class OpCost:
    """What an operation of certain sizes takes: multiply-accumulates, and bytes beside its result's."""

    macs: int
    lasting: int
    workspace: int
    is_mutable: bool


class Iteration:
    """A network of fake tensors in a setting, ready to run: `forward`, then `train`, then `infer`.

    Each runs those before it where they have not run yet, and each runs once.
    """

    def __init__(self, model: nn.Module, input_shape: Shape, setting: Setting) -> None:
        self.setting = setting
        self.input_shape = input_shape
        self.precision = get_precision(setting.precision)
        self.standing: list[MemoryBlock] = []  # what the network itself holds
        self.mode = FakeTensorMode(on_block=self.standing.append)
        self.model = fake_copy(model, self.mode, self.precision.pure, setting.channels_last)
        prepare(self.model, setting, self._on_save)
        self.modules = named_modules(self.model)
        parameters: list[Any] = [p for _, module in self.modules for p in module._parameters.values() if p is not None]
        self.parameters: list[FakeTensor] = list({id(p): p for p in parameters}.values())  # shared ones once
        self.trained = [parameter for parameter in self.parameters if parameter.requires_grad]
        self._costs: dict[OpRecipe | None, OpCost] = {}
        # output, loss and state of the optimizer, until they are used
        self._made: tuple[Any, Tensor | None, list[MemoryBlock]] | None = None
        self._open_books()

    def _open_books(self) -> None:
        """An empty ledger, with what the network holds as its first entries, and a new input."""
        self.ledger = Ledger()
        self.phase = "setup"
        self.rows: tuple[Row, ...] = ()
        self._sequences: list[int] = []
        self.mode.on_op, self.mode.on_block, self.mode.on_free = self._on_op, self._on_block, self.ledger.died
        own = {parameter.block for parameter in self.parameters}
        for block in self.standing:
            self.ledger.category = books.PARAMETERS if block in own else books.BUFFERS
            block.on_free = self.ledger.died
            self.ledger.born(block)
        self.tracer = Tracer(self.modules, self._on_row)
        self.x = self._input(self.input_shape)
        self.ledger.category = books.TEMPORARY

    def _input(self, input_shape: Shape) -> FakeTensor:
        self.ledger.category = books.INPUT
        dtype = self.precision.pure or torch.float32
        first = next((module for _, module in self.modules if not module._modules), None)
        if isinstance(first, (nn.Embedding, nn.EmbeddingBag)):
            dtype = torch.int64
        elif self.parameters and self.precision.pure is None:
            dtype = next((p.dtype for p in self.parameters if p.is_floating_point()), dtype)
        size = (self.setting.pass_size, *input_shape)
        last = self.setting.channels_last and len(size) == 4
        layout = torch.channels_last if last else torch.contiguous_format
        x = self.mode.empty(size, torch.empty(size, device="meta", memory_format=layout).stride(), dtype)
        self.tracer.start([x])
        return x

    def forward(self) -> tuple[Row, ...]:
        """The rows, from the forward pass of training; what it keeps for backward stays until `train`."""
        state = self._optimizer_state()
        self.ledger.start(Label("forward"))
        with torch.enable_grad(), self.mode, on_device(self.setting):
            self._made = (*self._forward(), state)
        self.tracer.unhook()
        return self.rows

    def train(self) -> Usage:
        """Forward, loss, backward and update, with optimizer state as in the middle of a training.

        With accumulation it is the last of the passes, which finds the gradients of those before.
        """
        if self._made is None:
            self.forward()
        assert self._made is not None
        output, loss, state = self._made
        self._made = None
        with torch.enable_grad(), self.mode, on_device(self.setting):
            if loss is not None and loss.requires_grad:
                self._backward(loss)
            self._update()
        usage = read(self.ledger)
        del output, loss, state
        return usage

    def infer(self) -> Usage:
        """One forward pass in evaluation mode without gradients; it may come after `train`."""
        if self.rows:  # of a training before
            for parameter in self.parameters:
                parameter.grad = None
            self._open_books()
        self.model.eval()
        self.phase = "forward"
        self.ledger.start(Label("forward"))
        with torch.no_grad(), self.mode, on_device(self.setting), self._autocast(), self.tracer, explained(self.tracer):
            output = self.model(self.x)
        usage = read(self.ledger)
        self.tracer.unhook()
        del output
        return usage

    @contextlib.contextmanager
    def _autocast(self) -> Iterator[None]:
        """Autocast as the setting wants it; its copies of weights are forgotten when it ends, in any thread."""
        if self.precision.autocast is None:
            yield
            return
        with _ONE_AUTOCAST, torch.autocast("cpu", dtype=self.precision.autocast):
            yield

    def _optimizer_state(self) -> list[MemoryBlock]:
        """What is there all the time: state of the optimizer, gradients of passes before, buckets to exchange them."""
        memory = get_optimizer(self.setting.optimizer).memory
        sizes = [parameter.block.nbytes for parameter in self.trained]
        self.ledger.category = books.OPTIMIZER
        blocks = [self.ledger.make(nbytes) for nbytes in sizes for _ in range(memory.slots)]
        if memory.constants:
            blocks.append(self.ledger.make(memory.constants * len(sizes)))
        self.ledger.category = books.GRADIENTS
        if self.setting.replicas > 1:
            blocks.append(self.ledger.make(sum(sizes)))
        if self.setting.accumulate > 1:
            for parameter in self.trained:
                parameter.grad = self.mode.empty(parameter.shape, parameter.stride(), parameter.dtype)
        self.ledger.category = books.TEMPORARY
        return blocks

    def _forward(self) -> tuple[Any, Tensor | None]:
        self.phase = "forward"
        hooks = torch.autograd.graph.saved_tensors_hooks(self._on_save, lambda saved: saved)
        with hooks, self._autocast():
            with self.tracer, explained(self.tracer):
                output = self.model(self.x)
            self.rows = self.tracer.rows(self.setting.pass_size) + self.tracer.uncalled()
            self.tracer.recording = False
            self.phase, self.ledger.label = "loss", Label("loss", "", "loss")
            return output, self._loss(output)

    def _loss(self, output: Any) -> Tensor | None:
        floats = [tensor for tensor in tensors_in(output) if tensor.is_floating_point()]
        if not floats:
            return None
        if len(floats) > 1:
            return cast(Tensor, sum(tensor.float().mean() for tensor in floats))
        loss = loss_of(self.setting, floats[0])
        size, dtype = target_of(self.setting, floats[0])
        with self.ledger.from_the_start(books.INPUT), torch.utils._python_dispatch._disable_current_modes():
            self.target = self.mode.empty(size, None, dtype)
        return loss.function(floats[0], self.target)

    def _backward(self, loss: Tensor) -> None:
        self.phase = "backward"
        self._sequences = [draft.sequence for draft in self.tracer.drafts]
        self.mode.before_op = self._label_backward
        loss.backward()
        self.mode.before_op = None
        for parameter in self.trained:
            if isinstance(parameter.grad, FakeTensor):
                self.ledger.classify(parameter.grad.block, books.GRADIENTS)

    def _label_backward(self) -> None:
        """The layer whose node of the graph is running, by the number autograd gave to the node."""
        node = torch._C._current_autograd_node()
        if node is None or "AccumulateGrad" in node.name():
            return
        index = bisect.bisect_right(self._sequences, node._sequence_nr()) - 1
        if index >= 0:
            draft = self.tracer.drafts[index]
            self.ledger.label = Label("backward", draft.name, draft.kind, draft.index)

    def _update(self) -> None:
        """What the optimizer makes for itself while it updates the parameters."""
        optimizer = get_optimizer(self.setting.optimizer)
        memory = optimizer.memory
        owners = {id(parameter): name for name, parameter in self.model.named_parameters()}
        updated = [parameter for parameter in self.trained if parameter.grad is not None]
        self.ledger.label = Label("optimizer", "", optimizer.name)
        if self.setting.device == "cuda":
            self.ledger.workspace(memory.scratch_of_all * sum(parameter.block.nbytes for parameter in updated))
            return
        lingering: MemoryBlock | None = None
        for parameter in updated:
            self.ledger.label = Label("optimizer", owners[id(parameter)], optimizer.name)
            scratch = [self.ledger.make(parameter.block.nbytes) for _ in range(memory.scratch)]
            lingering = scratch[-1] if scratch and memory.lingers else None
            del scratch
        del lingering

    def _on_row(self, draft: RowBuilder) -> None:
        self.ledger.label = Label(self.phase, draft.name, draft.kind, draft.index)

    def _on_block(self, block: MemoryBlock) -> None:
        self.tracer.on_block(block)
        self.ledger.born(block)

    def _on_op(self, func: Any, args: tuple, outputs: Any, recipe: OpRecipe | None) -> None:
        cost = self._costs.get(recipe)
        if cost is None:
            inside = workspace(func, args, outputs, self.setting.device)
            cost = OpCost(macs_of(func, args, outputs), lasting(func, args), inside, func._schema.is_mutable)
            if recipe is not None:
                self._costs[recipe] = cost
        self.tracer.on_op(cost.macs, cost.is_mutable)
        if cost.lasting:
            self.ledger.grow(outputs.block, cost.lasting)
        if cost.workspace:
            self.ledger.workspace(cost.workspace)
        if func is torch.ops.aten._to_copy.default and isinstance(args[0], nn.Parameter):
            self.ledger.classify(outputs.block, books.WEIGHT_COPIES)

    def _on_save(self, tensor: Tensor) -> Tensor:
        """Autograd keeps a tensor for backward, or a checkpointed block what it is given."""
        if type(tensor) is not FakeTensor:
            self.tracer.on_constant(tensor)
        elif not tensor.block.is_saved:
            self.tracer.on_save(tensor.block)
            self.ledger.classify(tensor.block, books.SAVED)
        return tensor
