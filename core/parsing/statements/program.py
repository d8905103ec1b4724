"""A whole text: which of its statements concern networks, and which of its networks is meant.

A statement that builds or changes a network is evaluated or refused. What is about data, training, printing or plotting
is passed over, and its lines are listed.
"""

from __future__ import annotations

import ast
import contextlib
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.definitions import calls_stub
from core.parsing.dialects.keras.namespaces import SEQUENTIAL
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.blocks import Jump
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.exceptions import kinds_of
from core.parsing.evaluation.misspelt_names import CHANGING, LostChangeError, MisspeltNameError, nearest
from core.parsing.evaluation.text_classes.decorators import is_of_text
from core.parsing.evaluation.values import MISSING, Function, MissingDefinitionError, Scope, Unknown
from core.parsing.network_values import as_refusal, holds_layers, is_copy, is_network, names_in
from core.parsing.networks.offered_networks import is_part
from core.parsing.statements.bindings import Sizes, value_of
from core.parsing.statements.entering import ReturnReached
from core.parsing.statements.statement_kinds import (
    changed_names,
    changes_object,
    changes_outside,
    functions_meant,
    is_change,
    is_print,
    is_use,
    kept_value,
    lose_values,
    names_known,
    only_builds_anew,
    quoted_statements,
    stored_names,
    uses_network,
)
from core.parsing.statements.turns import follow_first, follow_turn, grows, leave_out, share_of_budget, trains
from core.parsing.statements.undecided import Undecided


@dataclass
class Program(Undecided):
    """Runs the statements of a text and remembers the networks that it builds."""

    missing: list[ParseError] = field(default_factory=list)  # definitions that other statements lack
    broken_classes: list[ParseError] = field(default_factory=list)  # why definitions failed
    lacking: dict[str, int] = field(
        default_factory=dict
    )  # names without a value where layers are made of them -> the line

    def run(self, tree: ast.Module) -> None:
        """All statements, in order."""
        self.tree = tree
        for statement in tree.body:
            self.statement(statement, self.evaluator.globals)
        match tree.body:
            case [*_, ast.Expr(value=ast.Name(id=name), lineno=line)]:  # as a notebook shows it
                value = self.evaluator.globals.names.get(name)
                self.choose(value, line)
                if (shown := self.network_of(value)) is not None:
                    shown.is_chosen = True

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """One statement at the outer level; blocks that are sure to run are entered."""
        if isinstance(node, ast.Return) and scope is not self.evaluator.globals:
            self.leave(node, scope)
        if self._entered(node, scope):
            return
        if isinstance(node, ast.For) and trains(node) and not self._changes(node, scope):
            self.skipped[node.lineno] = None
            follow_first(self, node, scope)
            return
        self._begin_sequential(node, scope)
        skipped = len(self.evaluator.unknown_modules)
        sizes = self.sizes(node, scope)
        jump = None
        try:
            with share_of_budget(self, node, lambda: self.concerns(node, scope) and not uses_network(node, scope)):
                jump = self._evaluate(node, scope)
        except MISFITS as error:
            if self.is_caught(error) or (isinstance(node, ast.Raise) and scope is not self.evaluator.globals):
                raise
            if isinstance(node, ast.Assert) and not self.evaluator.assumed:
                raise as_refusal(error, node.lineno) from None  # Python stops here
            if quoted_statements(node) or self.is_half_done(sizes, node):
                raise as_refusal(error, node.lineno) from None
            is_done = leave_out(self, node, error) or follow_turn(self, node, scope)
            if not is_done and not self.built_by_call(node, scope):
                self._failed(node, scope, as_refusal(error, node.lineno))
        else:
            self._use(node, sizes, scope)
        if len(self.evaluator.unknown_modules) > skipped:
            self.skipped[node.lineno] = None
        self.note_undecided(node, scope)
        if jump is not None and jump.kind == "return" and scope is not self.evaluator.globals:
            raise ReturnReached(jump.value)  # out of a loop

    def _begin_sequential(self, node: ast.stmt, scope: Scope) -> None:
        """`model.add(Conv2D(...))` without the line that makes the model: it is Keras's Sequential."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="add"), args=[layer])):
                if scope.find(name) is not MISSING or not self.concerns(layer, scope):
                    return
                self.evaluator.refuse_misspelt(ast.Name(name, lineno=node.lineno), scope)
                first = self.evaluator.evaluate(layer, scope)
                if isinstance(first, (KerasLayer, KerasNetwork)):
                    self.evaluator.notes.append(
                        f"{name} is never made in this text: it is taken for keras.Sequential()."
                    )
                    self.evaluator.used_early.pop(name, None)
                    scope.names[name] = self.evaluator.call(SEQUENTIAL, [], {}, node)
                    self._remember(name, scope.names[name], node.lineno)

    def _use(self, node: ast.stmt, sizes: Sizes, scope: Scope) -> None:
        """Remembers a statement that the networks are made by."""
        if node.lineno in self.evaluator.unknown_modules:
            return
        if isinstance(node, ast.AugAssign) and ".grad" in ast.unparse(node.value):
            return  # which trains
        if isinstance(node, ast.Delete) and all(isinstance(one, ast.Name) for one in node.targets):
            return  # which takes no more than names away, maybe that of the network that is shown
        if not is_change(node) and sizes != self.sizes(node, scope):
            self.skipped.pop(node.lineno, None)
        elif node.lineno in self.skipped or not (is_change(node) or changes_object(node, scope)):
            return
        self.used.append(node)

    def _entered(self, node: ast.stmt, scope: Scope) -> bool:
        match node:
            case ast.If():
                return self._if(node, scope)
            case ast.With() | ast.Try():
                if isinstance(node, ast.With) and any(is_of_text(item.context_expr, scope) for item in node.items):
                    return False
                self.block(node, scope)
                return True
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) as call):
                function = scope.find(name)
                if isinstance(function, Function) and function.runs_at_once():
                    return (
                        self.enter_call(node, function, call, scope) if args or keywords else self.enter_plain(function)
                    )
        return False

    def _if(self, node: ast.If, scope: Scope) -> bool:
        evaluator = self.evaluator
        try:
            test = ast.Expr(node.test)
            before = {name: value_of(name, scope) for name in stored_names(test)}  # `if (net := Net()):`
            holds = evaluator.holds(node, scope)
            self.note_names(node, before, scope)
            self.used += [test] if any(is_network(value_of(name, scope)) for name in before) else []
        except MISFITS as error:
            if self.is_caught(error):
                raise
            branches = [*node.body, *node.orelse]
            if all(isinstance(one, (ast.Import, ast.ImportFrom)) for one in branches):  # the same names either way
                for statement in branches:
                    self.statement(statement, scope)
                return True
            if self._guards_classes(node, scope):
                self.evaluator.notes.append(f"{ast.unparse(node.test)} has no value in the text; True is assumed.")
                holds = True
            elif not self._decides(node, scope):
                self.skipped[node.lineno] = None
                return True
            else:
                raise as_refusal(error, node.lineno) from None
        for statement in node.body if holds else node.orelse:
            self.statement(statement, scope)
        return True

    def _guards_classes(self, node: ast.If, scope: Scope) -> bool:
        """Whether a flag that another cell sets, such as `HAS_TORCH`, says that classes can be defined at all."""
        defines = any(isinstance(one, ast.ClassDef) for one in node.body)
        is_flag = isinstance(node.test, ast.Name) and scope.find(node.test.id) is MISSING
        return defines and is_flag and not any(self.concerns(one, scope) for one in node.orelse)

    def _decides(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether a statement that cannot be evaluated changes a network, other than by wrapping it."""
        for part in all_nodes(node):
            match part:
                case ast.Assign(targets=targets, value=value):
                    names = {leaf.id for target in targets for leaf in all_nodes(target) if isinstance(leaf, ast.Name)}
                    if any(isinstance(scope.find(name), KerasTensor) for name in names):
                        return True
                    if not self._is_network_of(names, scope):
                        if self.concerns(value, scope) and not names & names_in(value):
                            return True
                        continue
                    has_parts = any(not isinstance(t, (ast.Name, ast.Tuple)) for t in targets)
                    if not names & names_in(value) or has_parts or calls_stub(value, scope.find):
                        return True
                case ast.AugAssign(target=target) if self._is_part_of_network(target, scope):
                    return True
                case ast.Delete(targets=targets):
                    if any(self._is_part_of_network(target, scope) for target in targets):
                        return True
                case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
                    if self._is_part_of_network(owner, scope):
                        return True
                case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]):
                    if self._is_part_of_network(owner, scope):
                        return True
                case ast.Call(func=function) if any(map(changes_outside, functions_meant(function, scope))):
                    return True
        return False

    def _changes(self, node: ast.For, scope: Scope) -> bool:
        """Whether a loop builds or changes networks, also by a method of theirs that adds layers."""
        return self.concerns(node, scope) or self._decides(node, scope) or grows(self, node, scope)

    def _is_part_of_network(self, target: ast.expr, scope: Scope) -> bool:
        """Whether what is changed is in a network, also in one that an object keeps: `self.model.add(layer)`."""
        return self._is_network_of(names_in(target), scope) or holds_layers(kept_value(target, scope))

    def _is_network_of(self, names: set[str], scope: Scope) -> bool:
        return any(holds_layers(scope.find(name)) for name in names)

    def _evaluate(self, node: ast.stmt, scope: Scope) -> Jump | None:
        before = {name: value_of(name, scope) for name in stored_names(node)}
        jump = None
        if isinstance(node, ast.Expr):
            self._evaluate_expression(node, scope)
        else:
            jump = self.evaluator.execute(node, scope)
            self._take_parts(node, scope)
        self.note_names(node, before, scope)
        return jump

    def _evaluate_expression(self, node: ast.Expr, scope: Scope) -> None:
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            self._check_change(node.value.func, scope)
        if is_print(node.value):
            self._show(node.value, scope)
            return
        value = self.evaluator.evaluate(node.value, scope)
        if isinstance(value, Unknown) or is_use(node.value, value):
            self.pass_over(node, scope)
        for layer in value if isinstance(value, tuple) else (value,):
            if (is_network(layer) or isinstance(layer, KerasLayer)) and self._is_made(layer, node.value, scope):
                self.loose.append(layer)
                self._remember("", layer, node.lineno)

    def _is_made(self, layer: Any, by: ast.expr, scope: Scope) -> bool:
        """Whether an expression makes a layer, and not does something with one that has a name or is a part of one."""
        given = [scope.find(one.id) for one in by.args if isinstance(one, ast.Name)] if isinstance(by, ast.Call) else []
        if names_known(by, scope) or any(is_copy(layer, of=one) for one in given):  # a copy that goes nowhere
            return False
        return not (self._is_network_of(names_in(by), scope) and is_part(layer, self.built))

    def _check_change(self, method: ast.Attribute, scope: Scope) -> None:
        """What is changed has a name that is known, and so has what is done to it. Raises: MisspeltNameError."""
        if method.attr in CHANGING:
            self.evaluator.refuse_misspelt(method, scope)
            return
        near = nearest(method.attr, CHANGING, lambda name: True)
        if near and names_known(method.value, scope) and not hasattr(nn.Module, method.attr):
            raise MisspeltNameError(method.attr, near, method.lineno, is_method=True)

    def _show(self, node: ast.expr, scope: Scope) -> None:
        """Evaluates what is printed for what it does, such as calling a network; what cannot be is passed over."""
        for argument in node.args if isinstance(node, ast.Call) else ():
            if any(isinstance(part, (ast.Call, ast.NamedExpr)) for part in all_nodes(argument)):
                with contextlib.suppress(ParseError, *MISFITS):
                    self.evaluator.evaluate(argument, scope)

    def _failed(self, node: ast.stmt, scope: Scope, error: ParseError) -> None:
        """A statement that could not be evaluated: refused if it changes a network, else passed over."""
        if isinstance(error, LostChangeError) or any(holds_layers(scope.find(n)) for n in changed_names(node, scope)):
            raise error
        self._note_early_use(node, scope)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            is_about_layers, is_refused = isinstance(node, ast.ClassDef) or self.concerns(node, scope), False
        else:
            decides = self._decides(node, scope)
            is_about_layers = decides or self.concerns(node, scope) or self.goes_on(node, scope)
            is_about_layers = is_about_layers or isinstance(error, MissingShapeError)
            is_refused = (decides and not only_builds_anew(node)) or (
                is_about_layers
                and (self._is_network_of(set(stored_names(node)), scope) or "UnboundLocalError" in kinds_of(error))
            )
        if is_refused or (is_about_layers and self.decides_what_follows(scope)):
            raise error
        if is_about_layers:
            self.failures.append(error)
            if isinstance(node, ast.ClassDef):
                self.broken_classes.append(error)
            else:
                self.failed_line = node.lineno
        else:
            self.pass_over(node, scope)
            self.missing += [error] if isinstance(error, MissingDefinitionError) else []
        lose_values(node, scope, error, is_about_layers)

    def _note_early_use(self, node: ast.stmt, scope: Scope) -> None:
        """Takes note of what layers are made of without a value: the end shows whether a later line gives one."""
        if scope is not self.evaluator.globals or not isinstance(node, ast.Assign) or not self.concerns(node, scope):
            return
        for name in names_in(node.value):
            if scope.find(name) is MISSING:
                self.lacking[name] = node.lineno
