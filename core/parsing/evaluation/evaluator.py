"""The evaluator as a whole, with what only the frameworks' words need: imports and names of parts of presets."""

from __future__ import annotations

import ast
import difflib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.attributes import Attributes
from core.parsing.evaluation.exceptions import TextError
from core.parsing.evaluation.forward_inputs import first_tensor, further_inputs, stated_parts
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Namespace,
    Scope,
    Type,
    Unknown,
    is_symbol,
)
from core.parsing.plan import LayerCall

CAUSAL: dict[type, tuple[int, tuple[str, ...]]] = {  # arguments by name, after how many others
    nn.TransformerEncoder: (3, ("is_causal",)),
    nn.TransformerDecoder: (6, ("tgt_is_causal",)),
    nn.Transformer: (8, ("src_is_causal", "tgt_is_causal")),
}
SAME_EVERYWHERE = ("Identity", "AdaptiveAvgPool2D")  # layers without weights that files of many texts have anew
TORCHVISION_HEADS = ("fc", "classifier")  # a network with one of them has not the other
HEADS = (*TORCHVISION_HEADS, "head", "heads")


def _open_value(name: str) -> Unknown:
    return Unknown(f"the argument {name} has no default: write the value itself", 1, name)


class Evaluator(Attributes):
    """Evaluates the subset of Python that defines networks. Nothing of a text is executed by Python."""

    def __init__(
        self,
        names: Mapping[str, Any],
        builtins: Mapping[str, Any],
        roots: Mapping[str, Any],
        layer_methods: Mapping[str, Any],
        values: Mapping[str, Any] | None = None,
    ):
        super().__init__({}, {**builtins, **names}, values)
        self.roots = roots
        self.layer_methods = dict(layer_methods)
        self.preset_members: Mapping[str, Any] = {}  # what ready-made networks have besides their parts
        self.preset_inputs: dict[int, tuple[nn.Module, tuple[int, ...]]] = {}
        self.preset_sizes: dict[int, tuple[int, int]] = {}  # layers and parameters that they are made with
        self.weights: set[str] = set()  # tensors of the text that a network keeps
        self.seen_inputs: list[tuple[nn.Module, tuple[int, ...]]] = []
        self.unknown_modules: dict[int, None] = {}  # lines, in order
        self.input_shape: tuple[int, ...] | None = None  # typed beside the text
        self.channels_first = False  # in the inputs of a Keras text
        self.layers_first = False  # in Keras layers that do not say it
        self.has_steps = False  # a text of Paddle, whose sequences have many lengths
        self.variable_scopes: Any = None  # of a text of TensorFlow that takes weights once more by their names
        self.named_weights: dict[str, nn.Parameter] = {}  # of Paddle's static graphs, which share them by their names
        self.measured: list[Any] = []  # symbols that a loss is of, in order
        self.arg_scopes: list[dict[str, dict[str, Any]]] = []  # settings of TF-Slim's functions, the inner ones last
        self.table_length = 0  # of a table of positions that a sequence of assumed length does not fit into
        self.layer_numbers: dict[str, int] = {}  # of Keras: how many layers without a name were made of each kind
        self.batch_of: Any = None  # the symbol whose shape was read last: it knows the size of the batch
        self.open_shape: Callable[[], tuple[int | None, ...]] | None = (
            None  # of an argument that is the shape of an input
        )
        self.open_steps, self.has_open_steps = 224, False  # of sequences whose length a text of Keras leaves open
        self.bound_anew: Callable[[str, int], int] = lambda name, line: 0  # the line that gives a name its first value
        self.documented_calls: Callable[[str], list[ast.Call]] = lambda owner: []  # in docstrings of the text
        self.open_tensor: Callable[[], Any] | None = None  # of an argument that layers are called on
        self.run_packed: Callable[..., Any] | None = None  # a recurrent layer of a packed sequence
        self.calls: dict[nn.Module, LayerCall] = {}  # how each layer was built
        self.sizes: list[tuple[Any, tuple[int, ...]]] = []  # networks and the inputs named for them, without the batch
        self.layer_names: list[str] = []  # of the dialect, in small letters
        self.input_line = ""  # what states the shape of an input in the dialect
        self.layer_aliases: Mapping[str, str] = {}  # names of a layer's settings in the dialect -> those of PyTorch
        self.layer_sentence: Callable[[str], str] = str
        self.parts_of_call: Callable[[Unknown, list[Any], dict[str, Any]], dict[Any, Any]] = lambda *given: {}
        self.apply_to_symbols: Callable[..., Any] | None = None  # a function of PyTorch, in the order of a text's axes
        self.on_instance: Callable[..., Any] | None = None
        self.prelude: tuple[ast.Module, Mapping[str, Any]] = (ast.Module([], []), {})  # and the names that it uses
        self.relatives: tuple[str, ...] = ()  # packages whose files import from each other by `from .name import`
        self._prelude_scope: Scope | None = None

    def from_prelude(self, name: str) -> Any:
        """A definition of the prelude, evaluated once a text."""
        if self._prelude_scope is None:
            definitions, names = self.prelude
            self._prelude_scope = Scope(
                Scope(self.builtins, {"open_value": Builtin("open_value", _open_value), **names})
            )
            self.execute_all(definitions.body, self._prelude_scope)
        return self._prelude_scope.names[name]

    def imported(self, node: ast.Import | ast.ImportFrom) -> list[tuple[str, Any]]:
        if isinstance(node, ast.Import):
            return [self._bound(alias, node) for alias in node.names]
        module = self._relative(node.module or "") if node.level else self.module_named(node.module or "")
        pairs: list[tuple[str, Any]] = []
        for alias in node.names:
            if alias.name == "*":
                if not isinstance(module, Namespace):
                    self.star_imports.append((node.lineno, ast.unparse(node)[:80]))
                    pairs += self._hidden(node)
                members = module.members if isinstance(module, Namespace) else {}
                pairs += [(name, value) for name, value in members.items() if not name.startswith("_")]
                continue
            if not isinstance(module, Namespace) or (node.level and alias.name not in module.members):
                self._skip(node)
                pairs.append((alias.asname or alias.name, self._elsewhere(alias, node)))
            else:
                pairs.append((alias.asname or alias.name, self._imported_from(module, alias.name, node)))
        return pairs

    def _imported_from(self, module: Namespace, name: str, node: ast.ImportFrom) -> Any:
        try:
            return self.get_attribute(module, name, node)
        except TextError as error:  # no such name is in PyTorch either
            raise self.fail(None, str(error), ImportError) from None

    def _bound(self, alias: ast.alias, node: ast.Import) -> tuple[str, Any]:
        root = alias.name.split(".")[0]
        found = self.module_named(alias.name if alias.asname else root)
        if found is None:
            self._skip(node)
            found = self._elsewhere(alias, node)
        return alias.asname or root, found

    def _skip(self, node: ast.stmt) -> None:
        self.unknown_modules[node.lineno] = None

    def _elsewhere(self, alias: ast.alias, node: ast.stmt) -> Any:
        """A name out of a module that is not known; one that is known here all the same is what it is."""
        name, path = alias.name, alias.asname or alias.name
        own = self.globals.names.get(name) if isinstance(node, ast.ImportFrom) else None
        if isinstance(own, Class) or (isinstance(own, Function) and own.node.lineno):  # files one below the other
            self.notes.append(f"Line {node.lineno} imports {name[:60]}: that of this text is taken.")
            return own
        known = self.builtins.names.get(name, MISSING)
        module = getattr(node, "module", None) or ""
        is_layer = isinstance(known, Type) and isinstance(known.cls[0], type) and issubclass(known.cls[0], nn.Module)
        is_layer = is_layer and name not in SAME_EVERYWHERE and name[:1].isupper()
        is_foreign = module.split(".")[0] not in self.roots
        if known is not MISSING and not ((is_layer or self._is_ready_made(known)) and is_foreign):
            return known
        short = name.rpartition(".")[2]
        if (module or name).split(".")[0] in sys.stdlib_module_names and not getattr(node, "level", 0):
            return Unknown(
                f"{name[:60]} comes from a module of Python that is not evaluated here", node.lineno, short, path=path
            )
        if module.split(".")[0] in self.roots and not getattr(node, "level", 0):
            what = f"{name[:60]} of {module[:60]} is not known here"
        elif isinstance(node, ast.Import):
            what = f"{name[:60]} is imported and not in this text: paste the definitions that are used of it too"
        else:
            said = ast.unparse(node).split(" import ")[0][:80]
            what = f"{name[:60]} is imported ({said} ...) and not in this text: paste the definition of {name[:60]} too"
        return Unknown(what, node.lineno, short, is_imported=True, path=path, module=module or name)

    def _hidden(self, node: ast.ImportFrom) -> list[tuple[str, Any]]:
        """Networks of torchvision whose names an import of everything may bring for others."""
        names = [name for name, one in self.builtins.names.items() if self._is_ready_made(one)]
        return [(one, self._elsewhere(ast.alias(one), node)) for one in names if one not in self.globals.names]

    def _is_ready_made(self, value: Any) -> bool:
        """Whether it is a network of torchvision, whose names files of their own have for others."""
        models = self.module_named("torchvision.models")
        return models is not None and isinstance(value, Builtin) and models.members.get(value.name) is value

    def _relative(self, path: str) -> Namespace | None:
        """The module that `from .path import` means, if a file of a package known here says so."""
        found = (self.module_named(f"{root}.{path}".rstrip(".")) for root in self.relatives)
        return next((module for module in found if module is not None), None)

    def module_named(self, path: str) -> Namespace | None:
        """A module that a text may import."""
        found: Any = None
        for index, part in enumerate(path.split(".")):
            found = self.roots.get(part) if index == 0 else found.members.get(part)
            if not isinstance(found, Namespace):
                return None
        return found

    def note_input(self, values: list[Any]) -> None:
        """Remembers the input that is handed over together with one network, such as to count its operations."""
        networks = [value for value in values if isinstance(value, nn.Module)]
        inputs = [tuple(value.shape) for value in values if isinstance(value, Tensor)]
        if len(networks) == 1 and inputs and not self.budget.depth:
            self.seen_inputs.append((networks[0], inputs[0]))

    def note_sizes(self, module: nn.Module, args: list[Any]) -> None:
        if not self.budget.depth and isinstance(args[0] if args else None, Unknown) and args[0].sizes:
            self.seen_inputs.append((module, (1, *args[0].sizes)))

    def call_module(self, module: nn.Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        first = first_tensor(args[:1]) if not self.budget.depth else None
        if first is not None:
            self.seen_inputs.append((module, tuple(first.shape)))
            if isinstance(module, EvaluatedModule):
                module.part_sizes = stated_parts(module, args)
                module.named_inputs = further_inputs(module, args, kwargs) if first is args[0] else {}
        if isinstance(module, (nn.Embedding, nn.EmbeddingBag)) and args and isinstance(args[0], Tensor):
            bags = 2 if isinstance(module, nn.EmbeddingBag) else 1  # tokens, and where each bag of them begins
            args = [*(_as_indices(one) if isinstance(one, Tensor) else one for one in args[:bags]), *args[bags:]]
        if any(map(is_symbol, args)) and self.apply_to_symbols is not None:
            return self.apply_to_symbols(module, *args, name=type(module).__name__, **kwargs)
        most, names = CAUSAL.get(type(module), (0, ()))
        for name in names if len(args) <= most else ():
            kwargs.setdefault(name, False)  # or else PyTorch compares the mask's values, which has none on meta
        if isinstance(module, nn.RNNBase) and args and self.run_packed is not None:
            output = self.run_packed(self, module, args, node)
            if output is not None:
                return output
        return super().call_module(module, args, kwargs, node)

    def call_instance(self, value: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        if self.on_instance is None or value.cls.base is None:
            return super().call_instance(value, args, kwargs, node)
        return self.on_instance(self, value, args, kwargs, node)

    def module_attribute(self, module: nn.Module, name: str, node: ast.AST | None) -> Any:
        member = self.preset_members.get(name) if id(module) in self.preset_inputs else None
        if member is None:
            return super().module_attribute(module, name, node)
        return Bound(module, member) if isinstance(member, Builtin) else member(module)

    def known_parts(self, function: Unknown, args: list[Any], kwargs: dict[str, Any]) -> dict[Any, Any]:
        return self.parts_of_call(function, args, kwargs)

    def refuse_near_miss(self, function: Unknown, line: int) -> None:
        if not function.name[:1].isupper():
            return
        near = difflib.get_close_matches(function.name[:60].lower(), self.layer_names, n=1, cutoff=0.8)
        if near:
            owner = function.path.rpartition(".")[0][:60]
            is_layer = owner and near[0] == function.name.lower()
            said = f"the name {owner} has no value" if is_layer else self.layer_sentence(function.name)
            raise ParseError(f"Line {line}: {said}.")

    def alias(self, layer: nn.Module, name: str) -> str:
        if name in layer._modules:
            return name
        name = self.layer_aliases.get(name, name)
        has_own = name in TORCHVISION_HEADS and any(head in layer._modules for head in TORCHVISION_HEADS)
        if name in HEADS and not has_own and isinstance(layer, nn.Sequential) and id(layer) in self.preset_inputs:
            names = [key for key, part in layer.named_children() if any(True for _ in part.parameters())]
            return names[-1] if names else name
        return name


def _as_indices(x: Tensor) -> Tensor:
    """An input of numbers, taken for one of indices: no step of the network, so that no row shows it."""
    if not x.is_floating_point():
        return x
    with torch._C.DisableTorchFunction():
        return x.long()
