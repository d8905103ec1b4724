"""Attributes of classes of the text, of their objects and of `super()`: methods, descriptors, what Python adds."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.exceptions import ORIGINS
from core.parsing.evaluation.gradients import CONTEXT
from core.parsing.evaluation.library.dispatching import Dispatch
from core.parsing.evaluation.library.enums import is_enum, members_by_name
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.text_classes.builtin_subclasses import WHOLE, builtin_base, is_method_of
from core.parsing.evaluation.text_classes.class_definitions import is_metaclass
from core.parsing.evaluation.text_classes.objects import Classes, Super
from core.parsing.evaluation.text_classes.records import record_fields
from core.parsing.evaluation.text_classes.special_methods import special_method
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Partial,
    Type,
    Unknown,
)

RESTORING = ("from_pretrained", "load_from_checkpoint")
OBJECT = Type("object", (object,))

ANY_OTHER = "*"  # among the members of a base class: what gives any other attribute of its objects


class ClassAttributes(Classes):
    """Adds attributes of what classes of the text make to the evaluator."""

    def super_attribute(self, value: Super, name: str, node: ast.AST | None) -> Any:
        """`super().name`: what the classes above have, else what the framework's or Python's base does."""
        receiver = value.receiver
        definition = self._definition_for(receiver, value.after)
        found = definition.find(name, after=value.after)
        if found is not MISSING:
            return self.bound(receiver, found, definition, node)
        if name == "__new__":
            return self._new(is_metaclass(definition), node)
        if isinstance(receiver, EvaluatedModule):
            return self._super_of_module(receiver, name, node)
        if isinstance(receiver, Instance):
            return self._super_of_object(receiver, value.after, name, node)
        if name == "__call__" and isinstance(receiver, Class):
            return Builtin(name, lambda call, *a, **k: self.instantiate(receiver, list(a), k, node), True)
        return Builtin(f"super().{name}", lambda *args, **kwargs: None)

    def _definition_for(self, receiver: Any, after: Class) -> Class:
        """The class whose lineage `super()` goes through: for the method of a metaclass that of a class, that one."""
        if isinstance(receiver, EvaluatedModule):
            return receiver.definition
        if isinstance(receiver, Class):
            return receiver if after in receiver.lineage() else receiver.metaclass or after
        return getattr(receiver, "cls", after)

    def _new(self, makes_class: bool, node: ast.AST | None) -> Builtin:
        def run(call: Any, cls: Class, *args: Any, **kwargs: Any) -> Any:
            if makes_class and len(args) == 3:
                return self.plain_class((args[0], args[1], dict(args[2])), cls, kwargs, node)
            return self.bare(cls, node, list(args), kwargs)

        return Builtin("__new__", run, needs_call=True)

    def _super_of_object(self, receiver: Instance, after: Class, name: str, node: ast.AST | None) -> Any:
        base = receiver.cls.base
        if base is not None:
            found = Bound(receiver, base.members[name]) if name in base.members else self._of_base(receiver, name, node)
            return _nothing(name) if found is MISSING else found
        if builtin_base(receiver.cls) is not None and name != "__setattr__":
            return self.builtin_method(receiver, name, node)
        if name == "__init__":
            fill = receiver, after.lineage()[1] if len(after.lineage()) > 1 else after
            return Builtin("super().__init__", lambda call, *a, **k: self.fill_fields(*fill, list(a), k, node), True)
        return Builtin(name, receiver.names.__setitem__) if name == "__setattr__" else _nothing(name)

    def builtin_method(self, receiver: Any, name: str, node: ast.AST | None) -> Any:
        """A method of Python's own class, for an object whose class inherits from that one."""
        if name == "__init__":
            return Builtin(name, lambda call, *a, **k: self.init_builtin(receiver, list(a), k, node), True)
        if name in WHOLE:
            return Builtin(name, lambda *args: WHOLE[name](receiver, *args))
        return self.plain_attribute(receiver, name, node)

    def plain_attribute(self, value: Any, name: str, node: ast.AST | None) -> Any:
        """An attribute of a number, word or container."""
        raise NotImplementedError

    def _super_of_module(self, receiver: EvaluatedModule, name: str, node: ast.AST | None) -> Any:
        own: dict[str, Callable[..., Any]] = {
            "__init__": lambda call, *a, **k: self.init_base(receiver, list(a), k, node),
            "forward": lambda call, *a, **k: receiver.base_forward(*a, **k),
            "__call__": lambda call, *a, **k: nn.Module.__call__(receiver, *a, **k),
            "__setattr__": lambda call, key, value: receiver.set_value(key, value),
            "__getattr__": lambda call, key: self.module_attribute(receiver, key, node),
        }
        if name in own:
            return Builtin(f"super().{name}", own[name], needs_call=True)
        return self.module_attribute(receiver, name, node)

    def bound(self, receiver: Any, found: Any, cls: Class, node: ast.AST | None) -> Any:
        """An attribute of a class as seen from an object: functions become methods, descriptors say what it is."""
        if isinstance(found, Instance) and (get := self.own_method(found, "__get__")) is not MISSING:
            return self.call(get, [None if isinstance(receiver, Class) else receiver, cls], {}, node)
        if isinstance(found, Partial) and found.is_method:
            return Partial(Bound(receiver, found.function), found.args, found.kwargs)
        if isinstance(found, Dispatch) and found.is_method:
            return Bound(receiver, found)
        if not isinstance(found, Function) or found.kind == "staticmethod":
            return found
        if found.kind == "classmethod":
            return Bound(cls, found)
        if isinstance(receiver, Class) and cls is receiver:
            return found
        if found.kind not in ("property", "cached_property"):
            return Bound(receiver, found)
        value = self.call(found, [receiver], {}, node)
        kept = receiver.values if isinstance(receiver, EvaluatedModule) else getattr(receiver, "names", None)
        if found.kind == "cached_property" and kept is not None:  # beside the layers: PyTorch does not see it
            kept[found.name] = value
        return value

    def class_attribute(self, cls: Class, name: str, node: ast.AST | None) -> Any:
        """`Net.expansion`, `Net.helper`, `Net.__name__`."""
        found = cls.find(name)
        if found is not MISSING:
            return self.bound(cls, found, cls, node)
        if name in ABOUT_CLASS:
            return ABOUT_CLASS[name](self, cls)
        if cls.metaclass is not None and (found := cls.metaclass.find(name)) is not MISSING:
            return self.bound(cls, found, cls.metaclass, node)
        forward = cls.find("forward")
        if name == "apply" and isinstance(forward, Function):  # a function with its own gradient
            return Builtin("apply", lambda call, *a, **k: call.call(forward, Instance(CONTEXT), *a, **k), True)
        if cls.base is not None and name == "__init__":
            return Builtin("__init__", lambda call, made, *a, **k: self.init_base(made, list(a), k, node), True)
        if record_fields(cls) and name in ABOUT_RECORDS:
            return ABOUT_RECORDS[name](cls)
        if name in RESTORING and cls.unknown_base() is not None:
            return Builtin(name, partial(_restored, cls), needs_call=True)
        raise self.fail(node, f"the class {cls.name} has no {name[:60]}.", AttributeError)

    def instance_attribute(self, value: Instance, name: str, node: ast.AST | None) -> Any:
        """An attribute of an object that is no network."""
        if name in ("__class__", "__dict__"):
            return value.cls if name == "__class__" else value.names
        found = value.cls.find(name)
        if name in value.names and not (
            isinstance(found, Instance) and self.own_method(found, "__set__") is not MISSING
        ):
            return value.names[name]
        if found is not MISSING:
            return self._bound_to(value, found, name, node)
        if value.cls.base is not None and name in value.cls.base.members:
            return Bound(value, value.cls.base.members[name])
        if (found := self._of_base(value, name, node)) is not MISSING:
            return found
        if name == "name" and value.cls.base is not None:
            return value.cls.name.lower()
        if record_fields(value.cls) and name in RECORD_METHODS:
            return Builtin(name, lambda call, **changes: self._of_record(value, name, changes, node), needs_call=True)
        if name in ORIGINS:
            return None
        own = self.own_method(value, "__getattr__")
        kind = builtin_base(value.cls)
        if kind is not None and (own is MISSING or is_method_of(kind, name)):
            return self.builtin_method(value, name, node)
        if own is not MISSING:
            return self.call(own, [name], {}, node)
        if (method := special_method(self, value, name, node)) is not MISSING:
            return method
        raise self.fail(node, f"{value.cls.name} has no attribute {name[:60]}.", AttributeError)

    def _of_base(self, value: Instance, name: str, node: ast.AST | None) -> Any:
        """An attribute that only an object of a base class of a framework has, such as `model.layers`."""
        rest = value.cls.base.members.get(ANY_OTHER) if value.cls.base is not None else None
        return rest.run(self, value, name, node) if isinstance(rest, Builtin) else MISSING

    def _bound_to(self, value: Instance, found: Any, name: str, node: ast.AST | None) -> Any:
        """A method of an object, run by what its base does before it, if anything."""
        before = value.cls.base.members.get(f"before {name}") if value.cls.base is not None else None
        method = self.bound(value, found, value.cls, node)
        return method if before is None else Builtin(name, partial(before.run, value, method), needs_call=True)

    def _of_record(self, value: Instance, name: str, changes: dict[str, Any], node: ast.AST | None) -> Any:
        """`_replace` and `_asdict` of a named tuple."""
        stray = next((one for one in changes if one not in record_fields(value.cls)), "")
        if stray:
            raise self.fail(node, f"{value.cls.name} has no field {stray[:60]}.", ValueError)
        return RECORD_METHODS[name](value, changes)

    def annotation(self, cls: Class, name: str) -> Any:
        """What stands behind the colon in `name: int`, unknown where that cannot be told."""
        node = cls.annotations[name]
        try:
            return self.evaluate(node, self.globals)
        except MISFITS:
            return Unknown("an annotation has no value here", cls.line, name)

    def module_attribute(self, module: nn.Module, name: str, node: ast.AST | None) -> Any:
        """An attribute of a layer."""
        raise NotImplementedError


def _nothing(name: str) -> Builtin:
    return Builtin(f"super().{name}", lambda *args, **kwargs: None)


def _ancestors(cls: Class) -> tuple[Any, ...]:
    lineage = cls.lineage()
    others = [one for each in lineage for one in each.bases if isinstance(one, Type) and one != OBJECT]
    return (*lineage, *dict.fromkeys(others), OBJECT)


ABOUT_CLASS: dict[str, Callable[[Any, Class], Any]] = {
    "__name__": lambda evaluator, cls: cls.name,
    "__qualname__": lambda evaluator, cls: cls.name,
    "__module__": lambda evaluator, cls: "__main__",
    "__doc__": lambda evaluator, cls: None,
    "__dict__": lambda evaluator, cls: dict(cls.names),
    "__mro__": lambda evaluator, cls: _ancestors(cls),
    "__bases__": lambda evaluator, cls: cls.bases or (OBJECT,),
    "__class__": lambda evaluator, cls: cls.metaclass or Type("type", (Class, Type)),
    "__subclasses__": lambda evaluator, cls: Builtin("__subclasses__", lambda: list(cls.children)),
    "mro": lambda evaluator, cls: Builtin("mro", lambda: list(_ancestors(cls))),
    "__annotations__": lambda evaluator, cls: {name: evaluator.annotation(cls, name) for name in cls.annotations},
    "__members__": lambda evaluator, cls: members_by_name(cls) if is_enum(cls) else {},
}


def _restored(cls: Class, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`Net.from_pretrained(path)` of a base that is elsewhere: a network of this class, whose weights are in a file."""
    init = cls.find("__init__")
    spec = init.node.args if isinstance(init, Function) else ast.arguments([], [], None, [], [], None, [])
    names = {one.arg for one in (*spec.args, *spec.kwonlyargs)}
    return call.call(cls, **{name: value for name, value in kwargs.items() if name in names})


ABOUT_RECORDS: dict[str, Callable[[Class], Any]] = {
    "_fields": record_fields,
    "_field_defaults": lambda cls: {
        name: value for name in record_fields(cls) if (value := cls.find(name)) is not MISSING
    },
    "_make": lambda cls: Builtin("_make", lambda call, values: call.call(cls, *call.iterate(values)), True),
}
RECORD_METHODS: dict[str, Callable[[Instance, dict[str, Any]], Any]] = {
    "_replace": lambda value, changes: Instance(value.cls, value.names | changes),
    "_asdict": lambda value, changes: {
        name: value.names.get(name, value.cls.find(name)) for name in record_fields(value.cls)
    },
}
