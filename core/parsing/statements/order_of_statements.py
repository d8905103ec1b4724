"""Statements that stand above what they use: Python refuses them, so nothing is counted as if they were not there."""

from __future__ import annotations

import ast
import re

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.exceptions import catches
from core.parsing.evaluation.values import Class, Function, Unknown
from core.parsing.network_values import holds_layers
from core.parsing.statements.bound_names import bound_anew
from core.parsing.statements.program import Program


def refuse_early_use(program: Program, tree: ast.Module) -> None:
    """Refuses a call of what only a later line defines, and a change or a use of what only a later line makes.

    Not where the text itself catches that, or imports everything from a file that may bring the name.
    Raises: ParseError that names both lines.
    """
    evaluator = program.evaluator
    lacking = program.lacking | _taken_early(program)
    for name, line in (evaluator.used_early | lacking).items():
        if any(star < line for star, _ in evaluator.star_imports) or _is_caught(tree, line):
            continue
        value = evaluator.globals.names.get(name)
        if name in lacking:
            is_meant = not isinstance(value, (Unknown, type(None)))
        elif isinstance(value, Function):
            is_meant = program.builds_layers(value)
        else:
            is_meant = evaluator.is_network(value) if isinstance(value, Class) else holds_layers(value)
        if is_meant:
            raise ParseError(
                f"Line {line} uses {name[:60]} above {_definition(value, tree, name, line)}: put it below."
            )


def _taken_early(program: Program) -> dict[str, int]:
    """Names read without a value for which a usual one was taken, and the lines where they are."""
    taken = " ".join((*program.evaluator.assumed, *program.evaluator.assumed_paths))
    words = set(re.findall(r"(?<![.\w])[^\W\d]\w*", taken))
    return {name: line for name, line in program.evaluator.read_early.items() if name in words}


def _is_caught(tree: ast.Module, line: int) -> bool:
    tries = (one for one in all_nodes(tree) if isinstance(one, ast.Try))
    around = (one for one in tries if one.body[0].lineno <= line <= (one.body[-1].end_lineno or line))
    return any(catches(one, NameError) for one in around)


def _definition(value: object, tree: ast.Module, name: str, line: int) -> str:
    if isinstance(value, (Class, Function)):
        return f"its definition in line {value.line if isinstance(value, Class) else value.node.lineno}"
    later = bound_anew(tree, name, line)
    return f"line {later}, which gives it a value" if later > line else "the line that makes it"
