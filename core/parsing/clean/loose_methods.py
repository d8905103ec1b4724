"""Methods that lost their class, and statements that lost their `__init__`, put back where there is one way only.

People paste the part of a class that they ask about. The tree is changed, not the text: lines keep their numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from core.parsing.clean.syntax import all_nodes

NAME = "Network"  # of a class whose name the text does not tell
ENTRIES = ("forward", "call")
OWNERLESS = "The class line is missing: its methods were taken for those of a class {0}."
INITLESS = "{0} has no `__init__`: the statements that set `self` were taken for it."
INSIDE = "The methods that stand inside of `__init__` were taken for methods of the class {0}."
OUTSIDE = "{0} stands outside of its class {1}; it was taken for a method of it."


def with_classes(tree: ast.Module) -> tuple[ast.Module, tuple[str, ...]]:
    """The tree with such methods in a class, and what was done.

    >>> made, notes = with_classes(ast.parse("def __init__(self):\\n    super(A, self).__init__()"))
    >>> made.body[0].name, notes
    ('A', ('The class line is missing: its methods were taken for those of a class A.',))
    """
    notes: list[str] = []
    body: list[ast.stmt] = []
    for statement in tree.body:
        owner = body[-1] if body else None
        if isinstance(statement, ast.ClassDef):
            statement = _with_entry(_with_init(statement, notes), notes)
        elif (
            isinstance(owner, ast.ClassDef) and _is_method(statement) and _lacks(owner, getattr(statement, "name", ""))
        ):
            name = getattr(statement, "name", "")
            notes.append(OUTSIDE.format(name, owner.name))
            body[-1] = _with_body(owner, [*owner.body, statement])
            continue
        body.append(statement)
    body = _in_a_class(body, notes)
    return (ast.Module(body, tree.type_ignores), tuple(notes)) if notes else (tree, ())


def _is_method(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    names = [*node.args.posonlyargs, *node.args.args]
    return bool(names) and names[0].arg == "self" and not node.decorator_list


def _lacks(owner: ast.ClassDef, name: str) -> bool:
    """Whether a class of layers makes some and has no method that runs them."""
    methods = [one.name for one in owner.body if isinstance(one, ast.FunctionDef)]
    return bool(owner.bases) and name in ENTRIES and "__init__" in methods and not set(methods) & set(ENTRIES)


def sets_self(node: ast.stmt) -> bool:
    """Whether a statement belongs into an `__init__`: it gives `self` a part, or calls that of the class above."""
    match node:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"))]):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"))):
            return True
    return False


def _with_init(node: ast.ClassDef, notes: list[str]) -> ast.ClassDef:
    """`self.conv = ...` right in a class."""
    if not any(map(sets_self, node.body)) or any(getattr(one, "name", "") == "__init__" for one in node.body):
        return node
    loose = [one for one in node.body if not isinstance(one, ast.FunctionDef)]
    notes.append(INITLESS.format(node.name))
    return _with_body(node, [_init(loose), *(one for one in node.body if isinstance(one, ast.FunctionDef))])


def _with_entry(node: ast.ClassDef, notes: list[str]) -> ast.ClassDef:
    """A `forward` that stands too far to the right, in `__init__`."""
    init = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    inner = [one for one in init.body if _is_method(one)] if init is not None else []
    if init is None or not any(_lacks(node, getattr(one, "name", "")) for one in inner):
        return node
    body = [one for one in init.body if one not in inner]
    made = ast.copy_location(
        ast.FunctionDef(init.name, init.args, body, init.decorator_list, init.returns, init.type_comment), init
    )
    notes.append(INSIDE.format(node.name))
    return _with_body(node, [*(made if one is init else one for one in node.body), *inner])


def _in_a_class(body: list[ast.stmt], notes: list[str]) -> list[ast.stmt]:
    """Methods of no class at all: an `__init__`, or what sets `self` beside a `forward`."""
    methods = [one for one in body if isinstance(one, ast.FunctionDef) and _is_method(one)]
    names = [one.name for one in methods]
    loose = [one for one in body if sets_self(one)] if set(names) & set(ENTRIES) and "__init__" not in names else []
    if len(set(names)) != len(names) or not ("__init__" in names or loose):
        return body
    made = [_init(loose), *methods] if loose else methods
    name = next((one for node in made for one in _owners(node)), NAME)
    if any(getattr(one, "name", "") == name for one in body):
        return body
    first = min((*loose, *methods), key=lambda node: node.lineno)
    base = _base(made)
    made = [_prepared(one) for one in made] if base == "keras.Model" else made
    owner = _class(name, base, made, first)
    notes.append(OWNERLESS.format(name))
    taken = {id(one) for one in (*loose, *methods)}
    before = [one for one in body if id(one) not in taken and one.lineno < first.lineno]
    return [*before, owner, *(one for one in body if id(one) not in taken and one.lineno > first.lineno)]


def _owners(node: ast.AST) -> list[str]:
    """The class that `super(Net, self)` names."""
    calls = [one for one in all_nodes(node) if isinstance(one, ast.Call) and len(one.args) == 2]
    return [one.args[0].id for one in calls if ast.unparse(one.func) == "super" and isinstance(one.args[0], ast.Name)]


def _base(methods: Sequence[ast.stmt]) -> str:
    if any(getattr(one, "name", "") == "call" for one in methods):
        return "keras.Model"
    words = {one.attr for method in methods for one in all_nodes(method) if isinstance(one, ast.Attribute)}
    return "nn.Layer" if words & {"Conv2D", "MaxPool2D", "BatchNorm2D", "AvgPool2D", "Conv1D"} else "nn.Module"


def _init(statements: Sequence[ast.stmt]) -> ast.stmt:
    made = ast.parse("def __init__(self):\n    super().__init__()").body[0]
    assert isinstance(made, ast.FunctionDef)
    _place(made, statements[0], statements[-1])
    made.body += [one for one in statements if not isinstance(one, ast.Expr)]
    return made


def _prepared(method: ast.stmt) -> ast.stmt:
    """An `__init__` with that of the class above, which Keras needs: its line was not copied, as the class was not."""
    if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
        return method
    if any(isinstance(one, ast.Attribute) and one.attr == "__init__" for one in all_nodes(method)):
        return method
    begin = ast.parse("super().__init__()").body[0]
    _place(begin, method.body[0], method.body[0])
    method.body.insert(0, begin)
    return method


def _class(name: str, base: str, body: Sequence[ast.stmt], where: ast.stmt) -> ast.ClassDef:
    made = ast.parse(f"class {name}({base}): pass").body[0]
    assert isinstance(made, ast.ClassDef)
    _place(made, where, max(body, key=lambda node: node.lineno))
    return _with_body(made, body)


def _with_body(node: ast.ClassDef, body: Sequence[ast.stmt]) -> ast.ClassDef:
    made = ast.ClassDef(node.name, node.bases, node.keywords, list(body), node.decorator_list)
    return ast.copy_location(made, node)


def _place(made: ast.stmt, first: ast.stmt, last: ast.stmt) -> None:
    """Gives what stands nowhere in the text the lines of what it holds."""
    for part in all_nodes(made):
        if isinstance(part, (ast.stmt, ast.expr, ast.arg)):
            part.lineno, part.end_lineno = first.lineno, last.end_lineno
