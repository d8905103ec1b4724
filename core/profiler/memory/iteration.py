"""One steady iteration of training, and one of inference, on fake tensors: who holds how many bytes, and when."""

from __future__ import annotations

import bisect
import contextlib
import threading
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.optim import get_precision
from core.profiler.fake_tensor.copying import copier_to_fake, named_modules
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.shape_cache import OpRecipe
from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock
from core.profiler.fake_tensor.uncompiled import uncompiled
from core.profiler.inputs import Inputs, TensorInput, as_inputs
from core.profiler.memory import categories as books
from core.profiler.memory.constants import Constants, Kept, unpacked
from core.profiler.memory.input_tensors import input_tensor, tensors_held
from core.profiler.memory.losses import TrainingLoss
from core.profiler.memory.op_cost import OpCost, OverBudget, RunLimit, cost_of, is_fixed
from core.profiler.memory.prepare import on_device, prepare
from core.profiler.memory.update import Update
from core.profiler.memory.usage import Label, Ledger, Usage, read
from core.profiler.row_builder import RowBuilder
from core.profiler.rows import Row, Shape
from core.profiler.setting import Setting
from core.profiler.shape_errors import explained, explained_backward
from core.profiler.tracing import Tracer

_ONE_AUTOCAST = threading.Lock()
SEED = 0  # of what a real run draws


class Iteration:
    """A network of fake tensors in a setting, ready to run: `forward`, then `train`, then `infer`.

    Each runs those before it where they have not run yet, and each runs once.

    Args:
        tokens: inputs (by index) that are whole numbers, each below the number beside it.
        budget: everything is computed for real within it; None computes shapes alone.
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Inputs | Shape,
        setting: Setting,
        tokens: Mapping[int, int] | None = None,
        budget: RunLimit | None = None,
    ) -> None:
        self.setting = setting
        self.inputs = as_inputs(inputs)
        self.input_shape = self.inputs.input_shape
        self.tokens = dict(tokens or {})
        self.budget = budget
        self.precision = get_precision(setting.precision)
        made: list[MemoryBlock] = []  # what the network itself holds
        self.mode = FakeTensorMode(on_block=made.append, is_real=budget is not None)
        copier = copier_to_fake(self.mode, self.precision.pure, setting.channels_last)
        with self._seeded():
            self.model = copier.network(model)
            self.own_loss = copier.copy(setting.loss) if callable(setting.loss) else None
        self.standing = [weakref.ref(block) for block in made]
        prepare(self.model, setting, self._on_save)
        self.modules = named_modules(self.model)
        self.parameters = self._parameters()
        self.trained = [parameter for parameter in self.parameters if parameter.requires_grad]
        self.is_scripted = any(isinstance(module, torch.jit.ScriptModule) for _, module in self.modules)
        self._costs: dict[OpRecipe | None, OpCost] = {}
        # output, loss and state of the optimizer, until they are used
        self._made: tuple[Any, Tensor | None, list[MemoryBlock]] | None = None
        self._open_books()

    def _parameters(self) -> list[FakeTensor]:
        """Parameters, shared ones once."""
        own: list[Any] = [p for _, module in self.modules for p in module._parameters.values()]
        return list({id(parameter): parameter for parameter in own if isinstance(parameter, FakeTensor)}.values())

    def _open_books(self) -> None:
        """An empty ledger, with what the network holds as its first entries, and a new input."""
        self.ledger = Ledger()
        self.constants = Constants(self.ledger)
        self.phase = "setup"
        self.rows: tuple[Row, ...] = ()
        self.flops: Counter[str] = Counter()
        self.loss = TrainingLoss(self.setting, self.ledger, self.mode, self.own_loss, self.inputs.target)
        self.loss_error: PlaygroundError | None = None
        self._sequences: list[int] = []
        self.mode.on_op, self.mode.on_block, self.mode.on_free = self._on_op, self._on_block, self.ledger.died
        self.update = Update(self.setting, self.ledger, self.mode)
        own = {parameter.block for parameter in self.parameters}
        for block in filter(None, (alive() for alive in self.standing)):
            self.ledger.category = books.PARAMETERS if block in own else books.BUFFERS
            block.on_free = self.ledger.died
            self.update.stand(block, block in own)
        self.tracer = Tracer(self.modules, self._on_row)
        self.ledger.category = books.INPUT
        with self._seeded():
            self.args, self.kwargs = self.inputs.call(self._input)
        self.ledger.category = books.TEMPORARY

    def _input(self, described: TensorInput) -> FakeTensor:
        dtype = described.dtype or (torch.int64 if described.index in self.tokens else self.precision.pure)
        if dtype is None:
            dtype = next((p.dtype for p in self.parameters if p.is_floating_point()), torch.float32)
        high = self.tokens.get(described.index, 2)
        fake = input_tensor(self.mode, described, self.setting, dtype, high)
        self.tracer.start(described.index, fake)
        return fake

    @contextlib.contextmanager
    def _seeded(self) -> Iterator[None]:
        """A real run draws the same numbers each time, and leaves those of everybody else as they were."""
        if self.budget is None:
            yield
            return
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            yield

    @contextlib.contextmanager
    def _running(self) -> Iterator[None]:
        with contextlib.ExitStack() as modes:
            modes.enter_context(self._seeded())
            modes.enter_context(uncompiled())
            if self.is_scripted:  # it would compile itself for sizes that it sees twice
                modes.enter_context(torch.jit.optimized_execution(False))
            modes.enter_context(self.mode)
            modes.enter_context(on_device(self.setting))
            yield

    def forward(self) -> tuple[Row, ...]:
        """The rows, from the forward pass of training; what it keeps for backward stays until `train`."""
        self.ledger.category = books.OPTIMIZER
        state = self.update.state(self.trained)
        self.ledger.category = books.TEMPORARY
        self.ledger.start(Label("forward"))
        with torch.enable_grad(), self._running():
            self._made = (*self._forward(), state)
        self.tracer.unhook()
        return self.rows

    def train(self) -> Usage:
        """Forward, loss, backward and update, with optimizer state as in the middle of a training.

        With accumulation it is the last of the passes, which finds the gradients of those before. A network that keeps
        something from one iteration to the next goes through two.
        """
        usage = self._train()
        if self._keeps_more():
            self._start_again()
            self.forward()
            usage = self._train()
        return usage

    def _train(self) -> Usage:
        if self._made is None:
            self.forward()
        assert self._made is not None
        output, loss, state = self._made
        self._made = None
        if self.loss_error is not None:
            raise self.loss_error
        with torch.enable_grad(), self._running():
            if loss is not None and loss.requires_grad:
                self._backward(loss)
            self._update()
        usage = read(self.ledger)
        del output, loss, state
        return usage

    def _keeps_more(self) -> bool:
        """Whether the network holds storages that it did not hold before; these stand from now on."""
        known = {alive() for alive in self.standing}
        kept = {tensor.block for tensor in tensors_held(self.modules)} - known
        self.standing += [weakref.ref(block) for block in kept]
        return bool(kept)

    def _start_again(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None
        self.tracer.unhook()
        self._open_books()

    def drop(self) -> None:
        """Lets go of what the forward pass keeps for backward."""
        self._made = None

    def infer(self) -> Usage:
        """One forward pass in evaluation mode without gradients; it may come after `train`."""
        if self.phase != "setup":  # after a training
            self._made = None
            self._keeps_more()
            self._start_again()
        with contextlib.suppress(NotImplementedError):  # an exported graph has no other mode
            self.model.eval()
        self.phase = "forward"
        self.ledger.start(Label("forward"))
        with torch.no_grad(), self._running(), self._autocast(), self.tracer, explained(self.tracer):
            output = self.model(*self.args, **self.kwargs)
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

    def _forward(self) -> tuple[Any, Tensor | None]:
        self.phase = "forward"
        hooks = torch.autograd.graph.saved_tensors_hooks(self._on_save, unpacked)
        with hooks, self._autocast():
            with self.tracer, explained(self.tracer):
                output = self.model(*self.args, **self.kwargs)
            self.rows = self.tracer.rows(self.setting.pass_size) + self.tracer.uncalled()
            self.tracer.recording = False
            self.update.rest()
            self.phase, self.ledger.label = "loss", Label("loss", "", "loss")
            try:
                return output, self.loss.of(output)
            except PlaygroundError as error:
                self.loss_error = error
                return output, None

    def _backward(self, loss: Tensor) -> None:
        self.phase = "backward"
        self._sequences = [draft.sequence for draft in self.tracer.drafts]
        self.mode.before_op = self._label_backward
        hooks = self.update.watch(self.trained)
        with explained_backward(self.tracer, lambda: self.ledger.label):
            loss.backward()
        self.mode.before_op = None
        self.update.rest()
        for hook in hooks:
            hook.remove()
        for parameter in self.trained:
            if isinstance(parameter.grad, FakeTensor):
                for part in (parameter.grad, *parameter.grad.block.parts):
                    if isinstance(part, FakeTensor):
                        self.ledger.classify(part.block, books.GRADIENTS)

    def _label_backward(self) -> None:
        """The layer whose node of the graph is running, by the number autograd gave to the node."""
        node = torch._C._current_autograd_node()
        if node is None or "AccumulateGrad" in node.name():
            return
        index = bisect.bisect_right(self._sequences, node._sequence_nr()) - 1
        if index >= 0:
            draft = self.tracer.drafts[index]
            self.ledger.label = Label("backward", draft.name, draft.kind, draft.index)
            self.update.gather(draft.name, self.tracer)

    def _update(self) -> None:
        """What the optimizer makes for itself while it updates the parameters."""
        owners = {id(parameter): name for name, parameter in self.model.named_parameters()}
        self.update.run(self.trained, owners)

    def _on_row(self, draft: RowBuilder) -> None:
        self.ledger.label = Label(self.phase, draft.name, draft.kind, draft.index)
        self.update.gather(draft.name, self.tracer)

    def _on_block(self, block: MemoryBlock) -> None:
        self.tracer.on_block(block)
        self.ledger.born(block)
        if self.budget is not None and self.ledger.live > self.budget.nbytes:
            raise OverBudget(f"a real run would hold more than {self.budget.nbytes >> 30} GiB")

    def _on_op(self, func: Any, args: tuple, outputs: Any, recipe: OpRecipe | None) -> None:
        cost = self._costs.get(recipe) if recipe is not None else None
        if cost is None:
            cost = cost_of(func, args, outputs, self.setting.device)
            if recipe is not None:
                self._costs[recipe] = cost
        self.tracer.on_op(cost.macs, cost.is_mutable, bool(cost.macs) and is_fixed(outputs))
        if cost.macs or cost.backward_macs:
            self.flops[self.phase] += 2 * (cost.macs + cost.backward_macs)
        if cost.lasting and self.budget is None:  # a real result has its real size already
            self.ledger.grow(outputs.block, cost.lasting)
        if cost.workspace or self.mode.conjugate_bytes:
            self.ledger.workspace(cost.workspace + (self.mode.conjugate_bytes or 0))
        if func is torch.ops.aten._to_copy.default and isinstance(args[0], nn.Parameter):
            self.ledger.classify(outputs.block, books.WEIGHT_COPIES)

    def _on_save(self, tensor: Tensor) -> Tensor | Kept:
        """Autograd keeps a tensor for backward, or a checkpointed block what it is given.

        A result is kept as another tensor on its storage: as itself it would keep the node that keeps it.
        """
        if type(tensor) is not FakeTensor:
            self.tracer.on_constant(tensor)
            return self.constants.keep(tensor)
        if not tensor.block.is_saved:
            self.tracer.on_save(tensor.block)
            self.ledger.classify(tensor.block, books.SAVED)
        return tensor.alias() if tensor.requires_grad and not tensor.is_leaf else tensor
