"""The words that a layer of Keras has learnt: only their number can be known."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.values import MISSING, Special


class Vocabulary(Special):
    """The words that a layer has learnt: how many they are at most."""

    name = "vocabulary"

    def __init__(self, words: Any):
        self.words = words

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """Its length alone is known."""
        return (self.words,) if name == "shape" else MISSING
