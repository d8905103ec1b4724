"""A whole text: which of its statements concern networks, and which of its networks is meant.

A statement that builds or changes a network is evaluated or refused. What is about data, training, printing or plotting
is passed over, and its lines are listed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.errors import ParseError, PlaygroundError
from core.parsing.dialects.keras import namespaces as keras
from core.parsing.dialects.keras.merges import MERGE_FUNCTIONS
from core.parsing.dialects.keras.namespaces import instance_network
from core.parsing.dialects.keras.networks import KerasLayer, KerasNetwork
from core.parsing.dialects.keras.symbols import KerasTensor, inputs_of
from core.parsing.evaluation.budget import Budget
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import MISSING, Class, Function, Instance, Scope, Special, Type, Unknown

CHANGING = {
    "append",
    "add",
    "add_module",
    "register_module",
    "add_sublayer",
    "insert",
    "extend",
    "pop",
    "update",
    "remove",
}
ENDING = ("Loss", "BCE")
MAX_ENTERED = 5


@dataclass
class Network:
    """One network of a text, under the name that it has there: a module, or what a dialect makes one of."""

    name: str
    value: Any
    line: int
    build: Callable[[], Any] | None = None  # gives the value, where that is still to be made

    def module(self, evaluator: Evaluator) -> nn.Module:
        """The module of PyTorch. Raises: ParseError where it cannot be built."""
        value = instance_network(evaluator, self.value) if isinstance(self.value, Instance) else self.value
        return value.to_module(evaluator) if isinstance(value, KerasNetwork) else value


@dataclass
class Program:
    """Runs the statements of a text and remembers the networks that it builds."""

    evaluator: Evaluator
    built: list[Network] = field(default_factory=list)
    loose: list[Any] = field(default_factory=list)  # layers that stand alone, one a statement
    skipped: list[int] = field(default_factory=list)
    used: list[ast.stmt] = field(default_factory=list)  # statements that the networks are made by
    reasons: list[ParseError] = field(default_factory=list)  # why statements about layers failed
    depth: int = 0  # of functions that are entered one from another
    output: tuple[str, KerasTensor, int] | None = None  # the last output of a Keras layer that got a name
    failed_line: int = 0  # of the last statement that builds layers and could not be evaluated

    def run(self, tree: ast.Module) -> None:
        """All statements, in order."""
        for statement in tree.body:
            self.statement(statement, self.evaluator.globals)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """One statement at the outer level; blocks that are sure to run are entered."""
        if self._entered(node, scope):
            return
        skipped = len(self.evaluator.unknown_modules)
        try:
            self._evaluate(node, scope)
        except (PlaygroundError, RuntimeError) as error:
            self._failed(
                node, scope, error if isinstance(error, ParseError) else ParseError(f"Line {node.lineno}: {error}")
            )
        except RecursionError:
            raise ParseError(f"Line {node.lineno} is nested too deeply to be evaluated.") from None
        else:
            self._use(node)
        if len(self.evaluator.unknown_modules) > skipped:
            self.skipped.append(node.lineno)

    def _use(self, node: ast.stmt) -> None:
        is_change = not isinstance(node, ast.Expr) or (
            isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr in (*CHANGING, "apply", "register_buffer")
        )
        if is_change and node.lineno not in (*self.skipped, *self.evaluator.unknown_modules):
            self.used.append(node)

    def _entered(self, node: ast.stmt, scope: Scope) -> bool:
        match node:
            case ast.If():
                return self._if(node, scope)
            case ast.With(body=body) | ast.Try(body=body):
                if isinstance(node, ast.With) and any(item.optional_vars for item in node.items):
                    return False
                for statement in body:
                    self.statement(statement, scope)
                return True
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords)):
                function = scope.find(name)
                if (
                    isinstance(function, Function)
                    and not isinstance(function.node, ast.Lambda)
                    and not args
                    and not keywords
                ):
                    module = self.enter(function)
                    if is_network(module):
                        self._remember(name, module, node.lineno)
                    return True
        return False

    def _if(self, node: ast.If, scope: Scope) -> bool:
        evaluator = self.evaluator
        try:
            holds = evaluator.is_true(evaluator.evaluate(node.test, scope), node)
        except (PlaygroundError, RuntimeError) as error:
            if not self._decides(node, scope):
                self.skipped.append(node.lineno)
                return True
            raise error if isinstance(error, ParseError) else ParseError(f"Line {node.lineno}: {error}") from None
        for statement in node.body if holds else node.orelse:
            self.statement(statement, scope)
        return True

    def _decides(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether a statement that cannot be evaluated changes a network, other than by wrapping it."""
        for part in ast.walk(node):
            match part:
                case ast.Assign(targets=targets, value=value):
                    names = {leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)}
                    if not self._is_network_of(names, scope):
                        if self.concerns(value, scope) and not names & _names(value):
                            return True
                        continue
                    if not names & _names(value) or any(not isinstance(t, (ast.Name, ast.Tuple)) for t in targets):
                        return True
                case ast.AugAssign(target=target) if self._is_network_of(_names(target), scope):
                    return True
                case ast.Delete(targets=targets):
                    if any(self._is_network_of(_names(target), scope) for target in targets):
                        return True
                case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
                    if self._is_network_of(_names(owner), scope):
                        return True
        return False

    def _is_network_of(self, names: set[str], scope: Scope) -> bool:
        return any(_holds_layers(scope.find(name)) for name in names)

    def concerns(self, node: ast.AST, scope: Scope) -> bool:
        """Whether an expression builds layers."""
        return any(isinstance(part, ast.Call) and self._builds(part.func, scope) for part in ast.walk(node))

    def _builds(self, function: ast.expr, scope: Scope) -> bool:
        root: ast.expr = function
        path: list[str] = []
        while isinstance(root, ast.Attribute):
            path.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        value = scope.find(root.id)
        if path and getattr(value, "name", "") in ("nn", "torch"):
            kind = path[0]
            return (
                (kind.lower() != kind or kind in self.evaluator.layer_names)
                and not kind.endswith("Loss")
                and "optim" not in path
            )
        if not path and (isinstance(value, KerasLayer) or getattr(value, "name", "") in MERGE_FUNCTIONS):
            return True
        if path and getattr(value, "name", "") in ("keras", "tensorflow", "keras.layers", "keras.models"):
            return path[0][:1].isupper()
        return self.evaluator.is_network(value) or (
            not path and isinstance(value, Type) and issubclass(value.cls[0], (nn.Module, KerasNetwork, KerasLayer))
        )

    def _evaluate(self, node: ast.stmt, scope: Scope) -> None:
        before = {name: scope.names.get(name) for name in _stored(node)}
        if isinstance(node, ast.Expr):
            value = self.evaluator.evaluate(node.value, scope) if not _is_print(node.value) else None
            if isinstance(value, Unknown) or _is_use(node.value, value):
                self.skipped.append(node.lineno)
            for layer in value if isinstance(value, tuple) else (value,):
                if (is_network(layer) or isinstance(layer, KerasLayer)) and not _names_known(node.value, scope):
                    self.loose.append(layer)
                    self._remember("", layer, node.lineno)
            return
        self.evaluator.execute(node, scope)
        self._take_parts(node, scope)
        for name, old in before.items():
            new = scope.names.get(name)
            if isinstance(new, Unknown) and is_network(old):
                if new.error is None and not (isinstance(node, ast.Assign) and self.concerns(node.value, scope)):
                    scope.names[name] = old  # something unknown was done with it
                    self.skipped.append(node.lineno)
            elif isinstance(new, KerasTensor) and new.record is not None:
                self.output = name, new, node.lineno
            elif is_network(new):
                self._remember(name, new, node.lineno)
            elif isinstance(new, Unknown) and not isinstance(node, (ast.Import, ast.ImportFrom)):
                self.skipped.append(node.lineno)

    def _take_parts(self, node: ast.stmt, scope: Scope) -> None:
        """`self.main = nn.Sequential(...)`, pasted out of a constructor: what it makes, one after the other."""
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                if scope.find("self") is MISSING:
                    layer = self.evaluator.evaluate(value, scope)
                    if is_network(layer) or isinstance(layer, KerasLayer):
                        self.loose.append(layer)
                        self._remember(name, layer, node.lineno)

    def _remember(self, name: str, module: Any, line: int) -> None:
        if type(module).__name__.endswith(ENDING):
            return
        if any(network.value is module for network in self.built):
            network = next(network for network in self.built if network.value is module)
            network.name = name or network.name
            return
        self.built.append(Network(name, module, line))

    def _failed(self, node: ast.stmt, scope: Scope, error: ParseError) -> None:
        """A statement that could not be evaluated: refused if it changes a network, else passed over."""
        if self._decides(node, scope) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if not self._only_builds_anew(node, scope):
                raise error
            if self._is_network_of(_stored(node), scope):
                raise error
            self.reasons.append(error)
            self.failed_line = node.lineno
        elif self.concerns(node, scope) or isinstance(node, ast.ClassDef):
            self.reasons.append(error)
            self.failed_line = self.failed_line if isinstance(node, ast.ClassDef) else node.lineno
        else:
            self.skipped.append(node.lineno)
        for name in _stored(node):
            if not _holds_layers(scope.names.get(name)):
                scope.names[name] = Unknown("this could not be evaluated", node.lineno, "", None, error)

    def _only_builds_anew(self, node: ast.stmt, scope: Scope) -> bool:
        return isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr))

    def enter(self, function: Function) -> Any:
        """The body of a function without arguments, statement by statement; what it returns, if a network."""
        if self.depth >= MAX_ENTERED:
            raise ParseError(f"Line {function.node.lineno}: {function.name} calls itself again and again.")
        self.depth += 1
        try:
            return self._body(function, Scope(function.scope, self.evaluator.bind(function, [], {}, function.node)))
        finally:
            self.depth -= 1

    def _body(self, function: Function, scope: Scope) -> Any:
        for statement in function.node.body if isinstance(function.node, ast.FunctionDef) else []:
            self.evaluator.budget.step(statement)
            if isinstance(statement, ast.Return):
                return self.evaluator.evaluate(statement.value, scope) if statement.value else None
            self.statement(statement, scope)
        return None

    def networks(self) -> list[Network]:
        """All networks of the text, in order; the last one is meant."""
        whole = [network for network in self.built if _is_whole(network.value)]
        if whole:
            return whole
        if self.loose:
            return [Network("", _in_a_row(self.evaluator, self.loose), 1)]
        alone = [Network(n.name, _in_a_row(self.evaluator, [n.value]), n.line) for n in self.built]
        return alone or self._without_model() or self._offered()

    def _without_model(self) -> list[Network]:
        """Keras layers called on each other, whose text ends before it makes a Model of them."""
        if self.output is None:
            return []
        name, symbol, line = self.output
        return [Network(name, KerasNetwork(inputs_of(symbol), [symbol], "", line), line)]

    def _offered(self) -> list[Network]:
        """Networks of functions and classes that the text defines and does not use."""
        definitions = {
            name: value
            for name, value in self.evaluator.globals.names.items()
            if (isinstance(value, Function) and value.node.lineno) or (self.evaluator.is_network(value) and value.line)
        }
        used = {name: _mentioned(value) - {name} for name, value in definitions.items()}
        functions = [value for value in definitions.values() if isinstance(value, Function)]
        alone = [f for f in functions if not any(f.name in names for names in used.values())]
        networks, failed = self._of_functions([f for f in alone or functions if _needs_nothing(f)])
        if networks:
            return networks
        classes = [value for value in definitions.values() if isinstance(value, Class)]
        users = [name for name, value in definitions.items() if value not in alone]
        outer = [c for c in classes if not any(c.name in used[name] for name in users)]
        found = [network for cls in outer or classes for network in self._of_class(cls)]
        self.reasons += failed
        return found

    def _of_functions(self, functions: list[Function]) -> tuple[list[Network], list[ParseError]]:
        """The last function that builds a network, and why others after it do not.

        Those before it are offered, and called when one is asked for.
        """
        before = len(self.reasons)
        for index in reversed(range(len(functions))):
            made = self._of_function(functions[index])
            if made:
                del self.reasons[before:]
                return [*map(self._postponed, filter(_returns, functions[:index])), *made], []
        failed = self.reasons[before:][::-1]
        del self.reasons[before:]
        return [], failed

    def _postponed(self, function: Function) -> Network:
        def build() -> Any:
            made = self._of_function(function)
            if not made:
                raise self.reasons[-1] if self.reasons else ParseError(f"{function.name} builds no network.")
            return made[-1].value

        return Network(function.name, None, function.node.lineno, build)

    def _of_function(self, function: Function) -> list[Network]:
        before, self.evaluator.run.budget = list(self.built), Budget()
        self.built = []
        try:
            module = self.enter(function)
            if is_network(module):
                self._remember(function.name, module, function.node.lineno)
        except (PlaygroundError, RuntimeError) as error:
            self.reasons += [error] if isinstance(error, ParseError) else []
        made = [Network(function.name, n.value, function.node.lineno) for n in self.built if _is_whole(n.value)]
        self.built = before
        return made[-1:]

    def _of_class(self, cls: Class) -> list[Network]:
        evaluator = self.evaluator
        init = cls.find("__init__")
        kwargs: dict[str, Any] = {}
        if isinstance(init, Function):
            spec = init.node.args
            for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
                name = parameter.arg
                if name not in init.defaults and name != _receiver(init):
                    kwargs[name] = Unknown(f"{cls.name} needs a value for {name}", cls.line, name)
        try:
            for name, value in kwargs.items():
                kwargs[name] = evaluator.resolve(value)
            evaluator.run.budget = Budget()
            module = evaluator.instantiate(cls, [], kwargs, init.node if isinstance(init, Function) else None)
        except (PlaygroundError, RuntimeError) as error:
            self.reasons.append(error if isinstance(error, ParseError) else ParseError(f"Line {cls.line}: {error}"))
            return []
        is_one = isinstance(module, Instance) or (isinstance(module, EvaluatedModule) and _has_layers(module))
        return [Network(cls.name, module, cls.line)] if is_one else []


def _needs_nothing(function: Function) -> bool:
    """Whether a function can be called without arguments."""
    spec = function.node.args
    names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return isinstance(function.node, ast.FunctionDef) and all(name in function.defaults for name in names)


def _returns(function: Function) -> bool:
    return any(isinstance(part, ast.Return) and part.value is not None for part in ast.walk(function.node))


def _has_layers(module: EvaluatedModule) -> bool:
    """Whether a network has layers or parameters, or keeps layers where PyTorch does not see them."""
    return any(module.children()) or any(module.parameters()) or any(map(_holds_layers, module.values.values()))


def _receiver(function: Function) -> str:
    spec = function.node.args
    names = [*spec.posonlyargs, *spec.args]
    return names[0].arg if names else ""


def _mentioned(value: Function | Class) -> set[str]:
    """Names that a definition uses."""
    if isinstance(value, Function):
        return _names(value.node)
    inner = {name for one in value.names.values() if isinstance(one, Function) for name in _names(one.node)}
    return inner | {base.name for base in value.bases if isinstance(base, Class)}


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _stored(node: ast.stmt) -> set[str]:
    """Names that a statement gives a value, not those inside definitions."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _holds_layers(value: Any) -> bool:
    """Whether a value is a layer or a list of layers."""
    if isinstance(value, (list, tuple)):
        return any(_holds_layers(item) for item in value[:50])
    if isinstance(value, dict):
        return any(_holds_layers(item) for item in list(value.values())[:50])
    return isinstance(value, (nn.Module, KerasNetwork, KerasLayer))


def is_network(value: Any) -> bool:
    """Whether a value is a layer or network: a module, or what a dialect makes one of."""
    if isinstance(value, Instance):
        return value.cls.base is not None
    return isinstance(value, (nn.Module, KerasNetwork))


def _is_whole(value: Any) -> bool:
    """Whether it is more than a single layer."""
    if isinstance(value, nn.Module):
        return any(value.children()) or isinstance(value, EvaluatedModule)
    return not isinstance(value, KerasLayer)


def _in_a_row(evaluator: Evaluator, layers: list[Any]) -> Any:
    """Layers that stand alone, one after the other."""
    if any(isinstance(layer, Special) for layer in layers):
        return evaluator.call(keras.SEQUENTIAL, [layers], {})
    return nn.Sequential(*layers)


def _is_print(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "display")


def _is_use(node: ast.expr, value: Any) -> bool:
    """Whether a statement is a method of a network that changes nothing of it, such as `fit`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or value is not None:
        return False
    return node.func.attr not in (*CHANGING, "build", "register_buffer", "apply")


def _names_known(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a network that has a name already, or something done to one."""
    root: Any = node
    while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(root, ast.Name) and _holds_layers(scope.find(root.id))


def walk_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """All calls of a text."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


__all__ = ["MISSING", "Network", "Program", "walk_calls"]
