"""Special methods that a text calls by their names: `self.__setattr__("conv1", layer)` is what `setattr` does."""

from __future__ import annotations

import ast
from typing import Any

from torch import nn

from core.parsing.evaluation.library.operator_functions import BINARY, COMPARED, OPERATOR
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Instance

FUNCTIONS = {  # the function of Python that calls each
    "__setattr__": "setattr",
    "__getattr__": "getattr",
    "__delattr__": "delattr",
    "__len__": "len",
    "__iter__": "iter",
    "__next__": "next",
    "__repr__": "repr",
    "__str__": "str",
}


def special_method(evaluator: Any, value: Any, name: str, node: ast.AST | None) -> Any:
    """What a special method of a value does, `MISSING` for one that it does not have or that is not known here."""
    if not hasattr(object if isinstance(value, Instance) else type(value), name):
        return MISSING
    if name in FUNCTIONS:
        return Bound(value, evaluator.builtins.names[FUNCTIONS[name]])
    if name == "__getitem__":
        return Builtin(name, lambda call, index: evaluator.get_item(value, index, call.node or node), True)
    if name == "__setitem__":
        return Builtin(name, lambda call, index, new: evaluator.set_item(value, index, new, call.node or node), True)
    if (operation := OPERATOR.members.get(name.strip("_"))) is not None and name.strip("_") in (*BINARY, *COMPARED):
        return Bound(value, operation)
    return value if name == "__call__" and isinstance(value, nn.Module) else MISSING
