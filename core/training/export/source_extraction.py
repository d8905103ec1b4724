"""Source text of our own functions with all that they need, so that a script can stand without us.

What a script repeats is then what the run did, word for word, and stays so when our code changes.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import ModuleType
from typing import Any

from core.errors import PlaygroundError

OURS = "core"
_EXAMPLES = re.compile(r"\n(?:[ ]*\n)?[ ]*>>>.*?(?=\n[ ]*\"\"\")", re.DOTALL)
_LEFT_OUT = ("__init__", "extra_repr", "reset_parameters")  # of a class whose objects are put together from their parts


@dataclass
class ScriptSource:
    """Import lines and pieces of source in an order in which they can be executed."""

    imports: set[str] = field(default_factory=set)
    pieces: list[str] = field(default_factory=list)
    _taken: dict[str, Any] = field(default_factory=dict)

    def take(self, *objects: Any) -> None:
        """Add functions and classes of ours, and whatever they name.

        Raises: PlaygroundError if two of them bear one name, or one cannot be found in a file.
        """
        for each in objects:
            if self._is_new(each.__name__, each):
                source = textwrap.dedent(inspect.getsource(each))
                self._with_needs(source, sys.modules[each.__module__])
                self.pieces.append(_without_modules(source, sys.modules[each.__module__]))

    def take_as(self, name: str, function: Callable) -> None:
        """Add a function, which may be a lambda or one with some arguments given, and call it `name`."""
        if isinstance(function, partial) or function.__name__ != "<lambda>":
            self.pieces.append(f"{name} = {self._called(function)}")
            return
        module = sys.modules[function.__module__]
        nodes = [node for node in ast.walk(_tree(module)) if isinstance(node, ast.Lambda)]
        written = next(node for node in nodes if _is_code_of(node, function))
        source = f"def {name}({ast.unparse(written.args)}):\n    return {ast.unparse(written.body)}"
        self._with_needs(source, module)
        self.pieces.append(_without_modules(source, module))

    def _called(self, function: Callable) -> str:
        """The expression for a function of ours or of PyTorch's."""
        if isinstance(function, partial):
            self.imports.add("from functools import partial")
            arguments = [*map(repr, function.args), *(f"{key}={value!r}" for key, value in function.keywords.items())]
            return f"partial({', '.join([self._called(function.func), *arguments])})"
        if function.__module__.startswith("torch."):
            self.imports.add(f"import {function.__module__}")
            return f"{function.__module__}.{function.__qualname__}"
        self.take(function)
        return function.__name__

    def take_parts(self, kind: type, parts: Sequence[str] | None) -> None:
        """Add a module's class of ours with a constructor that is given its finished `parts`, by name.

        None: its objects have different parts. Classes that it derives from come before it, without a constructor.
        """
        if not self._is_new(kind.__name__, kind):
            return
        for base in kind.__bases__:
            if _is_ours(base.__module__):
                self.take_parts(base, ())
        source = _class_of_parts(kind, parts)
        self._with_needs(source, sys.modules[kind.__module__])
        self.pieces.append(_without_modules(source, sys.modules[kind.__module__]))

    def _is_new(self, name: str, value: Any) -> bool:
        is_new, known = name not in self._taken, self._taken.setdefault(name, value)
        if known is not value and known != value:
            raise PlaygroundError(f"two parts of this run are called {name}: no script can be written for it yet.")
        return is_new

    def _with_needs(self, source: str, module: ModuleType) -> None:
        """What a piece of source needs comes before it."""
        for name in _names(source):
            if name in vars(module) and not (name in vars(builtins) and name not in _imported(module)):
                self._need(name, module)
        for owner, name in _attributes(source, module):
            self.take(getattr(owner, name))

    def _need(self, name: str, module: ModuleType) -> None:
        value, imported = vars(module)[name], _imported(module).get(name)
        if imported is not None:
            line, origin = imported
            if not _is_ours(origin):
                self.imports.add(line)
            elif isinstance(value, ModuleType):
                return  # what is used of it is taken by `_attributes`
            elif _is_definition(value):
                self.take(value)
            else:
                self._need(name, sys.modules[origin])
        elif _is_definition(value):
            self.take(value)
        elif self._is_new(name, value):
            source = _assignment(name, module)
            self._with_needs(source, module)
            self.pieces.append(source)

    def text(self) -> str:
        """All pieces, two empty lines between them; examples in docstrings stay behind."""
        return "\n\n\n".join(_EXAMPLES.sub("\n", piece).strip("\n") for piece in self.pieces)


def _is_definition(value: Any) -> bool:
    """Whether it is a class or a function, one with a cache included."""
    return inspect.isclass(value) or (callable(value) and inspect.isfunction(inspect.unwrap(value)))


def _is_code_of(node: ast.Lambda, function: Callable) -> bool:
    """Whether this is where a lambda is written: its first line and its body's first column tell."""
    column = next(position[2] for position in function.__code__.co_positions() if position[2])
    return function.__code__.co_firstlineno == node.lineno and node.col_offset <= column <= (node.end_col_offset or 0)


def _is_ours(module: str) -> bool:
    return module == OURS or module.startswith(f"{OURS}.")


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


@cache
def _imported(module: ModuleType) -> dict[str, tuple[str, str]]:
    """Names that a module imports at its head: name -> (a line that imports it alone, the module it comes from)."""
    imports = {}
    for node in _tree(module).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = getattr(node, "module", None)
            for alias in node.names:
                alone = type(node)(**{**{"names": [alias]}, **({"module": origin, "level": 0} if origin else {})})
                imports[alias.asname or alias.name] = (ast.unparse(alone), origin or alias.name)
    return imports


def _names(source: str) -> list[str]:
    """Names that are read when the source is executed, in order; those in annotations only are not."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs):
                argument.annotation = None
            for argument in filter(None, (node.args.vararg, node.args.kwarg)):
                argument.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    outside = _from_outside(symtable.symtable(ast.unparse(tree), "source", "exec"))
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return [name for name in dict.fromkeys(names) if name in outside]


def _from_outside(table: symtable.SymbolTable) -> set[str]:
    """Names that some part of the source looks up outside of itself."""
    if table.get_type() == "module":
        own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    else:
        own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return own.union(*(_from_outside(child) for child in table.get_children()))


def _attributes(source: str, module: ModuleType) -> list[tuple[ModuleType, str]]:
    """What is used of modules of ours that this module imports whole: `boxes.sides` -> (boxes, "sides")."""
    ours = {name: vars(module)[name] for name in _imported(module) if isinstance(vars(module).get(name), ModuleType)}
    ours = {name: value for name, value in ours.items() if _is_ours(value.__name__)}
    used = [
        (ours[node.value.id], node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ours
    ]
    return list(dict.fromkeys(used))


def _without_modules(source: str, module: ModuleType) -> str:
    """The source with `boxes.sides` written as `sides`."""
    for owner, name in _attributes(source, module):
        alias = next(alias for alias in _imported(module) if vars(module).get(alias) is owner)
        source = re.sub(rf"\b{alias}\.{name}\b", name, source)
    return source


def _assignment(name: str, module: ModuleType) -> str:
    """The line at the head of a module that sets a constant."""
    for node in _tree(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = {part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)}
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in names:
            return ast.get_source_segment(inspect.getsource(module), node) or ""
    raise PlaygroundError(f"{name} is set nowhere in {module.__name__}: no script can be written for this run yet.")


def _class_of_parts(kind: type, parts: Sequence[str] | None) -> str:
    """A class as it is written, its constructor replaced by one that takes finished parts."""
    source = textwrap.dedent(inspect.getsource(kind))
    node = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    lines = source.splitlines()
    text = [lines[node.lineno - 1]]
    if summary := (inspect.getdoc(kind) or "").splitlines()[:1]:
        text += [f'    """{summary[0]}"""', ""]
    if parts is None:
        text += ["    def __init__(self, **parts):", "        super().__init__()"]
        text += ["        for name, part in parts.items():", "            setattr(self, name, part)", ""]
    elif parts:
        text += [f"    def __init__(self, {', '.join(parts)}):", "        super().__init__()"]
        text += [f"        self.{part} = {part}" for part in parts] + [""]
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name not in _LEFT_OUT:
            first = min((one.lineno for one in method.decorator_list), default=method.lineno)
            text += [*lines[first - 1 : method.end_lineno], ""]
    return "\n".join(text).rstrip() + "\n" + ("" if len(text) > 1 else "    pass\n")
