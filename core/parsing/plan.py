"""What was read, before anything is built: a tree of layers in PyTorch's names, and the text that says it again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from core.errors import ParseError

OURS = ("Residual", "Parallel", "Permute", "Scale", "ChannelBias")  # of core.layers.blocks, not of torch.nn
MAX_HEIGHT = 50  # containers inside each other; names make this cheap to write as well
MAX_LAYERS = 4000  # counted as often as they run


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One constructor call. Two mentions of the same object are one module that runs twice.

    `args` and `kwargs` hold numbers, strings, None, tuples of these, or further layers; `names` are the keys of a
    Sequential given as an OrderedDict; `line` is where it stands in the pasted text. A layer that does not look as it
    was `made` has been changed since.
    """

    kind: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    line: int = 1
    names: tuple[str, ...] = ()
    made: str = ""  # what the layer looks like that it makes; "" where that is not known

    height: int = field(init=False)

    def __post_init__(self) -> None:
        height = 1 + max((part.height for part in self.inner), default=0)
        if height > MAX_HEIGHT:
            raise ParseError(f"Line {self.line}: more than {MAX_HEIGHT} containers are nested; nest fewer.")
        object.__setattr__(self, "height", height)

    @property
    def inner(self) -> tuple[LayerCall, ...]:
        """The layers inside, in order."""
        return tuple(v for v in (*self.args, *self.kwargs.values()) if isinstance(v, LayerCall))


def looks(layer: nn.Module) -> str:
    """A layer as it prints itself, with sizes of weights, whether they are trained, and hooks; "" for a lazy one."""
    if isinstance(layer, LazyModuleMixin):
        return ""
    weights = (*layer._parameters.items(), *layer._buffers.items())
    sizes = [(name, tuple(one.shape), one.requires_grad) for name, one in weights if one is not None]
    return f"{layer!r} {sizes} {len(layer._forward_hooks) + len(layer._forward_pre_hooks)}"


def count_layers(layer: LayerCall, known: dict[LayerCall, int] | None = None) -> int:
    """How many leaves run, a reused one counted each time. Names make doubling cheap to write, so this is capped."""
    known = {} if known is None else known
    if layer not in known:
        known[layer] = sum(count_layers(part, known) for part in layer.inner) or 1
        if known[layer] > MAX_LAYERS:
            raise ParseError(f"Line {layer.line}: more than {MAX_LAYERS:,} layers; the network must have fewer.")
    return known[layer]


def write_lines(root: LayerCall) -> str:
    """The plan as PyTorch text, one layer a line.

    >>> print(write_lines(LayerCall("Sequential", (LayerCall("Conv2d", (3, 8, 3), {"padding": 1}), LayerCall("ReLU")))))
    nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
    )
    """
    shared = [layer for layer, times in _mentions(root).items() if times > 1]
    shared.sort(key=lambda layer: (layer.height, layer.line))  # inner ones first: outer ones name them
    names: dict[LayerCall, str] = {}
    lines = []
    for number, layer in enumerate(shared, start=1):
        lines.append(f"shared_{number} = {_write(layer, names, 0)}")
        names[layer] = f"shared_{number}"
    return "\n".join([*lines, _write(root, names, 0)])


def _mentions(root: LayerCall) -> dict[LayerCall, int]:
    counts: dict[LayerCall, int] = {}
    pending = [root]
    while pending:
        layer = pending.pop()
        counts[layer] = counts.get(layer, 0) + 1
        if counts[layer] == 1:
            pending.extend(layer.inner)
    return counts


def _write(layer: LayerCall, names: Mapping[LayerCall, str], indent: int) -> str:
    if layer in names:
        return names[layer]
    prefix = "" if layer.kind in OURS else "nn."
    parts = list(_parts(layer, names, indent + (8 if layer.names else 4)))
    if not layer.inner:
        return f"{prefix}{layer.kind}({', '.join(parts)})"
    space = " " * indent
    if layer.names:
        pairs = "".join(f"{space}        ({name!r}, {part}),\n" for name, part in zip(layer.names, parts, strict=True))
        return f"{prefix}{layer.kind}(\n{space}    OrderedDict([\n{pairs}{space}    ])\n{space})"
    return f"{prefix}{layer.kind}(\n" + "".join(f"{space}    {part},\n" for part in parts) + f"{space})"


def _parts(layer: LayerCall, names: Mapping[LayerCall, str], indent: int) -> Iterator[str]:
    for value in layer.args:
        yield _write(value, names, indent) if isinstance(value, LayerCall) else write_value(value)
    for key, value in layer.kwargs.items():
        yield f"{key}={_write(value, names, indent) if isinstance(value, LayerCall) else write_value(value)}"


def write_value(value: Any) -> str:
    """A number, string or tuple as Python text.

    >>> write_value((1, float("-inf")))
    '(1, float("-inf"))'
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(write_value, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return f'"{value}"' if isinstance(value, str) else repr(value)
