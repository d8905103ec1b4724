"""Hooks: functions of the text that run before or after a layer, and may hand on something else than it does."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Function, Partial, Special, Unknown

KEEPING = ("append", "update", "add", "setdefault", "extend", "insert", "print", "setattr", "copy_")


class Hook(Special):
    """What registering a hook returns."""

    name = "RemovableHandle"

    def __init__(self, handle: Any):
        self.handle = handle

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        return Builtin("remove", self.handle.remove) if name == "remove" else MISSING


def register_hook(call: BuiltinCall, module: nn.Module, hook: Any, **settings: Any) -> Any:
    """`register_forward_hook` and `register_forward_pre_hook`; a hook that only looks is passed over."""
    changes = _may_change(hook)
    if not changes and not _keeps_in_object(hook):
        return Unknown(f"what {call.name}() returns is not known here", getattr(call.node, "lineno", 1))
    evaluator, function = call.evaluator, call.evaluator.resolve(hook)

    def run(*args: Any) -> Any:
        with contextlib.nullcontext() if changes else contextlib.suppress(ParseError):
            result = evaluator.run_apart(function, list(args))
            if isinstance(result, Unknown):
                raise result.refusal()
            return result

    plain = {name: value for name, value in settings.items() if name == "prepend"}
    return Hook(getattr(module, call.name)(run, **plain))


def _function_of(hook: Any) -> Any:
    while isinstance(hook, (Bound, Partial)):
        hook = hook.function
    return hook


def _keeps_in_object(hook: Any) -> bool:
    """Whether a hook stores something in `self`, where `forward` may read it: `self.features[name] = output`."""
    function = _function_of(hook)
    parts = list(ast.walk(function.node)) if isinstance(function, Function) else []
    stored = [one for one in parts if isinstance(getattr(one, "ctx", None), ast.Store)]
    called = [one.func for one in parts if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    return any(map(_is_of_self, [*stored, *(one.value for one in called if one.attr in KEEPING)]))


def _is_of_self(node: ast.AST) -> bool:
    """Whether it is an attribute of `self`, or an item of one."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"


def _may_change(hook: Any) -> bool:
    """Whether a hook returns anything, which then stands for the input or output."""
    hook = _function_of(hook)
    if not isinstance(hook, Function):
        return False
    if isinstance(hook.node, ast.Lambda):
        return not _only_keeps(hook.node.body)
    returns = [part for part in ast.walk(hook.node) if isinstance(part, ast.Return) and part.value is not None]
    return any(not (isinstance(one.value, ast.Constant) and one.value.value is None) for one in returns)


def _only_keeps(body: ast.expr) -> bool:
    match body:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in KEEPING
    return isinstance(body, ast.Constant)
