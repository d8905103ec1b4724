"""What the statements of a text do, as far as their words tell."""

from __future__ import annotations

import ast
import re
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes, statements_of
from core.parsing.evaluation.local_names import local_names
from core.parsing.evaluation.misspelt_names import CHANGING
from core.parsing.evaluation.values import (
    MISSING,
    Class,
    Function,
    Instance,
    MissingDefinitionError,
    Scope,
    StoredValue,
    Unknown,
)
from core.parsing.network_values import holds_layers

ALSO_KEPT = (
    "apply", "register_buffer", "register_parameter", "register_forward_hook", "register_forward_pre_hook",
    "requires_grad_", "remove_sublayer", "__setattr__", "__delattr__", "__setitem__", "__delitem__",
)  # fmt: skip


def stored_names(node: ast.stmt) -> dict[str, None]:
    """Names that a statement gives a value, in order, not those inside definitions."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name: None}
    if quoted := quoted_statements(node):
        return {name: None for one in quoted for name in stored_names(one)}
    stored = [part for part in all_nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return dict.fromkeys(part.id for part in sorted(stored, key=lambda part: (part.lineno, part.col_offset)))


def quoted_statements(node: ast.stmt) -> list[ast.stmt]:
    """What `exec` of code in quotes executes; nothing for any other statement."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str() as text)])):
            return statements_of(text) or []
    return []


def uses_network(node: ast.stmt, scope: Scope) -> bool:
    """Whether a statement is a call of a network or of its method, such as `images = diffusion.sample(16)`."""
    match node:
        case ast.Assign(value=ast.Call(func=function)) | ast.Expr(value=ast.Call(func=function)):
            while isinstance(function, ast.Attribute):
                function = function.value
            return isinstance(function, ast.Name) and isinstance(scope.find(function.id), nn.Module)
    return False


def is_print(node: ast.expr) -> bool:
    """Whether an expression only shows something."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "display")


def is_use(node: ast.expr, value: Any) -> bool:
    """Whether a statement is a method of a network that changes nothing of it, such as `fit`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or value is not None:
        return False
    return node.func.attr not in (*CHANGING, *ALSO_KEPT, "build")


def names_known(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a network that has a name already, or something done to one."""
    root: Any = node
    while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(root, ast.Name) and holds_layers(scope.find(root.id))


def changed_names(node: ast.stmt, scope: Scope) -> list[str]:
    """Names of lists and dictionaries that a statement, or one inside of it, may change in their place.

    Such are `widths.sort()`, `sizes[0] = n` and `for line in lines: texts.append(line)`.
    """
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return []
    names = [root.id for part in all_nodes(node) for root in _changed_by(part) if isinstance(root, ast.Name)]
    return [name for name in dict.fromkeys(names) if isinstance(scope.find(name), (list, dict, set))]


def _changed_by(node: ast.AST) -> list[ast.expr]:
    """What one statement changes in its place."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):
            return [owner]
        case ast.Assign(targets=targets):
            return [one.value for one in targets if isinstance(one, ast.Subscript)]
        case ast.AugAssign(target=ast.Subscript(value=owner)):
            return [owner]
        case ast.Delete(targets=targets):
            return [one.value for one in targets if isinstance(one, ast.Subscript)]
    return []


def attributes_set(node: ast.stmt, scope: Scope) -> list[tuple[Instance, str]]:
    """Objects and their attributes that a statement sets or takes away: `settings.width = n`."""
    targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [getattr(node, "target", None)]
    named = [one for one in targets if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    pairs = [(scope.find(one.value.id), one.attr) for one in named if isinstance(one.value, ast.Name)]
    return [(owner, name) for owner, name in pairs if isinstance(owner, Instance)]


def lose_values(node: ast.stmt, scope: Scope, error: ParseError, is_about_layers: bool) -> None:
    """What a statement that could not be evaluated would have given a value or changed has none that is known.

    What only comes from elsewhere, such as data, is open: a usual value may be taken for it.
    """
    stored, changed = stored_names(node), changed_names(node, scope)
    unknown = Unknown("this could not be evaluated", node.lineno, "", None, error)
    kept = _updated_tensors(node, scope)
    for name in {**stored, **dict.fromkeys(changed)}:
        if name not in kept and not holds_layers(scope.names.get(name)):
            given = None if is_about_layers else _from_elsewhere(name, error, node.lineno)
            scope.names[name] = given or unknown
    for name in changed:
        if name not in stored and not is_about_layers and isinstance(node, (ast.For, ast.While, ast.With)):
            scope.names[name] = Unknown(f"what {name} holds is not known here", node.lineno, name, path=name)
    for owner, name in attributes_set(node, scope):
        owner.names[name] = unknown


def _updated_tensors(node: ast.stmt, scope: Scope) -> set[str]:
    """Tensors that a statement only trains: `weights -= rate * weights.grad` keeps their shapes, whatever that is."""
    parts = list(all_nodes(node))
    updated = [one.target.id for one in parts if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name)]
    stored = [one.id for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    tensors = {name for name in updated if isinstance(value := scope.names.get(name), Tensor) and value.is_meta}
    return {name for name in tensors if stored.count(name) == updated.count(name)}


def _from_elsewhere(name: str, error: ParseError, line: int) -> Unknown | None:
    """What a name stands for that is made of something which is not in the text; None where it is made of others."""
    named = re.match(r"Line (\d+): ", str(error))
    what = str(error)[named.end() if named else 0 :].removesuffix(".")
    line = int(named[1]) if named else line
    if isinstance(getattr(error, "value", None), StoredValue):
        return StoredValue(what, line, name, path=name)
    return Unknown(what, line, name, path=name, is_imported=True) if isinstance(error, MissingDefinitionError) else None


def functions_meant(called: ast.expr, scope: Scope) -> list[Function]:
    """The function of the text that `fill` or `Filler(3).run` stands for, if any."""
    match called:
        case ast.Name(id=name):
            found = scope.find(name)
        case ast.Attribute(value=ast.Name(id=name) | ast.Call(func=ast.Name(id=name)), attr=method):
            owner = scope.find(name)
            cls = owner.cls if isinstance(owner, Instance) else owner
            found = cls.find(method) if isinstance(cls, Class) else None
        case _:
            return []
    return [found] if isinstance(found, Function) else []


def changes_outside(function: Function) -> bool:
    """Whether a function adds to lists or networks that are made outside of it."""
    for part in all_nodes(function.node):
        match part:
            case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
                names = {one.id for one in all_nodes(owner) if isinstance(one, ast.Name)} - local_names(function.node)
                if any(holds_layers(function.scope.find(name)) for name in names):
                    return True
    return False


def only_builds_anew(node: ast.stmt) -> bool:
    """Whether a statement gives names a value and changes nothing else."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return bool(targets) and not any(
        isinstance(part, (ast.Attribute, ast.Subscript)) for target in targets for part in all_nodes(target)
    )


def changes_object(node: ast.stmt, scope: Scope) -> bool:
    """Whether a call may change an object, list or dictionary of the text: `setattr(holder, "net", net)`."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or is_print(node.value):
        return False
    names = {part.id for part in all_nodes(node.value) if isinstance(part, ast.Name)}
    return any(isinstance(scope.find(name), (Instance, list, dict, set)) for name in names)


def kept_value(target: ast.expr, scope: Scope) -> Any:
    """What `self.model` stands for where an object keeps it, MISSING for anything else."""
    match target:
        case ast.Attribute(value=inner, attr=name):
            owner = scope.find(inner.id) if isinstance(inner, ast.Name) else kept_value(inner, scope)
            return owner.names.get(name, MISSING) if isinstance(owner, Instance) else MISSING
    return MISSING


def is_change(node: ast.stmt) -> bool:
    """Whether a statement may change a network, by its words: anything but a call of a method that only uses it."""
    if not isinstance(node, ast.Expr) or quoted_statements(node):
        return True
    if any(isinstance(part, ast.NamedExpr) for part in all_nodes(node)):
        return True
    return (
        isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in (*CHANGING, *ALSO_KEPT)
    )
