"""Who is at work: each operation, storage and saved tensor is booked on the layer or function call it belongs to."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.profiler.attributes import attributes_of
from core.profiler.ghosts import NOBODY, Block, Ghost
from core.profiler.records import Row, Shape

MODEL_INPUT = -1
HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
WHOLE = (nn.MultiheadAttention,)  # have parts, but use only the weights of them


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested lists, tuples, dicts and dataclass-like outputs."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors_in(part)


def given(args: tuple, kwargs: dict) -> list[Tensor]:
    """Every tensor that a call is given."""
    if len(args) == 1 and not kwargs and isinstance(args[0], Tensor):
        return [args[0]]
    return list(tensors_in((args, kwargs)))


def is_layer(module: nn.Module, is_root: bool = False) -> bool:
    """Whether a module is one row: it has no parts, or only parametrizations of its weights.

    A network of somebody's own that has no parts because it only calls functions is shown function by function.
    """
    if is_root and not type(module).__module__.startswith("torch.nn."):
        return False
    return not module._modules or isinstance(module, WHOLE) or set(module._modules) == {"parametrizations"}


@dataclass
class Draft:
    """A row in the making."""

    index: int
    name: str
    kind: str
    is_function: bool
    attributes: tuple[tuple[str, Any], ...] = ()
    output_shape: Shape = ()
    params: int = 0
    macs: int = 0
    output_bytes: int = 0
    saved_bytes: int = 0
    made: int = 0
    announced: bool = False
    sequence: int = 0  # the number of the first autograd node that may be its
    input_shapes: tuple[Shape, ...] = ()
    sources: tuple[int, ...] = ()

    def row(self, batch_size: int) -> Row:
        first = self.input_shapes[0] if self.input_shapes else ()
        return Row(
            name=self.name,
            kind=self.kind,
            input_shape=first,
            output_shape=self.output_shape,
            params=self.params,
            macs=self.macs // batch_size,
            output_bytes=self.output_bytes,
            saved_bytes=self.saved_bytes,
            input_shapes=self.input_shapes,
            attributes=self.attributes,
            sources=self.sources,
            is_function=self.is_function,
        )


@dataclass
class Frame:
    """A module that is running; `draft` where it is itself a row."""

    name: str
    module: nn.Module
    inputs: tuple[Shape, ...]
    draft: Draft | None = None


class Tracer(TorchFunctionMode):
    """Books the forward pass of a network of ghosts on rows. Enter it, run the network, read `rows(batch_size)`.

    It listens by standing in for the `forward` of every module, which costs a tenth of what hooks cost.
    """

    def __init__(self, modules: list[tuple[str, nn.Module]], on_row: Callable[[Draft], None]) -> None:
        super().__init__()
        self.on_row = on_row
        self.recording = True
        self.modules = modules  # with their names, the network first
        self.drafts: list[Draft] = []
        self.frames: list[Frame] = []
        self.open: Draft | None = None
        parameters = [p for _, module in modules for p in module._parameters.values() if p is not None]
        self._unpaid = {parameter.block: parameter.numel() for parameter in parameters}
        for block in self._unpaid:
            block.is_kept = True
        self._constants: dict[torch.UntypedStorage, Draft] = {}
        self._undo = [self._follow(name, module) for name, module in modules]

    def _follow(self, name: str, module: nn.Module) -> Callable[[], None]:
        """Hears of every call of a module from now on; returns what ends that."""
        if any(getattr(module, hooks) for hooks in HOOKS):  # what they do belongs to the module
            return self._hook(name, module)
        own = module.__dict__
        forward, before = module.forward, own.get("forward")
        own["forward"] = functools.partial(self._call, name, module, forward)

        def undo() -> None:
            if before is None:
                del own["forward"]
            else:
                own["forward"] = before

        return undo

    def _hook(self, name: str, module: nn.Module) -> Callable[[], None]:
        def before(module: nn.Module, args: tuple, kwargs: dict) -> None:
            if self.recording:
                self._enter(name, module, given(args, kwargs))

        def after(module: nn.Module, args: tuple, output: Any) -> None:
            if self.recording:
                self._leave(output)

        hooks = (
            module.register_forward_pre_hook(before, with_kwargs=True, prepend=True),
            module.register_forward_hook(after),
        )

        def undo() -> None:
            for hook in hooks:
                hook.remove()

        return undo

    def _call(self, name: str, module: nn.Module, forward: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if not self.recording:
            return forward(*args, **kwargs)
        with torch._C.DisableTorchFunction():  # asking for a shape is no call of the network
            frame = self._enter(name, module, given(args, kwargs))
            if frame.draft is not None and _calls_only_torch(module):
                output = forward(*args, **kwargs)
                self._leave(output)
                return output
        output = forward(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            self._leave(output)
        return output

    def unhook(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def start(self, inputs: list[Ghost]) -> None:
        """The tensors that the network is given."""
        for ghost in inputs:
            ghost.block.owner = MODEL_INPUT

    def _enter(self, name: str, module: nn.Module, inputs: list[Tensor]) -> Frame:
        frame = Frame(name, module, tuple(map(_shape, inputs)))
        self.frames.append(frame)
        if self.open is None and is_layer(module, module is self.modules[0][1]):
            frame.draft = self._begin(name, type(module).__name__, inputs, frame.inputs)
            frame.draft.attributes = attributes_of(module)
            frame.draft.params = self._pay(module.parameters() if module._modules else module._parameters.values())
        return frame

    def _pay(self, tensors: Iterable[Tensor]) -> int:
        """Parameters among `tensors` (or views of them) that no row has counted yet."""
        return sum(self._unpaid.pop(tensor.block, 0) for tensor in tensors if isinstance(tensor, Ghost))

    def _leave(self, output: Any) -> None:
        frame = self.frames.pop()
        if frame.draft is not None:
            self._end(frame.draft, output)

    def _begin(
        self, name: str, kind: str, inputs: list[Tensor], shapes: tuple[Shape, ...], function: bool = False
    ) -> Draft:
        draft = Draft(len(self.drafts), name, kind, function, input_shapes=shapes)
        sources = [tensor.block.owner for tensor in inputs if isinstance(tensor, Ghost)]
        draft.sources = tuple(dict.fromkeys(source for source in sources if source != NOBODY))
        draft.sequence = torch.autograd._get_sequence_nr()
        self.open = draft
        self.drafts.append(draft)
        if not function:
            self._announce(draft)
        return draft

    def _announce(self, draft: Draft | None) -> None:
        """Says once who is at work; a function only when it turns out to be more than a view."""
        if draft is not None and not draft.announced:
            draft.announced = True
            self.on_row(draft)

    def _end(self, draft: Draft, output: Any) -> None:
        outputs = [output] if isinstance(output, Tensor) else list(tensors_in(output))
        draft.output_shape = _shape(outputs[0]) if outputs else ()
        draft.output_bytes = sum(tensor.numel() * tensor.element_size() for tensor in outputs)
        for tensor in outputs:
            if isinstance(tensor, Ghost):
                tensor.block.owner = draft.index
        self.open = None

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if self.open is not None or not self.frames:
            return func(*args, **kwargs)
        frame = self.frames[-1]
        inputs = given(args, kwargs)
        draft = self._begin(frame.name, _name_of(func), inputs, tuple(map(_shape, inputs)), function=True)
        output = func(*args, **kwargs)
        if draft.made or draft.macs or draft.saved_bytes:
            draft.params = self._pay(inputs)
            self._end(draft, output)
        else:
            self._forget(draft)
        return output

    def _forget(self, draft: Draft) -> None:
        """A view or a question about a shape is no row."""
        self.open = None
        self.drafts.pop()

    def on_op(self, macs: int, is_mutable: bool) -> None:
        """An operation ran."""
        if self.open is not None:
            self.open.macs += macs
            if is_mutable:
                self.open.made += 1
                self._announce(self.open)

    def on_block(self, block: Block) -> None:
        """A storage was made."""
        if self.open is not None:
            self.open.made += 1
            self._announce(self.open)

    def on_save(self, tensor: Tensor) -> Tensor:
        """Autograd keeps a tensor for backward: its storage counts once, and parameters do not count."""
        booked_on = self.open or (self.drafts[-1] if self.drafts else None)
        if booked_on is None:
            return tensor
        if not isinstance(tensor, Ghost):
            self._constants.setdefault(tensor.untyped_storage(), booked_on)
        elif not tensor.block.is_kept:
            tensor.block.is_kept = True  # a mark, not a reference: the ledger waits for the block to go
            booked_on.saved_bytes += tensor.block.nbytes
        return tensor

    def rows(self, batch_size: int) -> tuple[Row, ...]:
        """The rows so far, in the order of the calls."""
        while self._constants:
            storage, draft = self._constants.popitem()
            draft.saved_bytes += storage.nbytes()
        return tuple(draft.row(batch_size) for draft in self.drafts if draft is not self.open)

    def uncalled(self) -> tuple[Row, ...]:
        """Modules with parameters that no row has counted."""
        rows = []
        for name, module in self.modules if self._unpaid else ():
            params = self._pay(module._parameters.values())
            if params:
                attributes = attributes_of(module)
                rows.append(Row(name, type(module).__name__, (), (), params, 0, 0, 0, (), attributes, called=False))
        return tuple(rows)


def _shape(tensor: Tensor) -> Shape:
    return tensor.spec[0] if type(tensor) is Ghost else tuple(tensor.shape)


def _calls_only_torch(module: nn.Module) -> bool:
    """Whether nobody else has to hear of the functions that a layer calls. Layers with parts ask for listeners."""
    is_single = not module._modules and type(module).__module__.startswith("torch.nn.")
    return is_single and torch._C._len_torch_function_stack() == 1


def _name_of(func: Any) -> str:
    """relu for F.relu, add for the + of two tensors."""
    name = getattr(func, "__name__", str(func))
    return name.strip("_") if name.startswith("__") else name.rstrip("_")
