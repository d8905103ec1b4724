"""Classes that compute with layers or weights of their own and are no `nn.Module`: `class MLP:` with a `forward`."""

from __future__ import annotations

import ast
import re

from core.parsing.clean.syntax import all_nodes, tree_of

PLAIN = re.compile(r"^class\s+\w+\s*(\(\s*(object)?\s*\))?\s*:", re.MULTILINE)
OTHERS = re.compile(r"\b(paddle|flax|mindspore|mxnet|haiku|jittor|mlx|tensorflow|keras)\b")
LAYER = re.compile(r"(torch\.)?nn\.(?!\w*Loss\b|Sequential\b|Module)[A-Z]\w+\(")
TRAINED = "requires_grad=True"
ENTRIES = ("forward", "__call__")
FEWEST = 2  # layers or weights of a network
NOTE = "{0} is no nn.Module in the text; it is read as one."
Edit = tuple[int, int, str, str]  # a line, a byte of it, what stands there, and what is put in its place


def with_modules(text: str) -> tuple[str, tuple[str, ...]]:
    """The text where such classes inherit from `nn.Module`, with as many lines, and what was done.

    >>> code = "class A:\\n def __init__(self):\\n  self.a = nn.Linear(3, 2)\\n  self.b = nn.Linear(2, 2)\\n"
    >>> code += " def forward(self, x): return self.b(self.a(x))"
    >>> print(with_modules(code)[0].split("\\n")[0])
    class A(torch.nn.Module):
    """
    if not PLAIN.search(text) or OTHERS.search(text):
        return text, ()
    tree = tree_of(text)
    lines = text.split("\n")
    edits: list[Edit] = []
    notes: list[str] = []
    bases = {name for one in tree.body if isinstance(one, ast.ClassDef) for name in map(ast.unparse, one.bases)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name not in bases and (found := _edits(node, lines)):
            edits += found
            notes.append(NOTE.format(node.name))
    for number, place, old, new in sorted(edits, reverse=True):
        line = lines[number].encode()
        assert line[place:].startswith(old.encode())
        lines[number] = (line[:place] + new.encode() + line[place + len(old.encode()) :]).decode()
    return "\n".join(lines), tuple(notes)


def _edits(node: ast.ClassDef, lines: list[str]) -> list[Edit]:
    """What makes a module of a class; nothing where it is none."""
    if node.decorator_list or node.keywords or [one for one in map(ast.unparse, node.bases) if one != "object"]:
        return []
    methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    init, entry = methods.get("__init__"), next((methods[name] for name in ENTRIES if name in methods), None)
    head = re.match(rf"(\s*class\s+{node.name}\s*)(\(\s*(?:object)?\s*\))?\s*:", lines[node.lineno - 1])
    if init is None or entry is None or head is None or not _computes(entry):
        return []
    parts = {name: one for one in init.body if isinstance(one, ast.Assign) and (name := _part(one))}
    if len(parts) < FEWEST or len(parts.keys() & _used(methods, entry)) < FEWEST:
        return []
    first = next((one for one in init.body if not _is_docstring(one)), init.body[0])
    if not isinstance(first, (ast.Assign, ast.AnnAssign, ast.Expr)):
        return []
    bases = head[2] or ""
    edits = [(node.lineno - 1, len(head[1].encode()), bases, "(torch.nn.Module)")]
    if "super(" not in ast.unparse(init):
        edits.append((first.lineno - 1, first.col_offset, "", "super().__init__(); "))
    if entry.name != "forward":
        place = lines[entry.lineno - 1].encode().find(entry.name.encode())
        if place < 0:  # its name stands on a line of its own
            return []
        edits.append((entry.lineno - 1, place, entry.name, "forward"))
    for statement in parts.values():
        value = statement.value
        if TRAINED in ast.unparse(value) and not re.match(r"(torch\.)?nn\.", ast.unparse(value)):
            edits.append((value.lineno - 1, value.col_offset, "", "torch.nn.Parameter("))
            edits.append(((value.end_lineno or 1) - 1, value.end_col_offset or 0, "", ")"))
    return edits


def _part(statement: ast.Assign) -> str:
    """The name of a layer or weight that a statement keeps."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.expr() as value):
            written = ast.unparse(value)
            return name if LAYER.match(written) or TRAINED in written else ""
    return ""


def _computes(entry: ast.FunctionDef) -> bool:
    """Whether a method gives an output for inputs, and does not train."""
    returns = any(isinstance(one, ast.Return) and one.value is not None for one in all_nodes(entry))
    return returns and len(entry.args.args) > 1 and ".backward()" not in ast.unparse(entry)


def _used(methods: dict[str, ast.FunctionDef], entry: ast.FunctionDef) -> set[str]:
    """Attributes that a method uses, and those that the methods use which it calls."""
    used: set[str] = set()
    waiting = [entry.name]
    while waiting:
        names = {
            one.attr
            for one in all_nodes(methods[waiting.pop()])
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
        }
        waiting += [name for name in names - used if name in methods]
        used |= names
    return used


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
