"""Setting attributes: of networks and layers as PyTorch does it, of classes and objects of the text."""

from __future__ import annotations

import ast
from typing import Any

from torch import Tensor, nn

from core.parsing.evaluation.budget import place
from core.parsing.evaluation.expressions import Expressions
from core.parsing.evaluation.layer_settings import set_on_layer
from core.parsing.evaluation.misspelt_names import LostChangeError
from core.parsing.evaluation.modules import OF_TEXT, EvaluatedModule
from core.parsing.evaluation.text_classes.decorators import Decorated
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Namespace,
    Partial,
    Special,
    Type,
    Unknown,
    type_name,
)

DEFINITIONS = (Class, Function, Builtin, Type, Partial)
RUN = ("__init__", "__new__", "__call__", "__getattr__", "__setattr__", "forward")  # where layers are made and called
PARTS = ("fc", "_fc", "head", "heads", "classifier", "last_linear", "conv1", "features", "avgpool", "box_predictor")
ABOUT_TRAINING = ("trainable", "optimizer", "loss", "metrics", "history", "stop_training", "name", "_name")


class SettingAttributes(Expressions):
    """Adds `value.name = new` to the evaluator."""

    def set_attribute(self, value: Any, name: str, new: Any, node: ast.AST | None) -> None:
        """`value.name = new`."""
        own = self.own_method(value, "__setattr__")
        if own is not MISSING:
            self.call(own, [name, new], {}, node)
            return
        if isinstance(value, nn.Module):
            new = self.weight_as_stored(value, name, new)
        match value:
            case EvaluatedModule():
                self._set_on_module(value, name, new, node)
            case nn.Module():
                set_on_layer(self, value, name, new, node)
            case Instance() if name == "__dict__" and isinstance(new, dict):
                value.names = new
            case Function():
                value.names[name] = new
            case Instance() if "frozen" in value.cls.options:
                raise self.fail(node, f"{value.cls.name} is frozen: {name[:60]} cannot be set.", AttributeError)
            case Instance():
                if not self._set_property(value, value.cls, name, new, node):
                    value.names[name] = new
                    self._told(value, name, new, node)
            case Class():
                value.names[name] = new
            case Unknown():
                value.parts[name] = new
                if name in PARTS and isinstance(new, nn.Module):
                    self.put_into_unknown.append((new, value))
            case Namespace() if isinstance(new, DEFINITIONS):
                self.replaced_members[value, name] = new
            case Type() if name in RUN and isinstance(new, DEFINITIONS):
                said = f"{name} of every {value.name} cannot be replaced here: write a class that inherits from it."
                raise LostChangeError(place(node) + said)
            case Special() if value.keep(name, new) or name in ABOUT_TRAINING:
                return
            case Function() if name.startswith("__"):  # `build.__doc__ = ...`
                return
            case Tensor():  # `grad` and its kind are nothing that a network has, `p.lr_scale = 0.5` is a remark
                stored = getattr(value, "stored", value)
                if name in self.freezing and stored.is_leaf and stored.is_floating_point():
                    stored.requires_grad = self.is_true(new, node) is not self.freezing[name]
                if isinstance(new, (bool, int, float, str)) and not hasattr(Tensor, name):
                    stored.__dict__.setdefault(OF_TEXT, {})[name] = new
                if name == "data" and isinstance(new, Tensor) and new.shape != value.shape:
                    value.data = new.detach().to(value.dtype)
            case _:
                raise self.fail(node, f"an attribute of {type_name(value)} cannot be set here.")

    def _told(self, value: Instance, name: str, new: Any, node: ast.AST | None) -> None:
        """Has a class that the text inherits from go on with what is set, where it has something to do then."""
        after = value.cls.base.members.get(f"after {name}") if value.cls.base is not None else None
        if isinstance(after, Builtin):
            self.call(Bound(value, after), [new], {}, node)

    def _set_on_module(self, module: EvaluatedModule, name: str, new: Any, node: ast.AST | None) -> None:
        if self._set_property(module, module.definition, name, new, node):
            return
        if refusal := module.refusal_to_set(name, new):
            raise self.fail(node, f"{refusal}.", TypeError if module.is_initialized else AttributeError)
        module.set_value(name, new)

    def _set_property(self, owner: Any, cls: Class, name: str, new: Any, node: ast.AST | None) -> bool:
        """Whether a name is a property of the class, whose setter is run then."""
        found = cls.find(name)
        if isinstance(found, Instance) and (put := self.own_method(found, "__set__")) is not MISSING:
            self.call(put, [owner, new], {}, node)
            return True
        if not isinstance(found, Function) or found.kind != "property":
            return False
        is_layer = isinstance(owner, nn.Module) and isinstance(new, nn.Module)  # which PyTorch keeps beside, unused
        if not isinstance(found, Decorated) or found.setter is None or is_layer:
            raise self.fail(node, f"{name} is a property and cannot be set.", AttributeError)
        self.call(found.setter, [owner, new], {}, node)
        return True
