"""What each layer of a network gives for one image, and which outputs it is made from."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.explain.hooks import hooked

INPUT = -1  # the number of the network's input, where layers have theirs
VALUES_AT_ONCE = 100_000  # of images: 32 for ResNet-18 at once take 34 MB, 8 of them 19 MB and hardly more time
FAR = 24  # layers back to which the terms of an addition are looked for
PASSING = (nn.Identity, nn.modules.dropout._DropoutNd)  # in evaluation mode they give what they take
RESHAPE, MEAN, ADD, RELU, UNKNOWN = "reshape", "mean", "add", "relu", "operation"


@dataclass(frozen=True, eq=False)
class LayerOutput:
    """The output of one call of a layer, or of what happens between two layers.

    `output` is (C, H, W) or (F,), as it left the layer: a later one that works in place does not change it. `inputs`
    are the numbers of the outputs that it was made from, `INPUT` for the image. Without a `module` it was computed
    between the layers, and `kind` is one of RESHAPE, MEAN, ADD, RELU and UNKNOWN; else the name of the module's class.
    """

    name: str
    kind: str
    inputs: tuple[int, ...]
    output: Tensor
    module: nn.Module | None = None


@torch.no_grad()
def trace(model: nn.Module, x_BCHW: Tensor, copy: Callable[[Tensor], Tensor] = Tensor.clone) -> tuple[LayerOutput, ...]:
    """Every layer without children in the order in which they are called, for one image (1, C, H, W).

    What stands between them is told from the values: an addition of two outputs, a ReLU, a mean, a change of shape.
    The model itself is left as it was. Args: `copy` gives what is kept of an output.
    """
    recorder = _Recorder(x_BCHW, copy)
    with recorder.attached(model):
        result = model(x_BCHW)
    recorder.number_of(result)
    return tuple(recorder.layers)


@torch.no_grad()
def dead_maps(model: nn.Module, names: Collection[str], x_BCHW: Tensor) -> dict[str, tuple[int, ...]]:
    """Of each of the named layers the maps that are 0 in every cell for every image; layers without one are left out.

    The outputs of the layers are (B, C, H, W); the model itself is left as it was.
    """
    named = {module: name for name, module in model.named_modules() if name in names}
    latest, always = dict[str, Tensor](), dict[str, Tensor]()  # (C,), whether a map is 0: in a piece, in all so far

    def note(module: nn.Module, _: tuple, output: Tensor) -> None:
        """Of a layer that is called again, the last call."""
        is_zero = (output == 0).flatten(2).all(2).all(0) if output.dim() == 4 else torch.zeros(0, dtype=torch.bool)
        latest[named[module]] = is_zero

    with hooked(model, note, named):
        for piece_BCHW in x_BCHW.split(max(1, VALUES_AT_ONCE // x_BCHW[0].numel())):
            model(piece_BCHW)
            always |= {name: is_zero & always.get(name, is_zero) for name, is_zero in latest.items()}
    return {name: tuple(is_zero.nonzero()[:, 0].tolist()) for name, is_zero in always.items() if is_zero.any()}


@dataclass
class _Recorder:
    x_BCHW: Tensor
    copy: Callable[[Tensor], Tensor]
    layers: list[LayerOutput] = field(default_factory=list)
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)  # id of a tensor -> its output's number, version
    _references: dict[int, weakref.ref[Tensor]] = field(default_factory=dict)  # the network's own are let go with it

    def __post_init__(self) -> None:
        self._note(self.x_BCHW, INPUT)

    def _note(self, tensor: Tensor, number: int) -> None:
        """Know the tensor by its id, as long as it lives, and as long as nothing works on it in place."""
        key = id(tensor)

        def forget(_: weakref.ref[Tensor]) -> None:
            self.numbers.pop(key, None)
            self._references.pop(key, None)

        self.numbers[key], self._references[key] = (number, tensor._version), weakref.ref(tensor, forget)

    def attached(self, model: nn.Module) -> contextlib.AbstractContextManager[None]:
        """Inside, each call of a layer is noted; evaluation mode."""
        names = {module: name for name, module in model.named_modules()}
        pending: list[tuple[int, ...]] = []

        def before(_: nn.Module, inputs: tuple) -> None:
            pending.append((self.number_of(inputs[0]),) if inputs else ())  # none where it is handed over by name

        def after(module: nn.Module, _: tuple, output: Tensor) -> None:
            self._add(names[module], type(module).__name__, pending.pop(), output, module)

        layers = [module for module in names if not any(module.children()) and not isinstance(module, PASSING)]
        return hooked(model, after, layers, before)

    def _add(self, name: str, kind: str, inputs: tuple[int, ...], output: Tensor, module: nn.Module | None) -> int:
        self.layers.append(LayerOutput(name, kind, inputs, self.copy(output[0].detach()), module))
        self._note(output, len(self.layers) - 1)
        return len(self.layers) - 1

    def value(self, number: int) -> Tensor:
        return self.x_BCHW[0] if number == INPUT else self.layers[number].output

    def number_of(self, tensor: Tensor) -> int:
        """The number of the output that a tensor is; one between the layers is added first."""
        number, version = self.numbers.get(id(tensor), (None, 0))
        if number is not None and (version == tensor._version or torch.equal(self.value(number), tensor[0])):
            return number
        value = tensor[0].detach()
        for number in self._near():
            if self.value(number).shape == value.shape and torch.equal(self.value(number), value):
                return number
        kind, inputs = self._origin(value)
        if kind == UNKNOWN and (pair := self._sum(value, torch.relu)):
            total = self.value(pair[0]) + self.value(pair[1])
            kind, inputs = RELU, (self._add("", ADD, pair, total[None], None),)
        return self._add("", kind, inputs, tensor, None)

    def _near(self) -> range:
        return range(len(self.layers) - 1, max(INPUT, len(self.layers) - FAR) - 1, -1)

    def _origin(self, value: Tensor) -> tuple[str, tuple[int, ...]]:
        for number in self._near():
            source = self.value(number)
            if source.numel() == value.numel() and torch.equal(source.flatten(), value.flatten()):
                return RESHAPE, (number,)
            if source.shape == value.shape and torch.equal(source.relu(), value):
                return RELU, (number,)
            if source.dim() == 3 and value.shape == source.shape[:1] and torch.allclose(source.mean((1, 2)), value):
                return MEAN, (number,)
        pair = self._sum(value)
        return (ADD, pair) if pair else (UNKNOWN, ())

    def _sum(self, value: Tensor, then: Callable[[Tensor], Tensor] = lambda total: total) -> tuple[int, ...]:
        """The numbers of two outputs of whose sum `then` makes this value; none where there are none."""
        near = [number for number in self._near() if self.value(number).shape == value.shape]
        for at, number in enumerate(near):
            for other in near[at + 1 :]:
                if torch.equal(then(self.value(other) + self.value(number)), value):
                    return other, number
        return ()
