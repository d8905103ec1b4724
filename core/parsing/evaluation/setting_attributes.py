"""Setting attributes: of networks and layers as PyTorch does it, of classes and objects of the text."""

from __future__ import annotations

import ast
from typing import Any

from torch import Tensor, nn

from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.decorators import Decorated
from core.parsing.evaluation.expressions import Expressions
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import MISSING, Class, Function, Instance, Special, Unknown, type_name

ABOUT_TRAINING = ("trainable", "optimizer", "loss", "metrics", "history", "stop_training", "name", "_name")


class SettingAttributes(Expressions):
    """Adds `value.name = new` to the evaluator."""

    def set_attribute(self, value: Any, name: str, new: Any, node: ast.AST | None) -> None:
        """`value.name = new`."""
        own = self.own_method(value, "__setattr__")
        if own is not MISSING:
            self.call(own, [name, new], {}, node)
            return
        match value:
            case EvaluatedModule():
                self._set_on_module(value, name, new, node)
            case nn.Module():
                self._set_on_layer(value, name, new, node)
            case Instance():
                if not self._set_property(value, value.cls, name, new, node):
                    value.names[name] = new
            case Class():
                value.names[name] = new
            case Unknown():
                value.parts[name] = new
            case Special() if name in ABOUT_TRAINING:
                return
            case Tensor():  # `requires_grad`, however it is spelt, is nothing that a shape depends on
                if name == "data" and isinstance(new, Tensor) and new.shape != value.shape:
                    value.data = new.detach().to(value.dtype)
            case _:
                raise self.fail(node, f"an attribute of {type_name(value)} cannot be set here.")

    def _set_on_module(self, module: EvaluatedModule, name: str, new: Any, node: ast.AST | None) -> None:
        if self._set_property(module, module.definition, name, new, node):
            return
        if refusal := module.refusal_to_set(name, new):
            raise self.fail(node, f"{refusal}.", TypeError)
        module.set_value(name, new)

    def _set_property(self, owner: Any, cls: Class, name: str, new: Any, node: ast.AST | None) -> bool:
        """Whether a name is a property of the class, whose setter is run then."""
        found = cls.find(name)
        if not isinstance(found, Function) or found.kind != "property":
            return False
        is_layer = isinstance(owner, nn.Module) and isinstance(new, nn.Module)  # which PyTorch keeps beside, unused
        if not isinstance(found, Decorated) or found.setter is None or is_layer:
            raise self.fail(node, f"{name} is a property and cannot be set.")
        self.call(found.setter, [owner, new], {}, node)
        return True

    def _set_on_layer(self, layer: nn.Module, name: str, new: Any, node: ast.AST | None) -> None:
        """A part of a ready-made layer or network: another layer in its place, or one of its plain settings."""
        target = self.alias(layer, name)
        if isinstance(new, nn.Module) and target in layer._modules:
            layer._modules[target] = new
        elif name in layer._parameters or name in layer._buffers:
            if name in layer._parameters and (new is None or isinstance(new, nn.Parameter)):
                layer._parameters[name] = new
            elif name in layer._buffers and (new is None or isinstance(new, Tensor)):
                layer._buffers[name] = new
            else:
                raise self.fail(node, f"{name} of {type(layer).__name__} takes a parameter.")
        elif not name.startswith("_") and isinstance(layer.__dict__.get(name), (bool, int, float, str, tuple)):
            if not isinstance(new, (bool, int, float, str, tuple, list)):
                raise self.fail(node, f"{name} of {type(layer).__name__} takes a number or a word.")
            setattr(layer, name, tuple(new) if isinstance(new, list) else bounded(new, node))
        elif isinstance(new, (bool, int, float, str)) and name[:1] != "_" and not hasattr(layer, name):  # a mark on it
            setattr(layer, name, bounded(new, node))
        elif type(layer) is nn.Module and isinstance(new, (nn.Module, nn.Parameter)):  # a holder of others
            setattr(layer, name, new)
        elif isinstance(new, nn.Module) and type(layer) is nn.Sequential and not hasattr(layer, "hidden_parts"):
            layer._modules[name] = new
        elif isinstance(new, nn.Module):
            raise self.fail(node, f"{type(layer).__name__} has no part called {name[:60]}.")
        elif callable(getattr(type(layer), name, None)):
            raise self.fail(
                node, f"{name} of {type(layer).__name__} cannot be replaced here: write a class that has it."
            )

    def alias(self, layer: nn.Module, name: str) -> str:
        """The name under which a part of a ready-made network is kept here."""
        return name
