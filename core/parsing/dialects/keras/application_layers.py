"""The layers inside the ready-made networks of Keras by Keras's names, so that a text can go on from one of them.

Source: the layers of keras.applications, Keras 3.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import nn

from core.errors import ParseError
from core.layers.blocks import Residual
from core.parsing.dialects.keras.networks import KerasNetwork, Placed
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied
from core.parsing.evaluation.values import MISSING, Builtin, Special

Step = tuple[str, nn.Module, bool]  # Keras's name, the layer, whether the input of its block is added after it
COUNTS = {("mobilenet_v2", False): 154, ("mobilenet_v2", True): 156, ("resnet50", False): 175, ("resnet50", True): 177}
COUNTS |= {
    ("resnet101", False): 345,
    ("resnet101", True): 347,
    ("densenet121", False): 427,
}  # of layers in Keras, the input among them
LIKELY_COUNT = 150
PARTS = ["expand", "expand_BN", "expand_relu", "depthwise", "depthwise_BN", "depthwise_relu", "project", "project_BN"]


def _joined(layers: Sequence[nn.Module]) -> nn.Module:
    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)


def _vgg(layers: Sequence[nn.Module]) -> Iterator[Step]:
    """Every layer of Keras is there: a convolution with its ReLU is one, and so is a linear layer with its dropout."""
    block, number, index, linear = 1, 0, 0, 0
    while index < len(layers):
        end = index + 1
        while end < len(layers) and isinstance(layers[end], (nn.ReLU, nn.Dropout, nn.Flatten)):
            end += 1
        name = "flatten"
        if isinstance(layers[index], nn.Conv2d):
            number += 1
            name = f"block{block}_conv{number}"
        elif isinstance(layers[index], nn.MaxPool2d):
            name, block, number = f"block{block}_pool", block + 1, 0
        elif isinstance(layers[index], nn.Linear):
            linear += 1
            name = f"fc{linear}" if end < len(layers) else "predictions"
        yield name, _joined(layers[index:end]), False
        index = end


def _resnet(layers: Sequence[nn.Module]) -> Iterator[Step]:
    names = iter(("conv1_conv", "conv1_bn", "conv1_relu", "pool1_pool"))
    stage, number, width = 1, 0, 0
    for layer in layers:
        if not isinstance(layer, nn.Sequential):
            yield next(names, "avg_pool" if isinstance(layer, nn.AdaptiveAvgPool2d) else "predictions"), layer, False
            continue
        wide = max(p.shape[0] for p in layer.parameters())
        stage, number = (stage, number + 1) if wide == width else (stage + 1, 1)
        width = wide
        yield f"conv{stage}_block{number}_out", layer, False


def _mobilenet(layers: Sequence[nn.Module]) -> Iterator[Step]:
    names = iter(("Conv1", "bn_Conv1", "Conv1_relu", "Conv_1", "Conv_1_bn", "out_relu", "global_average_pooling2d"))
    block = 0
    for layer in layers:
        body = layer.body if isinstance(layer, Residual) else layer
        if not isinstance(body, nn.Sequential):
            yield next(names, "predictions"), layer, False
            continue
        head = f"block_{block}" if block else "expanded_conv"
        parts = PARTS[len(PARTS) - len(body) :]
        for name, part in zip(parts, body, strict=True):
            is_last = name == PARTS[-1] and isinstance(layer, Residual)
            yield f"{head}_{name}", part, is_last
        block += 1


NAMED: dict[str, Callable[[Sequence[nn.Module]], Iterator[Step]]] = {
    "vgg16": _vgg,
    "vgg19": _vgg,
    "resnet50": _resnet,
    "resnet101": _resnet,
    "mobilenet_v2": _mobilenet,
}


class Inside(Special):
    """A layer of a ready-made network of which only the number is known."""

    name = "layer"

    def __init__(self, network: str):
        self.network = network

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name in ("output", "input"):
            raise evaluator.fail(node, f"which layer of {self.network} this is, is not known here: use its name.")
        return {"name": "layer", "trainable": True}.get(name, MISSING)


class Application(KerasNetwork):
    """A ready-made network, taken apart once a text asks for the layers inside of it."""

    def __init__(self, key: str, layers: nn.Module, start: KerasTensor, has_top: bool, line: int):
        shape = tuple(layers(start.meta()).shape[1:])
        super().__init__([start], [KerasTensor(shape, Record(layers, (start,), {}, key))], key, line)
        self.key, self.inside, self.has_top = key, layers, has_top
        self.placed: list[Any] | None = None

    def _layers(self) -> list[Any]:
        placed = self._by_name()
        if self.key in ("vgg16", "vgg19"):
            return placed
        count = COUNTS.get((self.key, self.has_top), LIKELY_COUNT)
        return [placed[0], *(Inside(self.key) for _ in range(count - 2)), placed[-1]]

    def _by_name(self) -> list[Any]:
        named = NAMED.get(self.key)
        if named is None or not isinstance(self.inside, nn.Sequential):
            return super()._layers()
        if self.placed is None:
            before: KerasTensor = self.inputs[0]
            symbols = [before]
            entered = before
            for name, module, is_added in named(list(self.inside)):
                entered = before if name.endswith("_expand") else entered
                before = KerasTensor(tuple(module(before.meta()).shape[1:]), Record(module, (before,), {}, name))
                symbols.append(before)
                if is_added:
                    before = applied(operator.add, before, entered, name=name.replace("project_BN", "add"))
                    symbols.append(before)
            self.placed = [Placed(symbol) for symbol in symbols]
            self.outputs, self.module = [before], None
        return self.placed

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name == "get_layer":
            return Builtin("get_layer", self._find)
        return super().attribute(evaluator, name, node)

    def _find(self, name: str = "", index: int | None = None) -> Any:
        if index is not None:
            return self._layers()[index]
        found = next((layer for layer in self._by_name() if layer.name == name), None)
        if found is None:
            raise ParseError(f"the layer {str(name)[:40]!r} inside of {self.key} is not known here.")
        return found
