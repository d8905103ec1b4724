"""`del`: names, attributes and items that a text takes away."""

from __future__ import annotations

import ast
from typing import Any

from torch import nn

from core.parsing.evaluation.data_shapes import lose_columns
from core.parsing.evaluation.exceptions import kind_of
from core.parsing.evaluation.generators import Generators
from core.parsing.evaluation.text_classes.decorators import Decorated
from core.parsing.evaluation.text_classes.name_mangling import own_name
from core.parsing.evaluation.values import MISSING, Class, Instance, Scope, StoredValue, Unknown, type_name


class Deletions(Generators):
    """Adds `del` to the evaluator."""

    def refuse_misspelt(self, changed: ast.expr, scope: Scope, value: Any = None) -> None:
        """Refuses to change what is almost the name of something. Raises: MisspeltNameError."""
        raise NotImplementedError

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            self.refuse_misspelt(target, scope)
            match target:
                case ast.Name(id=name):
                    scope.names.pop(name, None)
                case ast.Attribute(value=of, attr=name):
                    self.delete_attribute(self.evaluate(of, scope), own_name(name, scope), node)
                case ast.Subscript(value=of, slice=index):
                    container, key = self.evaluate(of, scope), self.resolve_all(self.evaluate(index, scope), node)
                    if (own := self.own_method(container, "__delitem__")) is not MISSING:
                        self.call(own, [key], {}, node)
                        continue
                    if isinstance(container, Unknown):
                        lose_columns(container)
                    if isinstance(container, StoredValue):
                        continue
                    if not isinstance(container, (list, dict, nn.Sequential, nn.ModuleList, nn.ModuleDict)):
                        raise self.fail(node, f"an item of {type_name(container)} cannot be deleted.")
                    try:
                        del container[key]
                    except (KeyError, IndexError, TypeError) as error:
                        sentence = f"there is no item {str(key)[:40]} to delete."
                        raise self.fail(node, sentence, kind_of(error)) from None

    def delete_attribute(self, value: Any, name: str, node: ast.AST) -> None:
        """`del value.name`."""
        own = self.own_method(value, "__delattr__")
        if own is not MISSING:
            self.call(own, [name], {}, node)
            return
        cls = value.cls if isinstance(value, Instance) else getattr(value, "definition", None)
        found = cls.find(name) if isinstance(cls, Class) else MISSING
        if isinstance(found, Decorated) and found.deleter is not None:
            self.call(found.deleter, [value], {}, node)
            return
        if isinstance(value, Instance) and name in value.names:
            del value.names[name]
            return
        stores = (
            [
                value.__dict__[kept]
                for kept in ("_modules", "_parameters", "_buffers", "values")
                if kept in value.__dict__
            ]
            if isinstance(value, nn.Module)
            else []
        )
        store = next((kept for kept in stores if name in kept), None)
        if store is None:
            raise self.fail(node, f"{type_name(value)} has no {name[:60]} to delete.", AttributeError)
        del store[name]
