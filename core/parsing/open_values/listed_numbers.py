"""Numbers that an argument must be one of: `assert depth in [18, 34, 50]`, or a key of a table; what is a number."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

BLOCKS = 3  # of a stage, where the depth of a network is counted in layers: (depth - 2) // 9
AXES = [2, 1, 3]  # of a layer whose name is put together, such as f"Conv{dims}d"


def place_of(node: ast.AST | None) -> str:
    """`x` or `self.x` as text, "" for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str() as key)):
            return f"{owner}[{key!r}]"
    return ""


@dataclass(frozen=True)
class Lists:
    """The lists and tables of numbers under a name: of the function, whose nodes are given, or else of the text."""

    nodes: Sequence[ast.AST]
    of_text: Callable[[str], Any]

    def value(self, node: ast.expr) -> Any:
        """The list or table itself, where a name stands for it."""
        place = place_of(node)
        for one in self.nodes if place else ():
            match one:
                case ast.Assign(targets=[target], value=value) if place_of(target) == place:
                    return value
        return self.of_text(place) if place else node

    def numbers(self, node: ast.expr) -> list[int]:
        """All items, or keys, if each is an integer."""
        found = self.value(node)
        items: list[Any] = []
        match found:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys"), args=[]):
                return self.numbers(owner)
            case ast.Tuple(elts=nodes) | ast.List(elts=nodes) | ast.Set(elts=nodes) | ast.Dict(keys=nodes):
                items = [one.value if isinstance(one, ast.Constant) else None for one in nodes]
            case list() | tuple() | dict():
                items = list(found)
        return items if all(type(one) is int for one in items) else []


def numbers_of(places: set[str], part: ast.AST, lists: Lists) -> list[int]:
    r"""The numbers that a statement lets an argument be; none where it does not restrict it.

    >>> tree = ast.parse("known = [18, 34]\nassert depth in known")
    >>> numbers_of({"depth"}, tree.body[1], Lists(list(ast.walk(tree)), lambda name: None))
    [18, 34]
    """
    match part:
        case ast.Assert(test=test):
            return _tested(places, test, ast.In, lists)
        case ast.If(test=test, body=[ast.Raise()]):
            return _tested(places, test, ast.NotIn, lists)
        case ast.If(orelse=[ast.If() | ast.Raise()]):
            return _told_apart(places, part)
        case ast.BinOp(
            left=ast.BinOp(left=owner, op=ast.Sub(), right=ast.Constant(value=int() as rest)),
            op=ast.FloorDiv() | ast.Div() | ast.Mod(),
            right=ast.Constant(value=int() as layers),
        ) if layers > 2 and "depth" in place_of(owner) and place_of(owner) in places:
            return [rest + layers * BLOCKS]
        case ast.Subscript(value=table, slice=key) if place_of(key) in places:
            return lists.numbers(table) if isinstance(lists.value(table), (dict, ast.Dict)) else []
        case ast.JoinedStr(values=[*before, ast.FormattedValue(value=owner), ast.Constant(value="d")]):
            return AXES if before and place_of(owner) in places else []
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format"), args=args):
            return AXES if text.endswith("{}d") and args and place_of(args[-1]) in places else []
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod(), right=owner):
            return AXES if text.endswith(("%dd", "%sd")) and place_of(owner) in places else []
    return []


def _tested(places: set[str], test: ast.expr, kind: type[ast.cmpop], lists: Lists) -> list[int]:
    for one in ast.walk(test):
        match one:
            case ast.Compare(left=owner, ops=[operator], comparators=[choices]):
                if place_of(owner) in places and isinstance(operator, kind):
                    return lists.numbers(choices)
    return []


def _told_apart(places: set[str], choice: ast.If) -> list[int]:
    r"""The numbers of `if kind == 1: ... elif kind == 2: ...` that leaves no other.

    >>> _told_apart({"kind"}, ast.parse("if kind == 1: f()\nelif kind == 2: g()").body[0])
    [1, 2]
    >>> _told_apart({"kind"}, ast.parse("if kind == 1: f()\nelif kind == 2: g()\nelse: h()").body[0])
    []
    """
    numbers: list[int] = []
    rest: Sequence[ast.stmt] = [choice]
    while len(rest) == 1 and isinstance(one := rest[0], ast.If):
        numbers += _equal_to(places, one.test)
        rest = one.orelse
    return numbers if len(numbers) > 1 and (not rest or isinstance(rest[0], ast.Raise)) else []


def _equal_to(places: set[str], test: ast.expr) -> list[int]:
    """The numbers for which a condition holds: `scale == 2 or scale == 4`, or powers of two.

    >>> _equal_to({"scale"}, ast.parse("scale == 2 or scale == 8", mode="eval").body)
    [2, 8]
    >>> _equal_to({"scale"}, ast.parse("(scale & (scale - 1)) == 0", mode="eval").body)
    [2, 4]
    """
    match test:
        case ast.BoolOp(op=ast.Or(), values=values):
            return [number for one in values for number in _equal_to(places, one)]
        case ast.Compare(left=owner, ops=[ast.Eq()], comparators=[ast.Constant(value=int() as number)]):
            match owner:
                case ast.BinOp(left=inner, op=ast.BitAnd(), right=ast.BinOp(op=ast.Sub())):
                    return [2, 4] if place_of(inner) in places and number == 0 else []
            return [number] if place_of(owner) in places and type(number) is int else []
    return []


def goes_in_pairs(places: set[str], part: ast.AST) -> bool:
    """Whether a loop goes through something whose items are two numbers, what comes in and what goes out.

    >>> goes_in_pairs({"sizes"}, ast.parse("for size in sizes: nn.Linear(size[0], size[1])").body[0])
    True
    >>> goes_in_pairs({"sizes"}, ast.parse("for size in sizes: nn.Linear(size, size)").body[0])
    False
    """
    match part:
        case ast.For(target=target, iter=owner, body=body) if place_of(owner) in places:
            parts: list[ast.AST] = [*body]
        case ast.ListComp(elt=element, generators=[ast.comprehension(target=target, iter=owner)]):
            parts = [element] if place_of(owner) in places else []
        case _:
            return False
    match target:
        case ast.Tuple(elts=[ast.Name(), ast.Name()]):
            return bool(parts)
        case ast.Name(id=name):
            items = [one for node in parts for one in ast.walk(node) if isinstance(one, ast.Subscript)]
            picked = {
                one.slice.value for one in items if place_of(one.value) == name and isinstance(one.slice, ast.Constant)
            }
            return picked == {0, 1}
    return False


def is_number_for(value: Any, kind: str) -> bool:
    """Whether a value of the text is a number, or a sequence of them where an argument of that kind needs one."""
    if kind in ("list", "sequence"):
        return isinstance(value, (list, tuple)) and bool(value) and all(type(one) in (int, float) for one in value)
    return kind == "number" and type(value) in (int, float)
