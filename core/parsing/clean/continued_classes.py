"""Classes that a page shows bit by bit: what a later one of the same name does not show is taken from the one before.

The tree is changed, not the text: lines keep their numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from core.parsing.clean.syntax import all_nodes, is_points

ENTRIES = ("forward", "call")
CUT_OFF = "{0} in line {1} does not show all of it: that of line {2} is read."
CONTINUED = "{0} in line {1} does not show all of it: the rest was taken from line {2}."


def with_earlier_parts(tree: ast.Module) -> tuple[ast.Module, tuple[str, ...]]:
    """The tree with such classes whole, and what was done.

    >>> text = "class A(B):\\n  def f(self): pass\\nclass A(B):\\n  ...\\n  def g(self): pass"
    >>> made, notes = with_earlier_parts(ast.parse(text))
    >>> [one.name for one in made.body[-1].body], notes
    (['f', 'g'], ('A in line 3 does not show all of it: the rest was taken from line 1.',))
    """
    notes: list[str] = []
    body: list[ast.stmt] = []
    shown: dict[str, ast.ClassDef] = {}
    for statement in tree.body:
        before = shown.get(statement.name) if isinstance(statement, ast.ClassDef) else None
        if isinstance(statement, ast.ClassDef) and before is not None:
            if statement is tree.body[-1] and _is_cut_off(statement, before):
                notes.append(CUT_OFF.format(statement.name, statement.lineno, before.lineno))
                continue
            if _goes_on(statement, before):
                notes.append(CONTINUED.format(statement.name, statement.lineno, before.lineno))
                statement = _joined(before, statement)
        if isinstance(statement, ast.ClassDef):
            shown[statement.name] = statement
        body.append(statement)
    return (ast.Module(body, tree.type_ignores), tuple(notes)) if notes else (tree, ())


def _is_cut_off(node: ast.ClassDef, before: ast.ClassDef) -> bool:
    """Whether the end of the text may have taken from a class what runs it, which an earlier one of its name has."""
    return bool(_entries(_methods(before))) and not _entries(_methods(node)) and not _says_so(node)


def _goes_on(node: ast.ClassDef, before: ast.ClassDef) -> bool:
    """Whether a class lacks what one of its name had: it says so by `...`, or uses what only that one has.

    One that makes its layers anew is run as before.
    """
    new, old = _methods(node), _methods(before)
    if _says_so(node):
        return bool(old)
    if "__init__" in old and "__init__" not in new:
        return bool((_read(node.body) - _set(node.body) - set(new)) & (_set(before.body) | set(old)))
    entries = [old[name] for name in _entries(old)]
    return bool(entries) and not _entries(new) and _read(entries) - set(old) <= _set(node.body)


def _says_so(node: ast.ClassDef) -> bool:
    """Whether `...` stands in a class or in its `__init__`, or alone in a method."""
    init = _methods(node).get("__init__")
    hidden = any(map(_is_hidden, _methods(node).values()))
    return hidden or any(map(is_points, [*node.body, *(init.body if init is not None else ())]))


def _is_hidden(method: ast.FunctionDef) -> bool:
    """Whether nothing but `...` stands for what a method does."""
    return all(map(is_points, method.body))


def _joined(before: ast.ClassDef, node: ast.ClassDef) -> ast.ClassDef:
    """A class with what an earlier one has besides; `...` stands for the statements of that one."""
    old, new = _methods(before), _methods(node)
    hidden = {name for name, one in new.items() if name in old and _is_hidden(one)}
    body = [one for one in node.body if not is_points(one) and getattr(one, "name", None) not in hidden]
    kept = [one for name, one in old.items() if name not in new or name in hidden]
    if "__init__" in old and "__init__" in new:
        body = [_filled(old["__init__"], one) if one is new["__init__"] else one for one in body]
    made = ast.ClassDef(node.name, node.bases or before.bases, node.keywords, [*kept, *body], node.decorator_list)
    return ast.copy_location(made, node)


def _filled(before: ast.FunctionDef, node: ast.FunctionDef) -> ast.FunctionDef:
    """An `__init__` with the statements of an earlier one for `...`, but for those whose attributes it sets itself."""
    written, anew = {ast.dump(one) for one in node.body}, _set(node.body)
    rest = [one for one in before.body if ast.dump(one) not in written and not _sets_only(one, anew)]
    body = [part for one in node.body for part in (rest if is_points(one) else [one])]
    made = ast.FunctionDef(node.name, node.args, body, node.decorator_list, node.returns, node.type_comment)
    return ast.copy_location(made, node)


def _sets_only(statement: ast.stmt, names: set[str]) -> bool:
    return bool(_set([statement])) and _set([statement]) <= names


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}


def _entries(methods: dict[str, ast.FunctionDef]) -> list[str]:
    return [name for name in ENTRIES if name in methods]


def _read(nodes: Sequence[ast.AST]) -> set[str]:
    """Attributes of `self` that are read."""
    return _attributes(nodes, ast.Load)


def _set(nodes: Sequence[ast.AST]) -> set[str]:
    """Attributes of `self` that are set."""
    return _attributes(nodes, ast.Store)


def _attributes(nodes: Sequence[ast.AST], context: type[ast.expr_context]) -> set[str]:
    return {
        part.attr
        for node in nodes
        for part in all_nodes(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, context)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
    }
