"""Which expressions of a text build layers."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.models import MODELS as PRESETS
from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras.layer_kinds.merges import MERGE_FUNCTIONS
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.values import (
    MISSING,
    Class,
    Function,
    Instance,
    LayerFunction,
    Namespace,
    Scope,
    Type,
    Unknown,
    is_symbol,
)
from core.parsing.network_values import MEASURE, names_in
from core.parsing.statements.entering_blocks import EnteringBlocks
from core.parsing.statements.statement_kinds import stored_names

TRAINING_SPACES = ("optimizers", "losses", "metrics", "callbacks", "preprocessing", "data", "train")
WITHOUT_LAYERS = (  # of TensorFlow
    "GradientTape", "Session", "InteractiveSession", "Graph", "ConfigProto", "GPUOptions", "TensorShape", "TensorSpec",
)  # fmt: skip
PLAIN = re.compile(  # layers without weights
    r"(Log)?Softmax|Sigmoid|Tanh|(Leaky)?ReLU|GELU|Upsample|Identity|(Unf|F)latten|(Unf|F)old|Pixel(Uns|S)huffle"
    r"|CosineSimilarity|PairwiseDistance|\w*(Pool|Pad|Dropout)\d[dD]|Dropout|Upsampling\w+"
)
LAYER_SPACES = ("nn", "fluid.dygraph")
TENSOR_SPACES = ("fluid.layers", "paddle", "F", "keras.backend", "keras.ops", "tf.math")  # of functions of outputs
READY_MADE = ("torchvision", "torchvision.models", "timm", "keras.applications", "paddle.vision.models")
BESIDE_NETWORKS = ("transforms", "utils", "datasets", "io", "data", "optim", "scheduler", "loss")  # of those packages


@dataclass
class Builders(EnteringBlocks):
    """Adds to what enters a text whether a part of it builds layers."""

    examined: set[ast.AST] = field(default_factory=set)  # functions that are looked through now
    known_builders: dict[ast.AST, bool] = field(default_factory=dict)  # whether functions build layers
    names_when_known: int = 0  # of the text, since when that holds

    def concerns(self, node: ast.AST, scope: Scope) -> bool:
        """Whether an expression builds layers, other than one without weights that is used in passing."""
        calls = [part for part in all_nodes(node) if isinstance(part, ast.Call)]
        passing = [call.func for call in calls if isinstance(call.func, ast.Call) and _is_plain(call.func.func, scope)]
        return any(self.builds(call.func, scope) for call in calls if call not in passing)

    def builds(self, function: ast.expr, scope: Scope) -> bool:
        """Whether what an expression stands for builds layers when it is called."""
        root, path = _taken_apart(function)
        if root is None:
            return self._builds_by_method(function, scope)
        value = scope.find(root.id)
        space = getattr(value, "name", "") if path else ""
        if space in LAYER_SPACES or (space in ("torch", "paddle", "fluid") and {"nn", "dygraph"} & set(path)):
            kind = path[0]
            return (
                (kind.lower() != kind or kind in self.evaluator.layer_names)
                and not kind.endswith(("Loss", "Parameter"))
                and not {"optim", "functional"} & set(path)
            )
        if not path and (isinstance(value, KerasLayer) or getattr(value, "name", "") in MERGE_FUNCTIONS):
            return True
        if getattr(value, "name", "") in (READY_MADE if path else PRESETS):
            return not path or path[-1] not in BESIDE_NETWORKS
        cls = value.cls if isinstance(value, Instance) else value
        own = cls.find(path[-1]) if path and isinstance(cls, Class) else value
        if isinstance(own, Function) and (not path or own is not value):
            return self.builds_layers(own)
        if isinstance(_member(value, path), LayerFunction):
            return True
        if path and getattr(value, "name", "") in ("keras", "tensorflow", "keras.layers", "keras.models"):
            return path[0][:1].isupper() and path[0] not in WITHOUT_LAYERS and not set(TRAINING_SPACES) & set(path)
        return self.evaluator.is_network(value) or (
            not path
            and isinstance(value, Type)
            and any(issubclass(one, (nn.Module, KerasNetwork, KerasLayer)) for one in value.cls)
        )

    def _builds_by_method(self, function: ast.expr, scope: Scope) -> bool:
        """Whether `Trainer(3).run` of a class of the text builds layers."""
        match function:
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name)), attr=method):
                cls = scope.find(name)
                own = cls.find(method) if isinstance(cls, Class) else None
                return isinstance(own, Function) and self.builds_layers(own)
        return False

    def goes_on(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether an assignment computes something of a graph's outputs by a framework's function of tensors."""
        if not isinstance(node, ast.Assign) or any(MEASURE.search(name.lower()) for name in stored_names(node)):
            return False
        calls = [part for part in all_nodes(node.value) if isinstance(part, ast.Call)]
        return any(
            (_space_name(call.func, scope) in TENSOR_SPACES or _is_layer_like(call.func, scope))
            and not MEASURE.search(getattr(call.func, "attr", ""))
            and any(is_symbol(scope.find(name)) for name in names_in(call))
            for call in calls
        )

    def builds_layers(self, function: Function) -> bool:
        """Whether a function of the text builds layers, itself or by others that it calls."""
        node, names = function.node, len(self.evaluator.globals.names)
        if names != self.names_when_known:
            self.known_builders, self.names_when_known = {}, names
        if node in self.known_builders or node in self.examined:
            return self.known_builders.get(node, False)
        is_first = not self.examined
        self.examined.add(node)
        try:
            found = self.concerns(node, function.scope)
            if found:
                self.known_builders[node] = True
            elif is_first:  # none of those that were come by builds any
                self.known_builders |= dict.fromkeys(self.examined, False)
            return found
        finally:
            self.examined = set() if is_first else self.examined


def _is_plain(function: ast.expr, scope: Scope) -> bool:
    """Whether a layer of PyTorch or Paddle has no weights: `nn.Softmax(dim=1)(scores)` adds nothing to a network."""
    root, path = _taken_apart(function)
    value = scope.find(root.id) if root is not None else None
    if isinstance(value, Type):
        return all(issubclass(one, nn.Module) for one in value.cls) and PLAIN.fullmatch(value.name) is not None
    return getattr(value, "name", "") in ("nn", "torch", "paddle") and bool(path and PLAIN.fullmatch(path[0]))


def _is_layer_like(function: ast.expr, scope: Scope) -> bool:
    """Whether it merges, or is made by a class that nobody knows: `CRF(3)(x)`, and `crf(x)` of a `crf = CRF(3)`."""
    match function:
        case ast.Attribute(attr=name) if name in MERGE_FUNCTIONS:
            return _space_name(function, scope) == "keras.layers"
        case ast.Call(func=ast.Name(id=name)):
            return name[:1].isupper() and isinstance(scope.find(name), (Unknown, type(MISSING)))
        case ast.Name(id=name):
            value = scope.find(name)
            return isinstance(value, Unknown) and not value.is_data and value.what[:1].isupper()
    return False


def _taken_apart(function: ast.expr) -> tuple[ast.Name | None, list[str]]:
    """The name that `nn.init.ones_` begins with, and what follows it, the last first."""
    path: list[str] = []
    while isinstance(function, ast.Attribute):
        path.append(function.attr)
        function = function.value
    return (function if isinstance(function, ast.Name) else None), path


def _member(value: Any, path: list[str]) -> Any:
    """What `value.b.a` is for the path ["a", "b"] in modules of a framework, None where they lack it."""
    for name in reversed(path):
        value = value.members.get(name) if isinstance(value, Namespace) else None
    return value


def _space_name(function: ast.expr, scope: Scope) -> str:
    """The module of a framework that `fluid.layers.relu` is taken from, "" for anything else."""
    root, path = _taken_apart(function)
    space = _member(scope.find(root.id), path[1:]) if path and root is not None else None
    return space.name if isinstance(space, Namespace) else ""
