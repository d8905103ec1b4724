"""Classes of the text: their definition, their objects, `super()`, and what their attributes are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from typing import Any

from torch import nn

from core.parsing.evaluation.building import BuiltObject, construction
from core.parsing.evaluation.calls import flat
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.decorators import owned_by
from core.parsing.evaluation.enums import is_enum, make_members, member_of, members
from core.parsing.evaluation.gradients import CONTEXT
from core.parsing.evaluation.modules import EvaluatedModule, new_module
from core.parsing.evaluation.records import Factory, as_tuple, record_fields
from core.parsing.evaluation.setting_attributes import SettingAttributes
from core.parsing.evaluation.special_methods import special_method
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Scope,
    Special,
    Super,
    Type,
    Unknown,
)

PLAIN_BASES = {"LightningModule", "BaseModule", "TheseusLayer"}  # of lightning, mmcv, ppcls: nn.Module and hooks
D2L_BASES = {"d2l.Encoder", "d2l.Decoder", "d2l.AttentionDecoder", "d2l.Module"}


class Classes(SettingAttributes):
    """Adds classes to the evaluator."""

    def define_class(self, node: ast.ClassDef, scope: Scope) -> Class:
        """A class as its statement defines it; its body is evaluated at once."""
        bases = tuple(self._base(base, scope) for base in node.bases)
        for keyword in node.keywords:
            if isinstance(self.evaluate(keyword.value, scope), Class):
                raise self.fail(node, f"a class of classes ({ast.unparse(keyword)[:60]}) cannot be evaluated here.")
        body = Scope(scope, is_class=True)
        cls = Class(node.name, bases, body.names, node.lineno, self._framework_base(bases))
        self.run_body(node.body, body)
        for key in [key for key in body.names if key[:2] == "__" and key[-2:] != "__"]:
            body.names[f"_{node.name.lstrip('_')}{key}"] = body.names.pop(key)
        methods = [value for value in body.names.values() if isinstance(value, Function)]
        for value in [one for method in methods for one in owned_by(cls, method)]:
            value.owner, value.scope = cls, self._outside(value.scope)
        if is_enum(cls):
            make_members(cls)
        is_record = any(isinstance(base, Type) and base.name == "NamedTuple" for base in bases)
        if is_record or any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
            own = [s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
            above = [name for base in cls.lineage()[:0:-1] for name in base.fields or ()]
            cls.fields = tuple(dict.fromkeys((*above, *own)))
        return cls

    def _base(self, node: ast.expr, scope: Scope) -> Any:
        """A class that another inherits from; of `Generic[T]` what stands before the brackets."""
        base = self.evaluate(node, scope)
        if isinstance(node, ast.Subscript) and isinstance(base, Unknown):
            return self.evaluate(node.value, scope)
        return base

    def _outside(self, scope: Scope) -> Scope:
        """Methods do not see the names of the class body they stand in."""
        return scope.outer if scope.is_class and scope.outer is not None else scope

    def _framework_base(self, bases: tuple[Any, ...]) -> Type | None:
        for base in bases:
            if isinstance(base, Unknown) and (base.name in PLAIN_BASES or base.path in D2L_BASES):
                base = self.builtins.names.get("Module") or self.builtins.names.get("Layer", base)
            found = base.base if isinstance(base, Class) else base
            if isinstance(found, Type) and found.cls and issubclass(found.cls[0], (nn.Module, Special)):
                return found
        return None

    def is_network(self, cls: Any) -> bool:
        """Whether objects of a class of the text are layers or networks."""
        return isinstance(cls, Class) and cls.base is not None

    def get_item(self, value: Any, index: Any, node: ast.AST) -> Any:
        if not isinstance(value, Class):
            record = as_tuple(value)
            return super().get_item(value if record is None else record, index, node)
        if not is_enum(value):  # `Block[int]`, for those who check types
            return value
        if index not in value.names:
            raise self.fail(node, f"{value.name} has no {str(index)[:40]}.", KeyError)
        return value.names[index]

    def iterate(self, value: Any, node: ast.AST | None = None) -> Iterator[Any]:
        record = as_tuple(value)
        if record is not None:
            return super().iterate(record, node)
        return super().iterate(members(value) if is_enum(value) else value, node)

    def instantiate(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        if args and is_enum(cls):
            if (found := member_of(cls, args[0])) is MISSING:
                raise self.fail(node, f"{cls.name} has no {str(args[0])[:40]}.", ValueError)
            return found
        new = cls.find("__new__")
        made = self.call(new, [cls, *args], kwargs, node) if isinstance(new, Function) else self.bare(cls, node)
        if not self._is_of(made, cls):
            self._give_length(made, cls, args, kwargs, node)
            return made
        if isinstance(made, EvaluatedModule):
            self._note_building(made, args, kwargs, node)
        text = self._construction(cls, args, kwargs, node) if isinstance(made, Instance) else ""
        self._begin(made, cls, args, kwargs, node)
        if isinstance(made, Instance) and isinstance(node, ast.Call):
            self.built_objects[cls] = BuiltObject(made, text, node.lineno)
        return made

    def _begin(self, made: Any, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """What is done with a bare object: its own `__init__`, or that of what it inherits from."""
        init = cls.find("__init__")
        if isinstance(init, Function):
            self.call(init, [made, *args], kwargs, node)
        elif isinstance(made, EvaluatedModule):
            self.init_base(made, args, kwargs, node)
        elif cls.base is not None and "__init__" in cls.base.members:
            self.call(cls.base.members["__init__"], [made, *args], kwargs, node)
        else:
            self.fill_fields(made, cls, args, kwargs, node)

    def _construction(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> str:
        """The expression that builds an object; outside of functions that may be the text's own."""
        written = construction(cls.name, args, kwargs)
        if written is None and isinstance(node, ast.Call) and not self.budget.depth:
            return ast.unparse(node)
        return written or ""

    def _give_length(
        self, made: Any, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None
    ) -> None:
        """Lets an object of which not all is known, such as a data set, say by its own `__len__` how long it is."""
        own = cls.find("__len__")
        if not isinstance(made, Unknown) or not isinstance(own, Function):
            return

        def length(call: Any) -> Any:
            stand_in, assumed = Instance(cls), dict(self.assumed)
            try:
                self._begin(stand_in, cls, args, kwargs, node)
                return self.call(own, [stand_in], {}, node)
            except MISFITS:  # it depends on what the class inherits from, or on data
                self.assumed = assumed
                return made.part(".__len__()", "")

        made.parts["__len__"] = Builtin("__len__", length, needs_call=True)

    def bare(self, cls: Class, node: ast.AST | None) -> Any:
        """An object of a class before its `__init__`, as `object.__new__` makes it."""
        if cls.base is not None and issubclass(cls.base.cls[0], nn.Module):
            self.budget.layer(node)
            return new_module(self, cls)
        unknown = cls.unknown_base()
        if unknown is None:
            return Instance(cls)
        return Unknown(f"the class {cls.name} inherits from {unknown.name}, which is not known here", cls.line, cls=cls)

    def _is_of(self, value: Any, cls: Class) -> bool:
        own = getattr(value, "definition", None) if isinstance(value, nn.Module) else getattr(value, "cls", None)
        return not isinstance(value, Unknown) and isinstance(own, Class) and cls in own.lineage()

    def _note_building(self, made: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """How a network is built, where the text itself does it with values that can be written."""
        values = [*args, *kwargs.values()]
        if not all(isinstance(value, (bool, int, float, str, type(None), tuple, list)) for value in flat(values)):
            return
        made.__dict__["made_with"] = dict(kwargs)
        if isinstance(node, ast.Call) and not self.budget.depth:
            said = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())])
            self.built_in_passing.append((made, f"{made.definition.name}({said})"))

    def fill_fields(
        self, made: Instance, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None
    ) -> None:
        """What the `__init__` of a dataclass does, of the class or one above it."""
        fields = record_fields(cls)
        if not fields and not any(one.fields is not None for one in cls.lineage()):
            return
        stray = [name for name in kwargs if name not in fields]
        if stray or len(args) > len(fields):
            raise self.fail(node, f"{cls.name} takes {', '.join(fields)[:200]}.")
        made.names.update({**dict(zip(fields, args, strict=False)), **kwargs})
        for name in fields:
            default = cls.find(name)
            if isinstance(default, Factory) and name not in made.names:
                made.names[name] = self.call(default.make, [], {}, node)
        after = made.cls.find("__post_init__")
        if isinstance(after, Function):
            self.call(after, [made], {}, node)

    def init_base(self, made: EvaluatedModule, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """What the framework's own `__init__` does, for classes that inherit from Sequential, Conv2d ..."""
        base = made.definition.base
        made.begin()
        if base is None or base.cls[0] is nn.Module or base.build is None:
            return
        layer = self.call(base, args, kwargs, node)
        made.take_over(layer)

    def super_of(self, node: ast.Call, scope: Scope) -> Any:
        inner = scope.function_scope()
        receiver = inner.receiver
        if node.args:
            start = self.evaluate(node.args[0], scope)
            if len(node.args) == 1:
                raise self.fail(node, "super() with a class alone is bound to no object: write super().")
            receiver = self.evaluate(node.args[1], scope)
        else:
            start = inner.owner
        if not isinstance(start, Class):
            raise self.fail(node, "super() has a meaning only in a method of a class.")
        return Super(receiver, start)

    def super_attribute(self, value: Super, name: str, node: ast.AST | None) -> Any:
        """`super().name`: what the classes above have, else what the framework's base does."""
        receiver = value.receiver
        definition = (
            receiver.definition if isinstance(receiver, EvaluatedModule) else getattr(receiver, "cls", value.after)
        )
        found = definition.find(name, after=value.after)
        if found is not MISSING:
            return self.bound(receiver, found, definition, node)
        if isinstance(receiver, Instance) and name == "__init__" and receiver.cls.base is None:
            fill = receiver, value.after.lineage()[1] if len(value.after.lineage()) > 1 else value.after
            return Builtin("super().__init__", lambda call, *a, **k: self.fill_fields(*fill, list(a), k, node), True)
        if isinstance(receiver, Instance) and receiver.cls.base is not None and name in receiver.cls.base.members:
            return Bound(receiver, receiver.cls.base.members[name])
        if name == "__new__":
            return Builtin(name, lambda call, cls, *a, **k: self.bare(cls, node), True)
        if name == "__setattr__" and isinstance(receiver, Instance):
            return Builtin(name, receiver.names.__setitem__)
        if not isinstance(receiver, EvaluatedModule):
            return Builtin(f"super().{name}", lambda *args, **kwargs: None)
        if name == "__init__":
            return Builtin("super().__init__", lambda call, *a, **k: self.init_base(receiver, list(a), k, node), True)
        if name == "forward":
            return Builtin("super().forward", lambda call, *a, **k: receiver.base_forward(*a, **k), True)
        if name == "__setattr__":
            return Builtin(name, lambda call, key, value: receiver.set_value(key, value), True)
        if name == "__getattr__":
            return Builtin(name, lambda call, key: self.module_attribute(receiver, key, node), True)
        return self.module_attribute(receiver, name, node)

    def bound(self, receiver: Any, found: Any, cls: Class, node: ast.AST | None) -> Any:
        """An attribute of a class as seen from an object: functions become methods."""
        if not isinstance(found, Function):
            return found
        match found.kind:
            case "staticmethod":
                return found
            case "classmethod":
                return Bound(cls, found)
            case "property":
                return self.call(found, [receiver], {}, node)
        return Bound(receiver, found)

    def class_attribute(self, cls: Class, name: str, node: ast.AST | None) -> Any:
        """`Net.expansion`, `Net.helper`, `Net.__name__`."""
        if name == "__name__":
            return cls.name
        found = cls.find(name)
        forward = cls.find("forward")
        if found is MISSING and name == "apply" and isinstance(forward, Function):  # a function with its own gradient
            return Builtin("apply", lambda call, *a, **k: call.call(forward, Instance(CONTEXT), *a, **k), True)
        if found is MISSING:
            if cls.base is not None and name == "__init__":
                return Builtin("__init__", lambda call, made, *a, **k: self.init_base(made, list(a), k, node), True)
            raise self.fail(node, f"the class {cls.name} has no {name[:60]}.")
        return Bound(cls, found) if isinstance(found, Function) and found.kind == "classmethod" else found

    def instance_attribute(self, value: Instance, name: str, node: ast.AST | None) -> Any:
        """An attribute of an object that is no network."""
        if name in ("__class__", "__dict__"):
            return value.cls if name == "__class__" else value.names
        if name in value.names:
            return value.names[name]
        found = value.cls.find(name)
        if found is MISSING and value.cls.base is not None and name in value.cls.base.members:
            return Bound(value, value.cls.base.members[name])
        if found is MISSING and name == "name" and value.cls.base is not None:
            return value.cls.name.lower()
        if found is MISSING and name == "_replace" and record_fields(value.cls):
            return Builtin(name, lambda call, **changes: Instance(value.cls, value.names | changes), needs_call=True)
        if found is MISSING:
            own = self.own_method(value, "__getattr__")
            if own is not MISSING:
                return self.call(own, [name], {}, node)
            if (method := special_method(self, value, name, node)) is not MISSING:
                return method
            raise self.fail(node, f"{value.cls.name} has no attribute {name[:60]}.", AttributeError)
        before = value.cls.base.members.get(f"before {name}") if value.cls.base is not None else None
        method = self.bound(value, found, value.cls, node)
        return method if before is None else Builtin(name, partial(before.run, value, method), needs_call=True)

    def module_attribute(self, module: nn.Module, name: str, node: ast.AST | None) -> Any:
        """An attribute of a layer."""
        raise NotImplementedError
