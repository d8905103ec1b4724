"""A setting that has to be one of some words: `if cfg.pool == "avg": ... elif cfg.pool == "max": ... else: raise`."""

from __future__ import annotations

import ast
import re
from typing import Any

from core.parsing.evaluation.values import Scope, Unknown


def required_word(node: ast.If) -> tuple[ast.expr, str] | None:
    """What such branches compare, and the first word that it may be; None where it may be anything.

    >>> tree = ast.parse("if a.b == 'x': pass\\nelif a.b in ('y', 'z'): pass\\nelse: raise ValueError")
    >>> ast.unparse(required_word(tree.body[0])[0]), required_word(tree.body[0])[1]
    ('a.b', 'x')
    >>> required_word(ast.parse("if a.b == 'x': pass").body[0])
    """
    first = compared_word(node.test)
    rest: list[ast.stmt] = [node]
    while first is not None and len(rest) == 1 and isinstance(branch := rest[0], ast.If):
        other = compared_word(branch.test)
        if other is None or ast.dump(other[0]) != ast.dump(first[0]):
            return None
        rest = branch.orelse
    return first if rest and isinstance(rest[0], ast.Raise) else None


def compared_word(test: ast.expr) -> tuple[ast.expr, str] | None:
    """What is compared with a word, and the word, or the first of several."""
    match test:
        case ast.Compare(left=owner, ops=[ast.Eq()], comparators=[ast.Constant(value=str() as word)]):
            return owner, word
        case ast.Compare(
            left=owner,
            ops=[ast.In()],
            comparators=[
                ast.Tuple(elts=[ast.Constant(value=str() as word), *_])
                | ast.List(elts=[ast.Constant(value=str() as word), *_])
            ],
        ):
            return owner, word
    return None


def settle_word(evaluator: Any, node: ast.If, scope: Scope) -> bool:
    """Whether a setting without a value was given the first of the words that it has to be one of."""
    choice = required_word(node)
    value = evaluator.evaluate(choice[0], scope) if choice is not None else None
    if choice is None or not isinstance(value, Unknown) or not value.is_setting or value.error is not None:
        return False
    is_given = value.name in evaluator.given or value.path in evaluator.given
    if is_given or not re.search(r"[.\[]", value.path) or value.path in evaluator.assumed_paths:
        return False
    evaluator.assume(value.path, value, choice[1])
    return True
