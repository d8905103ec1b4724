"""Our presets with torchvision's parts under torchvision's names, so that a text may take or replace them.

`model.classifier[6]`, `model.features` and `list(model.children())[:-2]` are what they are in torchvision. ResNets and
DenseNets, whose blocks people change, are texts of their own (`prelude_networks`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn

from core.layers.blocks import Parallel, Residual

Layout = Sequence[Any]  # of (name, how many layers) or (name, the layout of a Sequential); a bare number has no name
HIDDEN = ("flatten", "activation", "pool")  # what torchvision does in `forward`: no part of the network there
ONE = 1


def with_parts(key: str, network: nn.Module) -> nn.Module:
    """The same layers in the same order, grouped as torchvision groups them; other networks stay as they are.

    What is a Sequential here only, such as a residual block, takes no new part: torchvision's class has other names.
    """
    for part in network.modules():
        if type(part) in (nn.Sequential, Residual, Parallel):
            part.hidden_parts = ()  # type: ignore[assignment]
    layers = list(network.children())
    layout = _layout(key, layers)
    if layout is None:
        return network
    grouped = _group(layout, iter(layers))
    grouped.train(network.training)
    return grouped


def visible_parts(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """The parts that torchvision's network has, by name; all parts of any other network."""
    hidden = getattr(network, "hidden_parts", ())
    return [(name, part) for name, part in network.named_children() if name not in hidden]


def _layout(key: str, layers: list[nn.Module]) -> Layout | None:
    count = len(layers)
    if key.startswith(("vgg", "alexnet")):
        pool = next(i for i, layer in enumerate(layers) if isinstance(layer, nn.AdaptiveAvgPool2d))
        head = (ONE,) * (count - pool - 2)
        return [("features", (ONE,) * pool), ("avgpool", ONE), ("flatten", ONE), ("classifier", head)]
    if key.startswith("squeezenet"):
        return [("features", (ONE,) * (count - 5)), ("classifier", (ONE,) * 4), ("flatten", ONE)]
    return _OTHERS.get(key)


_INCEPTIONS = [("3a", "3b"), ("4a", "4b", "4c", "4d", "4e"), ("5a", "5b")]
_STAGES = [[(f"inception{name}", ONE) for name in names] for names in _INCEPTIONS]
_OTHERS: dict[str, Layout] = {
    "mobilenet_v2": [
        ("features", (3, *(ONE,) * 17, 3)),
        ("pool", ONE),
        ("flatten", ONE),
        ("classifier", (ONE, ONE)),
    ],
    "convnext_tiny": [
        ("features", (4, (ONE,) * 3, 4, (ONE,) * 3, 4, (ONE,) * 9, 4, (ONE,) * 3)),
        ("avgpool", ONE),
        ("classifier", (ONE,) * 3),
    ],
    "googlenet": [
        ("conv1", 3), ("maxpool1", ONE), ("conv2", 3), ("conv3", 3), ("maxpool2", ONE), *_STAGES[0], ("maxpool3", ONE),
        *_STAGES[1], ("maxpool4", ONE), *_STAGES[2], ("avgpool", ONE), ("flatten", ONE), ("dropout", ONE), ("fc", ONE),
    ],
}  # fmt: skip


def _group(layout: Any, layers: Iterator[nn.Module]) -> nn.Module:
    """The next layers: one, a Sequential of so many, or of groups of them."""
    if isinstance(layout, int):
        return next(layers) if layout == ONE else nn.Sequential(*(next(layers) for _ in range(layout)))
    if not all(isinstance(entry, tuple) and isinstance(entry[0], str) for entry in layout):
        return nn.Sequential(*(_group(entry, layers) for entry in layout))
    group: Any = nn.Sequential(OrderedDict((name, _group(inner, layers)) for name, inner in layout))
    group.hidden_parts = tuple(name for name, _ in layout if name in HIDDEN)
    return group
