"""Operators of expressions: arithmetic, comparison, conditions, over the values that exist here."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.arrays import Array, combined, from_numpy
from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.calls import REFUSED_BY_TORCH, first_line
from core.parsing.evaluation.core import DependsOnData
from core.parsing.evaluation.data_shapes import axes_of_result
from core.parsing.evaluation.exceptions import kind_of, of_python
from core.parsing.evaluation.known import with_known
from core.parsing.evaluation.lazy_items import VIEWS, LazyItems, until_stopped
from core.parsing.evaluation.library.enums import combined_flags
from core.parsing.evaluation.library.typing_names import Hint
from core.parsing.evaluation.methods import percent
from core.parsing.evaluation.operator_tables import COMPARISONS, OPERATORS, OWN_SIGNS, SIGNS
from core.parsing.evaluation.plain_operands import PLAIN, check_plain
from core.parsing.evaluation.signs import signed
from core.parsing.evaluation.text_classes.object_comparison import ORDERS, ObjectComparison
from core.parsing.evaluation.values import (
    MISSING,
    Class,
    Instance,
    Scope,
    Special,
    StoredValue,
    Type,
    Unknown,
    type_name,
)

REFUSED_BY_PYTHON: tuple[type[Exception], ...] = (*REFUSED_BY_TORCH, ArithmeticError)
SEARCHABLE: tuple[type[Any], ...] = (str, list, tuple, dict, set, frozenset, range, *VIEWS)
KINDS = (Type, Class, Hint)  # `int | str`
NUMBERS = (int, float)  # what most operators of a text combine
SURE = (bool, int, float, str, list, tuple, dict, type(None))  # of whose truth no class of the text has a say
LISTED = (list, tuple, range)


class Operators(ObjectComparison):
    """Adds operators to the evaluator."""

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.evaluate(node.operand, scope)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Unknown):
                return self.later(value, node, lambda: not self.is_true(value, node))
            return not self.is_true(value, node)
        apply = SIGNS[type(node.op)]
        if isinstance(value, Unknown):
            return self.later(value, node, lambda: apply(self.resolve_number(value, "", node)))
        own = self.own_method(value, OWN_SIGNS[type(node.op)])
        if own is not MISSING:
            return self.call(own, [], {}, node)
        if isinstance(value, Special) and (made := signed(node.op, value)) is not MISSING:
            return made
        if isinstance(value, Array):
            return self._guarded(lambda: from_numpy(apply(np.asarray(value)), self.run.device), node)
        if not isinstance(value, (int, float, complex, Tensor)):
            sentence = f"only numbers and tensors can be negated, not {type_name(value)}."
            raise self.fail(node, sentence, of_python(TypeError, value))
        return self._guarded(lambda: apply(value), node)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.operate(node.op, self.evaluate(node.left, scope), self.evaluate(node.right, scope), node)

    def operate(self, sign: ast.operator, left: Any, right: Any, node: ast.AST, in_place: bool = False) -> Any:
        """`left + right` and its kind; in place as `+=` does it."""
        normal, augmented, method = OPERATORS[type(sign)]
        if type(left) in NUMBERS and type(right) in NUMBERS:
            if type(sign) in (ast.Pow, ast.LShift):
                check_plain(self, sign, left, right, node)
            return bounded(self._guarded(partial(normal, left, right), node), node)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            first, second = partial(self._operand, left, right, sign), partial(self._operand, right, left, sign)
            source = left if isinstance(left, Unknown) else right
            made = self.later(source, node, lambda: self.operate(sign, first(node), second(node), node))
            made.axes = axes_of_result(sign, left, right)
            return made
        flags = combined_flags(method, left, right)
        if flags is not MISSING:
            return flags
        own = self._own_operation(left, method, in_place)
        if own is not MISSING:
            return self.call(own, [right], {}, node)
        if isinstance(right, Instance) and (own := self.own_method(right, f"__r{method[2:]}")) is not MISSING:
            return self.call(own, [left], {}, node)
        for value, other, is_left in ((left, right, True), (right, left, False)):
            if isinstance(value, Special) and (own := value.operate(method, other, is_left)) is not MISSING:
                return own
        if isinstance(sign, ast.BitOr) and isinstance(left, KINDS) and isinstance(right, (*KINDS, type(None))):
            return Hint("Union", (left, right))
        if isinstance(left, Array) or isinstance(right, Array):
            self.budget.step(node, 10)
            return self._guarded(lambda: combined(normal, left, right, self.run.device), node)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            self.budget.step(node, 10)
            self._check_operand(left, node)
            self._check_operand(right, node)
            apply = augmented if in_place else normal
            return with_known(apply, [left, right], {}, apply(left, right))
        if isinstance(left, str) and isinstance(sign, ast.Mod):
            return self._guarded(lambda: percent(left, right), node)
        if isinstance(left, (nn.Sequential, nn.ModuleList)) and isinstance(sign, (ast.Add, ast.Mult)):
            return self._joined(augmented if in_place else normal, left, right, node)
        check_plain(self, sign, left, right, node)
        result = self._guarded(partial(augmented if in_place else normal, left, right), node, left, right)
        return result if complex in (type(left), type(right)) else bounded(result, node)

    def _own_operation(self, left: Any, method: str, in_place: bool) -> Any:
        """What the class of an operand has for `+`, or rather for `+=`."""
        if not isinstance(left, (Instance, Class, nn.Module)):
            return MISSING
        names = (f"__i{method[2:]}", method) if in_place else (method,)
        found = [own for name in names if (own := self.own_method(left, name)) is not MISSING]
        return found[0] if found else MISSING

    def _joined(self, apply: Callable[[Any, Any], Any], left: Any, right: Any, node: ast.AST) -> Any:
        """Two Sequentials or lists of layers, one after the other; one of them several times."""
        if isinstance(right, int):
            self.budget.size(len(left) * max(right, 0), node)
        elif not all(isinstance(one, nn.Module) for one in self.iterate(right, node)):
            raise self.fail(node, f"only layers can be added to a {type_name(left)}.")
        return self._guarded(lambda: apply(left, right), node)

    def is_true(self, value: Any, node: ast.AST | None = None) -> bool:
        if type(value) in SURE:
            return bool(value)
        for name in ("__bool__", "__len__"):
            own = self.own_method(value, name)
            if own is not MISSING:
                return bool(self.call(own, [], {}, node))
        return super().is_true(value, node)

    def iterate(self, value: Any, node: ast.AST | None = None) -> Iterator[Any]:
        if type(value) in LISTED:
            return self.budget.items(value, node)
        own = self.own_method(value, "__iter__")
        if own is not MISSING:
            made = self.call(own, [], {}, node)
            return super().iterate(self._one_by_one(made, node) if isinstance(made, Instance) else made, node)
        pick = self.own_method(value, "__getitem__")
        if pick is not MISSING and isinstance(value, Instance) and not isinstance(value, PLAIN):
            places = itertools.count()
            picked = until_stopped(lambda: self.call(pick, [next(places)], {}, node), "IndexError")
            return super().iterate(picked, node)
        return super().iterate(value, node)

    def _one_by_one(self, value: Instance, node: ast.AST | None) -> LazyItems:
        """What the `__next__` of an object gives, until it raises StopIteration."""
        step = self.own_method(value, "__next__")
        if step is MISSING:
            raise self.fail(node, f"{type_name(value)} has no items to go through.", TypeError)
        return until_stopped(lambda: self.call(step, [], {}, node))

    def _operand(self, value: Any, other: Any, sign: ast.operator, node: ast.AST) -> Any:
        """The value itself; a number for an unknown one combined with a number, a list for one added to a list."""
        if isinstance(value, Unknown) and isinstance(sign, ast.Add) and type(other) in (list, tuple):
            items = self.resolve_items(value, node)
            return type(other)(items) if isinstance(items, (list, tuple)) else items
        is_number = isinstance(value, Unknown) and type(other) in (int, float)
        return self.resolve_number(value, "", node) if is_number else self.resolve(value, node)

    def _check_operand(self, value: Any, node: ast.AST) -> None:
        if not isinstance(value, (Tensor, int, float, complex)):
            raise self.fail(node, f"a tensor and {type_name(value)} cannot be combined.", of_python(TypeError, value))

    def _guarded(self, compute: Callable[[], Any], node: ast.AST, *operands: Any) -> Any:
        """The value, or a sentence where Python refuses; an error of types is its own between values of its own."""
        try:
            return compute()
        except ParseError:
            raise
        except ZeroDivisionError:
            sentence = "this expression has no result (a division by zero?)."
            raise self.fail(node, sentence, ZeroDivisionError) from None
        except RuntimeError:
            raise
        except REFUSED_BY_PYTHON as error:
            is_of_types = isinstance(error, TypeError) and operands and all(type(one) in SURE for one in operands)
            raise self.fail(node, f"{first_line(error)}.", TypeError if is_of_types else kind_of(error)) from None

    def later(self, source: Any, node: ast.AST, compute: Callable[[], Any]) -> Unknown:
        """An unknown value that becomes known when the one that it is made of does."""
        if not isinstance(source, Unknown):
            return Unknown("a value here is not known", getattr(node, "lineno", 1), "", compute)
        return replace(source, name="", compute=compute, parts={}, is_derived=True)

    def _boolean(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for index, part in enumerate(node.values):
            value = self.evaluate(part, scope)
            if isinstance(value, Unknown):
                rest = node.values[index + 1 :]
                if not rest:
                    return value
                others = ast.copy_location(ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0], node)
                is_and = isinstance(node.op, ast.And)
                if (
                    is_and
                    and not any(self._is_open(one, scope) for one in rest)
                    and not self.is_true(self.evaluate(others, scope), node)
                ):
                    return False
                return self.later(value, node, self._either(value, others, scope, is_and, node))
            if part is node.values[-1] or self.is_true(value, node) != isinstance(node.op, ast.And):
                break  # the truth of the last one is not asked for
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
            result = self.compared(sign, left, right, node)
            if len(node.ops) == 1:
                return result
            if not self.is_true(result, node):
                return False
            left = right
        return True

    def _compared_symbols(self, sign: ast.cmpop, left: Any, right: Any) -> Any:
        """What a symbolic tensor gives that is compared with a number or another one."""
        name, mirrored = ORDERS.get(type(sign), ("__eq__", "__eq__"))
        for value, other, method in ((left, right, name), (right, left, mirrored)):
            if isinstance(value, Special) and (made := value.operate(method, other, True)) is not MISSING:
                return made
        return MISSING

    def compared(self, sign: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
        """`left == right` and its kind."""
        if type(left) in NUMBERS and type(right) in NUMBERS and type(sign) in COMPARISONS:
            return COMPARISONS[type(sign)](left, right)
        if isinstance(sign, (ast.Is, ast.IsNot)):
            if isinstance(left, Unknown):
                return self.later(left, node, lambda: self.compared(sign, self.resolve_or_none(left), right, node))
            plain = isinstance(left, (bool, int, str, Type)) and type(left) is type(right)
            same = left is right or (plain and left == right)
            return same == isinstance(sign, ast.Is)
        self.budget.step(node, sum(len(one) for one in (left, right) if isinstance(one, (list, tuple))) // 8)
        if isinstance(right, StoredValue) and isinstance(sign, (ast.In, ast.NotIn)):
            raise DependsOnData(right)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            source, other = (left, right) if isinstance(left, Unknown) else (right, left)
            is_among = isinstance(sign, (ast.In, ast.NotIn))
            if isinstance(other, Tensor) and source.path and not is_among:
                return self.compared(sign, other, 0, node)  # of each item, whatever the number
            choices = self.resolve_items if is_among and isinstance(right, Unknown) else self.resolve
            return self.later(
                source, node, lambda: self.compared(sign, self.resolve(left, node), choices(right, node), node)
            )
        if isinstance(sign, (ast.Eq, ast.NotEq)) and _holds_open(left) != _holds_open(right):
            left, right = (self.resolve_all(one, node) if _holds_open(one) else one for one in (left, right))
        said = self.compared_objects(sign, left, right, node)
        if said is not MISSING:
            return said
        if isinstance(sign, (ast.In, ast.NotIn)):
            return self._contains(left, right, node) == isinstance(sign, ast.In)
        if (symbols := self._compared_symbols(sign, left, right)) is not MISSING:
            return symbols
        if not isinstance(left, (*PLAIN, Tensor)) or not isinstance(right, (*PLAIN, Tensor)):
            equal = left is right or (
                type(left) is type(right) and isinstance(left, torch.dtype | torch.device | Type) and left == right
            )
            if isinstance(sign, (ast.Eq, ast.NotEq)):
                return equal == isinstance(sign, ast.Eq)
        if isinstance(left, Array) or isinstance(right, Array):
            return self._guarded(lambda: combined(COMPARISONS[type(sign)], left, right, self.run.device), node)
        unlike = (left, right) if type(left) is not type(right) else ()
        apply = COMPARISONS[type(sign)]
        return with_known(apply, [left, right], {}, self._guarded(partial(apply, left, right), node, *unlike))

    def _contains(self, item: Any, container: Any, node: ast.AST) -> bool:
        flags = combined_flags("__contains__", container, item)
        if flags is not MISSING:
            return bool(flags)
        own = self.own_method(container, "__contains__")
        if own is not MISSING:
            return self.is_true(self.call(own, [item], {}, node), node)
        if isinstance(container, SEARCHABLE):
            return bool(self._guarded(lambda: item in container, node))
        if isinstance(container, (nn.ModuleDict, nn.ParameterDict)):
            return item in container
        if hasattr(container, "__next__"):  # which is used up as far as the item
            items = self.iterate(container, node)
            return any(self.is_true(self.compared(ast.Eq(), item, one, node), node) for one in items)
        raise self.fail(node, f"whether something is in {type_name(container)} cannot be told.")


def _holds_open(value: Any) -> bool:
    """Whether a list holds values that a text leaves open, as in `[None, side, side, 3]`."""
    return isinstance(value, (list, tuple)) and any(isinstance(one, Unknown) for one in value)
