"""Attributes of values: what a text may see of a tensor, a layer, a list. Nothing that begins with an underscore."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from core.errors import ParseError
from core.parsing.evaluation.arrays import ARRAY_SIZES, Array, reshaped
from core.parsing.evaluation.data_shapes import shape_of
from core.parsing.evaluation.generators import GENERATOR, Generator
from core.parsing.evaluation.hidden_state import made_state
from core.parsing.evaluation.known import with_known
from core.parsing.evaluation.layers_by_name import LayersByName
from core.parsing.evaluation.methods import LIST, METHODS
from core.parsing.evaluation.modules import OF_TEXT, WRAPPED, EvaluatedModule
from core.parsing.evaluation.statements import Statements
from core.parsing.evaluation.text_classes.builtin_subclasses import OWN, is_method_of
from core.parsing.evaluation.text_classes.objects import Super
from core.parsing.evaluation.text_classes.special_methods import special_method
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    FromPrelude,
    Function,
    Instance,
    Namespace,
    Partial,
    Special,
    Type,
    Unknown,
    type_name,
)

NAMED_RESULTS = ("values", "indices", "solution", "eigenvalues", "eigenvectors", "Q", "R", "U", "S", "Vh")
PADDING = "_reversed_padding_repeated_twice"  # of a convolution, as `F.pad` takes it
LAYER_VALUES = (bool, int, float, str, tuple, list, dict, Tensor, nn.Module, type(None), Instance, Function, Bound)


ABOUT_FUNCTION: dict[str, Callable[[Function], Any]] = {
    "__dict__": lambda function: function.names,
    "__doc__": lambda function: (
        ast.get_docstring(function.node) if isinstance(function.node, ast.FunctionDef) else None
    ),
    "__module__": lambda function: "__main__",
    "__defaults__": lambda function: tuple(function.defaults.values()) or None,
    "__wrapped__": lambda function: getattr(function, "wraps", None) or function,
    "cache_clear": lambda function: Builtin("cache_clear", (getattr(function, "memo", None) or {}).clear),
}


def _set_plainly(owner: Any, name: str, new: Any) -> None:
    """`object.__setattr__(owner, name, new)`, which asks nobody."""
    if isinstance(owner, Instance):
        owner.names[name] = new
    elif isinstance(owner, EvaluatedModule):
        owner.values[name] = new


class Attributes(Statements):
    """Adds attributes to the evaluator."""

    def get_attribute(self, value: Any, name: str, node: ast.AST | None = None) -> Any:
        match value:
            case Namespace():
                return self._member(value, name, node)
            case EvaluatedModule():
                return self._of_network(value, name, node)
            case nn.Module():
                return self.module_attribute(value, name, node)
            case Tensor():
                return self._of_tensor(value, name, node)
            case Unknown():
                return shape_of(value) if name == "shape" else value.part(f".{name}", name)
            case Super():
                return self.super_attribute(value, name, node)
            case Class():
                return self.class_attribute(value, name, node)
            case Instance():
                return self.instance_attribute(value, name, node)
            case Type():
                return self._of_type(value, name, node)
            case Special():
                found = value.attribute(self, name, node)
                if found is not MISSING:
                    return found
            case Generator() if name in GENERATOR:
                return Builtin(name, lambda call, *args: GENERATOR[name](call, value, *args), needs_call=True)
            case Partial():
                if name in ("func", "args", "keywords"):
                    return {"func": value.function, "args": value.args, "keywords": value.kwargs}[name]
            case Function() if name in value.names or name in ABOUT_FUNCTION:
                return value.names[name] if name in value.names else ABOUT_FUNCTION[name](value)
            case Function() | Builtin():
                if name in ("__name__", "__qualname__"):
                    return value.name
            case torch.finfo() | torch.iinfo():
                if name in ("max", "min", "eps", "tiny"):
                    return getattr(value, name)
            case torch.device():
                if name in ("type", "index"):
                    return getattr(value, name)
        return self.plain_attribute(value, name, node)

    def _member(self, value: Namespace, name: str, node: ast.AST | None) -> Any:
        found = self.replaced_members.get((value, name)) or value.members.get(name, MISSING)
        if name == "__dict__":
            return {key: one for key, one in value.members.items() if isinstance(one, (Builtin, Type))}
        if (
            found is MISSING
            and value.sentence is not None
            and (name.lower() != name or name.startswith("_") or name in {key.lower() for key in value.members})
        ):
            is_nowhere = value.real is not None and not hasattr(value.real, name)
            raise self.fail(node, f"{value.sentence(name)}.", AttributeError if is_nowhere else None)
        if found is MISSING:
            known = [key for key in value.members if not key.startswith("_")]
            near = difflib.get_close_matches(name[:60].lower(), [key.lower() for key in known], n=1, cutoff=0.6)
            nearest = next((key for key in known if near and key.lower() == near[0]), "")
            hint = f"; the nearest is {nearest}" if nearest else ""
            line = getattr(node, "lineno", 1)
            return Unknown(f"{value.name}.{name[:60]} is not known here{hint}", line, name)
        return self.from_prelude(found.name) if isinstance(found, FromPrelude) else found

    def _of_type(self, value: Type, name: str, node: ast.AST | None) -> Any:
        if name == "__name__":
            return value.name
        if name in value.members:
            return value.members[name]
        if value.cls[0] in OWN and is_method_of(value.cls[0], name):
            return Builtin(
                name, lambda call, made, *a, **k: call.call(self.builtin_method(made, name, node), *a, **k), True
            )
        if issubclass(value.cls[0], nn.Module) and name in self.layer_methods:
            method = self.layer_methods[name]
            return Builtin(name, lambda call, made, *a, **k: call.call(Bound(made, method), *a, **k), True)
        if name == "__init__":
            return Builtin("__init__", lambda call, made, *a, **k: self.init_base(made, list(a), k, node), True)
        if name == "__new__":
            return self._new(value.name == "type", node)
        if name == "__setattr__":
            return Builtin(name, lambda call, owner, key, new: _set_plainly(owner, key, new), True)
        if name in ("forward", "__call__"):
            return Builtin(name, lambda call, made, *a, **k: value.cls[0].forward(made, *a, **k), True)  # type: ignore[attr-defined]
        if not name.startswith("_"):
            raise self.fail(node, f"{value.name} is a class: call it, {value.name}(), before .{name[:60]} is used.")
        raise self.fail(node, f"{value.name} has no {name[:60]}.")

    def _of_network(self, module: EvaluatedModule, name: str, node: ast.AST | None) -> Any:
        found = module.get_value(name)
        if found is not MISSING:
            return self.weight_as_seen(module, name, found)
        found = module.definition.find(name)
        if found is not MISSING:
            return self.bound(module, found, module.definition, node)
        try:
            return self.module_attribute(module, name, node)
        except ParseError:
            made = made_state(self, module, name)
            if made is not MISSING:
                return made
            own = self.own_method(module, "__getattr__")
            if own is MISSING or name in ("definition", "cls"):
                raise
            return self.call(own, [name], {}, node)

    def module_attribute(self, module: nn.Module, name: str, node: ast.AST | None) -> Any:
        if name == "__class__":
            return getattr(module, "definition", self.type_of(module))
        if name == "__dict__" and isinstance(module, EvaluatedModule):
            return module.values
        if name == "training":
            return module.training
        if name in ("_modules", "_sub_layers"):  # in PyTorch, in Paddle
            return LayersByName(module)
        if name in self.layer_methods and (name not in CONTAINERS or isinstance(module, CONTAINERS[name])):
            member = self.layer_methods[name]
            return Bound(module, member) if isinstance(member, Builtin) else member
        name = self.alias(module, name)
        for kept in (module._parameters, module._modules, module._buffers):
            if name in kept:
                return self.weight_as_seen(module, name, kept[name])
        if is_parametrized(module, name) or f"{name}_g" in module._parameters or f"{name}_orig" in module._parameters:
            return self.weight_as_seen(
                module, name, getattr(module, name)
            )  # worked out of other weights by `weight_norm(layer)`
        if (name == PADDING or not name.startswith("_")) and isinstance(
            module.__dict__.get(name, MISSING), LAYER_VALUES
        ):
            return module.__dict__[name]
        if name in ("module", "_layers", "_orig_mod", "network") and WRAPPED in module.__dict__:
            return module
        if (method := special_method(self, module, name, node)) is not MISSING:
            return method
        raise self.fail(node, self._no_part(module, name), AttributeError)

    def type_of(self, value: Any) -> Type:
        """The class of a value that is of no class of the text; what builds such layers, if it is one of a layer."""
        if isinstance(value, Special):
            return value.own_type()
        kind = type(value)
        known = self.builtins.names.get(kind.__name__)
        return known if isinstance(known, Type) and known.cls[:1] == (kind,) else Type(kind.__name__, (kind,))

    def _no_part(self, module: nn.Module, name: str) -> str:
        owner = "self" if isinstance(module, EvaluatedModule) else type(module).__name__
        known = [*module._modules, *module._parameters, *module._buffers]
        if isinstance(module, EvaluatedModule):
            known += [*module.values, *(key for one in module.definition.lineage() for key in one.names)]
        near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.5)
        hint = f"; the nearest is {owner}.{near[0]}" if near else ""
        return f"{owner}.{name[:60]} is never made{hint}."

    def _of_tensor(self, value: Tensor, name: str, node: ast.AST | None) -> Any:
        for methods in self.tensor_methods:
            if name in methods:
                found = methods[name]
                if isinstance(found, Builtin):
                    return Bound(value, found)
                return with_known(found, [value], {}, found(value))
        remarks = getattr(value, "stored", value).__dict__.get(OF_TEXT, {})
        if name in remarks:
            return remarks[name]
        if name == "__class__":
            return self.type_of(value)
        if (method := special_method(self, value, name, node)) is not MISSING:
            return method
        raise self.fail(node, f"what .{name[:60]} of a tensor does is not known here.")

    def plain_attribute(self, value: Any, name: str, node: ast.AST | None) -> Any:
        if isinstance(value, torch.Size) and name == "numel":
            return Builtin("numel", value.numel)
        if isinstance(value, tuple) and name in NAMED_RESULTS and hasattr(value, name):
            return getattr(value, name)  # of torch.max(x, dim) and its kind
        if isinstance(value, Array) and name in ARRAY_SIZES:
            return ARRAY_SIZES[name](value)
        if isinstance(value, (int, float)) and name in ABOUT_NUMBERS and hasattr(value, name):
            return getattr(value, name)
        if isinstance(value, Array) and name == "reshape":
            return Builtin(name, lambda *sizes: reshaped(value, sizes, self.run.device))
        if isinstance(value, slice) and name == "indices":
            return Builtin(name, value.indices)
        if isinstance(value, (slice, range)) and name in ("start", "stop", "step"):
            return getattr(value, name)
        if isinstance(value, list) and name == "sort":
            return Builtin(name, lambda call, **how: self._sort(value, how, call.node), needs_call=True)
        for kind, methods in METHODS:
            if isinstance(value, kind):
                if name in methods:
                    self._check_growth(value, node)
                    return Builtin(name, self._method(value, methods[name]), needs_call=True)
                break
        if name == "__class__":
            return self.type_of(value)
        if (method := special_method(self, value, name, node)) is not MISSING:
            return method
        if (part := self.part_of_shape(value, name)) is not MISSING:
            return part
        raise self.fail(node, f"{type_name(value)} has no {name[:60]} that can be used here.", AttributeError)

    def _sort(self, values: list[Any], how: dict[str, Any], node: ast.AST) -> None:
        values[:] = self.call(self.builtins.names["sorted"], [values], how, node)

    def _method(self, value: Any, method: Any) -> Any:
        def run(call: Any, *args: Any, **kwargs: Any) -> Any:
            is_extended = method is LIST["extend"]
            args = tuple(call.iterate(arg) if is_extended or hasattr(arg, "__next__") else arg for arg in args)
            for arg in args:
                self._check_growth(arg, call.node)
            return method(value, *args, **kwargs)

        return run

    def _check_growth(self, value: Any, node: ast.AST | None) -> None:
        if isinstance(value, (list, dict, str, set)):
            self.budget.size(len(value) + 1, node)


ABOUT_NUMBERS = ("real", "imag", "numerator", "denominator")
CONTAINERS: dict[str, tuple[type, ...]] = dict.fromkeys(
    ("append", "insert", "extend"), (nn.Sequential, nn.ModuleList, nn.ParameterList)
) | {"pop": (nn.Sequential, nn.ModuleList, nn.ModuleDict), "keys": (nn.ModuleDict, nn.ParameterDict)}
CONTAINERS |= dict.fromkeys(("log_prob", "predict"), (nn.AdaptiveLogSoftmaxWithLoss,))
CONTAINERS["generate_square_subsequent_mask"] = (nn.Transformer,)
CONTAINERS |= dict.fromkeys(("items", "values", "update", "get", "clear"), (nn.ModuleDict, nn.ParameterDict))
