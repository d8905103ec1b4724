"""TensorFlow 1's variable scopes: by their names a text takes the same weights once more.

`with tf.variable_scope("d", reuse=True):` gives each layer that is made in it the weights of the one that was made in
its place before: layers without a name are numbered, anew each time that their scope is entered.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.contexts import Context
from core.parsing.evaluation.values import MISSING, Builtin

AUTO_REUSE = "AUTO_REUSE"


class NamedScope(Context):
    """What `with tf.variable_scope("conv1") as scope:` enters and gives a name to."""

    def __init__(self, name: str, scopes: VariableScopes | None = None, reuse: Any = None):
        self.name, self.scopes, self.reuse = name, scopes, reuse

    def enter(self) -> NamedScope:
        if self.scopes is not None:
            self.scopes.open.append(self)
        return self

    def leave(self, error: Exception | None) -> bool:
        if self.scopes is not None:
            self.scopes.open.pop()
            inside = [key for key in self.scopes.counts if key.startswith(f"{self.name}/")]
            for key in inside:
                del self.scopes.counts[key]
        return False

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`scope.name`, `scope.reuse_variables()`."""
        if name == "reuse_variables":
            return Builtin(name, lambda: setattr(self, "reuse", True))
        return self.name if name in ("name", "original_name_scope") else self.reuse if name == "reuse" else MISSING


class VariableScopes:
    """The scopes that are open in a text, and the layers and weights that were made in them, by their whole names."""

    def __init__(self) -> None:
        self.open = [NamedScope("")]
        self.made: dict[str, tuple[str, Any]] = {}
        self.counts: dict[str, int] = {}
        self.is_tried = False  # what a text does not call itself: its first weights may be there before

    def scope(self, name: Any, default: Any, reuse: Any) -> NamedScope:
        """The scope of that name, or of a new one, within the one that is open; it shares where that one does."""
        if isinstance(name, NamedScope):
            return NamedScope(name.name, self, reuse or name.reuse)
        full = self.full_name(name, default if isinstance(default, str) else "scope")
        return NamedScope(full, self, reuse or self.open[-1].reuse)

    def full_name(self, name: Any, default: str) -> str:
        """The whole name of what is made under that name, or under the next free number of a usual one."""
        around = f"{self.open[-1].name}/".lstrip("/")
        if isinstance(name, str):
            return around + name
        number = self.counts.get(around + default, 0)
        self.counts[around + default] = number + 1
        return f"{around}{default}_{number}" if number else around + default

    def named(self, call: BuiltinCall, full: str, reuse: Any, settings: str, make: Callable[[], Any]) -> Any:
        """What is made under that name, or has been where weights are taken once more, with the same settings.

        Where it is open whether they are shared they are if they can be: TensorFlow makes no weights of one name twice.

        Raises: ParseError where there are none of that name, or others.
        """
        is_shared, reuse = self.is_sharing(reuse), reuse or self.open[-1].reuse
        if reuse is True and not self.is_tried and full not in self.made:
            raise call.fail(f"reuse=True, but no weights called {full[:80]} are made before.")
        if not is_shared or full not in self.made:
            self.made[full] = (settings, make())
        before, value = self.made[full]
        if settings and before != settings:
            raise call.fail(f"the weights called {full[:80]} are made with other settings before.")
        return value

    def is_sharing(self, reuse: Any = None) -> bool:
        """Whether what is made now takes weights once more, or may."""
        return (reuse or self.open[-1].reuse) not in (None, False)

    def to_try(self) -> VariableScopes:
        """The same, for what the text itself does not call: it may be given up, and may make the weights it takes."""
        other = VariableScopes()
        other.is_tried = True
        other.open, other.made, other.counts = list(self.open), dict(self.made), dict(self.counts)
        return other


def scopes_of(tree: ast.Module) -> VariableScopes | None:
    """Those of a text that takes weights once more by their names; None for any other.

    >>> scopes_of(ast.parse("with tf.variable_scope('d', reuse=True): pass")) is None
    False
    """
    for node in all_nodes(tree):
        match node:
            case ast.keyword(arg="reuse", value=value) if not isinstance(value, ast.Constant) or value.value:
                return VariableScopes()
            case ast.Attribute(attr="AUTO_REUSE" | "reuse_variables"):
                return VariableScopes()
    return None


def variable_scope(
    call: BuiltinCall, name: Any = None, default_name: Any = None, *args: Any, reuse: Any = None, **kwargs: Any
) -> NamedScope:
    """`with tf.variable_scope("conv1"):`."""
    scopes: VariableScopes | None = call.evaluator.variable_scopes
    if scopes is not None:
        return scopes.scope(kwargs.get("name_or_scope", name), default_name, reuse)
    return name_scope(call, name, default_name)


def name_scope(call: BuiltinCall, name: Any = None, default: Any = None, *args: Any, **kwargs: Any) -> NamedScope:
    """`with tf.name_scope("conv1"):`, which only names what is inside."""
    return NamedScope(next((one for one in (name, default) if isinstance(one, str)), "scope"))


def current_scope(call: BuiltinCall) -> NamedScope:
    """`tf.get_variable_scope()`."""
    scopes: VariableScopes | None = call.evaluator.variable_scopes
    return NamedScope("") if scopes is None else scopes.open[-1]
