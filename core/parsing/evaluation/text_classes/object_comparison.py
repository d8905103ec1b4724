"""How objects of classes of the text are compared: as their class says, as dataclasses, or not at all."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.calls import Calls
from core.parsing.evaluation.text_classes.records import as_tuple, compared_values
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Class, Function, Instance

ORDERS: dict[type, tuple[str, str]] = {  # the method of what is on the left, and that of what is on the right
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
    ast.NotEq: ("__ne__", "__ne__"),
}


class ObjectComparison(Calls):
    """Adds comparisons of objects to the evaluator."""

    def compared(self, sign: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
        """`left == right` and its kind."""
        raise NotImplementedError

    def own_method(self, value: Any, name: str) -> Any:
        """A method that the class of a value has in the text, such as `__len__`; `MISSING` for other values."""
        definition: Class | None = getattr(value, "definition", None)
        if isinstance(value, (Instance, Class)):
            definition = value.cls if isinstance(value, Instance) else value.metaclass
        found = definition.find(name) if definition is not None else MISSING
        return Bound(value, found) if isinstance(found, (Function, Builtin)) else MISSING

    def compared_objects(self, sign: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
        """What the class of one of two values says of them, `MISSING` where none says anything."""
        for value, other, method in zip((left, right), (right, left), ORDERS.get(type(sign), ("", "")), strict=True):
            own = self.own_method(value, method) if method else MISSING
            if own is not MISSING:
                return self.call(own, [other], {}, node)
        if isinstance(sign, (ast.Eq, ast.NotEq)):
            said = self._said_by_either(left, right)
            return MISSING if said is None else said == isinstance(sign, ast.Eq)
        if not isinstance(left, Instance) or not isinstance(right, Instance) or left.cls is not right.cls:
            return MISSING
        in_order = type(sign) in ORDERS and "order" in left.cls.options
        return self.compared(sign, compared_values(left), compared_values(right), node) if in_order else MISSING

    def _said_by_either(self, left: Any, right: Any) -> bool | None:
        said = self.says_equal(left, right) if isinstance(left, Instance) else None
        return self.says_equal(right, left) if said is None and isinstance(right, Instance) else said

    def says_equal(self, value: Instance, other: Any) -> bool | None:
        """Whether an object is equal to something, by its `__eq__` or its values; None where it is only itself."""
        own = self.own_method(value, "__eq__")
        if own is not MISSING:
            return self.is_true(self.call(own, [other], {}))
        values = as_tuple(value)
        if values is not None:
            others = as_tuple(other)
            return values == (other if others is None else others)
        if value.cls.fields is None or "no eq" in value.cls.options or not isinstance(other, Instance):
            return None
        return value.cls is other.cls and compared_values(value) == compared_values(other)

    def says_hash(self, value: Instance) -> int | None:
        """Its number in sets, where its class or its values say one. Raises: TypeError if it has none."""
        own = self.own_method(value, "__hash__")
        if own is not MISSING:
            return int(self.call(own, [], {}))
        values = as_tuple(value)
        if values is not None:
            return hash(values)
        is_record = value.cls.fields is not None and "no eq" not in value.cls.options
        if is_record and value.cls.options & {"frozen", "unsafe_hash"}:
            return hash(compared_values(value))
        if is_record or self.own_method(value, "__eq__") is not MISSING:
            raise TypeError(f"unhashable type: '{value.cls.name}'")
        return None
