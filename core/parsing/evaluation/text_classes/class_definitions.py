"""How classes of a text come about: by their statement, by their metaclass, or by `type(name, bases, names)`."""

from __future__ import annotations

import ast
from typing import Any

from torch import nn

from core.parsing.evaluation.library.enums import is_enum, kind_of_bases, make_members, number_autos
from core.parsing.evaluation.text_classes.decorators import owned_by
from core.parsing.evaluation.text_classes.name_mangling import mangle
from core.parsing.evaluation.text_classes.records import make_record
from core.parsing.evaluation.text_classes.setting_attributes import SettingAttributes
from core.parsing.evaluation.values import MISSING, Class, Function, Instance, Scope, Special, Type, Unknown

PLAIN_BASES = {"LightningModule", "BaseModule", "TheseusLayer"}  # of lightning, mmcv, ppcls: nn.Module and hooks
D2L_BASES = {"d2l.Encoder", "d2l.Decoder", "d2l.AttentionDecoder", "d2l.Module"}
IMPLICIT = {"__new__": "staticmethod", "__init_subclass__": "classmethod", "__class_getitem__": "classmethod"}
MOST_BASES = 100  # classes above one


class ClassDefinitions(SettingAttributes):
    """Adds the making of classes to the evaluator."""

    def define_class(self, node: ast.ClassDef, scope: Scope) -> Any:
        """A class as its statement defines it; its body is evaluated at once."""
        bases = tuple(self._base(base, scope) for base in node.bases)
        settings = {one.arg: self.evaluate(one.value, scope) for one in node.keywords if one.arg}
        metaclass = settings.pop("metaclass", None)
        body = Scope(scope, is_class=True)
        self._run_class_body(node.body, body, kind_of_bases(bases))
        mangle(body.names, node.name)
        metaclass = metaclass if isinstance(metaclass, Class) else _inherited_metaclass(bases)
        made = self.build_class((node.name, bases, body.names), metaclass, settings, node)
        if isinstance(made, Class):
            made.annotations |= {
                one.target.id: one.annotation
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            }
            is_tuple = any(isinstance(base, Type) and base.name == "NamedTuple" for base in bases)
            if is_tuple or any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list):
                make_record(made, node, is_tuple)
        return made

    def _run_class_body(self, statements: list[ast.stmt], body: Scope, enum: type | None) -> None:
        if enum is None:
            self.run_body(statements, body)
            return
        for statement in statements:
            self.run_body([statement], body)
            number_autos(body.names, enum)

    def build_class(
        self, parts: tuple[str, tuple[Any, ...], dict[str, Any]], metaclass: Class | None, settings: dict[str, Any],
        node: ast.AST | None,
    ) -> Any:  # fmt: skip
        """A class of a name, its bases and what is in its body, as its metaclass makes it."""
        new = metaclass.find("__new__") if metaclass is not None else MISSING
        if not isinstance(new, Function):
            made = self.plain_class(parts, metaclass, settings, node)
        else:
            made = self.call(new, [metaclass, *parts], settings, node)
        init = metaclass.find("__init__") if metaclass is not None else MISSING
        if isinstance(init, Function) and isinstance(made, Class):
            self.call(init, [made, *parts], settings, node)
        return made

    def plain_class(
        self, parts: tuple[str, tuple[Any, ...], dict[str, Any]], metaclass: Class | None, settings: dict[str, Any],
        node: ast.AST | None,
    ) -> Class:  # fmt: skip
        """The same as `type` makes it, which tells those above and the values in it."""
        name, bases, names = parts
        self.budget.step(node, len(names))
        cls = Class(name, tuple(bases), names, getattr(node, "lineno", 1), self._framework_base(tuple(bases)))
        cls.evaluator, cls.metaclass = self, metaclass or _inherited_metaclass(cls.bases)
        if len(cls.lineage()) > MOST_BASES:
            raise self.fail(node, f"{name} has more than {MOST_BASES} classes above it.")
        for base in cls.bases:
            if isinstance(base, Class):
                base.children.append(cls)
        self._own_methods(cls)
        if is_enum(cls):
            make_members(self, cls)
        self._tell(cls, settings, node)
        return cls

    def _own_methods(self, cls: Class) -> None:
        methods = [(name, value) for name, value in cls.names.items() if isinstance(value, Function)]
        for name, method in methods:
            if name in IMPLICIT and method.owner is None:
                method.kind = IMPLICIT[name]
            for value in owned_by(cls, method):
                value.owner, value.scope = cls, _outside(value.scope)

    def _tell(self, cls: Class, settings: dict[str, Any], node: ast.AST | None) -> None:
        """`__set_name__` of values in the class, and `__init_subclass__` of those above it."""
        for name, value in list(cls.names.items()):
            told = self.own_method(value, "__set_name__") if isinstance(value, Instance) else MISSING
            if told is not MISSING:
                self.call(told, [cls, name], {}, node)
        hook = cls.find("__init_subclass__", after=cls)
        if isinstance(hook, Function):
            self.call(hook, [cls], settings, node)
        elif settings and cls.metaclass is None and not _has_other_bases(cls):
            name = next(iter(settings))
            raise self.fail(node, f"no class above {cls.name} takes {name[:60]}=.", TypeError)

    def _base(self, node: ast.expr, scope: Scope) -> Any:
        """A class that another inherits from; of `Generic[T]` what stands before the brackets."""
        base = self.evaluate(node, scope)
        if isinstance(node, ast.Subscript) and isinstance(base, Unknown):
            return self.evaluate(node.value, scope)
        return base

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


def _has_other_bases(cls: Class) -> bool:
    """Whether a class inherits from something that is not in the text, and may take what its classes are given."""
    bases = [base for one in cls.lineage() for base in one.bases if not isinstance(base, Class)]
    return any(not isinstance(base, Type) or base.cls[0] is not object for base in bases)


def _outside(scope: Scope) -> Scope:
    """Methods do not see the names of the class body they stand in."""
    return scope.outer if scope.is_class and scope.outer is not None else scope


def _inherited_metaclass(bases: tuple[Any, ...]) -> Class | None:
    return next((one.metaclass for one in bases if isinstance(one, Class) and one.metaclass is not None), None)


def is_metaclass(cls: Any) -> bool:
    """Whether the objects of a class of the text are classes."""
    bases = [base for one in cls.lineage() for base in one.bases] if isinstance(cls, Class) else []
    return any(isinstance(base, Type) and base.name == "type" for base in bases)
