"""Objects of classes of the text: how they are made, and what `super()` is in their methods."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.parsing.evaluation.calls import flat
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.library.enums import (
    is_enum,
    listed_members,
    member_of,
    members,
    members_by_name,
    named_values,
)
from core.parsing.evaluation.modules import EvaluatedModule, new_module
from core.parsing.evaluation.text_classes.building import BuiltObject, construction
from core.parsing.evaluation.text_classes.builtin_subclasses import (
    CHANGEABLE,
    OWN,
    builtin_base,
    builtin_type,
    fill,
    made_of,
)
from core.parsing.evaluation.text_classes.class_definitions import ClassDefinitions, is_metaclass
from core.parsing.evaluation.text_classes.records import (
    arguments_of_record,
    as_tuple,
    field_spec,
    is_named_tuple,
    record_fields,
)
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Scope,
    Shared,
    Unknown,
)

NAMES_OF = {own: kind.__name__ for kind, own in OWN.items()}


@dataclass(eq=False)
class Super(Shared):
    """`super()`: the rest of the lineage, for one object."""

    receiver: Any
    after: Class


class Classes(ClassDefinitions):
    """Adds classes to the evaluator."""

    def get_item(self, value: Any, index: Any, node: ast.AST) -> Any:
        if not isinstance(value, Class):
            record = as_tuple(value)
            return super().get_item(value if record is None else record, index, node)
        own = value.find("__class_getitem__")
        if isinstance(own, Function) or self.own_method(value, "__getitem__") is not MISSING:
            own = Bound(value, own) if isinstance(own, Function) else self.own_method(value, "__getitem__")
            return self.call(own, [index], {}, node)
        if not is_enum(value):  # `Block[int]`, for those who check types
            return value
        if index not in members_by_name(value):
            raise self.fail(node, f"{value.name} has no {str(index)[:40]}.", KeyError)
        return value.names[index]

    def iterate(self, value: Any, node: ast.AST | None = None) -> Iterator[Any]:
        record = as_tuple(value)
        if record is not None:
            return super().iterate(record, node)
        return super().iterate(listed_members(value) if is_enum(value) else value, node)

    def call_class(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        own = self.own_method(cls, "__call__")
        return self.instantiate(cls, args, kwargs, node) if own is MISSING else self.call(own, args, kwargs, node)

    def instantiate(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        if is_metaclass(cls) and len(args) == 3:
            return self.build_class((args[0], args[1], dict(args[2])), cls, kwargs, node)
        if len(args) > 1 and isinstance(args[0], str) and is_enum(cls) and not members(cls):
            return self.build_class((args[0], (cls,), named_values(args[1])), None, {}, node)
        if args and is_enum(cls):
            return self._enum_member(cls, args[0], node)
        new = cls.find("__new__")
        if isinstance(new, Function):
            made = self.call(new, [cls, *args], kwargs, node)
        else:
            made = self.bare(cls, node, args, kwargs)
        if not self._is_of(made, cls):
            self._give_length(made, cls, args, kwargs, node)
            return made
        text = self._construction(cls, args, kwargs, node) if isinstance(made, Instance) else ""
        self._begin(made, self._class_of(made), args, kwargs, node)  # `__new__` may have chosen another one
        if isinstance(made, EvaluatedModule):
            self._note_building(made, args, kwargs, node)
        if isinstance(made, Instance) and isinstance(node, ast.Call):
            self.built_objects[cls] = BuiltObject(made, text, node.lineno)
        return made

    def _enum_member(self, cls: Class, value: Any, node: ast.AST | None) -> Any:
        """The member of an enumeration that has a value, or that it takes for others."""
        found = member_of(cls, value)
        other = cls.find("_missing_") if found is MISSING else MISSING
        if isinstance(other, Function):
            found = self.call(other, [cls, value], {}, node)
        if found is MISSING or found is None:
            raise self.fail(node, f"{cls.name} has no {str(value)[:40]}.", ValueError)
        return found

    def _begin(self, made: Any, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """What is done with a bare object: its own `__init__`, or that of what it inherits from."""
        first = next((one for one in cls.lineage() if one.fields is not None or "__init__" in one.names), None)
        init = cls.find("__init__")
        if isinstance(init, Function) and (first is None or first.fields is None or "__init__" in first.names):
            self.call(init, [made, *args], kwargs, node)
        elif first is not None and first.fields is not None:
            self.fill_fields(made, cls, args, kwargs, node)
        elif isinstance(made, EvaluatedModule):
            self.init_base(made, args, kwargs, node)
        elif cls.base is not None and "__init__" in cls.base.members:
            self.call(cls.base.members["__init__"], [made, *args], kwargs, node)
        elif isinstance(made, CHANGEABLE) and (args or kwargs):
            self.init_builtin(made, args, kwargs, node)

    def init_builtin(self, made: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """What `dict.__init__` and its kind do."""
        base = builtin_type(made.cls)
        if base is None or base.build is None:
            base = self.builtins.names[NAMES_OF[type(made)]]
        fill(made, self.call(base, args, kwargs, node))

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

    def bare(
        self, cls: Class, node: ast.AST | None, args: list[Any] | None = None, kwargs: dict[str, Any] | None = None
    ) -> Any:
        """An object of a class before its `__init__`, as `object.__new__` makes it; of a number, what it is worth."""
        if cls.base is not None and issubclass(cls.base.cls[0], nn.Module):
            self.budget.layer(node)
            return new_module(self, cls)
        kind = builtin_base(cls)
        if kind is not None and not is_named_tuple(cls):
            return self._bare_builtin(cls, kind, node, args or [], kwargs or {})
        unknown = cls.unknown_base()
        if unknown is None or _begins_alone(cls):
            return Instance(cls)
        return Unknown(f"the class {cls.name} inherits from {unknown.name}, which is not known here", cls.line, cls=cls)

    def _bare_builtin(
        self, cls: Class, kind: type, node: ast.AST | None, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        if OWN[kind] in CHANGEABLE:
            return made_of(cls, kind)
        value = self.call(self.builtins.names[kind.__name__], args, kwargs, node)
        if isinstance(value, Unknown):
            value = self.resolve(value, node)
        return made_of(cls, kind, value)

    def _is_of(self, value: Any, cls: Class) -> bool:
        own = self._class_of(value)
        return not isinstance(value, Unknown) and isinstance(own, Class) and cls in own.lineage()

    def _class_of(self, value: Any) -> Any:
        return getattr(value, "definition" if isinstance(value, nn.Module) else "cls", None)

    def _note_building(self, made: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """How a network is built, where the text itself does it with values that can be written."""
        values = [*args, *kwargs.values()]
        if not all(isinstance(value, (bool, int, float, str, type(None), tuple, list)) for value in flat(values)):
            return
        init = made.definition.find("__init__")
        spec = init.node.args if isinstance(init, Function) else None
        names = [one.arg for one in (*spec.posonlyargs, *spec.args)][1:] if spec is not None else []
        made.__dict__["made_with"] = {**dict(zip(names, args, strict=False)), **kwargs}
        if isinstance(node, ast.Call) and not self.budget.depth:
            said = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in kwargs.items())])
            self.built_in_passing.append((made, f"{made.definition.name}({said})"))

    def fill_fields(self, made: Any, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> None:
        """What the `__init__` of a dataclass does, of the class or one above it."""
        in_order, taken = arguments_of_record(cls)
        if not taken and not any(one.fields is not None for one in cls.lineage()):
            return
        stray = [name for name in kwargs if name not in taken]
        if stray or len(args) > len(in_order):
            raise self.fail(node, f"{cls.name} takes {', '.join(taken)[:200]}.")
        given = {**dict(zip(in_order, args, strict=False)), **kwargs}
        for name in dict.fromkeys((*given, *record_fields(cls))):
            make, default = field_spec(cls, name).make, cls.find(name)
            if name in given:
                continue
            if make is not None:
                given[name] = self.call(make, [], {}, node)
            elif default is not MISSING:
                given[name] = default
        only_given = [name for name in taken if not field_spec(cls, name).is_kept]
        for name in (one for one in given if one not in only_given):
            self._keep_field(made, name, given[name], node)
        after = cls.find("__post_init__")
        if isinstance(after, Function):
            self.call(after, [made, *(given.get(name, cls.find(name)) for name in only_given)], {}, node)

    def _keep_field(self, made: Any, name: str, value: Any, node: ast.AST | None) -> None:
        if isinstance(made, Instance):
            made.names[name] = value
        else:
            self.set_attribute(made, name, value, node)

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


def _begins_alone(cls: Class) -> bool:
    """Whether a class has an `__init__` that leaves out that of the class above: so it is no network itself."""
    init = cls.names.get("__init__")
    words = (
        {part.id for part in ast.walk(init.node) if isinstance(part, ast.Name)}
        if isinstance(init, Function)
        else {"super"}
    )
    return not words & {"super", *(base.name for base in cls.bases if isinstance(base, Unknown))}
