"""Where a network stops for a shape, and which one number to change, in plain words."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.errors import PlaygroundError
from core.profiler.attributes import attributes_of
from core.profiler.row_builder import kind_of
from core.profiler.rows import Failure, LayerError, LayerShapeError, Shape
from core.profiler.size_text import shape_text
from core.profiler.tracing import Tracer

# what PyTorch's messages are about where sizes are the fault
_OF_SIZES = re.compile(
    r"\bsizes?\b|shape|dimension|\bdims?\b|expand|\bview\b|channels|broadcast|must match|stride|kernel|numel|elements"
    r"|\bmat1|features|unbatched|\d-?D\b|same length|equal (?:the|in)",
    re.IGNORECASE,
)
_OF_TYPES = re.compile(r"scalar type|\b(?:Long|Half|BFloat16|Float|Int|Double)(?:Tensor|\b)|same device")

# a part of what PyTorch says where its inside is at fault -> what it means for the network
EXPLANATIONS = {
    "NestedTensorImpl": "a nested tensor of the strided layout does not tell its sizes; make it with "
    "layout=torch.jagged, or pad its parts to one size",
}

CONVOLUTIONS = (nn.modules.conv._ConvNd,)
POOLINGS = (nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd)
NORMS = (nn.modules.batchnorm._NormBase,)
CHANNELS = {CONVOLUTIONS: "in_channels", NORMS: "num_features", (nn.GroupNorm,): "num_channels"}


@dataclass(frozen=True)
class Reason:
    needed: str
    change: str
    argument: str | None = None
    value: int | None = None


def failure(
    name: str, module: nn.Module, kind: str | None, got: tuple[Shape, ...], error: Exception, is_first: bool = False
) -> tuple[Failure, bool]:
    """What stopped, and whether sizes are the fault.

    `kind` names a function called inside `module`; None means the module itself. `is_first`: no layer comes before it,
    so that it gets the input itself.
    """
    reason = None
    if kind is None and got:
        reason = _input_without_sides(module, got[0]) if is_first else None
        reason = reason or next((known for rule in RULES if (known := rule(module, got[0]))), None)
    elif kind is not None:
        reason = _function(kind, got)
    is_shape = of_sizes(error)
    if reason is None or not is_shape:
        first_line = _first_line(error)
        advice = "compare the shapes on both sides" if is_shape else f"a {type(error).__name__}"
        reason = Reason("what PyTorch asks for (" + first_line + ")" if is_shape else first_line, advice)
    attributes = () if kind else attributes_of(module)
    return Failure(name, kind or kind_of(module), got, **vars(reason), attributes=attributes), is_shape


def _first_line(error: Exception) -> str:
    """What was raised, in a line; in other words where PyTorch's own speak of its inside."""
    text = str(error).strip()
    explained = next((words for part, words in EXPLANATIONS.items() if part in text), "")
    return explained or text.split("\n")[0] or type(error).__name__


def of_sizes(error: Exception) -> bool:
    """Whether an error is about sizes that do not fit together."""
    text = str(error)
    if not isinstance(error, (RuntimeError, ValueError, IndexError, AssertionError)):
        return False
    if isinstance(error, NotImplementedError) or "dtype" in text or "nternal error" in text:
        return False
    if _OF_TYPES.search(text) and not _OF_SIZES.search(text):
        return False
    return isinstance(error, IndexError) or _OF_SIZES.search(text) is not None


def sentence(failed: Failure) -> str:
    shapes = " and ".join(shown(shape) for shape in failed.got) or "nothing"
    where = f"{failed.kind} ({failed.name})" if failed.name else failed.kind
    return f"{where} gets {shapes} but needs {failed.needed}: {failed.change}."


def shown(shape: Shape) -> str:
    """A shape as it is written on a page.

    >>> shown((1, 3, 224, 224))
    '1x3x224x224'
    """
    return shape_text(shape, "a single number", "x")


def _input_without_sides(module: nn.Module, got: Shape) -> Reason | None:
    """A convolutional network that is given numbers in a row."""
    reason = _dimensions(module, got)
    if reason is None or len(got) != 2:
        return None
    return Reason(reason.needed, "write the input with its channels, for example 3x224x224 (channels x height x width)")


def _dimensions(module: nn.Module, got: Shape) -> Reason | None:
    axes = next((axes for axes in (1, 2, 3) if type(module).__name__.endswith(f"{axes}d")), None)
    if axes is None or isinstance(module, (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.BatchNorm1d)):
        return None
    if len(got) in (axes + 1, axes + 2):
        return None
    letters = ("N", "C", *{1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}[axes])
    needed = f"{axes + 2} dimensions ({', '.join(letters)})"
    if len(got) == 2 and axes == 2:
        return Reason(needed, "it comes after a flattening layer; move it before that, or unflatten first")
    version = f"use the {max(len(got) - 2, 1)}d version of this layer"
    return Reason(needed, f"{version}, or change the number of dimensions of its input")


def _channels(module: nn.Module, got: Shape) -> Reason | None:
    argument = next((name for kinds, name in CHANNELS.items() if isinstance(module, kinds)), "")
    channels = got[1] if len(got) > 1 else 0
    if not argument or channels == getattr(module, argument):
        return None
    return Reason(f"{getattr(module, argument)} channels", f"set {argument}={channels}", argument, channels)


def _features(module: nn.Module, got: Shape) -> Reason | None:
    if not isinstance(module, nn.Linear) or not got or got[-1] == module.in_features:
        return None
    flat = math.prod(got[1:])
    needed = f"{module.in_features} features in the last dimension"
    if len(got) > 2 and flat == module.in_features:
        return Reason(needed, "put nn.Flatten() before it")
    if len(got) > 2:
        return Reason(needed, f"put nn.Flatten() before it and set in_features={flat}", "in_features", flat)
    return Reason(needed, f"set in_features={got[-1]}", "in_features", got[-1])


def _normalized(module: nn.Module, got: Shape) -> Reason | None:
    if not isinstance(module, nn.LayerNorm) or got[-len(module.normalized_shape) :] == module.normalized_shape:
        return None
    end = got[-len(module.normalized_shape) :]
    one = len(end) == 1
    needed = f"an input that ends in {shown(tuple(module.normalized_shape))}"
    change = f"set normalized_shape={end[0] if one else end}"
    return Reason(needed, change, "normalized_shape" if one else None, end[0] if one else None)


def _room(module: nn.Module, got: Shape) -> Reason | None:
    """A window longer than the padded side."""
    transposed = getattr(module, "transposed", False)
    if transposed or not isinstance(module, (*CONVOLUTIONS, *POOLINGS)) or isinstance(module.padding, str):
        return None
    axes = int(type(module).__name__[-2])
    sides = got[-axes:]
    for side, size in enumerate(sides):
        keys = ("kernel_size", "padding", "dilation")
        kernel, padding, dilation = (_side(getattr(module, key, 1), side) for key in keys)
        span = dilation * (kernel - 1) + 1
        if size + 2 * padding >= span:
            continue
        needed = f"at least {span - 2 * padding} cells per side, since its kernel spans {span}"
        enough = math.ceil((span - size) / 2)
        if isinstance(module, POOLINGS):
            return Reason(needed, f"set kernel_size={size}, or pool less before it", "kernel_size", size)
        return Reason(needed, f"raise padding to at least {enough}, or shrink the kernel", "padding", enough)
    return None


def _side(value: int | tuple[int, ...], side: int) -> int:
    return value if isinstance(value, int) else value[side] if len(value) > side else value[0]


def is_lonely(module: nn.Module, shape: Shape) -> bool:
    """Whether a layer looks at statistics of a batch (N, C, ...) that has one value a picture and channel."""
    return isinstance(module, NORMS) and module.training and math.prod(shape[2:]) == 1


def _lonely(module: nn.Module, got: Shape) -> Reason | None:
    """Batch norm of one value a channel has no variance."""
    if not got or got[0] != 1 or not is_lonely(module, got):
        return None
    return Reason("more than one value per channel to compute a variance", "set the batch size to 2", "batch_size", 2)


RULES = (_dimensions, _channels, _features, _normalized, _room, _lonely)


def _function(kind: str, got: tuple[Shape, ...]) -> Reason | None:
    if len(got) < 2:
        return None
    if kind in ("cat", "concat", "concatenate"):
        return Reason("inputs that agree in every dimension except the concatenated one", _difference(got))
    if kind in ("add", "iadd", "radd", "mul", "imul", "sub", "isub", "div"):
        return Reason("two inputs of the same shape", _difference(got))
    return None


def _difference(got: tuple[Shape, ...]) -> str:
    if len({len(shape) for shape in got}) > 1:
        return "give both branches the same number of dimensions"
    names = ("batch size", "channels", "height", "width") if len(got[0]) == 4 else ()
    sizes = list(zip(*got, strict=True))
    axis = next((axis for axis in range(len(sizes)) if axis != 1 and len(set(sizes[axis])) > 1), 1)
    name = names[axis] if names else f"dimension {axis}"
    how = "a 1x1 convolution on one branch" if axis == 1 else "the same stride and padding in every branch"
    return f"{name} {' vs. '.join(map(str, sizes[axis]))}; make them equal with {how}"


@contextlib.contextmanager
def explained(tracer: Tracer) -> Iterator[None]:
    """An error of PyTorch or of the network inside becomes one that teaches, and carries the rows before it."""
    try:
        yield
    except PlaygroundError:
        raise
    except Exception as error:  # whatever a stranger's network raises
        if isinstance(error, TypeError) and _is_call(error) and _is_root(tracer):
            raise PlaygroundError(_cannot_be_called(len(tracer.inputs), error)) from error
        raise _stopped(tracer, error) from error


@contextlib.contextmanager
def explained_backward(tracer: Tracer, running: Callable[[], Any]) -> Iterator[None]:
    """The same of an error in the backward pass; `running` says which layer's."""
    try:
        yield
    except PlaygroundError:
        raise
    except Exception as error:  # whatever a stranger's autograd function raises
        label = running()
        first_line = _first_line(error)
        failed = Failure(label.name, label.kind, (), first_line, f"a {type(error).__name__}")
        where = f"{label.kind} ({label.name})" if label.name else label.kind
        message = f"the backward pass stops at {where}: {type(error).__name__}: {first_line}"
        raise LayerError(message, tracer.rows(1), failed) from error


def _is_root(tracer: Tracer) -> bool:
    """Whether the network itself could not be called."""
    if tracer.stopped is not None:
        frame, draft = tracer.stopped
        return draft is None and frame.module is tracer.modules[0][1]
    return len(tracer.frames) < 2 and tracer.open is None


def _is_call(error: TypeError) -> bool:
    return "argument" in str(error) and "forward" in str(error)


def _cannot_be_called(count: int, error: Exception) -> str:
    if count > 1:
        return f"the network cannot be called with these {count} tensors: {error}"
    return (
        f"the network cannot be called with a single tensor: {error}. If it takes several, give a list of their sizes, "
        "[(3, 8, 8), (10,)], or a dict by their names"
    )


def _stopped(tracer: Tracer, error: Exception) -> LayerError:
    """The error at the layer that is running."""
    name, module = tracer.modules[0]
    got: tuple[Shape, ...] = ()
    frame, draft = tracer.stopped or (tracer.frames[-1] if tracer.frames else None, tracer.open)
    if frame is not None:
        name, module, got = frame.name, frame.module, frame.inputs
    function = draft.kind if draft is not None and draft.is_function else None
    got = draft.input_shapes if draft is not None else got
    rows = tracer.rows(max(1, got[0][0] if got and got[0] else 1))
    failed, is_shape = failure(name, module, function, got, error, is_first=not rows)
    if is_shape:
        return LayerShapeError(sentence(failed), rows, failed)
    where = f"{failed.kind} ({failed.name})" if failed.name else failed.kind
    return LayerError(f"the network stops in {where}: {type(error).__name__}: {failed.needed}", rows, failed)
