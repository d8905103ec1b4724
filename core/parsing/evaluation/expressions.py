"""Expressions: what each is worth, by Python's rules, over the values that exist here."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import partial
from types import EllipsisType
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.arrays import Array, array_item
from core.parsing.evaluation.budget import bounded, place
from core.parsing.evaluation.calls import first_line
from core.parsing.evaluation.comprehensions import Comprehensions
from core.parsing.evaluation.exceptions import ErrorValue
from core.parsing.evaluation.known import picked
from core.parsing.evaluation.library.enums import as_written
from core.parsing.evaluation.local_names import is_local
from core.parsing.evaluation.methods import formatted
from core.parsing.evaluation.misspelt_names import CHANGING, LostChangeError, root_of, without_value
from core.parsing.evaluation.scope_functions import OfScope
from core.parsing.evaluation.text_classes.builtin_subclasses import OwnDict
from core.parsing.evaluation.text_classes.name_mangling import own_name
from core.parsing.evaluation.unknown_items import item_of_unknown
from core.parsing.evaluation.values import (
    MISSING,
    Builtin,
    Class,
    FromPrelude,
    Function,
    Instance,
    Scope,
    Special,
    Type,
    Unknown,
    type_name,
)

IN_ORDER = (list, tuple, str, range, nn.Sequential, nn.ModuleList, nn.ParameterList)
WITH_ITEMS = (*IN_ORDER, dict, nn.ModuleDict, nn.ParameterDict)


class Expressions(Comprehensions):
    """Adds the value of expressions to the evaluator."""

    layer_methods: dict[str, Any]

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        budget = self.run.budget
        budget.steps -= 1  # as `budget.step` does, written out: no part of a text is evaluated without it
        if budget.steps < 0:
            budget.step(node, 0)
        method = _METHODS.get(type(node))
        if method is None:
            raise self.fail(node, f"this ({type(node).__name__}) cannot be evaluated here: write it another way.")
        return method(self, node, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        if isinstance(node.value, bytes):
            raise self.fail(node, "bytes have no place in a network.")
        return node.value if isinstance(node.value, (complex, EllipsisType)) else bounded(node.value, node)

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        value = scope.find(node.id)
        if value is not MISSING:
            return self.from_prelude(value.name) if isinstance(value, FromPrelude) else value
        if scope.is_class and node.id == "self":
            raise self.fail(node, "self has no value outside of the methods: check the indentation.", NameError)
        self.refuse_unbound(node, scope)
        if scope is self.globals:
            self.read_early.setdefault(node.id, node.lineno)
        local = [] if scope is self.globals else list(scope.names)
        return without_value(node.id[:60], node.lineno, local, self.star_imports)

    def refuse_unbound(self, node: ast.Name, scope: Scope) -> None:
        """Refuses a name of a function's own that has no value yet. Raises: TextError."""
        if is_local(node.id, scope) and not self.run.is_lenient:
            lost = without_value(node.id[:60], node.lineno, list(scope.names))
            reason = "a later line of this function gives it one"
            said = lost.what if lost.is_misspelt else f"the name {node.id[:60]} has no value yet: {reason}"
            raise self.fail(node, f"{said}.", UnboundLocalError)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.get_attribute(self.evaluate(node.value, scope), own_name(node.attr, scope), node)

    def _list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Any:
        values = self.evaluate_all(node.elts, scope, node)
        if isinstance(node, ast.Tuple):
            return tuple(values)
        return values if isinstance(node, ast.List) else self._hashable(lambda: set(values), node)

    def evaluate_all(self, nodes: list[ast.expr], scope: Scope, parent: ast.AST) -> list[Any]:
        """Values of the items of a list or call, `*layers` spread out."""
        values: list[Any] = []
        for node in nodes:
            try:
                if isinstance(node, ast.Starred):
                    values.extend(self.iterate(self.spread_out(self.evaluate(node.value, scope), parent), node))
                else:
                    values.append(self._item_value(node, scope, parent))
            except ParseError:
                if not self.run.is_lenient or not values or not _lists_layers(parent):
                    raise
                self.stop_at(node)
                break
            self.budget.size(len(values), parent)
        return values

    def _item_value(self, node: ast.expr, scope: Scope, parent: ast.AST) -> Any:
        value = self.evaluate(node, scope)
        if self.run.is_lenient and isinstance(value, Unknown) and _lists_layers(parent):
            raise value.refusal()
        return value

    def stop_at(self, node: ast.AST) -> None:
        """Remembers the first thing that could not be evaluated, by its name."""
        if self.run.stopped_at is None:
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            self.run.stopped_at = name.rpartition(".")[2][:60] if name.replace(".", "").isidentifier() else ""

    def _dict(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                result.update(self.mapping(self.evaluate(value, scope), node))
            else:
                name, item = self.evaluate(key, scope), self.evaluate(value, scope)
                self._hashable(partial(operator.setitem, result, name, item), node)
        return result

    def _choice(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.evaluate(node.body if self.is_true(self.evaluate(node.test, scope), node) else node.orelse, scope)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        return self.get_item(value, self._index(node.slice, isinstance(value, Unknown), scope), node)

    def _index(self, node: ast.expr, is_open: bool, scope: Scope) -> Any:
        """What stands in brackets; of data that is not known, the ends of a slice may be open, too."""
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step) if is_open:
                return slice(*(None if part is None else self.evaluate(part, scope) for part in (lower, upper, step)))
            case ast.Tuple(elts=parts) if is_open:
                return tuple(self._index(part, is_open, scope) for part in parts)
        return self.evaluate(node, scope)

    def get_item(self, value: Any, index: Any, node: ast.AST) -> Any:
        """`value[index]`."""
        if isinstance(value, Unknown):
            return item_of_unknown(self, value, index, node)
        index = self.resolve_all(index, node)
        if isinstance(value, Array) and not isinstance(index, int):
            return self._guarded(lambda: array_item(value, index, self.run.device), node)
        if isinstance(value, Tensor):
            self.budget.step(node, 10)
            return picked(value, index)
        if isinstance(value, Type):  # `tuple[int, int]` is the type itself
            return value
        if isinstance(value, Instance | nn.Module) and (own := self.own_method(value, "__getitem__")) is not MISSING:
            return self.call(own, [index], {}, node)
        if isinstance(value, WITH_ITEMS):
            return self._item(value, index, node)
        if isinstance(value, Special) and (own := value.item(self, index, node)) is not MISSING:
            return own
        raise self.fail(node, f"{type_name(value)} has no items to pick by an index.", TypeError)

    def _item(self, value: Any, index: Any, node: ast.AST) -> Any:
        try:
            return value[index]
        except (KeyError, IndexError):
            if isinstance(value, dict) and (own := self.own_method(value, "__missing__")) is not MISSING:
                return self.call(own, [index], {}, node)
            if isinstance(value, OwnDict) and value.make is not None:
                value[index] = self.call(value.make, [], {}, node)
                return value[index]
            if isinstance(value, torch.Size):  # another input may have so many axes
                raise IndexError(f"{place(node)}the tensor has no axis {str(index)[:40]}.") from None
            kind = IndexError if isinstance(value, IN_ORDER) else KeyError
            raise self.fail(node, f"there is no item {str(index)[:40]!r} in this {type_name(value)}.", kind) from None
        except TypeError as error:
            raise self.fail(node, f"{first_line(error)}.", TypeError) from None

    def _slice(self, node: ast.Slice, scope: Scope) -> slice:
        parts = [None if part is None else self.evaluate(part, scope) for part in (node.lower, node.upper, node.step)]
        return slice(*(self.resolve_number(part, "", node) for part in parts))

    def _call_node(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is MISSING:
            return self.super_of(node, scope)
        function = self.evaluate(node.func, scope)
        if isinstance(node.func, ast.Name) and isinstance(function, Unknown) and scope.find(node.func.id) is MISSING:
            self.used_early.setdefault(node.func.id, node.lineno)
        if getattr(function, "function", None) is self.layer_methods.get("save_hyperparameters"):
            self.set_attribute(scope.receiver, "hparams", self.settings_of(scope), node)
        args = self.evaluate_all(node.args, scope, node)
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is None:
                kwargs |= self.spread(value, function, [*args, *kwargs], node)
            else:
                kwargs[keyword.arg] = value
        if isinstance(function, OfScope):
            function = Builtin(function.name, partial(_in_scope, function.run, scope), needs_call=True)
        if isinstance(function, Unknown) and any(isinstance(one, nn.Module) for one in args):
            self._refuse_lost(node, scope)
        return self.call(function, args, kwargs, node)

    def _refuse_lost(self, node: ast.Call, scope: Scope) -> None:
        """Refuses to add a layer to what no line gives a value; a network by its name may go to a list of elsewhere."""
        method, root = node.func, root_of(node.func)
        is_added = isinstance(method, ast.Attribute) and method.attr in CHANGING
        if all(isinstance(one, ast.Name) for one in node.args):
            return
        if is_added and root is not None and scope.find(root.id) is MISSING:
            raise LostChangeError(f"{place(method)}the name {root.id[:60]} has no value: the layer would be lost.")

    def settings_of(self, scope: Scope) -> Instance:
        """What Lightning's `save_hyperparameters()` keeps: the arguments of the constructor that calls it."""
        kept = {name: value for name, value in scope.names.items() if value is not scope.receiver}
        return Instance(Class("hparams", (), {}, 0), kept)

    def super_of(self, node: ast.Call, scope: Scope) -> Any:
        """`super()` and `super(Net, self)`."""
        raise NotImplementedError

    def set_attribute(self, value: Any, name: str, new: Any, node: ast.AST | None) -> None:
        """`value.name = new`."""
        raise NotImplementedError

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Function:
        return self.function("<lambda>", node, scope)

    def function(self, name: str, node: ast.FunctionDef | ast.Lambda, scope: Scope) -> Function:
        """A definition with its defaults, evaluated now, as Python does."""
        spec = node.args
        positional = [*spec.posonlyargs, *spec.args]
        pairs = list(zip(reversed(positional), reversed(spec.defaults), strict=False))
        pairs += [(arg, value) for arg, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if value]
        return Function(name, node, scope, {arg.arg: self.evaluate(value, scope) for arg, value in pairs})

    def as_text(self, value: Any, node: ast.AST | None, conversion: int = -1) -> Any:
        """What `str` makes of an object whose class says it in the text, or `!r`; any other value itself."""
        for name in ("__repr__",) if conversion == ord("r") else ("__format__", "__str__", "__repr__"):
            own = self.own_method(value, name)
            if own is not MISSING:
                return self.call(own, [""] if name == "__format__" else [], {}, node)
        if conversion == ord("r") and isinstance(value, str):
            return repr(str(value))
        return value.words() if isinstance(value, ErrorValue) else as_written(value)

    def _string(self, node: ast.JoinedStr, scope: Scope) -> str:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.as_text(self.resolve(self.evaluate(part.value, scope), node), node, part.conversion)
                spec = self._string(part.format_spec, scope) if isinstance(part.format_spec, ast.JoinedStr) else ""
                parts.append(self._guarded(partial(formatted, value, spec), node))
            else:
                parts.append(str(getattr(part, "value", "")))
        self.budget.size(sum(map(len, parts)), node)
        return "".join(parts)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        while scope.is_comprehension and scope.outer is not None:
            scope = scope.outer
        self.assign(node.target, value, scope)
        return value

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope) -> Any:
        if node not in scope.sent:
            raise self.fail(node, "yield has a meaning only in a function, on a line of its own.")
        return scope.sent.pop(node)


def _in_scope(run: Callable[..., Any], scope: Scope, call: Any, *args: Any, **kwargs: Any) -> Any:
    return run(call, scope, *args, **kwargs)


def _lists_layers(parent: ast.AST) -> bool:
    """Whether items of a list or call may be layers in a row."""
    if isinstance(parent, ast.List):
        return True
    return isinstance(parent, ast.Call) and ast.unparse(parent.func).rpartition(".")[2] == "Sequential"


_METHODS: dict[type, Callable[[Expressions, Any, Scope], Any]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._list,
    ast.Set: Expressions._list,
    ast.Dict: Expressions._dict,
    ast.UnaryOp: Expressions._unary,
    ast.BinOp: Expressions._binary,
    ast.BoolOp: Expressions._boolean,
    ast.Compare: Expressions._compare,
    ast.IfExp: Expressions._choice,
    ast.Subscript: Expressions._subscript,
    ast.Slice: Expressions._slice,
    ast.Call: Expressions._call_node,
    ast.Lambda: Expressions._lambda,
    ast.JoinedStr: Expressions._string,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._generator,
    ast.DictComp: Expressions._dict_comprehension,
    ast.NamedExpr: Expressions._walrus,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
}
