"""Statements: assignments, branches, loops, definitions. What cannot be evaluated is refused, never passed over."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes, is_points, is_text
from core.parsing.evaluation.arrays import Array, Sides, all_numbers, as_tensor, put_into
from core.parsing.evaluation.blocks import Jump
from core.parsing.evaluation.budget import place
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.data_shapes import lose_columns
from core.parsing.evaluation.deletions import Deletions
from core.parsing.evaluation.exceptions import kind_of, of_python
from core.parsing.evaluation.known import put, remember
from core.parsing.evaluation.lazy_items import is_generator
from core.parsing.evaluation.local_names import is_local
from core.parsing.evaluation.misspelt_names import CHANGING, refuse_misspelt, root_of
from core.parsing.evaluation.raising import Raising
from core.parsing.evaluation.text_classes.decorators import Decorators
from core.parsing.evaluation.text_classes.name_mangling import own_name
from core.parsing.evaluation.values import MISSING, Scope, Special, Unknown, type_name

COST_OF_COMPARING = 50  # steps, of names with each other
NOT_CHECKED = {"isinstance", "type", "dtype", "device", "is_available", "is_cuda", "version", "__version__", "training"}
NOT_CHECKED |= {"device_count", "version_info", "exists", "isfile", "isdir", "is_file", "is_dir"}
OF_PARAMETERS = (nn.ParameterDict, nn.ParameterList)
PLAIN_VALUES = (bool, int, float, str, list, tuple, dict, set)


class Statements(Deletions, Decorators, Raising):
    """Adds statements to the evaluator."""

    def run_body(self, statements: list[ast.stmt], scope: Scope) -> Any:
        jump = self.execute_all(statements, scope)
        return jump.value if jump is not None and jump.kind == "return" else None

    def execute_all(self, statements: list[ast.stmt], scope: Scope) -> Jump | None:
        """Statements in order, up to the first that leaves the block."""
        for statement in statements:
            if is_points(statement) and len(statements) > 1 + is_text(statements[0]):
                raise self.fail(
                    statement, "`...` stands for code that is not in the text: write it, or delete the line."
                )
            jump = self.execute(statement, scope)
            if jump is not None:
                return jump
        return None

    def execute(self, node: ast.stmt, scope: Scope) -> Jump | None:
        """One statement."""
        budget = self.run.budget
        budget.steps -= 1  # as `budget.step` does, written out: no part of a text is evaluated without it
        if budget.steps < 0:
            budget.step(node, 0)
        method = _METHODS.get(type(node))
        if method is None:
            raise self.fail(node, f"this statement ({type(node).__name__}) cannot be evaluated here.")
        if not self.run.is_lenient:
            return method(self, node, scope)
        try:
            return method(self, node, scope)
        except ParseError as error:
            if isinstance(node, (ast.Return, ast.For, ast.While, ast.If, ast.With)):
                raise
            self.stop_at(getattr(node, "value", node))
            self._forget(node, scope, error)
            return None

    def _forget(self, node: ast.stmt, scope: Scope, error: ParseError) -> None:
        """What a statement would have set is unknown from now on, for the reason that it failed."""
        unknown = Unknown("this could not be evaluated", getattr(node, "lineno", 1), error=error)
        targets = [part for part in ast.walk(node) if isinstance(getattr(part, "ctx", None), ast.Store)]
        if not targets:
            raise error
        for target in targets:
            if isinstance(target, ast.Name):
                scope.names[target.id] = unknown
            elif isinstance(target, ast.Attribute):
                self.set_attribute(self.evaluate(target.value, scope), target.attr, unknown, node)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                scope.elsewhere.get(name, scope).names[name] = value
            case ast.Attribute(value=of, attr=name):
                self.refuse_misspelt(of, scope, value)
                self.set_attribute(self.evaluate(of, scope), own_name(name, scope), value, target)
            case ast.Subscript(value=of, slice=index):
                self.refuse_misspelt(of, scope, value)
                self.set_item(self.evaluate(of, scope), self.evaluate(index, scope), value, target)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._unpack(targets, value, scope, target)
            case _:
                raise self.fail(target, "a value cannot be assigned to this.")

    def refuse_misspelt(self, changed: ast.expr, scope: Scope, value: Any = None) -> None:
        """Refuses to give a `value` to what is almost the name of something. Raises: MisspeltNameError."""
        root = root_of(changed)
        if root is None or scope.find(root.id) is not MISSING:
            return
        if not is_local(root.id, scope):
            self.used_early.setdefault(root.id, root.lineno)
        if scope.is_class:
            raise self.fail(changed, f"the name {root.id[:60]} has no value here, outside of the methods.", NameError)
        self.budget.step(changed, COST_OF_COMPARING)
        refuse_misspelt(root, scope, scope is self.globals and not isinstance(value, (nn.Module, Special)))
        self.refuse_unbound(root, scope)

    def _unpack(self, targets: list[ast.expr], value: Any, scope: Scope, node: ast.AST) -> None:
        if isinstance(value, Unknown):
            for target in targets:
                name = target.id if isinstance(target, ast.Name) else ""
                path = name if value.error is None else ""
                part = replace(value, name=name, compute=None, path=path, parts={}, axes=(), example=MISSING)
                self.assign(target, part, scope)
            return
        values = list(self.iterate(value, node))
        starred = next((index for index, one in enumerate(targets) if isinstance(one, ast.Starred)), None)
        if starred is not None and len(values) >= len(targets) - 1:
            end = len(values) - (len(targets) - 1 - starred)
            values = [*values[:starred], values[starred:end], *values[end:]]
        if len(values) != len(targets):
            if isinstance(value, (torch.Size, Sides)):  # another input may have so many axes
                raise ValueError(f"{place(node)}the tensor has {len(values)} axes, not {len(targets)}.")
            sentence = f"there are {len(targets)} names on the left and {len(values)} values on the right."
            if self.run.input_shape is not None:  # as above, where other values stand beside the axes
                raise ValueError(place(node) + sentence)
            raise self.fail(node, sentence, ValueError)
        for target, one in zip(targets, values, strict=True):
            self.assign(target.value if isinstance(target, ast.Starred) else target, one, scope)

    def set_item(self, container: Any, index: Any, value: Any, node: ast.AST) -> None:
        """`container[index] = value`."""
        index = self.resolve_all(index, node)
        own = self.own_method(container, "__setitem__")
        if own is not MISSING:
            self.call(own, [index, value], {}, node)
        elif isinstance(container, Array) and not isinstance(index, int):
            self._guarded(lambda: put_into(container, index, value), node)
        elif isinstance(container, (list, dict, nn.Sequential, nn.ModuleList, nn.ModuleDict, *OF_PARAMETERS)):
            kept = nn.Parameter if isinstance(container, OF_PARAMETERS) else nn.Module
            if isinstance(container, nn.Module) and not isinstance(value, kept):
                raise self.fail(node, f"only a layer can be put into a {type_name(container)}.")
            try:
                if isinstance(container, nn.Sequential) and isinstance(index, str):  # as Paddle's takes names too
                    container._modules[index] = value
                else:
                    container[index] = value
            except (KeyError, IndexError, TypeError) as error:
                raise self.fail(node, f"{error}.", kind_of(error)) from None
        elif isinstance(container, Tensor):
            self.budget.step(node, 10)
            if isinstance(value, list) and all_numbers(value):
                value = as_tensor(value, container.device)
            if isinstance(value, Unknown):  # numbers that nobody knows change no shape
                remember(container, None)
            else:
                put(container, index, value)
        elif isinstance(container, Unknown):
            container.parts[str(index)] = value
            lose_columns(container)
        else:
            sentence = f"an item of {type_name(container)} cannot be set."
            raise self.fail(node, sentence, of_python(TypeError, container))

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.assign(target, self._named(value, target), scope)

    def _named(self, value: Any, target: ast.expr) -> Any:
        """An unknown value without a name of its own has that of what it is assigned to, so that one can be assumed.

        `n = len(words)` keeps what it is, for that tells more than the name does.
        """
        nameless = isinstance(value, Unknown) and value.error is None and not (value.name and value.path)
        if not nameless or not isinstance(target, ast.Name):
            return value
        tells_more = bool(value.path) and self.usual_value(value.path) is not MISSING
        if tells_more and self.usual_value(target.id) is MISSING:
            return replace(value, name=target.id)
        return replace(value, name=target.id, path=target.id)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, scope), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        self.refuse_misspelt(node.target, scope)
        before = self.evaluate(_loaded(node.target), scope)
        right = self.evaluate(node.value, scope)
        if isinstance(before, Unknown) and isinstance(node.target, ast.Name) and scope is not self.globals:
            raise before.refusal()
        if isinstance(right, Unknown) and scope is self.globals and isinstance(before, Tensor) and before.is_meta:
            return  # `weights -= rate * weights.grad` keeps the shape, whatever the rate is
        if isinstance(before, (nn.ModuleList, nn.Sequential)) and isinstance(node.op, ast.Add):
            self.call(self.get_attribute(before, "extend", node), [right], {}, node)
            return
        is_list = isinstance(before, list) and not isinstance(before, Array)
        if is_list and not isinstance(right, (Unknown, Tensor)) and isinstance(node.op, ast.Add):
            before.extend(self.iterate(right, node))
            self.budget.size(len(before), node)
            self.assign(node.target, before, scope)
            return
        self.assign(node.target, self.operate(node.op, before, right, node, in_place=True), scope)

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        match node.value:
            case ast.Call(func=ast.Name(id="print"), args=shown):
                self._evaluate_for_effects(shown, scope)
                return
            case ast.Call(func=ast.Attribute(attr=method) as changed) if method in CHANGING:
                self.refuse_misspelt(changed, scope)
        if not isinstance(node.value, ast.Constant):
            self.evaluate(node.value, scope)

    def _evaluate_for_effects(self, expressions: list[ast.expr], scope: Scope) -> None:
        """What is only shown or checked, for what calls in it change: `print(widths.pop())`; it says nothing else."""
        before = dict(self.assumed), dict(self.assumed_paths)
        for one in expressions:
            if any(isinstance(part, (ast.Call, ast.NamedExpr)) for part in all_nodes(one)):
                with contextlib.suppress(*MISFITS):
                    self.evaluate(one, scope)
        self.assumed, self.assumed_paths = before

    def _return(self, node: ast.Return, scope: Scope) -> Jump:
        return Jump("return", None if node.value is None else self.evaluate(node.value, scope))

    def _define_function(self, node: ast.FunctionDef, scope: Scope) -> None:
        made = self.function(node.name, node, scope)
        made.generates = is_generator(node)
        scope.names[node.name] = self.decorated(made, node, scope)

    def _define_class(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.names[node.name] = self.decorated(self.define_class(node, scope), node, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for name, value in self.imported(node):
            scope.names[name] = value

    def imported(self, node: ast.Import | ast.ImportFrom) -> list[tuple[str, Any]]:
        """What an import statement binds; nothing is imported."""
        raise NotImplementedError

    def _global(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            outer = scope.outer
            while isinstance(node, ast.Nonlocal) and outer is not None and name not in outer.names:
                outer = outer.outer
            scope.elsewhere[name] = self.globals if isinstance(node, ast.Global) or outer is None else outer

    def _nothing(self, node: ast.stmt, scope: Scope) -> None:
        """pass."""

    def _assert(self, node: ast.Assert, scope: Scope) -> None:
        """A check of sizes; one of other things, which may hold elsewhere, is not run."""
        words = {
            part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in ast.walk(node.test)
        }
        if words & NOT_CHECKED:
            self._evaluate_for_effects([node.test], scope)
            return
        try:
            value = self.evaluate(node.test, scope)
        except MISFITS:
            return
        if isinstance(value, PLAIN_VALUES) and not value:
            raise AssertionError(f"{place(node)}the text itself refuses these sizes: {ast.unparse(node.test)[:120]}")


@OncePerNode  # a loop comes by the same one again and again
def _loaded(target: ast.expr) -> ast.expr:
    """The same place, to be read."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=name):
            return ast.copy_location(ast.Attribute(value, name, ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value, index, ast.Load()), target)
    return target


_METHODS: dict[type, Callable[[Statements, Any, Scope], Jump | None]] = {
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Expr: Statements._expression,
    ast.Return: Statements._return,
    ast.If: Statements._if,
    ast.For: Statements._for,
    ast.While: Statements._while,
    ast.With: Statements._with,
    ast.Try: Statements._try,
    ast.Match: Statements._match,
    ast.Raise: Statements._raise,
    ast.Delete: Statements._delete,
    ast.FunctionDef: Statements._define_function,
    ast.ClassDef: Statements._define_class,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import,
    ast.Global: Statements._global,
    ast.Nonlocal: Statements._global,
    ast.Pass: Statements._nothing,
    ast.Assert: Statements._assert,
    ast.Break: lambda self, node, scope: Jump("break"),
    ast.Continue: lambda self, node, scope: Jump("continue"),
}
