"""The frameworks whose text we read, and how to tell which one a text is written in."""

from __future__ import annotations

import ast

from core.parsing.dialects.keras import Keras
from core.parsing.dialects.keras_layers import KERAS
from core.parsing.dialects.paddle import Paddle
from core.parsing.dialects.paddle_layers import PADDLE
from core.parsing.dialects.pytorch import PyTorch
from core.parsing.evaluate import dotted
from core.parsing.layers import LEAVES

__all__ = ["detect"]

DIALECTS = (PyTorch, Keras, Paddle)
KERAS_ROOTS = {"keras", "tf", "tensorflow", "tf_keras", "layers", "models"}
KERAS_ONLY = {"Input", "InputLayer", "add", *(kind for kind in KERAS if kind not in LEAVES)}
PADDLE_ONLY = {kind for kind in PADDLE if kind not in LEAVES}
TORCH_ONLY = {kind for kind in LEAVES if kind not in (*KERAS, *PADDLE)}


def detect(tree: ast.Module) -> PyTorch | Keras | Paddle:
    """The dialect of a text: by what it imports, else by the names that only one framework has.

    >>> detect(ast.parse("Sequential([Conv2D(8, 3), Flatten()])")).name
    'keras'
    >>> detect(ast.parse("nn.Sequential(nn.Conv2D(3, 8, 3), nn.Flatten())")).name
    'paddle'
    """
    roots, names = _mentioned(tree)
    if "torch" in roots:
        return PyTorch()
    if "paddle" in roots:
        return Paddle()
    kinds = {name.rpartition(".")[2] for name in names}
    if any(name.startswith("nn.") for name in names):
        return Paddle() if kinds & PADDLE_ONLY and not kinds & TORCH_ONLY else PyTorch()
    if roots & KERAS_ROOTS or len(kinds & KERAS_ONLY) > len(kinds & TORCH_ONLY):
        return Keras()
    return PyTorch()


def _mentioned(tree: ast.Module) -> tuple[set[str], set[str]]:
    """First parts of imports and dotted names; and all names that are called."""
    roots: set[str] = set()
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                roots |= {alias.name.split(".")[0] for alias in node.names}
            case ast.ImportFrom(module=str() as module):
                roots.add(module.split(".")[0])
            case ast.Call() if name := dotted(node.func):
                names.add(name)
                roots.add(name.split(".")[0])
    return roots, names
