"""Inputs of a `forward` that are words: `def forward(self, x, mode)` with `if mode == "norm"`."""

from __future__ import annotations

import ast

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.required_words import compared_word


@OncePerNode
def words_of_inputs(method: ast.AST) -> dict[str, str]:
    """The first word that each input is compared with, by the input's name.

    >>> words_of_inputs(ast.parse("def forward(self, x, mode):\\n  if mode == 'norm': return x").body[0])
    {'mode': 'norm'}
    """
    tests = sorted((one for one in all_nodes(method) if isinstance(one, ast.Compare)), key=lambda one: -one.lineno)
    found = [one for test in tests if (one := compared_word(test)) is not None]
    return {owner.id: word for owner, word in found if isinstance(owner, ast.Name)}
