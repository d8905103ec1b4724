"""Data sets that come with Keras: what a text makes of their shapes tells the input of its network.

Source: keras.io/api/datasets.
"""

from __future__ import annotations

import ast
import math
from typing import Any, NamedTuple

from torch import Tensor

from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Special, Unknown


class Known(NamedTuple):
    """A sample's shape, its label's, how many are for training, and how many classes there are."""

    sample: tuple[int, ...]
    label: tuple[int, ...]
    samples: int
    classes: int | None


SIZES: dict[str, Known] = {
    "mnist": Known((28, 28), (), 60_000, 10),
    "fashion_mnist": Known((28, 28), (), 60_000, 10),
    "cifar10": Known((32, 32, 3), (1,), 50_000, 10),
    "cifar100": Known((32, 32, 3), (1,), 50_000, 100),
    "boston_housing": Known((13,), (), 404, None),
}
# lists of words, each as long as its text is: for training, for tests, classes
TEXTS = {"imdb": (25_000, 25_000, 2), "reuters": (8_982, 2_246, 46)}
TESTED, TESTED_HOUSES = 10_000, 102
UNCHANGED = ("astype", "copy", "numpy", "tolist", "clip", "round")
FLATTENED = ("flatten", "ravel")


class KnownData(ShapedData):
    """An array of which the shape is known, and no value; of labels, how many classes they name."""

    name = "data"

    def __init__(self, sizes: tuple[Any, ...], classes: int | None = None):
        super().__init__(sizes)
        self.classes = classes

    def of_sizes(self, sizes: tuple[Any, ...]) -> KnownData:
        """The same data in another shape, or a part of it."""
        return KnownData(sizes, self.classes)

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        match name:
            case "shape":
                return self.sizes
            case "ndim":
                return len(self.sizes)
            case "reshape":
                return Builtin("reshape", self._reshape, needs_call=True)
            case "expand_dims":
                return Builtin("expand_dims", self._expand, needs_call=True)
            case "max" if self.classes is not None:
                return Builtin("max", lambda call, *args, **kwargs: self.largest, needs_call=True)
            case _ if name in FLATTENED:
                return Builtin(name, lambda call, *args: self.of_sizes((math.prod(self.sizes),)), needs_call=True)
            case _ if name in UNCHANGED:
                return Builtin(name, lambda call, *args, **kwargs: self, needs_call=True)
        return Unknown("this depends on data", getattr(node, "lineno", 1), is_data=True)

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        left, made = list(self.sizes), []
        parts = list(index) if isinstance(index, tuple) else [index]
        if Ellipsis in parts:
            place = parts.index(Ellipsis)
            taken = sum(part is not None for part in parts) - 1
            parts[place : place + 1] = [slice(None)] * (len(left) - taken)
        for part in parts:
            if part is None:
                made.append(1)
            elif isinstance(part, slice) and left:
                made.append(len(range(*part.indices(left.pop(0)))))
            elif type(part) is int and left:
                left.pop(0)
            else:
                return Unknown("this depends on data", getattr(node, "lineno", 1), is_data=True)
        return self.of_sizes((*made, *left))

    def turns(self) -> list[int] | None:
        """What a set of labels is made of; anything else depends on the data."""
        return None if self.classes is None else list(range(self.classes))

    @property
    def largest(self) -> int:
        """The last class, counted from 0."""
        assert self.classes is not None
        return self.classes - 1

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        return self

    def _reshape(self, call: BuiltinCall, *sizes: Any, **settings: Any) -> KnownData:
        asked = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) else sizes
        known = list(call.evaluator.resolve_all(list(asked), call.node))
        rest = math.prod(self.sizes) // max(1, math.prod(size for size in known if size != -1))
        return self.of_sizes(tuple(rest if size == -1 else size for size in known))

    def _expand(self, call: BuiltinCall, axis: int = -1) -> KnownData:
        place = axis % (len(self.sizes) + 1)
        return self.of_sizes((*self.sizes[:place], 1, *self.sizes[place:]))


def sizes_of(value: Any) -> tuple[int, ...] | None:
    """The shape of data without the batch; None where it is not known."""
    if isinstance(value, Batches):
        return sizes_of(value.parts[0] if isinstance(value.parts, (tuple, list)) and value.parts else value.parts)
    if isinstance(value, (ShapedData, Unknown)):
        return tuple(value.sizes[1:] if isinstance(value, ShapedData) else value.sizes) or None
    return tuple(value.shape[1:]) if isinstance(value, Tensor) and value.dim() > 1 else None


def _load(name: str) -> Builtin:
    sample, label, count, classes = SIZES[name]

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        tested = TESTED_HOUSES if name == "boston_housing" else TESTED
        return tuple((KnownData((n, *sample)), KnownData((n, *label), classes)) for n in (count, tested))

    return Builtin("load_data", run, needs_call=True)


def _load_texts(name: str) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        *counts, classes = TEXTS[name]
        return tuple((KnownData((count,)), KnownData((count,), classes)) for count in counts)

    return Builtin("load_data", run, needs_call=True)


def _padded(call: BuiltinCall, sequences: Any = None, maxlen: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`pad_sequences(texts, maxlen=100)`: as many steps of each."""
    line = getattr(call.node, "lineno", 1)
    steps = call.evaluator.resolve(maxlen, call.node)
    if type(steps) is not int:
        return Unknown("how long the longest text is depends on data", line)
    count = sequences.sizes[0] if isinstance(sequences, KnownData) else Unknown("this depends on data", line)
    return KnownData((count, steps))


def _one_hot(call: BuiltinCall, y: Any = None, num_classes: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`to_categorical(labels, 10)`."""
    known_classes = y.classes if isinstance(y, KnownData) else None
    classes = call.evaluator.resolve(known_classes if num_classes is None else num_classes, call.node)
    if type(classes) is not int or not isinstance(y, (KnownData, Tensor)):
        return Unknown("this depends on data", getattr(call.node, "lineno", 1))
    known = tuple(y.shape) if isinstance(y, Tensor) else y.sizes
    sizes = known[:-1] if len(known) > 1 and known[-1] == 1 else known
    return KnownData((*sizes, classes))


class Batches(Special):
    """`tf.data.Dataset.from_tensor_slices((x, y))`: samples of known shapes, in whatever order and batches."""

    name = "data set"
    is_data = True

    def __init__(self, parts: Any):
        self.parts = parts

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name in ("shuffle", "batch", "cache", "prefetch", "repeat", "take", "skip"):
            return Builtin(name, lambda call, *args, **kwargs: self, needs_call=True)
        return Unknown("this depends on data", getattr(node, "lineno", 1), is_data=True)

    def turns(self) -> list[Any]:
        """What a loop goes through: one batch stands for all."""
        return [self.parts]


PREPARING = {name: Builtin(name, _padded, needs_call=True) for name in ("pad_sequences",)}
UTILS = {**PREPARING, "to_categorical": Builtin("to_categorical", _one_hot, needs_call=True)}
SLICES = Builtin("from_tensor_slices", lambda call, parts, *args, **kwargs: Batches(parts), needs_call=True)
DATA = Namespace("tf.data", {"Dataset": Namespace("tf.data.Dataset", {"from_tensor_slices": SLICES}), "AUTOTUNE": -1})


DATASETS = Namespace(
    "keras.datasets",
    {name: Namespace(f"keras.datasets.{name}", {"load_data": _load(name)}) for name in SIZES}
    | {name: Namespace(f"keras.datasets.{name}", {"load_data": _load_texts(name)}) for name in TEXTS},
)
