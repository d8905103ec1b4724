"""Calling: functions and methods of the text in a scope of their own, classes, built-in functions, layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError, PlaygroundError
from core.parsing.evaluation.budget import MAX_DEPTH
from core.parsing.evaluation.contexts import OfGenerator, counts_inside
from core.parsing.evaluation.data_shapes import axes_of_call, changes_columns, lose_columns
from core.parsing.evaluation.exceptions import kind_of
from core.parsing.evaluation.lazy_items import OfText
from core.parsing.evaluation.local_names import local_names
from core.parsing.evaluation.number_functions import converted
from core.parsing.evaluation.setting_defaults import default_of_item
from core.parsing.evaluation.shortcuts.remembered_calls import RememberedCalls
from core.parsing.evaluation.text_classes.builtin_subclasses import as_plain
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Namespace,
    Partial,
    Scope,
    Special,
    StoredValue,
    Type,
    Unknown,
    as_parts,
    is_symbol,
    is_weight,
    type_name,
)

NOT_KNOWN = "is not a layer or function that is known here"
REFUSED_BY_TORCH: tuple[type[Exception], ...] = (
    TypeError,
    ValueError,
    RuntimeError,
    OverflowError,
    AssertionError,
    KeyError,
    IndexError,
)
REFUSED_BY_TORCH += (NotImplementedError, AttributeError, ZeroDivisionError)


class BuiltinCall:
    """What a built-in function that needs more than its arguments is handed: the evaluator and the place."""

    def __init__(self, evaluator: Any, node: ast.AST | None, name: str):
        self.evaluator, self.node, self.name = evaluator, node, name

    def fail(self, sentence: str) -> ParseError:
        """An error at the place of the call."""
        return self.evaluator.fail(self.node, f"{self.name}: {sentence}")

    def iterate(self, value: Any) -> list[Any]:
        """The items of a value, paid for."""
        return list(self.evaluator.iterate(value, self.node))

    def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls something of the text."""
        with OfText():
            return self.evaluator.call(function, list(args), kwargs, self.node)


class Calls(RememberedCalls):
    """Adds calling to the evaluator."""

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None) -> Any:
        self.budget.step(node)
        match function:
            case Function():
                return self.call_function(function, args, kwargs, node)
            case Bound():
                return self.call(function.function, [function.receiver, *args], kwargs, node)
            case Builtin():
                return self._call_builtin(function, args, kwargs, node)
            case Type():
                return self._build(function, args, kwargs, node)
            case Class():
                return self.call_class(function, args, kwargs, node)
            case Partial():
                return self.call(function.function, [*function.args, *args], function.kwargs | kwargs, node)
            case nn.Module():
                return self.call_module(function, args, kwargs, node)
            case Instance():
                method = function.cls.find("__call__")
                if method is not MISSING:
                    return self.call(method, [function, *args], kwargs, node)
                return self.call_instance(function, args, kwargs, node)
            case Special():
                called = getattr(function, "kind", "") or type_name(function)
                return self._call_builtin(Builtin(called, function.invoke, True), args, kwargs, node)
            case Unknown():
                return self._call_unknown(function, args, kwargs, node)
            case torch.dtype():
                return converted(self.resolve(args[0], node) if args else 0, function)
            case Namespace() if function.function is not None:
                return self.call(function.function, args, kwargs, node)
            case Namespace():
                raise self.fail(node, f"{function.name} is a module of Python, not a function.")
        raise self.fail(node, f"{type_name(function)} cannot be called.", TypeError)

    def call_class(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        """What the call of a class of the text gives: an object of it, unless its metaclass says otherwise."""
        raise NotImplementedError

    def instantiate(self, cls: Class, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        """A network or an object of a class of the text."""
        raise NotImplementedError

    def call_instance(self, value: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        """An object of a class of the text that is called and says not what that means."""
        raise self.fail(node, f"{value.cls.name} cannot be called: it has no __call__.")

    def call_module(self, module: nn.Module, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        """The output of a layer: PyTorch runs it, hooks and all."""
        for value in (*args, *kwargs.values()):
            if isinstance(value, Unknown):
                self.note_sizes(module, args)
                raise value.refusal()
        self.budget.step(node, 5)
        if names := module.__dict__.get("argument_names"):  # of another framework -> PyTorch's
            kwargs = {names.get(name, name): value for name, value in kwargs.items() if names.get(name) != ""}
            args = [value for value, name in zip(args, [*names.values(), *args], strict=False) if name != ""]
        output = module(*args, **kwargs)
        self.run.last_output = output
        return output

    def run_call(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None) -> Any:
        """A function of the text, its body evaluated afresh in a scope of its own."""
        scope = Scope(function.scope, self.bind(function, args, kwargs, node))
        scope.owner, scope.local_names = function.owner, local_names(function.node)
        scope.receiver = args[0] if args else None
        if not function.generates:
            return self.run_function(function, scope, node)
        made = self.generator(function, scope, node)
        return OfGenerator(made, function.name) if function.is_context else made

    def generator(self, function: Function, scope: Scope, node: ast.AST | None) -> Any:
        """What a function that yields gives."""
        raise NotImplementedError

    @contextmanager
    def deeper(self, function: Function, node: ast.AST | None) -> Iterator[None]:
        """The time while a function runs."""
        budget = self.budget
        if budget.depth >= MAX_DEPTH:
            raise self.fail(node, f"more than {MAX_DEPTH} functions call each other: {function.name} may never end.")
        budget.depth += 1
        try:
            yield
        except RecursionError:
            raise self.fail(node, f"{function.name} is nested too deeply to be evaluated.") from None
        finally:
            budget.depth -= 1

    def run_function(self, function: Function, scope: Scope, node: ast.AST | None) -> Any:
        """The body of a function in the scope of one call."""
        with self.deeper(function, node):
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            return self.run_body(function.node.body, scope)

    def run_apart(self, function: Any, args: list[Any]) -> Any:
        """What a function of the text gives while a network runs, of a budget of its own where none is open."""
        run = self.run
        if run.budget.depth:
            return self.call(function, args, {})
        before, run.budget = run.budget, run.forward_budget()
        try:
            return self.call(function, args, {})
        finally:
            run.budget = before

    def run_body(self, statements: list[ast.stmt], scope: Scope) -> Any:
        """Evaluates statements and gives what they return, None if nothing."""
        raise NotImplementedError

    def bind(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> dict[str, Any]:
        """Parameter names and their values, by Python's rules."""
        spec = function.node.args
        names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
        values: dict[str, Any] = dict(zip(names, args, strict=False))
        if len(args) > len(names) and spec.vararg is None:
            raise self.fail(
                node, f"{function.label()} takes {len(names)} arguments, but {len(args)} are given.", TypeError
            )
        if spec.vararg is not None:
            values[spec.vararg.arg] = tuple(args[len(names) :])
        known = {*names[len(spec.posonlyargs) :], *(parameter.arg for parameter in spec.kwonlyargs)}
        rest: dict[str, Any] = {}
        for name, value in kwargs.items():
            if name in known and name in values:
                raise self.fail(node, f"{function.label()} is given {name} twice.", TypeError)
            if name in known:
                values[name] = value
            else:
                rest[name] = value
        if spec.kwarg is not None:
            values[spec.kwarg.arg] = rest
        elif rest:
            raise self.fail(node, f"{function.label()} has no argument called {next(iter(rest))[:60]}.", TypeError)
        for name in [*names, *(parameter.arg for parameter in spec.kwonlyargs)]:
            if name not in values:
                values[name] = self._default(function, name, node)
        return values

    def _default(self, function: Function, name: str, node: ast.AST | None) -> Any:
        if name in function.defaults:
            return function.defaults[name]
        raise self.fail(node, f"{function.label()} needs a value for {name}.", TypeError)

    def _call_builtin(self, function: Builtin, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        self.budget.step(node, function.pays)
        try:
            if function.needs_call:
                return function.run(BuiltinCall(self, node, function.name), *args, **kwargs)
            args, kwargs = [self.resolve(v, node) for v in args], {k: self.resolve(v, node) for k, v in kwargs.items()}
            return function.run(*args, **kwargs)
        except PlaygroundError as error:
            if str(error).startswith("Line ") or node is None:
                raise
            raise self.fail(node, str(error)) from None
        except REFUSED_BY_TORCH as error:
            raise self.refused(function.name, error, args, node) from error

    def _build(self, kind: Type, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        if kind.build is None:
            raise self.fail(node, f"{kind.name} cannot be built here.")
        if issubclass(kind.cls[0], (nn.Module, Special)):
            args, kwargs = [as_plain(one) for one in args], {name: as_plain(one) for name, one in kwargs.items()}
        return self._call_builtin(Builtin(kind.name, kind.build, kind.needs_call), args, kwargs, node)

    def refused(self, name: str, error: Exception, args: list[Any], node: ast.AST | None) -> Exception:
        """What to raise where Python or PyTorch refuses a call: an error of shapes stays what it is."""
        if getattr(error, "is_of_text", False):
            return error
        is_about_shapes = isinstance(error, (RuntimeError, IndexError, ValueError)) or "NoneType" in str(error)
        if is_about_shapes and any(isinstance(value, Tensor) for value in flat(args)):
            return error
        return self.fail(node, f"{name}: {first_line(error)}", kind_of(error))

    def _call_unknown(self, function: Unknown, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None) -> Any:
        """What an unknown function returns is unknown; a tensor that goes into one is lost, which is refused."""
        line = getattr(node, "lineno", function.line)
        if function.error is not None:
            raise function.error
        if (default := default_of_item(function, args, kwargs)) is not MISSING:
            return default
        values = flat([*args, *kwargs.values()])
        if not self.budget.depth:  # an optimizer, which is handed the weights of a network
            values = [one for one in values if not is_weight(one)]
        self.note_input(values)
        lost = next((one for one in values if isinstance(one, Tensor) or is_symbol(one) or counts_inside(one)), None)
        if lost is not None and function.is_data and not self.budget.depth:  # a network that is loaded from a file
            return Unknown(function.what, line, is_data=True)
        if lost is not None:
            if function.is_imported:
                raise function.refusal()
            kind = lost.name if counts_inside(lost) else "a tensor"
            raise ParseError(f"Line {line}: {function.what}, so what it does to {kind} cannot be known.")
        is_size = not kwargs and all(type(value) is int for value in args)  # `vectors.size(0)`, `labels.nunique()`
        path = f"{function.path}({', '.join(map(str, args))})" if "." in function.path and is_size else ""
        known = self.known_parts(function, args, kwargs)
        parts, axes = as_parts([*args, kwargs]) | known, axes_of_call(function, args, kwargs)
        if changes_columns(function, axes, kwargs) and (table := function.owner()) is not None:
            lose_columns(table)
        if function.is_imported or isinstance(function, StoredValue) or function.what.endswith(NOT_KNOWN):
            made = replace(function, name="", compute=None, path=path, parts=parts)
            return replace(made, axes=axes, owner_axes=(), is_described=bool(known))
        self.refuse_near_miss(function, line)
        said = ast.unparse(node.func)[:60] if isinstance(node, ast.Call) else function.name or "this function"
        what = f"{said} {NOT_KNOWN}"
        return Unknown(what, line, path=path, parts=parts, axes=axes, is_described=bool(known))

    def note_input(self, values: list[Any]) -> None:
        """Takes note of an input that is handed over with a network."""

    def note_sizes(self, module: nn.Module, args: list[Any]) -> None:
        """Takes note of the sizes of data that a network is called with, whose values are not known."""

    def known_parts(self, function: Unknown, args: list[Any], kwargs: dict[str, Any]) -> dict[Any, Any]:
        """Attributes that an object is known to have, such as the spaces of an environment that is made by its name."""
        return {}

    def refuse_near_miss(self, function: Unknown, line: int) -> None:
        """Raises ParseError where an unknown name is almost that of a layer."""


def flat(values: Any, depth: int = 3, seen: set[int] | None = None) -> list[Any]:
    """Values and what lists among them hold, `depth` lists deep; what one list holds is there once."""
    found: list[Any] = []
    seen = set() if seen is None else seen
    for value in values:
        if isinstance(value, (list, tuple)) and depth:
            found += flat(value, depth - 1, seen) if id(value) not in seen else []
            seen.add(id(value))
        else:
            found.append(value)
    return found


def first_line(error: Exception) -> str:
    """The first line of an error's text."""
    return str(error).strip().split("\n")[0][:200] or type(error).__name__
