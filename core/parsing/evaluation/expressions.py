"""Expressions: what each is worth, by Python's rules, over the values that exist here."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.calls import REFUSED_BY_TORCH, Calls, first_line
from core.parsing.evaluation.known import with_known
from core.parsing.evaluation.methods import formatted, percent
from core.parsing.evaluation.values import MISSING, Bound, Function, Instance, Scope, Special, Unknown, type_name

OPERATORS: dict[type, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any], str]] = {
    ast.Add: (operator.add, operator.iadd, "__add__"),
    ast.Sub: (operator.sub, operator.isub, "__sub__"),
    ast.Mult: (operator.mul, operator.imul, "__mul__"),
    ast.Div: (operator.truediv, operator.itruediv, "__truediv__"),
    ast.FloorDiv: (operator.floordiv, operator.ifloordiv, "__floordiv__"),
    ast.Mod: (operator.mod, operator.imod, "__mod__"),
    ast.Pow: (operator.pow, operator.ipow, "__pow__"),
    ast.MatMult: (operator.matmul, operator.imatmul, "__matmul__"),
    ast.LShift: (operator.lshift, operator.ilshift, "__lshift__"),
    ast.RShift: (operator.rshift, operator.irshift, "__rshift__"),
    ast.BitAnd: (operator.and_, operator.iand, "__and__"),
    ast.BitOr: (operator.or_, operator.ior, "__or__"),
    ast.BitXor: (operator.xor, operator.ixor, "__xor__"),
}
SIGNS: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
REFUSED_BY_PYTHON: tuple[type[Exception], ...] = (*REFUSED_BY_TORCH, ArithmeticError)
PLAIN = (int, float, str, list, tuple, dict, set, frozenset, type(None), range, slice)
MAX_POWER = 64


class Expressions(Calls):
    """Adds the value of expressions to the evaluator."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        self.budget.step(node)
        method = _METHODS.get(type(node))
        if method is None:
            raise self.fail(node, f"this ({type(node).__name__}) cannot be evaluated here: write it another way.")
        return method(self, node, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        if isinstance(node.value, bytes):
            raise self.fail(node, "bytes have no place in a network.")
        return node.value if node.value is Ellipsis else bounded(node.value, node)

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        value = scope.find(node.id)
        if value is MISSING:
            return Unknown(f"the name {node.id[:60]} has no value: write the number itself", node.lineno, node.id)
        return value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.get_attribute(self.evaluate(node.value, scope), node.attr, node)

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
                    values.extend(self.iterate(self.evaluate(node.value, scope), node))
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
                result.update(self._mapping(self.evaluate(value, scope), node))
            else:
                name, item = self.evaluate(key, scope), self.evaluate(value, scope)
                self._hashable(partial(_put, result, name, item), node)
        return result

    def _mapping(self, value: Any, node: ast.AST) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise self.fail(node, f"** needs a dictionary, not {type_name(value)}.")
        return value

    def _hashable(self, make: Callable[[], Any], node: ast.AST) -> Any:
        try:
            return make()
        except TypeError as error:
            raise self.fail(node, f"{first_line(error)}.") from None

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Unknown):
                return self._later(value, node, lambda: not self.is_true(value, node))
            return not self.is_true(value, node)
        apply = SIGNS[type(node.op)]
        if isinstance(value, Unknown):
            return self._later(value, node, lambda: apply(self.resolve(value, node)))
        if not isinstance(value, (int, float, Tensor)):
            raise self.fail(node, f"only numbers and tensors can be negated, not {type_name(value)}.")
        return self._guarded(lambda: apply(value), node)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.operate(node.op, self.evaluate(node.left, scope), self.evaluate(node.right, scope), node)

    def operate(self, sign: ast.operator, left: Any, right: Any, node: ast.AST, in_place: bool = False) -> Any:
        """`left + right` and its kind; in place as `+=` does it."""
        normal, augmented, method = OPERATORS[type(sign)]
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return self._later(
                left if isinstance(left, Unknown) else right,
                node,
                lambda: self.operate(sign, self.resolve(left, node), self.resolve(right, node), node),
            )
        if isinstance(left, Instance | nn.Module) and (own := self._own_method(left, method)) is not MISSING:
            return self.call(own, [right], {}, node)
        for value, other, is_left in ((left, right, True), (right, left, False)):
            if isinstance(value, Special) and (own := value.operate(method, other, is_left)) is not MISSING:
                return own
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            self.budget.step(node, 10)
            self._check_operand(left, node)
            self._check_operand(right, node)
            apply = augmented if in_place else normal
            return with_known(apply, [left, right], {}, apply(left, right))
        if isinstance(left, str) and isinstance(sign, ast.Mod):
            return self._guarded(lambda: percent(left, right), node)
        self._check_plain(sign, left, right, node)
        return bounded(self._guarded(lambda: (augmented if in_place else normal)(left, right), node), node)

    def _own_method(self, value: Any, name: str) -> Any:
        definition = value.cls if isinstance(value, Instance) else getattr(value, "definition", None)
        found = definition.find(name) if definition is not None else MISSING
        return Bound(value, found) if isinstance(found, Function) else MISSING

    def _check_operand(self, value: Any, node: ast.AST) -> None:
        if not isinstance(value, (Tensor, int, float)):
            raise self.fail(node, f"a tensor and {type_name(value)} cannot be combined.")

    def _check_plain(self, sign: ast.operator, left: Any, right: Any, node: ast.AST) -> None:
        """Refuses what would grow beyond all bounds, before it is made, and what is no number, string or list."""
        for value in (left, right):
            if not isinstance(value, PLAIN) or value is None:
                raise self.fail(
                    node, f"only numbers, strings, lists and tensors can be combined here, not {type_name(value)}."
                )
        match sign:
            case ast.Mult():
                for many, times in ((left, right), (right, left)):
                    if isinstance(many, (str, list, tuple)) and isinstance(times, int):
                        self.budget.size(len(many) * max(times, 0), node)
            case ast.Add() if isinstance(left, (str, list, tuple)) and isinstance(right, (str, list, tuple)):
                self.budget.size(len(left) + len(right), node)
            case ast.Pow() if abs(right) > MAX_POWER or abs(left) > 10**6:
                raise self.fail(node, "this power is too large; write the number itself.")
            case ast.LShift() if isinstance(right, int) and right > MAX_POWER:
                raise self.fail(node, "this shift is too large; write the number itself.")

    def _guarded(self, compute: Callable[[], Any], node: ast.AST) -> Any:
        """The value, or a sentence where Python refuses."""
        try:
            return compute()
        except ParseError:
            raise
        except ZeroDivisionError:
            raise self.fail(node, "this expression has no result (a division by zero?).") from None
        except RuntimeError:
            raise
        except REFUSED_BY_PYTHON as error:
            raise self.fail(node, f"{first_line(error)}.") from None

    def _later(self, source: Any, node: ast.AST, compute: Callable[[], Any]) -> Unknown:
        """An unknown value that becomes known when the one that it is made of does."""
        what = source.what if isinstance(source, Unknown) else "a value here is not known"
        error = source.error if isinstance(source, Unknown) else None
        return Unknown(what, getattr(source, "line", getattr(node, "lineno", 1)), "", compute, error)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for index, part in enumerate(node.values):
            value = self.evaluate(part, scope)
            if isinstance(value, Unknown):
                rest = node.values[index + 1 :]
                if not rest:
                    return value
                others = ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]
                ast.copy_location(others, node)
                is_and = isinstance(node.op, ast.And)
                if (
                    is_and
                    and not any(self._is_open(one, scope) for one in rest)
                    and not self.is_true(self.evaluate(others, scope), node)
                ):
                    return False
                return self._later(value, node, self._either(value, others, scope, is_and, node))
            if self.is_true(value, node) != isinstance(node.op, ast.And):
                return value
        return value

    def _either(self, first: Unknown, rest: ast.expr, scope: Scope, is_and: bool, node: ast.AST) -> Callable[[], Any]:
        def compute() -> Any:
            known = self.resolve(first, node)
            return known if self.is_true(known, node) != is_and else self.evaluate(rest, scope)

        return compute

    def _is_open(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression has a name without a value."""
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        return any(scope.find(name) is MISSING or isinstance(scope.find(name), Unknown) for name in names)

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.evaluate(node.left, scope)
        for sign, part in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(part, scope)
            result = self._comparison(sign, left, right, node)
            if len(node.ops) == 1:
                return result
            if not self.is_true(result, node):
                return False
            left = right
        return True

    def _comparison(self, sign: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
        if isinstance(sign, (ast.Is, ast.IsNot)):
            if isinstance(left, Unknown):
                return self._later(left, node, lambda: self._comparison(sign, self.resolve(left), right, node))
            same = left is right or (isinstance(left, (bool, int, str)) and left == right and type(left) is type(right))
            return same == isinstance(sign, ast.Is)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            source = left if isinstance(left, Unknown) else right
            return self._later(
                source, node, lambda: self._comparison(sign, self.resolve(left, node), self.resolve(right, node), node)
            )
        if isinstance(sign, (ast.In, ast.NotIn)):
            return self._contains(left, right, node) == isinstance(sign, ast.In)
        if not isinstance(left, (*PLAIN, Tensor)) or not isinstance(right, (*PLAIN, Tensor)):
            equal = left is right or (
                type(left) is type(right) and isinstance(left, torch.dtype | torch.device) and left == right
            )
            if isinstance(sign, (ast.Eq, ast.NotEq)):
                return equal == isinstance(sign, ast.Eq)
        return self._guarded(lambda: COMPARISONS[type(sign)](left, right), node)

    def _contains(self, item: Any, container: Any, node: ast.AST) -> bool:
        if isinstance(container, (str, list, tuple, dict, set, frozenset, range)):
            return bool(self._guarded(lambda: item in container, node))
        if isinstance(container, (nn.ModuleDict, nn.ParameterDict)):
            return item in container
        raise self.fail(node, f"whether something is in {type_name(container)} cannot be told.")

    def _choice(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.evaluate(node.body if self.is_true(self.evaluate(node.test, scope), node) else node.orelse, scope)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        value, index = self.evaluate(node.value, scope), self.evaluate(node.slice, scope)
        return self.get_item(value, index, node)

    def get_item(self, value: Any, index: Any, node: ast.AST) -> Any:
        """`value[index]`."""
        if isinstance(value, Unknown):
            name = index if isinstance(index, str) else ""
            found = Unknown(value.what, value.line, name, None, value.error)
            found.compute = (lambda: self.get_item(self.resolve(value), index, node)) if value.compute else None
            return found
        index = self.resolve_all(index, node)
        if isinstance(value, Tensor):
            self.budget.step(node, 10)
            return with_known(operator.getitem, [value, index], {}, value[index])
        if isinstance(
            value,
            (
                list,
                tuple,
                str,
                dict,
                range,
                nn.Sequential,
                nn.ModuleList,
                nn.ModuleDict,
                nn.ParameterList,
                nn.ParameterDict,
            ),
        ):
            return self._item(value, index, node)
        if isinstance(value, Instance | nn.Module) and (own := self._own_method(value, "__getitem__")) is not MISSING:
            return self.call(own, [index], {}, node)
        if isinstance(value, Special) and (own := value.item(self, index, node)) is not MISSING:
            return own
        raise self.fail(node, f"{type_name(value)} has no items to pick by an index.")

    def _item(self, value: Any, index: Any, node: ast.AST) -> Any:
        try:
            return value[index]
        except (KeyError, IndexError):
            raise self.fail(node, f"there is no item {str(index)[:40]!r} in this {type_name(value)}.") from None
        except TypeError as error:
            raise self.fail(node, f"{first_line(error)}.") from None

    def _slice(self, node: ast.Slice, scope: Scope) -> slice:
        parts = [None if part is None else self.evaluate(part, scope) for part in (node.lower, node.upper, node.step)]
        return slice(*(self.resolve(part, node) for part in parts))

    def _call_node(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is MISSING:
            return self.super_of(node, scope)
        if isinstance(node.func, ast.Name) and node.func.id == "locals" and scope.find("locals") is MISSING:
            return dict(scope.names)
        function = self.evaluate(node.func, scope)
        args = self.evaluate_all(node.args, scope, node)
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is None:
                kwargs |= {str(k): v for k, v in self._mapping(value, node).items()}
            else:
                kwargs[keyword.arg] = value
        return self.call(function, args, kwargs, node)

    def super_of(self, node: ast.Call, scope: Scope) -> Any:
        """`super()` and `super(Net, self)`."""
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

    def _string(self, node: ast.JoinedStr, scope: Scope) -> str:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.resolve(self.evaluate(part.value, scope), node)
                spec = self._string(part.format_spec, scope) if isinstance(part.format_spec, ast.JoinedStr) else ""
                parts.append(self._guarded(partial(formatted, value, spec), node))
            else:
                parts.append(str(getattr(part, "value", "")))
        self.budget.size(sum(map(len, parts)), node)
        return "".join(parts)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Any:
        values = [self.evaluate(node.elt, inner) for inner in self._loops(node.generators, scope, node)]
        if isinstance(node, ast.SetComp):
            return self._hashable(lambda: set(values), node)
        return values if isinstance(node, ast.ListComp) else iter(values)

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
        pairs = [
            (self.evaluate(node.key, inner), self.evaluate(node.value, inner))
            for inner in self._loops(node.generators, scope, node)
        ]
        return self._hashable(lambda: dict(pairs), node)

    def _loops(self, generators: list[ast.comprehension], scope: Scope, node: ast.AST) -> Iterator[Scope]:
        """A scope for each turn of nested loops whose conditions hold."""
        first, *rest = generators
        inner = Scope(scope)
        for item in self.iterate(self.evaluate(first.iter, scope), node):
            inner = Scope(scope)
            self.assign(first.target, item, inner)
            if all(self.is_true(self.evaluate(test, inner), node) for test in first.ifs):
                if rest:
                    yield from self._loops(rest, inner, node)
                else:
                    yield inner

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives a value to a name, an attribute, an item, or several of them."""
        raise NotImplementedError

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _yield(self, node: ast.Yield, scope: Scope) -> None:
        target = scope
        while target.yields is None and target.outer is not None:
            target = target.outer
        if target.yields is None:
            raise self.fail(node, "yield outside of a function.")
        target.yields.append(None if node.value is None else self.evaluate(node.value, scope))


def _put(values: dict[Any, Any], key: Any, value: Any) -> None:
    values[key] = value


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
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._dict_comprehension,
    ast.NamedExpr: Expressions._walrus,
    ast.Yield: Expressions._yield,
}
