"""The constructor that `@dataclass` gives a network of a text, as a function whose arguments can be looked at."""

from __future__ import annotations

import ast

from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.text_classes.records import record_fields
from core.parsing.evaluation.values import MISSING, Class, Function


def record_constructor(evaluator: Evaluator, cls: Class) -> Function | None:
    """It keeps each of its arguments under its name; None where the class is no network with fields."""
    fields = record_fields(cls) if evaluator.is_network(cls) else ()
    if not fields:
        return None
    text = f"def __init__(self, {', '.join(fields)}):\n" + "\n".join(f"    self.{one} = {one}" for one in fields)
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    for parameter in node.args.args[1:]:
        parameter.annotation = cls.annotations.get(parameter.arg)
    ast.increment_lineno(node, cls.line - 1)
    defaults = {name: value for name in fields if (value := cls.find(name)) is not MISSING}
    return Function("__init__", node, evaluator.globals, defaults, cls)
