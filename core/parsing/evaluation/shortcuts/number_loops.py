"""Loops within loops that only count, such as a table of the offsets between all places of a window, worked out fast.

    for p in points:
        for q in points:
            offset = abs(p[0] - q[0]), abs(p[1] - q[1])
            if offset not in numbers:
                numbers[offset] = len(numbers)
            places.append(numbers[offset])

The statements become functions of ours once, instead of being looked at again in each of some 10,000 turns. They know
whole numbers and tuples, lists and dictionaries of them; whatever else a loop holds, it is evaluated as any other.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.parsing.evaluation.values import Builtin, Type

MOST = 65_536  # turns of all the loops together
TURNS_A_STEP = 4  # how many such turns cost as much as one step of the evaluator
LARGEST = 10**12
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}  # fmt: skip
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
CALLED: dict[str, Callable[..., Any]] = {"abs": abs, "len": len, "min": min, "max": max, "range": range}
Names = dict[str, Any]
Run = Callable[[Names], Any]


class NotCountedError(Exception):
    """The loop does more than that."""


@dataclass
class Counted:
    """What a loop came to: the names that it sets, what it adds things to, and how many turns it took."""

    stored: Names
    kept: Names
    turns: int


def counted(
    loop: ast.For, find: Callable[[str], Any], memo: dict[Any, Counted | None], pay: Callable[[int], None]
) -> Counted | None:
    """What the names that such a loop sets stand for after it, and how many turns it took; None for another one.

    Lists and dictionaries that `find` gives are changed in their place, unless the answer is None. Blocks of one size
    go through the same loop with the same numbers: `memo` has what came of it, and which loops are others.
    """
    if id(loop) in memo:
        return None
    parts = list(ast.walk(loop))
    read = {one.id: find(one.id) for one in parts if isinstance(one, ast.Name)}
    pay(sum(len(value) for value in read.values() if type(value) in (list, tuple, dict)) // TURNS_A_STEP)
    held = {name: value for name, value in read.items() if name not in CALLED and _is_plain(value)}
    stored = {one.id for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    kept = {name: held[name] for name in _changed(parts) if type(held.get(name)) in (list, dict)}
    if set(_changed(parts)) - set(kept) or stored & set(kept) or not all(map(_is_usual, CALLED, map(read.get, CALLED))):
        memo[id(loop)] = None
        return None
    key = id(loop), tuple((name, _frozen(value)) for name, value in held.items())
    if key not in memo:
        before = {name: value.copy() for name, value in kept.items()}
        turns = Turns()
        try:
            _loop(loop, turns)(held)
            if not all(map(_is_plain, kept.values())) or not all(_is_fixed(held[name]) for name in stored & set(held)):
                raise NotCountedError
        except (NotCountedError, LookupError, TypeError, ValueError, ArithmeticError):
            _put_back(kept, before)
            memo[id(loop)] = None
            return None
        after = {name: value.copy() for name, value in kept.items()}
        memo[key] = Counted({name: held[name] for name in stored if name in held}, after, turns.count)
    done = memo[key]
    if done is not None:
        _put_back(kept, done.kept)
    return done


def _frozen(value: Any) -> Any:
    """A plain value as a key, in which a list is not a tuple of the same numbers."""
    if isinstance(value, dict):
        return dict, tuple(value.items())
    return (list, tuple(value)) if isinstance(value, list) else value


def _put_back(kept: Names, values: Names) -> None:
    for name, value in values.items():
        kept[name].clear()
        kept[name].update(value) if isinstance(value, dict) else kept[name].extend(value)


def _changed(parts: list[ast.AST]) -> list[str]:
    """Names of lists and dictionaries that a loop adds to or sets items of."""
    owners = [one.value for one in parts if isinstance(one, ast.Attribute)]
    owners += [one.value for one in parts if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)]
    return [one.id for one in owners if isinstance(one, ast.Name)]


def _is_usual(name: str, value: Any) -> bool:
    """Whether a name of Python's own stands for what it usually does, or is not used."""
    return value is None or (isinstance(value, (Builtin, Type)) and value.name == name)


class Turns:
    """How many turns were taken."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, values: Any) -> Iterator[Any]:
        """The items of a loop. Raises: NotCountedError after too many."""
        for value in values:
            self.count += 1
            if self.count > MOST:
                raise NotCountedError
            yield value


def _is_plain(value: Any) -> bool:
    if type(value) in (list, dict):
        items = value.values() if type(value) is dict else ()
        return all(map(_is_fixed, value)) and all(map(_is_fixed, items))
    return _is_fixed(value)


def _is_fixed(value: Any) -> bool:
    """Whether nothing can change it, wherever else it is kept."""
    return all(map(_is_fixed, value)) if type(value) is tuple else type(value) in (int, range)


def _loop(node: ast.For, turns: Turns) -> Run:
    values, put, body = _value(node.iter), _target(node.target), [_statement(one, turns) for one in node.body]
    if node.orelse:
        raise NotCountedError

    def run(names: Names) -> None:
        for value in turns.of(values(names)):
            put(names, value)
            for statement in body:
                statement(names)

    return run


def _statement(node: ast.stmt, turns: Turns) -> Run:
    match node:
        case ast.For():
            return _loop(node, turns)
        case ast.Assign(targets=[target], value=value):
            put, make = _target(target), _value(value)
            return lambda names: put(names, make(names))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item])):
            make = _value(item)
            return lambda names: _list(names[name]).append(_item(make(names)))
        case ast.If(test=test):
            holds = _value(test)
            first, second = ([_statement(one, turns) for one in part] for part in (node.body, node.orelse))
            return lambda names: [one(names) for one in (first if holds(names) else second)]
        case ast.Pass():
            return lambda names: None
    raise NotCountedError


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise NotCountedError
    return value


def _target(node: ast.expr) -> Callable[[Names, Any], None]:
    match node:
        case ast.Name(id=name):
            return lambda names, value: names.__setitem__(name, value)
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            place = _value(index)
            return lambda names, value: names[name].__setitem__(place(names), _item(value))
        case ast.Tuple(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
            keys = [part.id for part in parts if isinstance(part, ast.Name)]
            return lambda names, value: names.update(zip(keys, value, strict=True))
    raise NotCountedError


def _value(node: ast.expr) -> Run:
    match node:
        case ast.Constant(value=value) if type(value) is int:
            return lambda names: value
        case ast.Name(id=name) if name not in CALLED:
            return lambda names: names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _calculated(operator.sub, lambda names: 0, _value(operand))
        case ast.Tuple(elts=parts):
            makers = [_value(part) for part in parts]
            return lambda names: tuple([_whole(make(names)) for make in makers])
        case ast.Subscript(value=owner, slice=ast.Constant(value=place)) if type(place) is int:
            whole = _value(owner)
            return lambda names: whole(names)[place]
        case ast.Subscript(value=owner, slice=index):
            whole, find = _value(owner), _value(index)
            return lambda names: whole(names)[find(names)]
        case ast.BinOp(op=sign, left=left, right=right) if type(sign) in ARITHMETIC:
            return _calculated(ARITHMETIC[type(sign)], _value(left), _value(right))
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as sign], comparators=[ast.Name(id=name)]):
            one, is_in = _value(left), isinstance(sign, ast.In)
            return lambda names: (_item(one(names)) in _dictionary(names[name])) is is_in
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in COMPARED:
            compare, one, two = COMPARED[type(sign)], _value(left), _value(right)
            return lambda names: compare(_item(one(names)), _item(two(names)))
        case ast.Call(func=ast.Name(id=called), args=args, keywords=[]) if called in CALLED and args:
            return _called(called, [_value(part) for part in args])
    raise NotCountedError


def _calculated(apply: Callable[[int, int], int], one: Run, two: Run) -> Run:
    def run(names: Names) -> int:
        left, right = one(names), two(names)
        if type(left) is int and type(right) is int:
            value = apply(left, right)
            if -LARGEST <= value <= LARGEST:
                return value
        raise NotCountedError

    return run


def _called(name: str, makers: list[Run]) -> Run:
    function, first = CALLED[name], makers[0]
    if len(makers) == 1 and name in ("min", "max"):  # of a list, in each of many turns
        raise NotCountedError
    if len(makers) == 1:
        return lambda names: function(first(names))
    return lambda names: function(*[make(names) for make in makers])


def _whole(value: Any) -> int:
    if type(value) is not int or not -LARGEST <= value <= LARGEST:
        raise NotCountedError
    return value


def _item(value: Any) -> Any:
    """What a list or dictionary may hold here: a whole number, or several in a tuple."""
    if type(value) not in (int, tuple):
        raise NotCountedError
    return value


def _dictionary(value: Any) -> dict[Any, Any]:
    if type(value) is not dict:
        raise NotCountedError
    return value
